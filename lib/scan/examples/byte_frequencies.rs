//! Prints the tables of `src/frequency.rs` from the files of the folders given, each folder
//! weighing the same:
//!
//! `cargo run --release -p tamis-scan --example byte_frequencies -- ~/.cargo/registry/src ../shared/captures/codex-grpc`
//!
//! Must never: be needed to build or test the crate.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Small letters, then what `src/frequency.rs` calls the other symbols.
const SYMBOLS: usize = 36;

struct Counts {
    bytes: Vec<f64>,
    pairs: Vec<[f64; SYMBOLS]>,
}

fn main() -> io::Result<()> {
    let mut shares = Counts {
        bytes: vec![0.0; 256],
        pairs: vec![[0.0; SYMBOLS]; SYMBOLS],
    };
    for folder in std::env::args().skip(1) {
        let mut counts = Counts {
            bytes: vec![0.0; 256],
            pairs: vec![[0.0; SYMBOLS]; SYMBOLS],
        };
        count(Path::new(&folder), &mut counts)?;
        let total: f64 = counts.bytes.iter().sum();
        for (share, count) in shares.bytes.iter_mut().zip(&counts.bytes) {
            *share += count / total;
        }
        for (row, counts) in shares.pairs.iter_mut().zip(&counts.pairs) {
            for (share, count) in row.iter_mut().zip(counts) {
                *share += count / total;
            }
        }
    }
    print(&shares)
}

fn print(shares: &Counts) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let total: f64 = shares.bytes.iter().sum();
    for row in shares.bytes.chunks(16) {
        write!(out, "   ")?;
        for share in row {
            let per_65536 = (share / total * 65536.0).round().clamp(1.0, 65535.0);
            write!(out, " {per_65536},")?;
        }
        writeln!(out)?;
    }
    let share_of = |symbol: usize| -> f64 {
        (0..=255u8)
            .filter(|&byte| symbol_of(byte) == symbol)
            .map(|byte| shares.bytes[usize::from(byte)] / total)
            .sum()
    };
    for (first, row) in shares.pairs.iter().enumerate() {
        write!(out, "    *b\"")?;
        for (second, pair) in row.iter().enumerate() {
            let expected = share_of(first) * share_of(second);
            let lift = (pair / total / expected).max(1e-9).log2();
            let level = (lift * 2.0).round().clamp(-12.0, 13.0) as i8;
            write!(out, "{}", char::from((b'm' as i8 + level) as u8))?;
        }
        writeln!(out, "\",")?;
    }
    Ok(())
}

fn symbol_of(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'A'..=b'Z' => 26,
        b'0'..=b'9' => 27,
        b'_' => 28,
        b'-' => 29,
        b'.' => 30,
        b'/' => 31,
        b' ' => 32,
        b'!'..=b'~' => 33,
        0x80.. => 35,
        _ => 34,
    }
}

fn count(folder: &Path, counts: &mut Counts) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            count(&path, counts)?;
        } else if path
            .extension()
            .and_then(|name| name.to_str())
            .is_some_and(|name| ["rs", "md", "toml", "json", "txt", "bin"].contains(&name))
        {
            let bytes = fs::read(&path)?;
            for &byte in &bytes {
                counts.bytes[usize::from(byte)] += 1.0;
            }
            for pair in bytes.windows(2) {
                counts.pairs[symbol_of(pair[0])][symbol_of(pair[1])] += 1.0;
            }
        }
    }
    Ok(())
}
