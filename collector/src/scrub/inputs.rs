//! Which files a command line means, and where what becomes of them goes.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::exit::UsageError;

/// One input.
#[derive(Debug)]
pub(crate) struct Input {
    /// Its file; none for standard input.
    file: Option<PathBuf>,
    /// Where the output goes; none for standard output.
    target: Option<PathBuf>,
    /// Whether the command line named it, or a folder that it was found in.
    pub(crate) origin: Origin,
}

/// How an input came to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Named,
    Found,
}

impl Input {
    /// Its name, for messages and reports.
    pub(crate) fn name(&self) -> String {
        match &self.file {
            None => "-".to_owned(),
            Some(file) => file.display().to_string(),
        }
    }

    /// All its bytes.
    pub(crate) fn read(&self) -> anyhow::Result<Vec<u8>> {
        match &self.file {
            None => {
                let mut bytes = Vec::new();
                io::stdin().lock().read_to_end(&mut bytes)?;
                Ok(bytes)
            }
            Some(file) => fs::read(file).context("cannot be read"),
        }
    }

    /// Writes its output: whole or not at all.
    pub(crate) fn write(&self, bytes: &[u8]) -> anyhow::Result<()> {
        let Some(target) = &self.target else {
            let mut out = io::stdout().lock();
            out.write_all(bytes)?;
            return Ok(out.flush()?);
        };
        let folder = target.parent().unwrap_or(Path::new("."));
        let written = fs::create_dir_all(folder).and_then(|()| {
            // The usual mode, from which the user's mask is taken.
            let mut file = tempfile::Builder::new()
                .permissions(fs::Permissions::from_mode(0o666))
                .tempfile_in(folder)?;
            file.write_all(bytes)?;
            file.persist(target)?;
            Ok(())
        });
        written.with_context(|| format!("{} cannot be written", target.display()))
    }
}

/// Lists the inputs: files as they are, folders with all files below them, `-` as standard input.
/// Several inputs, or a folder, need an output folder, which must not be among what is read.
pub(crate) fn gather(paths: &[PathBuf], out: Option<&Path>) -> anyhow::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    let folder = paths.iter().find(|path| path.is_dir());
    if out.is_none() {
        if let Some(folder) = folder {
            return wrong(format!(
                "{} is a folder: name one for the output with --out",
                folder.display()
            ));
        }
        if paths.len() > 1 {
            return wrong(
                "more than one input: name a folder for the output with --out".to_owned(),
            );
        }
    }
    for path in paths {
        if path.as_os_str() == "-" {
            let target = out.map(|out| out.join("stdin"));
            inputs.push(Input {
                file: None,
                target,
                origin: Origin::Named,
            });
        } else if path.is_dir() {
            refuse_inside(path, out)?;
            let mut files = Vec::new();
            walk(path, &mut files)?;
            files.sort();
            for file in files {
                let below = file.strip_prefix(path).unwrap_or(&file).to_owned();
                let target = out.map(|out| out.join(below));
                inputs.push(Input {
                    file: Some(file),
                    target,
                    origin: Origin::Found,
                });
            }
        } else {
            let Some(name) = path.file_name() else {
                return wrong(format!("{} is not a file", path.display()));
            };
            let target = out.map(|out| out.join(name));
            inputs.push(Input {
                file: Some(path.clone()),
                target,
                origin: Origin::Named,
            });
        }
    }
    refuse_collisions(&inputs)?;
    Ok(inputs)
}

fn wrong<T>(words: String) -> anyhow::Result<T> {
    Err(UsageError(words).into())
}

/// All files below a folder. Links to folders are not followed: they can lead in circles.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("{} cannot be read", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                files.push(path);
            }
        }
    }
    Ok(())
}

fn refuse_inside(folder: &Path, out: Option<&Path>) -> anyhow::Result<()> {
    let Some(out) = out else {
        return Ok(());
    };
    // The part of it that is there already decides where it is.
    let there = out.ancestors().find_map(|path| {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        path.canonicalize().ok()
    });
    let inside = there.is_some_and(|there| {
        folder
            .canonicalize()
            .is_ok_and(|folder| there.starts_with(folder))
    });
    match inside {
        true => wrong(format!(
            "--out {} is inside of {}, which is read",
            out.display(),
            folder.display()
        )),
        false => Ok(()),
    }
}

/// No other file that is written may take the place of an input.
pub(crate) fn refuse_overwriting(inputs: &[Input], written: &Path) -> anyhow::Result<()> {
    let same = |input: &&Input| {
        let file = input
            .file
            .as_deref()
            .and_then(|file| file.canonicalize().ok());
        file.is_some() && file == written.canonicalize().ok()
    };
    match inputs.iter().find(same) {
        Some(input) => wrong(format!("{} would be overwritten", input.name())),
        None => Ok(()),
    }
}

/// No output may take the place of an input or of another output.
fn refuse_collisions(inputs: &[Input]) -> anyhow::Result<()> {
    let mut targets: HashMap<&Path, &Input> = HashMap::new();
    for input in inputs {
        let Some(target) = &input.target else {
            continue;
        };
        if let Some(other) = targets.insert(target, input) {
            return wrong(format!(
                "{} and {} would both be written to {}",
                other.name(),
                input.name(),
                target.display()
            ));
        }
    }
    let files = inputs.iter().filter_map(|input| input.file.as_deref());
    let read: HashMap<PathBuf, &Path> = files
        .filter_map(|file| Some((file.canonicalize().ok()?, file)))
        .collect();
    for target in targets.keys() {
        let same = target
            .canonicalize()
            .ok()
            .and_then(|target| read.get(&target));
        if let Some(input) = same {
            return wrong(format!(
                "{} would be overwritten: choose another --out",
                input.display()
            ));
        }
    }
    Ok(())
}
