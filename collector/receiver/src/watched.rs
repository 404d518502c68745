//! Files that are read again when they change.
//!
//! Looked at by their content, at intervals: neither renames, nor swapped symlinks, nor clocks of
//! file systems can hide a change. What can't be used is left alone, and the old stays.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

/// The shortest interval.
const INTERVAL_MIN: Duration = Duration::from_millis(10);

/// Calls `load` whenever what stands in the files has changed, for ever.
pub(crate) async fn watch(
    files: Vec<PathBuf>,
    interval: Duration,
    mut seen: Option<[u8; 32]>,
    mut load: impl FnMut(),
) {
    let mut ticks = tokio::time::interval(interval.max(INTERVAL_MIN));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let looked_at = files.clone();
        let now = tokio::task::spawn_blocking(move || digest(&looked_at)).await;
        let now = now.ok().flatten();
        if now != seen {
            seen = now;
            load();
        }
    }
}

/// A digest of what stands in the files; `None` if one can't be read.
pub(crate) fn digest<P: AsRef<Path>>(files: &[P]) -> Option<[u8; 32]> {
    let mut digest = Sha256::new();
    for file in files {
        let content = std::fs::read(file).ok()?;
        digest.update((content.len() as u64).to_le_bytes());
        digest.update(&content);
    }
    Some(digest.finalize().into())
}
