//! `tamis plugin test`: builds a plugin and runs its cases, as Wasm and from the cache of compiled
//! code.
//!
//! The one place where a guest's own words are shown: its author asked for them, and the data is
//! the author's. Must never: end well when nothing was tested.

mod show;
mod words;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tamis_testing::{Case, CaseError, CaseFile, Form, Verdict, forms, run as run_case};

use super::package::Package;
use crate::exit::{Exit, UsageError};
use crate::terminal::colours;
use show::Screen;

const EXAMPLE: &str = "Examples:
  tamis plugin test
  tamis plugin test --case \"a word\" --verbose
  tamis plugin test plugins/house-rules --bless";

/// Builds a plugin and runs the cases in its folder cases/.
///
/// Each case runs on the component as it is compiled now and as it comes from the cache, with the
/// same result, and once more on its own output. What the plugin logs and the words and backtrace
/// of a fault are shown here, and nowhere else.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLE}\n\n{}", crate::exit::HELP))]
pub(super) struct Args {
    /// The plugin's folder
    #[arg(default_value = ".", hide_default_value = true)]
    path: PathBuf,
    /// Only cases in whose name this stands
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// Write what happened into the case files as what is expected
    #[arg(long)]
    bless: bool,
    /// Show what the plugin says in cases that pass, too
    #[arg(long, short)]
    verbose: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let package = Package::find(&args.path)?;
    let paths = case_files(&args.path.join("cases"))?;
    let component = package.component()?;
    let forms = forms(&component, None).with_context(|| format!("{} cannot run", package.name))?;
    let stdout = io::stdout();
    let mut screen = Screen::new(colours(&stdout), stdout.lock(), args.verbose);
    let mut tally = Tally::default();
    for path in paths {
        let file = match CaseFile::read(&path) {
            Ok(file) => file,
            Err(error) => {
                tally.failed += 1;
                screen.broken(&error)?;
                continue;
            }
        };
        let suite = Suite {
            args,
            component: &component,
            forms: &forms,
        };
        suite.run(file, &mut screen, &mut tally)?;
    }
    if tally.ran() == 0 {
        let message = match &args.case {
            Some(name) => format!("no case has {name:?} in its name"),
            None => format!("no file in {}/cases has a [[case]]", args.path.display()),
        };
        return Err(UsageError(message).into());
    }
    screen.total(&tally)?;
    Ok(match tally.failed {
        0 => Exit::Done,
        _ => Exit::Failed,
    })
}

/// The case files in a folder, by name.
fn case_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let none = || {
        let folder = folder.display();
        let message =
            format!("there is no case in {folder}: a file *.toml there says what the plugin does");
        UsageError(message)
    };
    let entries = folder.read_dir().map_err(|_| none())?;
    let mut paths: Vec<_> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    match paths.is_empty() {
        true => Err(none().into()),
        false => Ok(paths),
    }
}

/// How many cases ended how.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    blessed: usize,
}

impl Tally {
    fn ran(&self) -> usize {
        self.passed + self.failed + self.blessed
    }
}

/// What every case of a run needs.
struct Suite<'a> {
    args: &'a Args,
    component: &'a [u8],
    forms: &'a [Form],
}

impl Suite<'_> {
    fn run(
        &self,
        mut file: CaseFile,
        screen: &mut Screen<impl Write>,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        let wanted = |case: &Case| match &self.args.case {
            Some(name) => case.name.contains(name.as_str()),
            None => true,
        };
        let mut changed = false;
        for position in 0..file.cases.len() {
            let Some(case) = file
                .cases
                .get(position)
                .filter(|case| wanted(case))
                .cloned()
            else {
                continue;
            };
            let place = (file.path.as_path(), &case);
            let verdict = match self.case(&case) {
                Ok(verdict) => verdict,
                Err(error) => {
                    tally.failed += 1;
                    screen.faulty(place, &error)?;
                    continue;
                }
            };
            let observed = verdict.observed.as_ref();
            match observed.filter(|_| self.args.bless && verdict.differences.is_some()) {
                Some(observed) => {
                    file.bless(position, observed);
                    changed = true;
                    tally.blessed += usize::from(verdict.problems.is_empty());
                    tally.failed += usize::from(!verdict.problems.is_empty());
                    screen.blessed((file.path.as_path(), &case), &verdict)?;
                }
                None => {
                    tally.passed += usize::from(verdict.passed());
                    tally.failed += usize::from(!verdict.passed());
                    screen.case(place, &verdict)?;
                }
            }
        }
        if changed {
            file.save()?;
        }
        Ok(())
    }

    /// Runs a case; where the plugin does not even start, its last words are asked for.
    fn case(&self, case: &Case) -> Result<Verdict, CaseError> {
        let mut verdict = run_case(case, self.forms)?;
        if let Some(observed) = verdict
            .observed
            .as_mut()
            .filter(|seen| seen.ending.is_none())
        {
            observed.words.extend(words::at_start(self.component, case));
        }
        Ok(verdict)
    }
}
