//! Measures the daemon as a whole process: CPU-seconds for a megabyte, memory, time added.
//!
//! `cargo run --release -p tamis-benches-daemon` builds nothing but itself: it takes the binaries
//! that the variables `TAMIS`, `OTELCOL` and `ROTEL` name, the first by default from the target
//! folder, and leaves out what is not there. Each subject stands between a load generator and a
//! sink on a core of its own; the load and the sink share the other one. Rounds go through all
//! subjects in turn, so that what else the machine does hits each alike, and each figure is a
//! median over the rounds. Writes `benches/DAEMON.md`.
//!
//! Must never: count the load or the sink as the subject's work.

#![expect(clippy::print_stdout, reason = "the results are what it prints")]

mod forward;
mod load;
mod process;
mod report;
mod sink;
mod subject;
mod work;

use anyhow::{Context as _, bail};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match words.as_slice() {
        ["sink"] => runtime.block_on(sink::run()),
        ["forward", to] => runtime.block_on(forward::run(to)),
        [] => runtime.block_on(measure(3)),
        ["--rounds", rounds] => {
            runtime.block_on(measure(rounds.parse().context("--rounds takes a number")?))
        }
        _ => bail!("usage: tamis-benches-daemon [--rounds N]"),
    }
}

async fn measure(rounds: usize) -> anyhow::Result<()> {
    let binaries = subject::Binaries::find()?;
    let works = work::all(&binaries)?;
    let folder = tempfile::tempdir()?;
    let mut figures = report::Figures::default();
    for round in 0..rounds {
        for work in &works {
            for subject in subject::all(&binaries, work) {
                let measured = subject::measure(&subject, work, &binaries, folder.path()).await;
                let measured =
                    measured.with_context(|| format!("{} with {}", subject.name, work.name))?;
                eprintln!(
                    "round {}: {}, {}: {measured}",
                    round + 1,
                    work.name,
                    subject.name
                );
                figures.add(&work.name, &subject.name, measured);
            }
        }
    }
    let text = figures.table(&works, rounds);
    print!("{text}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../DAEMON.md");
    std::fs::write(path, text)?;
    Ok(())
}
