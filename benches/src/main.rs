//! Measures Tamis beside its baselines and writes `benches/RESULTS.md`.
//!
//! `cargo run --release -p tamis-benches` does all of it. Machines are noisy, so every variant runs
//! in turn within each round, and what counts is the median of the ratios within a round; absolute
//! figures are there to place them. Never part of a test.

#![expect(clippy::print_stdout, reason = "the results are what it prints")]

mod chain;
mod classic;
mod corpus;
mod k8s;
mod plugins;
mod rounds;
mod sample;
mod start;

use std::fmt::Write as _;

fn main() -> anyhow::Result<()> {
    let mut text = String::from(
        "# Measured\n\nWritten by `cargo run --release -p tamis-benches`. Every ratio is the median of the\nratios within a round of one run; \"x memcpy\" of 0.10 means ten times the time that copying the\nsame bytes takes. One thread, uncompressed bodies, bytes of the batches.\n\n",
    );
    writeln!(text, "{}", machine())?;
    let corpus = corpus::load()?;
    if std::env::args().any(|only| only == "sample") {
        print!("{}", sample::table(&corpus)?);
        return Ok(());
    }
    if std::env::args().any(|only| only == "k8s") {
        print!("{}", k8s::table(&corpus)?);
        return Ok(());
    }
    writeln!(text, "{}", chain::table(&corpus)?)?;
    writeln!(text, "{}", plugins::table(&corpus)?)?;
    writeln!(text, "{}", sample::table(&corpus)?)?;
    writeln!(text, "{}", k8s::table(&corpus)?)?;
    writeln!(text, "{}", start::table(&corpus)?)?;
    print!("{text}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");
    std::fs::write(path, text)?;
    Ok(())
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = cpu
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        line.split_once(':')
            .map_or("", |(_, value)| value.trim())
            .to_owned()
    };
    let vector = ["avx512vbmi", "avx512f", "avx2", "ssse3"]
        .into_iter()
        .find(|feature| field("flags").split(' ').any(|flag| flag == *feature))
        .unwrap_or("none");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let date = run("date", &["-u", "+%Y-%m-%d"]);
    let commit = run("git", &["rev-parse", "--short", "HEAD"]);
    let rustc = run("rustc", &["--version"]);
    format!(
        "{date}, commit {commit}, {cores} cores of {} (family {}, model {}; {vector}), {rustc}, wasmtime 48.\n",
        field("model name"),
        field("cpu family"),
        field("model\t"),
    )
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = std::process::Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| "?".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
