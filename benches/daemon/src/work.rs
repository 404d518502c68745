//! What is sent: real captures over the transports that they were captured on.
//!
//! A clean body is the capture after `tamis scrub`: what an agent sends that leaks nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use bytes::Bytes;

use crate::subject::Binaries;

/// How a body travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// HTTP/1.1, protobuf.
    Http,
    /// gRPC.
    Grpc,
}

/// One body, sent again and again.
pub(crate) struct Work {
    /// What it is called in the table.
    pub(crate) name: String,
    /// How it travels.
    pub(crate) transport: Transport,
    /// `traces` or `logs`.
    pub(crate) signal: &'static str,
    /// The serialized request.
    pub(crate) body: Bytes,
    /// Whether it is what the scrubber leaves.
    pub(crate) is_clean: bool,
    /// Whether the exporters compress.
    pub(crate) gzip: bool,
}

/// All that is measured.
pub(crate) fn all(binaries: &Binaries) -> anyhow::Result<Vec<Work>> {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    let file = |name: &str| captures.join(name);
    let mut works = Vec::new();
    for (name, signal, path) in [
        (
            "HTTP traces",
            "traces",
            file("codex-http-binary/002-http-traces.bin"),
        ),
        (
            "HTTP logs",
            "logs",
            file("codex-http-binary/005-http-logs.bin"),
        ),
    ] {
        let sent = read(&path)?;
        let clean = scrubbed(&binaries.tamis, signal, &path)?;
        for (kind, body) in [("clean", clean), ("as sent", sent)] {
            works.push(Work {
                name: format!("{name}, {} KB, {kind}", body.len() / 1_000),
                transport: Transport::Http,
                signal,
                body,
                is_clean: kind == "clean",
                gzip: false,
            });
        }
    }
    let sent = read(&file("codex-http-binary/002-http-traces.bin"))?;
    works.push(Work {
        name: format!("HTTP traces, {} KB, as sent, gzip out", sent.len() / 1_000),
        transport: Transport::Http,
        signal: "traces",
        body: sent,
        is_clean: false,
        gzip: true,
    });
    let sent = read(&file("codex-grpc/003-grpc-traces.bin"))?;
    works.push(Work {
        name: format!("gRPC traces, {} KB, as sent", sent.len() / 1_000),
        transport: Transport::Grpc,
        signal: "traces",
        body: sent,
        is_clean: false,
        gzip: false,
    });
    Ok(works)
}

fn read(path: &Path) -> anyhow::Result<Bytes> {
    let bytes = std::fs::read(path).with_context(|| format!("{} is not there", path.display()))?;
    Ok(bytes.into())
}

fn scrubbed(tamis: &PathBuf, signal: &str, path: &Path) -> anyhow::Result<Bytes> {
    let output = Command::new(tamis)
        .args(["scrub", "--signal", signal])
        .arg(path)
        .output()?;
    ensure!(
        output.status.success(),
        "tamis scrub failed on {}",
        path.display()
    );
    Ok(output.stdout.into())
}
