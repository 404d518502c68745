//! Prints the table of `src/frequency.rs` from the files of the folders given, each folder
//! weighing the same:
//!
//! `cargo run --release -p tamis-scan --example byte_frequencies -- ~/.cargo/registry/src ../shared/captures/codex-grpc`
//!
//! Must never: be needed to build or test the crate.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let mut shares = [0f64; 256];
    let folders: Vec<String> = std::env::args().skip(1).collect();
    for folder in &folders {
        let mut counts = [0u64; 256];
        count(Path::new(folder), &mut counts)?;
        let total: u64 = counts.iter().sum();
        for (share, count) in shares.iter_mut().zip(counts) {
            *share += count as f64 / total.max(1) as f64 / folders.len() as f64;
        }
    }
    let mut out = io::stdout().lock();
    for row in shares.chunks(16) {
        for share in row {
            let per_65536 = (share * 65536.0).round().clamp(1.0, 65535.0) as u16;
            write!(out, "{per_65536}, ")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn count(folder: &Path, counts: &mut [u64; 256]) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            count(&path, counts)?;
        } else if path
            .extension()
            .and_then(|name| name.to_str())
            .is_some_and(|name| ["rs", "md", "toml", "json", "txt", "bin"].contains(&name))
        {
            for byte in fs::read(&path)? {
                counts[usize::from(byte)] += 1;
            }
        }
    }
    Ok(())
}
