//! What `k8s-attributes` costs: it adds to every batch, so the figure is what it takes beyond copying
//! the batch, which any change of a batch costs.
//!
//! The table is the real one with a pod that does not change. What a look-up takes in one of 10,000 pods that
//! do is measured by `cargo run --release -p tamis-kubernetes --example load`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use tamis_host::{
    Chain, ChainBuilder, Code, Context, Engine, EngineOptions, Grant, Outcome, PluginSpec, Signal,
};
use tamis_kubernetes::{Feed, Pods, Settings, TABLE};
use tamis_plugins::Shipped;

use crate::chain;
use crate::corpus::Corpus;
use crate::goals::Goals;
use crate::rounds;

const ROUNDS: usize = 15;
/// The pod's address, from which all batches come.
const PEER: &str = "10.244.0.3";

/// A cluster of one pod, in the table that the daemon has.
fn pods() -> anyhow::Result<Arc<Pods>> {
    let owner = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "codex-6d4b75cb6d", "uid": "set-1", "controller": true});
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "codex-6d4b75cb6d-00001", "namespace": "agents", "uid": "6f1c0000-0000-4000-8000-000000000001",
            "creationTimestamp": "2026-11-22T10:00:00Z", "ownerReferences": [owner],
            "labels": {"app": "codex", "pod-template-hash": "6d4b75cb6d"},
        },
        "spec": {"nodeName": "node-1", "containers": [{"name": "agent", "image": "registry.test/codex:0.169.0"}]},
        "status": {"phase": "Running", "podIP": PEER},
    });
    let file = tempfile::NamedTempFile::new()?;
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [pod]});
    std::fs::write(file.path(), list.to_string())?;
    let settings = Settings::of_file(file.path());
    Ok(Feed::from_file(file.path(), &settings)?.table())
}

pub(crate) fn table(corpus: &[Corpus], goals: &mut Goals) -> anyhow::Result<String> {
    let mut text = String::from(
        "## Kubernetes attributes\n\n`k8s-attributes` with its default settings, which add eight attributes to each resource. \"Beyond the\ncopy\" is the time for a batch less that of copying it; \"x scrub\" the chain of both, the scrubber\nlast, against `scrub` alone.\n\n| batches | bytes a batch | us a batch | us beyond the copy | native, us beyond | x scrub |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let wasm = code(true)?;
    let alone = chain(vec![plugin(wasm.clone())])?;
    let native = chain(vec![plugin(code(false)?)])?;
    let scrub_alone = chain(vec![chain::scrub()?])?;
    let both = chain(vec![plugin(wasm), chain::scrub()?])?;
    let (mut nanos, mut all) = (0.0, 0.0);
    for corpus in corpus {
        let batches = &corpus.dirty;
        let count = batches.len() as f64;
        let measured = rounds::run(
            ROUNDS,
            &mut [
                Box::new(|| copy(batches)),
                Box::new(|| through(&alone, batches)),
                Box::new(|| through(&native, batches)),
                Box::new(|| through(&scrub_alone, batches)),
                Box::new(|| through(&both, batches)),
            ],
        );
        writeln!(
            text,
            "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} |",
            corpus.name,
            Corpus::bytes(batches) as f64 / count,
            measured.nanos(1) / count / 1e3,
            measured.more(1, 0) / count / 1e3,
            measured.more(2, 0) / count / 1e3,
            1.0 / measured.speed(4, 3),
        )?;
        nanos += measured.more(1, 0);
        all += count;
    }
    let what = "k8s-attributes, all captures, us a batch beyond the copy";
    goals.at_most(what, nanos / all / 1e3, 3.0);
    Ok(text)
}

/// The plugin alone, linked natively.
pub(crate) fn native() -> anyhow::Result<Chain> {
    chain(vec![plugin(code(false)?)])
}

fn code(wasm: bool) -> anyhow::Result<Code> {
    let missing = || anyhow::anyhow!("k8s-attributes does not ship");
    let shipped = Shipped::find("k8s-attributes").ok_or_else(missing)?;
    if !wasm {
        return Ok(Code::Native(shipped.native().ok_or_else(missing)?));
    }
    let engine = Engine::new(&EngineOptions::default())?;
    let component = shipped.component().ok_or_else(missing)?;
    let component = chain::load(&engine, component, &[Grant::Lookup])?;
    Ok(Code::Wasm(component))
}

fn plugin(code: Code) -> PluginSpec {
    let mut spec = PluginSpec::new("k8s-attributes", code);
    spec.grants = vec![Grant::Lookup];
    spec
}

fn chain(specs: Vec<PluginSpec>) -> anyhow::Result<Chain> {
    let builder = ChainBuilder::new().table(TABLE, pods()?);
    Ok(specs
        .into_iter()
        .fold(builder, ChainBuilder::plugin)
        .build()?)
}

fn copy(batches: &[(Signal, Bytes)]) {
    for (_, bytes) in batches {
        black_box(bytes.to_vec());
    }
}

pub(crate) fn through(chain: &Chain, batches: &[(Signal, Bytes)]) {
    let context = Context::from_peer(PEER);
    for (signal, bytes) in batches {
        let outcome = chain.process(*signal, bytes.clone(), &context);
        debug_assert!(matches!(outcome, Outcome::Edited { .. }));
        drop(black_box(outcome));
    }
}
