//! Measures the daemon as a whole process: CPU-seconds for a megabyte, memory, time added.
//!
//! `cargo run --release -p tamis-benches-daemon` builds nothing but itself: it takes the binaries
//! that the variables `TAMIS`, `OTELCOL` and `ROTEL` name, the first by default from the target
//! folder (that of profile `dist` before that of `release`), and leaves out what is not there. `TAMIS_BEFORE` names another build of Tamis to compare
//! with; `--only WORDS` measures the works alone that have this in their name, and writes no file.
//!
//! Each subject stands between a load generator and a sink on a core of its own; the load and the
//! sink share the other one. Rounds go through all subjects in turn, so that what else the machine
//! does hits each alike, and each figure is a median over the rounds. Writes `benches/DAEMON.md`.
//!
//! Must never: count the load or the sink as the subject's work.

#![expect(clippy::print_stdout, reason = "the results are what it prints")]

mod forward;
mod goals;
mod load;
#[path = "../../src/machine.rs"]
mod machine;
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
        [] => runtime.block_on(measure(3, None)),
        ["--rounds", rounds] => runtime.block_on(measure(number(rounds)?, None)),
        ["--rounds", rounds, "--only", words] => {
            runtime.block_on(measure(number(rounds)?, Some(words)))
        }
        _ => bail!("usage: tamis-benches-daemon [--rounds N [--only WORDS]]"),
    }
}

fn number(text: &str) -> anyhow::Result<usize> {
    text.parse().context("--rounds takes a number")
}

async fn measure(rounds: usize, only: Option<&str>) -> anyhow::Result<()> {
    let binaries = subject::Binaries::find()?;
    let mut works = work::all(&binaries)?;
    works.retain(|work| only.is_none_or(|words| work.name.contains(words)));
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
    let text = figures.table(&works, rounds, &binaries.tamis);
    print!("{text}");
    if only.is_some() {
        return Ok(());
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../DAEMON.md");
    std::fs::write(path, text)?;
    Ok(())
}
