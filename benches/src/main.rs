//! Measures Tamis beside its baselines and writes `benches/RESULTS.md` and `benches/DAEMON.md`.
//!
//! `cargo run --release -p tamis-benches` does all of it, in a quarter of an hour once the binary that is
//! shipped is built; other daemons are measured, too, where `OTELCOL` and `ROTEL` name them. With names
//! of tables (`chain`, `scan`, `door`, `start`, `counts` and so on) it prints those and writes nothing.
//! Machines are noisy, so every variant runs in turn within each round, and what counts is the median of
//! the ratios within a round; absolute figures are there to place them. Never part of a test.

#![expect(clippy::print_stdout, reason = "the results are what it prints")]

mod causes;
mod chain;
mod classic;
mod corpus;
mod counts;
mod daemon;
mod goals;
mod k8s;
mod machine;
mod plugins;
mod rounds;
mod sample;
mod scan;
mod start;
mod synthetic;
mod vectorscan;
mod vendors;

use std::fmt::Write as _;

use goals::Goals;

/// The classic way gets the allocator that is best for it, and so does everything beside it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TABLES: [&str; 9] = [
    "vendors", "chain", "plugins", "sample", "k8s", "scan", "door", "start", "counts",
];

fn main() -> anyhow::Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("loop", rest)) = asked
        .split_first()
        .map(|(first, rest)| (first.as_str(), rest))
    {
        return counts::turn(rest);
    }
    if asked.is_empty() {
        daemon::build()?;
    }
    let mut text = String::from(
        "# Measured\n\nWritten by `cargo run --release -p tamis-benches`. Every ratio is the median of the ratios within a\nround of one run, by the time that the thread had on a core; \"x memcpy\" of 0.10 means ten times the\ntime that copying the same bytes takes. One thread, uncompressed bodies, bytes of the batches. The\ndaemon as a process stands in [DAEMON.md](DAEMON.md).\n\n",
    );
    writeln!(text, "{}\n", machine::name())?;
    let (corpus, mut goals) = (corpus::load()?, Goals::default());
    let mut tables = String::new();
    for name in TABLES {
        if !asked.is_empty() && !asked.iter().any(|asked| asked == name) {
            continue;
        }
        let table = match name {
            "scan" => {
                let scan = scan::table(&corpus, &mut goals)?;
                let floods = scan::floods(&chain::wasm(None)?, &mut goals)?;
                format!("{scan}\n{floods}")
            }
            "vendors" => vendors::table(&corpus, &mut goals)?,
            "chain" => chain::table(&corpus, &mut goals)?,
            "plugins" => plugins::table(&corpus)?,
            "sample" => sample::table(&corpus, &mut goals)?,
            "k8s" => k8s::table(&corpus, &mut goals)?,
            "door" => chain::door(&corpus, &mut goals)?,
            "start" => start::table(&corpus, &mut goals)?,
            _ => counts::table(&corpus)?,
        };
        writeln!(tables, "{table}")?;
    }
    writeln!(text, "{}\n{}", goals.table(causes::WHY), tables.trim_end())?;
    print!("{text}");
    if asked.is_empty() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md"), text)?;
        daemon::measure()?;
    }
    Ok(())
}
