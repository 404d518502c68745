//! How cases are told: a line for each, and below it what differs and what the plugin said.
//!
//! Must never: let what a plugin says reach the terminal as anything but text.

use std::io::{self, Write};
use std::path::Path;

use tamis_testing::{Case, CaseError, Verdict};

use super::Tally;
use crate::terminal::{Colours, Paint, printable};

/// A case and the file that it stands in.
type Place<'a> = (&'a Path, &'a Case);

/// Lines of a plugin's words that are shown for a case.
const WORDS_LINES_MAX: usize = 60;

/// Where cases are told.
pub(super) struct Screen<W> {
    colours: Colours,
    out: W,
    verbose: bool,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(colours: Colours, out: W, verbose: bool) -> Self {
        Self {
            colours,
            out,
            verbose,
        }
    }

    /// A file that is no case file.
    pub(super) fn broken(&mut self, error: &CaseError) -> io::Result<()> {
        self.head(Paint::Red, "FAILED", &chain(error))
    }

    /// A case that cannot be run.
    pub(super) fn faulty(&mut self, place: Place<'_>, error: &CaseError) -> io::Result<()> {
        self.head(Paint::Red, "FAILED", &title(place))?;
        self.indented(Paint::Red, &chain(error))
    }

    pub(super) fn case(&mut self, place: Place<'_>, verdict: &Verdict) -> io::Result<()> {
        if verdict.passed() {
            self.head(Paint::Green, "ok", &title(place))?;
            return match self.verbose {
                true => self.words(verdict),
                false => Ok(()),
            };
        }
        self.head(Paint::Red, "FAILED", &title(place))?;
        if !place.1.why.is_empty() {
            self.indented(Paint::Dim, &format!("why: {}", place.1.why))?;
        }
        self.difference(verdict)?;
        self.problems(verdict)?;
        self.words(verdict)
    }

    /// A case whose expectation was rewritten; a problem stays one.
    pub(super) fn blessed(&mut self, place: Place<'_>, verdict: &Verdict) -> io::Result<()> {
        match verdict.problems.is_empty() {
            true => self.head(Paint::Green, "blessed", &title(place))?,
            false => self.head(Paint::Red, "FAILED", &title(place))?,
        }
        self.difference(verdict)?;
        self.problems(verdict)?;
        self.words(verdict)
    }

    pub(super) fn total(&mut self, tally: &Tally) -> io::Result<()> {
        let cases = match tally.ran() {
            1 => "1 case".to_owned(),
            count => format!("{count} cases"),
        };
        let mut told = format!("{cases}: {} passed", tally.passed);
        if tally.blessed > 0 {
            told.push_str(&format!(", {} blessed", tally.blessed));
        }
        if tally.failed > 0 {
            told.push_str(&format!(", {} failed", tally.failed));
        }
        writeln!(self.out, "\n{}", self.colours.paint(Paint::Bold, told))?;
        if tally.failed > 0 {
            let hint = "if it does what you want: tamis plugin test --bless";
            writeln!(self.out, "{}", self.colours.paint(Paint::Dim, hint))?;
        }
        if tally.blessed > 0 {
            let hint = "read the difference before you commit it";
            writeln!(self.out, "{}", self.colours.paint(Paint::Dim, hint))?;
        }
        Ok(())
    }

    fn head(&mut self, paint: Paint, word: &str, title: &str) -> io::Result<()> {
        let word = self.colours.paint(paint, format!("{word:<8}"));
        writeln!(self.out, "{word}{}", printable(title))
    }

    fn difference(&mut self, verdict: &Verdict) -> io::Result<()> {
        let Some(told) = &verdict.differences else {
            return Ok(());
        };
        self.indented(Paint::Dim, "- expected, + what happened")?;
        self.diff(told)
    }

    fn problems(&mut self, verdict: &Verdict) -> io::Result<()> {
        for problem in &verdict.problems {
            let (first, rest) = problem.split_once('\n').unwrap_or((problem, ""));
            self.indented(Paint::Red, first)?;
            self.diff(rest)?;
        }
        Ok(())
    }

    fn diff(&mut self, told: &str) -> io::Result<()> {
        for line in told.lines() {
            let text = printable(line);
            match line.as_bytes().first() {
                Some(b'-') => self.line(Paint::Red, &text)?,
                Some(b'+') => self.line(Paint::Green, &text)?,
                _ => writeln!(self.out, "    {text}")?,
            }
        }
        Ok(())
    }

    /// What the plugin said.
    fn words(&mut self, verdict: &Verdict) -> io::Result<()> {
        let said = verdict.observed.iter().flat_map(|seen| &seen.words);
        let mut lines: Vec<String> = said
            .flat_map(|words| words.lines())
            .map(printable)
            .filter(|line| !line.trim().is_empty())
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        let more = lines.len().saturating_sub(WORDS_LINES_MAX);
        lines.truncate(WORDS_LINES_MAX);
        self.indented(Paint::Bold, "the plugin said")?;
        for line in lines {
            writeln!(self.out, "    | {line}")?;
        }
        match more {
            0 => Ok(()),
            more => writeln!(self.out, "    | and {more} lines more"),
        }
    }

    fn indented(&mut self, paint: Paint, text: &str) -> io::Result<()> {
        self.line(paint, &printable(text))
    }

    fn line(&mut self, paint: Paint, text: &str) -> io::Result<()> {
        writeln!(self.out, "    {}", self.colours.paint(paint, text))
    }
}

fn title((file, case): Place<'_>) -> String {
    let file = file.file_name().unwrap_or_default().to_string_lossy();
    format!("{file}: {}", case.name)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        told = format!("{told}: {next}");
        cause = next.source();
    }
    told
}
