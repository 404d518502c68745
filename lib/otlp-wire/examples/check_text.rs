//! What the test for UTF-8 adds to the check, and what the count costs beside it.
//!
//! `cargo run --release -p otlp-wire --example check_text -- ../shared/captures` reads every
//! protobuf capture below a folder. Each figure is the best of many rounds, taken in turns within
//! one run; only the ratios mean something on another machine.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use otlp_wire::{Signal, check, check_text, count};

const ROUNDS: usize = 200;

type Batch = (Signal, Vec<u8>);
type Work<'a> = &'a dyn Fn(Signal, &[u8]);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: check_text FOLDER")?;
    let batches = batches(Path::new(&folder))?;
    let whole = |what: Work<'_>| {
        let begin = Instant::now();
        for (signal, bytes) in &batches {
            what(*signal, black_box(bytes));
        }
        begin.elapsed()
    };
    let works: [Work<'_>; 3] = [
        &|signal, bytes| {
            black_box(check(signal, bytes)).ok();
        },
        &|signal, bytes| {
            black_box(check_text(signal, bytes)).ok();
        },
        &|signal, bytes| {
            black_box(count(signal, bytes));
        },
    ];
    let mut best = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        for (best, work) in best.iter_mut().zip(works) {
            *best = whole(work).min(*best);
        }
    }
    let bytes: usize = batches.iter().map(|(_, bytes)| bytes.len()).sum();
    println!("{} batches, {bytes} bytes", batches.len());
    let names = ["check", "check_text", "count"];
    let [base, ..] = best;
    for (name, best) in names.iter().zip(best) {
        let (time, ratio) = (best.as_secs_f64(), best.div_duration_f64(base));
        let rate = bytes as f64 / time / 1e9;
        println!(
            "{name:10} {:8.1} us  {rate:6.2} GB/s  {ratio:5.2} x check",
            time * 1e6
        );
    }
    Ok(())
}

/// The protobuf captures: files that end in the name of their signal and pass its check.
fn batches(folder: &Path) -> Result<Vec<Batch>, Box<dyn Error>> {
    let mut batches = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            batches.extend(self::batches(&path)?);
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let stem = name.and_then(|name| name.strip_suffix(".bin"));
        let signal = stem.and_then(|stem| Signal::parse(stem.rsplit('-').next()?));
        if let Some(signal) = signal {
            let bytes = fs::read(&path)?;
            if check(signal, &bytes).is_ok() {
                batches.push((signal, bytes));
            }
        }
    }
    Ok(batches)
}
