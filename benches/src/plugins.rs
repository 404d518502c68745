//! Each plugin against its absence: the default chain with it and without, over the same batches.

use std::fmt::Write as _;
use std::hint::black_box;

use bytes::Bytes;
use serde_json::{Value as Json, json};
use tamis_host::{
    Chain, ChainBuilder, Code, Context, Engine, EngineOptions, Outcome, PluginSpec, Signal,
};
use tamis_plugins::Shipped;

use crate::chain;
use crate::corpus::Corpus;
use crate::rounds;

const ROUNDS: usize = 15;

/// What is measured: a label, the plugin, its settings.
fn rows() -> Vec<(&'static str, &'static str, Json)> {
    vec![
        (
            "`truncate`, nothing too long",
            "truncate",
            json!({"rules": [{"bytes": 1 << 20}]}),
        ),
        ("`truncate` at 4 KiB", "truncate", json!({})),
        (
            "`truncate` at 1 KiB",
            "truncate",
            json!({"rules": [{"bytes": 1_024}]}),
        ),
    ]
}

pub(crate) fn table(corpus: &[Corpus]) -> anyhow::Result<String> {
    let mut text = String::from(
        "## Each plugin against its absence\n\n\"Time added\" is what the plugin takes behind `scrub`, as a share of the time of `scrub` alone over the\nsame batches as sent; \"ns a batch\" is the same as a figure; \"smaller\" is what leaves `scrub` alone,\ndivided by what leaves both.\n\n| plugin | batches | time added | ns a batch | guest asked | edits | smaller |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let without = chain(&[("scrub", json!({}))])?;
    for (label, plugin, settings) in rows() {
        let with = chain(&[("scrub", json!({})), (plugin, settings)])?;
        for corpus in corpus {
            row(
                &mut text,
                &format!("{label} | {}", corpus.name),
                &corpus.dirty,
                &without,
                &with,
            )?;
        }
    }
    Ok(text)
}

/// `scrub` with `truncate` at its default behind it, linked natively.
pub(crate) fn native() -> anyhow::Result<Chain> {
    let mut builder = ChainBuilder::new();
    for name in ["scrub", "truncate"] {
        let code = Shipped::find(name).and_then(|shipped| shipped.native());
        let code = code.ok_or_else(|| anyhow::anyhow!("{name} is not linked natively"))?;
        builder = builder.plugin(PluginSpec::new(name, Code::Native(code)));
    }
    Ok(builder.build()?)
}

fn chain(plugins: &[(&str, Json)]) -> anyhow::Result<Chain> {
    let engine = Engine::new(&EngineOptions::default())?;
    let mut builder = ChainBuilder::new();
    for (name, settings) in plugins {
        let component = Shipped::find(name).and_then(Shipped::component);
        let component = component.ok_or_else(|| anyhow::anyhow!("{name} does not ship"))?;
        let component = chain::load(&engine, component, &[])?;
        let spec = PluginSpec::new(*name, Code::Wasm(component));
        builder = builder.plugin(spec.with_settings(settings.clone()));
    }
    Ok(builder.build()?)
}

fn row(
    text: &mut String,
    name: &str,
    batches: &[(Signal, Bytes)],
    without: &Chain,
    with: &Chain,
) -> anyhow::Result<()> {
    let counted = || {
        with.counters()
            .last()
            .map_or((0, 0), |own| (own.calls, own.edits))
    };
    let before = counted();
    let (bytes_without, bytes_with) = (through(without, batches), through(with, batches));
    let after = counted();
    let measured = rounds::run(
        ROUNDS,
        &mut [
            Box::new(|| {
                black_box(through(without, batches));
            }),
            Box::new(|| {
                black_box(through(with, batches));
            }),
        ],
    );
    let slower = 1.0 / measured.speed(1, 0) - 1.0;
    let nanos = (measured.nanos(1) - measured.nanos(0)) / batches.len() as f64;
    let (calls, edits) = (after.0 - before.0, after.1 - before.1);
    writeln!(
        text,
        "| {name} | {:+.1} % | {nanos:.0} | {calls} of {} | {edits} | {:.2} |",
        slower * 100.0,
        batches.len(),
        bytes_without as f64 / bytes_with as f64,
    )?;
    Ok(())
}

/// Bytes that leave a chain.
fn through(chain: &Chain, batches: &[(Signal, Bytes)]) -> usize {
    let bytes = batches.iter().map(|(signal, bytes)| {
        match chain.process(*signal, bytes.clone(), &Context::default()) {
            Outcome::Unchanged { bytes, .. } | Outcome::Edited { bytes, .. } => bytes.len(),
            _ => 0,
        }
    });
    bytes.sum()
}
