//! What `sample` costs: the default chain with it behind `scrub` against the same chain without it.
//!
//! It is shown every record, so the figure is nanoseconds for each record of what the captures hold,
//! as the median of the differences within a round.

use std::fmt::Write as _;
use std::hint::black_box;

use anyhow::bail;
use bytes::Bytes;
use serde_json::{Value as Json, json};
use tamis_host::{
    Chain, ChainBuilder, Code, Component, Context, Engine, EngineOptions, Outcome, PluginSpec,
    Signal,
};

use crate::chain;
use crate::corpus::Corpus;
use crate::goals::Goals;
use crate::rounds;

const ROUNDS: usize = 15;

/// Loads both plugins, as Wasm, once for all chains.
struct Plugins {
    scrub: Component,
    sample: Component,
}

impl Plugins {
    fn load() -> anyhow::Result<Self> {
        let engine = Engine::new(&EngineOptions::default())?;
        Ok(Self {
            scrub: chain::load(&engine, &tamis_plugins::SCRUB, &[])?,
            sample: chain::load(&engine, &tamis_plugins::SAMPLE, &[])?,
        })
    }

    /// `scrub`, and behind it `sample` if there are settings for it.
    fn chain(&self, settings: Option<Json>) -> anyhow::Result<Chain> {
        let builder = ChainBuilder::new();
        let builder = builder.plugin(PluginSpec::new("scrub", Code::Wasm(self.scrub.clone())));
        let sample = settings.map(|settings| {
            PluginSpec::new("sample", Code::Wasm(self.sample.clone())).with_settings(settings)
        });
        Ok(sample
            .into_iter()
            .fold(builder, ChainBuilder::plugin)
            .build()?)
    }
}

pub(crate) fn table(corpus: &[Corpus], goals: &mut Goals) -> anyhow::Result<String> {
    let plugins = Plugins::load()?;
    let mut text = String::from(
        "## Sampling\n\nThe default chain with `sample` behind it against the same chain without: nanoseconds more for each\nspan or log record, all of which the plugin is shown, and the ratio of the two times. A batch of four\nrecords, as Claude Code sends them, pays the call of a guest for four instead of a hundred.\n\n| batches | records | bytes a record | settings | kept | ns a record more | x without |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let rules = json!([
        {"name": "errors", "status": "error"},
        {"name": "failed-tools", "names": ["codex.tool_result"], "attributes": {"success": ["false"]}},
    ]);
    let (mut nanos, mut all) = (0.0, 0.0);
    for corpus in corpus {
        let batches: Vec<_> = corpus
            .clean
            .iter()
            .filter(|(signal, _)| *signal != Signal::Metrics)
            .cloned()
            .collect();
        let marked = through(
            &plugins.chain(Some(json!({"sampling_percentage": 100})))?,
            &batches,
        )?;
        for (name, settings, batches) in [
            ("10 %", json!({"sampling_percentage": 10}), &batches),
            (
                "100 % of what was sampled before",
                json!({"sampling_percentage": 100}),
                &marked,
            ),
            (
                "10 % by session, two rules",
                json!({"sampling_percentage": 10, "session": ["conversation.id"], "keep": rules}),
                &batches,
            ),
        ] {
            let (more, records) = row(&mut text, &corpus.name, name, &plugins, settings, batches)?;
            if name == "10 %" {
                nanos += more;
                all += records;
            }
        }
    }
    let what = "sample at 10 %, all captures, ns a record";
    goals.at_most(what, nanos / all, 150.0);
    Ok(text)
}

/// Nanoseconds more for all records, and how many these are.
fn row(
    text: &mut String,
    name: &str,
    what: &str,
    plugins: &Plugins,
    settings: Json,
    batches: &[(Signal, Bytes)],
) -> anyhow::Result<(f64, f64)> {
    let (without, with) = (plugins.chain(None)?, plugins.chain(Some(settings))?);
    let records = records(batches)?;
    let left = self::records(&through(&with, batches)?)?;
    let run = |chain: &Chain| {
        for (signal, bytes) in batches {
            drop(black_box(chain.process(
                *signal,
                bytes.clone(),
                &Context::default(),
            )));
        }
    };
    let measured = rounds::run(
        ROUNDS,
        &mut [Box::new(|| run(&without)), Box::new(|| run(&with))],
    );
    let more = measured.more(1, 0);
    writeln!(
        text,
        "| {name} | {records} | {} | {what} | {left} | {:.0} | {:.2} |",
        Corpus::bytes(batches) / records.max(1),
        more / records as f64,
        1.0 / measured.speed(1, 0),
    )?;
    Ok((more, records as f64))
}

/// `sample` alone, linked natively, at this percentage.
pub(crate) fn native(percentage: u8) -> anyhow::Result<Chain> {
    let missing = || anyhow::anyhow!("sample is not linked");
    let shipped = tamis_plugins::Shipped::find("sample").and_then(tamis_plugins::Shipped::native);
    let spec = PluginSpec::new("sample", Code::Native(shipped.ok_or_else(missing)?));
    let settings = json!({"sampling_percentage": percentage});
    let builder = ChainBuilder::new().plugin(spec.with_settings(settings));
    Ok(builder.build()?)
}

/// What a chain leaves of batches.
pub(crate) fn through(
    chain: &Chain,
    batches: &[(Signal, Bytes)],
) -> anyhow::Result<Vec<(Signal, Bytes)>> {
    let mut left = Vec::new();
    for (signal, bytes) in batches {
        match chain.process(*signal, bytes.clone(), &Context::default()) {
            Outcome::Unchanged { bytes, .. } | Outcome::Edited { bytes, .. } => {
                left.push((*signal, bytes))
            }
            Outcome::Dropped { .. } => {}
            other => bail!("a capture did not get through: {other:?}"),
        }
    }
    Ok(left)
}

fn records(batches: &[(Signal, Bytes)]) -> anyhow::Result<usize> {
    let mut count = 0;
    for (signal, bytes) in batches {
        let mut tree = otlp_wire::Tree::default();
        otlp_wire::walk(*signal, bytes, &mut otlp_wire::Everything, &mut tree)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        count += tree.records.len();
    }
    Ok(count)
}
