//! The batches that are measured: real captures, as they came and scrubbed.
//!
//! The captures beside the project are taken where they are, else the small one in `tests/data`.

use std::path::Path;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use tamis_host::{Chain, Context, Outcome, Signal};

/// Batches of one kind.
pub(crate) struct Corpus {
    pub(crate) name: String,
    /// As the agents sent them.
    pub(crate) dirty: Vec<(Signal, Bytes)>,
    /// The same after the default chain: nothing is left to find.
    pub(crate) clean: Vec<(Signal, Bytes)>,
}

impl Corpus {
    pub(crate) fn bytes(batches: &[(Signal, Bytes)]) -> usize {
        batches.iter().map(|(_, bytes)| bytes.len()).sum()
    }
}

/// Every protobuf capture that there is, by folder.
pub(crate) fn load() -> anyhow::Result<Vec<Corpus>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = root.join("../shared/captures");
    let folder = if shared.is_dir() {
        shared
    } else {
        root.join("tests/data/demo")
    };
    let chain = crate::chain::native(None)?;
    let mut folders: Vec<_> = std::fs::read_dir(&folder)
        .with_context(|| format!("no captures in {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.is_dir() && !path.ends_with("codex-http-json") && !path.ends_with("live-agent")
        })
        .collect();
    folders.sort();
    if folders.is_empty() {
        folders.push(folder);
    }
    folders
        .iter()
        .map(|folder| corpus(folder, &chain))
        .collect()
}

fn corpus(folder: &Path, chain: &Chain) -> anyhow::Result<Corpus> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let mut dirty = Vec::new();
    for file in files.iter().filter(|file| {
        file.extension()
            .is_some_and(|end| end == "bin" || end == "pb")
    }) {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let signal = Signal::ALL
            .iter()
            .find(|signal| name.contains(signal.as_str()));
        let Some(&signal) = signal else { continue };
        dirty.push((signal, Bytes::from(std::fs::read(file)?)));
    }
    if dirty.is_empty() {
        bail!("no batches in {}", folder.display());
    }
    let clean = dirty
        .iter()
        .map(|(signal, bytes)| Ok((*signal, scrubbed(chain, *signal, bytes)?)));
    let clean = clean.collect::<anyhow::Result<_>>()?;
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok(Corpus { name, dirty, clean })
}

fn scrubbed(chain: &Chain, signal: Signal, bytes: &Bytes) -> anyhow::Result<Bytes> {
    match chain.process(signal, bytes.clone(), &Context::default()) {
        Outcome::Unchanged { bytes, .. } | Outcome::Edited { bytes, .. } => Ok(bytes),
        other => bail!("a capture did not get through: {other:?}"),
    }
}
