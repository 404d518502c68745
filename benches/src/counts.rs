//! Instructions of the hot paths, by callgrind: exact where time is noise.
//!
//! This program runs itself under valgrind twice, with few and with many turns of one loop; the
//! difference belongs to the loop. valgrind has no AVX-512, so this is the AVX2 path. The plugin is
//! linked natively, since compiled Wasm is none of our instructions.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;

use anyhow::Context as _;
use tamis_host::Signal;
use tamis_scan::Hits;

use crate::corpus::{self, Corpus};
use crate::{chain, k8s, plugins, sample, synthetic};

const TURNS: (usize, usize) = (1, 5);

/// What a loop does in each turn.
const LOOPS: [&str; 3] = ["scan", "check", "chain"];

pub(crate) fn table(corpus: &[Corpus]) -> anyhow::Result<String> {
    let mut text = String::from("## Instructions\n\n");
    if Command::new("valgrind").arg("--version").output().is_err() {
        text.push_str("valgrind is not there: not counted.\n");
        return Ok(text);
    }
    text.push_str("Per byte of the clean captures, AVX2, the plugin linked natively; the same from run to run.\n\n| batches | scan | check | chain |\n| --- | --- | --- | --- |\n");
    for corpus in corpus.iter().filter(|corpus| corpus.name != "codex-grpc") {
        write!(text, "| {} |", corpus.name)?;
        for what in LOOPS {
            let bytes = Corpus::bytes(&corpus.clean) * (TURNS.1 - TURNS.0);
            let (few, many) = (
                count(what, &corpus.name, TURNS.0)?,
                count(what, &corpus.name, TURNS.1)?,
            );
            write!(text, " {:.2} |", (many - few) / bytes as f64)?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// Instructions of so many turns of a loop, with everything around it.
fn count(what: &str, corpus: &str, turns: usize) -> anyhow::Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["loop", what, corpus, &turns.to_string()])
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, number) = collected.context("callgrind counted nothing")?;
    Ok(number.trim().parse()?)
}

/// One of the loops, for callgrind and for profilers: `loop scan codex-grpc 100`.
/// `made` is the made batch with a secret in every record, `made-25` that with so many. `sample` and `sampled`
/// are `sample` alone, over what was not sampled before and over what was, `k8s` is `k8s-attributes` alone,
/// `truncate` is `scrub` with `truncate` behind it.
pub(crate) fn turn(arguments: &[String]) -> anyhow::Result<()> {
    let [what, name, turns] = arguments else {
        anyhow::bail!(
            "loop takes scan, check, chain, truncate, sample, sampled or k8s, a folder of captures, and how many turns"
        );
    };
    let all = corpus::load()?;
    let corpus = all.iter().find(|corpus| corpus.name == *name);
    let dirty = match name.strip_prefix("made-") {
        Some(dirty) => dirty.parse()?,
        None => synthetic::RECORDS,
    };
    let made = [(Signal::Logs, synthetic::batch(dirty))];
    let batches = match corpus {
        Some(corpus) => &corpus.clean[..],
        None if name.starts_with("made") => &made,
        None => anyhow::bail!("there is no such folder"),
    };
    let (chain, sampled);
    let batches = match what.as_str() {
        "sample" => {
            chain = sample::native(10)?;
            batches
        }
        "sampled" => {
            chain = sample::native(100)?;
            sampled = sample::through(&chain, batches)?;
            &sampled
        }
        "truncate" => {
            chain = plugins::native()?;
            batches
        }
        "k8s" => {
            chain = k8s::native()?;
            batches
        }
        _ => {
            chain = chain::native(None)?;
            batches
        }
    };
    let mut hits = Hits::default();
    for _ in 0..turns.parse::<usize>()? {
        match what.as_str() {
            "scan" => batches.iter().for_each(|(_, bytes)| {
                black_box(chain.gate().scan(black_box(bytes), &mut hits));
            }),
            "check" => batches.iter().for_each(|(signal, bytes)| {
                let _ = black_box(otlp_wire::check(*signal, black_box(bytes)));
            }),
            "k8s" => k8s::through(&chain, batches),
            _ => chain::through(&chain, batches),
        }
    }
    Ok(())
}
