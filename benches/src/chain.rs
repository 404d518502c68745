//! The whole default chain over real batches, clean and dirty, beside memcpy and the classic way.

use std::fmt::Write as _;
use std::hint::black_box;

use bytes::Bytes;
use tamis_host::{
    Cache, Chain, ChainBuilder, Code, Component, Context, Engine, EngineOptions, PluginLimits,
    PluginSpec, Signal,
};

use crate::classic::Classic;
use crate::corpus::Corpus;
use crate::rounds::{self, Rounds};

const ROUNDS: usize = 15;

/// The default chain with its plugin in Wasm.
pub(crate) fn wasm() -> anyhow::Result<Chain> {
    let engine = Engine::new(&EngineOptions::default())?;
    let component = Component::load(
        &engine,
        &Cache::user(),
        tamis_plugins::SCRUB,
        None,
        &[],
        &PluginLimits::default(),
    )?;
    chain(Code::Wasm(component))
}

/// The default chain with its plugin linked natively.
fn native() -> anyhow::Result<Chain> {
    let shipped = tamis_plugins::Shipped::find("scrub").and_then(|shipped| shipped.native());
    chain(Code::Native(shipped.ok_or_else(|| {
        anyhow::anyhow!("scrub is not linked natively")
    })?))
}

fn chain(code: Code) -> anyhow::Result<Chain> {
    Ok(ChainBuilder::new()
        .plugin(PluginSpec::new("scrub", code))
        .build()?)
}

/// Literals that the chain's gate looks for, for the classic way.
fn literals(chain: &Chain) -> Vec<Vec<u8>> {
    chain
        .gate()
        .literals()
        .iter()
        .map(|literal| literal.bytes.clone())
        .collect()
}

pub(crate) fn table(corpus: &[Corpus]) -> anyhow::Result<String> {
    let (wasm, native) = (wasm()?, native()?);
    let literals = literals(&wasm);
    let classic = Classic::new(&literals)?;
    let mut text = format!(
        "## The default chain\n\n`scrub` with its default detectors: {} literals, engine {}. Classic: prost decode, an\nAho-Corasick DFA of the same literals over every string, mask, prost encode.\n\n",
        literals.len(),
        wasm.gate().engine(),
    );
    text.push_str("| batches | bytes | GB/s | x memcpy | x classic | native, x wasm | guest asked | edits |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for corpus in corpus {
        for (kind, batches) in [("clean", &corpus.clean), ("as sent", &corpus.dirty)] {
            row(
                &mut text,
                &format!("{} {kind}", corpus.name),
                batches,
                &wasm,
                &native,
                &classic,
            )?;
        }
    }
    text.push_str("\n\"Clean\" are the captures after the chain; \"guest asked\" is the share of batches in which\nanything was shown to the plugin.\n");
    Ok(text)
}

/// The columns of [`measure`], in their order.
const MEMCPY: usize = 0;
const WASM: usize = 1;
const NATIVE: usize = 2;
const CLASSIC: usize = 3;

fn row(
    text: &mut String,
    name: &str,
    batches: &[(Signal, Bytes)],
    wasm: &Chain,
    native: &Chain,
    classic: &Classic,
) -> anyhow::Result<()> {
    let bytes = Corpus::bytes(batches);
    let before = wasm.counters()[0].clone();
    through(wasm, batches);
    let after = wasm.counters()[0].clone();
    let measured = measure(batches, wasm, native, classic);
    writeln!(
        text,
        "| {name} | {:.2} MB | {:.2} | {:.3} | {:.1} | {:.2} | {} of {} | {} |",
        bytes as f64 / 1e6,
        bytes as f64 / measured.nanos(WASM),
        measured.speed(WASM, MEMCPY),
        measured.speed(WASM, CLASSIC),
        measured.speed(NATIVE, WASM),
        after.calls - before.calls,
        batches.len(),
        after.edits - before.edits,
    )?;
    Ok(())
}

fn through(chain: &Chain, batches: &[(Signal, Bytes)]) {
    for (signal, bytes) in batches {
        let outcome = chain.process(*signal, bytes.clone(), &Context::default());
        drop(black_box(outcome));
    }
}

/// Every variant in turn over all batches.
fn measure(batches: &[(Signal, Bytes)], wasm: &Chain, native: &Chain, classic: &Classic) -> Rounds {
    let longest = batches.iter().map(|(_, bytes)| bytes.len()).max();
    let mut copy = vec![0_u8; longest.unwrap_or(0)];
    let memcpy = move || {
        for (_, bytes) in batches {
            copy[..bytes.len()].copy_from_slice(black_box(bytes));
            black_box(&copy);
        }
    };
    let classic = || {
        for (signal, bytes) in batches {
            black_box(classic.process(*signal, bytes));
        }
    };
    rounds::run(
        ROUNDS,
        &mut [
            Box::new(memcpy),
            Box::new(|| through(wasm, batches)),
            Box::new(|| through(native, batches)),
            Box::new(classic),
        ],
    )
}
