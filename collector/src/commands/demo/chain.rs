//! What the other plugins make of the same session: the whole chain, run from the start.
//!
//! The pod that the session is said to come from is part of the program; no cluster is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use otlp_wire::{Everything, Place, Tree, walk};
use serde_json::json;
use tamis::{Context, Engine, Outcome, Plugin, Report, Signal, Tamis};
use tamis_kubernetes::{Feed, Settings, TABLE};

use super::changes::Excerpt;
use crate::scrub::tally::{Tally, subject};
use crate::terminal::{Colours, Paint, printable};

/// The pod that the session is said to come from; made up, with a planted fake in an annotation.
const POD: &[u8] = include_bytes!("../../../../tests/data/k8s/demo-pod.json");
/// Its address.
const PEER: &str = "10.244.0.3";
/// Bytes of a value that stay.
const LIMIT: usize = 1024;
/// Percentage that is kept beside what the rules keep.
const PERCENTAGE: u32 = 25;
/// The last column.
const WIDTH: usize = 78;

/// What came out of the whole chain, of one signal.
struct Passed {
    signal: Signal,
    before: Bytes,
    /// None if every record was dropped.
    after: Option<Bytes>,
    report: Report,
}

/// Builds the chain: k8s-attributes, scrub, truncate, sample.
fn build(engine: Engine) -> anyhow::Result<Tamis> {
    let lookups = json!({
        "extract": {
            "metadata": ["k8s.pod.name", "k8s.namespace.name", "k8s.deployment.name"],
            "annotations": [{"tag_name": "team.db", "key": "team/db"}],
        },
        "pod_association": [{"sources": [{"from": "connection"}]}],
    });
    let mut feed = Feed::new(&Settings::from_json(&lookups)?);
    feed.pod(&serde_json::from_slice(POD).context("the pod of the session cannot be read")?);
    let tamis = Tamis::builder()
        .engine(engine)
        .table(TABLE, feed.table())
        .plugin(Plugin::shipped("k8s-attributes").settings(lookups))
        .plugin(Plugin::shipped("scrub"))
        .plugin(Plugin::shipped("truncate").settings(json!({"rules": [{"bytes": LIMIT}]})))
        .plugin(Plugin::shipped("sample").settings(json!({
            "mode": "proportional",
            "sampling_percentage": PERCENTAGE,
            "session": ["conversation.id"],
            "keep": [
                {"name": "prompts", "names": ["codex.user_prompt"]},
                {"name": "tools", "names": ["codex.tool_result"]},
            ],
        })))
        .build()?;
    Ok(tamis)
}

/// Runs the session through the whole chain and shows what became of it.
///
/// # Errors
/// That the chain cannot be built, or this not be written.
pub(super) fn show(
    out: &mut impl Write,
    colours: Colours,
    engine: Engine,
    session: &[(Signal, Bytes)],
) -> anyhow::Result<()> {
    let tamis = build(engine)?;
    let passed = session
        .iter()
        .map(|(signal, bytes)| pass(&tamis, *signal, bytes));
    let passed: Vec<_> = passed.collect::<anyhow::Result<_>>()?;
    let title = "The same session through a whole chain: k8s-attributes, scrub, truncate, sample";
    writeln!(out, "{}", colours.paint(Paint::Bold, title))?;
    let head = format!("k8s-attributes, for the pod that has the sender's address {PEER}");
    writeln!(out, "{}", colours.paint(Paint::Dim, head))?;
    show_added(out, colours, &passed)?;
    let head = format!("truncate, at {LIMIT} bytes a value");
    writeln!(out, "{}", colours.paint(Paint::Dim, head))?;
    show_cut(out, colours, &passed)?;
    let head =
        format!("sample, {PERCENTAGE} % of the sessions and traces, and always prompts and tools");
    writeln!(out, "{}", colours.paint(Paint::Dim, head))?;
    show_sampled(out, &passed)?;
    writeln!(out)?;
    Ok(())
}

fn pass(tamis: &Tamis, signal: Signal, bytes: &Bytes) -> anyhow::Result<Passed> {
    let context = Context::from_peer(PEER);
    let (after, report) = match tamis.process_from(signal, bytes.clone(), &context) {
        Outcome::Unchanged { bytes, report } | Outcome::Edited { bytes, report } => {
            (Some(bytes), report)
        }
        Outcome::Dropped { report } => (None, report),
        Outcome::Refused(_) => bail!("the recorded session was refused"),
    };
    Ok(Passed {
        signal,
        before: bytes.clone(),
        after,
        report,
    })
}

/// Key and text of every value, with its place.
fn texts(signal: Signal, bytes: &[u8]) -> Vec<(Place, String, String)> {
    let mut tree = Tree::default();
    if walk(signal, bytes, &mut Everything, &mut tree).is_err() {
        return Vec::new();
    }
    let text = |range| std::str::from_utf8(bytes.get(range)?).ok();
    let values = tree.values.iter().filter_map(|value| {
        let key = value.key.clone().and_then(text).unwrap_or_default();
        Some((
            value.place,
            key.to_owned(),
            text(value.payload.clone())?.to_owned(),
        ))
    });
    values.collect()
}

/// The attributes of resources that were not there before.
fn show_added(out: &mut impl Write, colours: Colours, passed: &[Passed]) -> io::Result<()> {
    let mut added = BTreeSet::new();
    for one in passed {
        let resources = |bytes| {
            let all = texts(one.signal, bytes).into_iter();
            all.filter(|(place, ..)| *place == Place::ResourceAttribute)
        };
        let known: BTreeSet<_> = resources(&one.before).map(|(_, key, _)| key).collect();
        let after = one.after.iter().flat_map(|after| resources(after));
        added.extend(
            after
                .filter(|(_, key, _)| !known.contains(key))
                .map(|(_, key, text)| (key, text)),
        );
    }
    for (key, text) in added {
        let line = printable(&format!("{key}={text}"));
        writeln!(out, "  {}", colours.paint(Paint::Green, line))?;
    }
    Ok(())
}

/// What stands around the places where something was cut.
fn show_cut(out: &mut impl Write, colours: Colours, passed: &[Passed]) -> io::Result<()> {
    for one in passed {
        let after = one.after.iter().flat_map(|after| texts(one.signal, after));
        for (_, key, text) in after {
            let Some(start) = text.find("[... ") else {
                continue;
            };
            let end = text.get(start..).and_then(|rest| rest.find(" ...]"));
            let end = end.map_or(start, |length| start + length + " ...]".len());
            let Some(cut) = Excerpt::new(&text, start, end) else {
                continue;
            };
            let name = format!(
                "  {}: {} bytes are left of it: ",
                printable(&key),
                text.len()
            );
            let cut = cut.fit(WIDTH.saturating_sub(name.len()));
            let marker = colours.paint(Paint::Green, &cut.middle);
            writeln!(out, "{name}{}{marker}{}", cut.lead, cut.tail.trim_end())?;
        }
    }
    Ok(())
}

/// How many records are left, and why.
fn show_sampled(out: &mut impl Write, passed: &[Passed]) -> io::Result<()> {
    let (mut before, mut after) = (Tally::default(), Tally::default());
    let (mut bytes_before, mut bytes_after) = (0, 0);
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for one in passed {
        before.batch(one.signal, &one.before);
        after.batch(one.signal, one.after.as_deref().unwrap_or_default());
        bytes_before += one.before.len();
        bytes_after += one.after.as_ref().map_or(0, Bytes::len);
        let lines = one.report.lines.iter();
        for line in lines.filter(|line| &*line.plugin == "sample" && line.detector.is_some()) {
            *reasons.entry(subject(line)).or_default() += line.records as usize;
        }
    }
    let (before, after) = (before.records(), after.records());
    writeln!(
        out,
        "  {before} -> {after}; {bytes_before} -> {bytes_after} bytes"
    )?;
    for (reason, count) in reasons {
        writeln!(out, "  {reason} {count}")?;
    }
    Ok(())
}
