//! The daemon as a process: builds what is shipped, and has `tamis-benches-daemon` measure it.
//!
//! A program of its own, since load, sink and bare forward are processes, too. Must never: run beside
//! another measurement.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Builds the binary as it is shipped: its size and what the daemon takes are measured on it.
pub(crate) fn build() -> anyhow::Result<()> {
    cargo(&["build", "--profile", "dist", "-p", "tamis-collector"])
}

/// Measures it and writes `benches/DAEMON.md`.
pub(crate) fn measure() -> anyhow::Result<()> {
    cargo(&["run", "--release", "-p", "tamis-benches-daemon"])
}

fn cargo(arguments: &[&str]) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    let shown = format!("cargo {}", arguments.join(" "));
    let status = command.status();
    let status = status.with_context(|| format!("{shown} cannot be started"))?;
    ensure!(status.success(), "{shown} ended with {status}");
    Ok(())
}
