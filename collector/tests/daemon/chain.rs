//! All shipped plugins at once: the config of `docs/chain.md` on every capture of real agents, or on
//! the small one of this repository where those are not here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use serde_json::{Value, json};
use tamis::Signal;

use crate::captures::{Capture, PLANTED, capture, captures, send_all};
use crate::process::{Daemon, QUIET};
use crate::send::{Sender, get, total};
use crate::sink::{Recorded, Sink};

/// In the pod's annotation, and in no capture.
const ANNOTATED: &str = "annotated-dummy";
const ORDER: &str = "[k8sattributes, scrub, truncate, sample]";

fn all_captures() -> Vec<Capture> {
    let all = captures();
    if !all.is_empty() {
        return all;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/demo");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|kind| kind == "bin"))
        .collect();
    files.sort();
    files.iter().map(|file| capture(file)).collect()
}

/// A cluster with one pod, from which these tests send.
fn pods() -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    let contact = format!("postgres://team:{ANNOTATED}@db.internal:5432/app");
    let pod = json!({
        "kind": "Pod",
        "metadata": {
            "name": "codex-6d4b75cb6d-00001", "namespace": "agents", "uid": "pod-1",
            "labels": {"app": "codex", "pod-template-hash": "6d4b75cb6d"},
            "annotations": {"team/contact": contact},
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "codex-6d4b75cb6d",
                "uid": "rs-1", "controller": true,
            }],
        },
        "spec": {"containers": [{"name": "agent", "image": "codex:1"}]},
        "status": {"phase": "Running", "podIP": "127.0.0.1"},
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [pod]});
    fs::write(file.path(), list.to_string()).unwrap();
    file
}

/// The config of the documentation, with these tests' addresses and pods, in this order.
fn config(order: &str, pods: &Path, sink: &Sink) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/chain.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, config) = page.split_once("```yaml\n").unwrap();
    let (config, _) = config.split_once("```").unwrap();
    let mut config = format!("{config}{QUIET}");
    let pods = format!("  k8sattributes:\n    snapshot_file: {}\n", pods.display());
    for (documented, here) in [
        ("0.0.0.0:4317", "127.0.0.1:0"),
        ("0.0.0.0:4318", "127.0.0.1:0"),
        (
            "  otlp: {endpoint: \"collector:4317\", tls: {insecure: true}}\n",
            &sink.grpc("otlp", ""),
        ),
        ("  k8sattributes:\n", &pods),
        (ORDER, order),
    ] {
        assert!(config.contains(documented), "{documented}");
        config = config.replace(documented, here);
    }
    config
}

fn as_json((signal, bytes): &Recorded) -> Value {
    let mut text = Vec::new();
    otlp_json::to_json(*signal, bytes, otlp_json::Style::Compact, &mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Everything below this member of these values, wherever they hold it in a list.
fn each<'v>(values: &[&'v Value], list: &str) -> Vec<&'v Value> {
    let lists = values
        .iter()
        .filter_map(|value| value.get(list)?.as_array());
    lists.flatten().collect()
}

/// The resources, and the records in all of their scopes.
fn parts(signal: Signal, batch: &Value) -> (Vec<&Value>, Vec<&Value>) {
    let [resources, scopes, records] = match signal {
        Signal::Traces => ["resourceSpans", "scopeSpans", "spans"],
        Signal::Logs => ["resourceLogs", "scopeLogs", "logRecords"],
        Signal::Metrics => ["resourceMetrics", "scopeMetrics", "metrics"],
    };
    let resources = each(&[batch], resources);
    let records = each(&each(&resources, scopes), records);
    (resources, records)
}

fn attributes(of: &Value) -> BTreeMap<&str, &Value> {
    let all = each(&[of], "attributes").into_iter();
    all.filter_map(|one| Some((one["key"].as_str()?, &one["value"])))
        .collect()
}

/// How many records each signal has.
fn count<'r>(batches: impl Iterator<Item = (Signal, &'r Bytes)>) -> BTreeMap<Signal, usize> {
    let mut counts = BTreeMap::new();
    for (signal, bytes) in batches {
        let batch = as_json(&(signal, bytes.clone()));
        *counts.entry(signal).or_default() += parts(signal, &batch).1.len();
    }
    counts
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let mut parts = bytes.windows(text.len());
    parts.any(|part| part == text.as_bytes())
}

fn assert_from_the_pod(resource: &Value) {
    let all = attributes(&resource["resource"]);
    for (key, value) in [
        ("k8s.namespace.name", "agents"),
        ("k8s.pod.name", "codex-6d4b75cb6d-00001"),
        ("k8s.deployment.name", "codex"),
        ("app", "codex"),
    ] {
        let told = all.get(key).unwrap_or_else(|| panic!("no {key}"));
        // Claude's capture names a pod itself, and what is there is not overwritten.
        let own = key == "k8s.pod.name" && told["stringValue"] == "claude-0";
        assert!(own || told["stringValue"] == value, "{key}: {told}");
    }
    let contact = all["team.contact"]["stringValue"].as_str().unwrap();
    assert!(
        contact.contains("REDACTED-"),
        "the annotation is not masked"
    );
}

/// Asserts that nothing in there is longer than the limit, and says how many values were cut.
fn cut(value: &Value) -> usize {
    match value {
        Value::String(text) => {
            assert!(text.len() <= 1024, "{} bytes", text.len());
            usize::from(text.contains(" bytes cut ..."))
        }
        Value::Array(all) => all.iter().map(cut).sum(),
        Value::Object(all) => all.values().map(cut).sum(),
        _ => 0,
    }
}

fn assert_says_its_probability(signal: Signal, record: &Value) {
    match signal {
        Signal::Traces => {
            let state = record["traceState"].as_str().unwrap_or_default();
            assert!(state.contains("ot=") && state.contains("th:"), "{state}");
        }
        Signal::Logs => assert!(attributes(record).contains_key("sampling.threshold")),
        Signal::Metrics => {}
    }
}

async fn through(order: &str) {
    let captures = all_captures();
    for planted in PLANTED {
        let mut sent = captures.iter();
        assert!(sent.any(|one| holds(&one.body, planted)), "{planted}");
    }
    let (sink, pods) = (Sink::start().await, pods());
    let daemon = Daemon::start(&config(order, pods.path(), &sink));
    let mut http = Sender::http(daemon.http()).await;
    let mut grpc = Sender::grpc(daemon.grpc()).await;
    send_all(&captures, &mut http, &mut grpc).await;
    let (_, page) = get(daemon.metrics(), "/metrics").await;
    let end = daemon.stop();
    assert_eq!(end.code, Some(0), "{}", end.said);
    assert!(!end.said.contains("a plugin failed"), "{}", end.said);

    let recorded = sink.recorded();
    let mut values_cut = 0;
    for one in &recorded {
        for planted in PLANTED.into_iter().chain([ANNOTATED]) {
            assert!(!holds(&one.1, planted), "{planted} came out");
        }
        let batch = as_json(one);
        let (resources, records) = parts(one.0, &batch);
        assert!(!resources.is_empty());
        resources.into_iter().for_each(assert_from_the_pod);
        for record in records {
            assert_says_its_probability(one.0, record);
        }
        if one.0 != Signal::Metrics {
            values_cut += cut(&batch);
        }
    }
    assert!(values_cut > 0, "nothing was cut");
    let sent = count(captures.iter().map(|one| (one.signal, &one.protobuf)));
    let came = count(recorded.iter().map(|(signal, bytes)| (*signal, bytes)));
    assert_eq!(sent.get(&Signal::Metrics), came.get(&Signal::Metrics));
    let mut dropped = 0;
    for signal in [Signal::Traces, Signal::Logs] {
        // Of a short session every span may be dropped, but no log of a prompt.
        let left = came.get(&signal).copied().unwrap_or_default();
        assert!(left < sent[&signal], "{came:?} of {sent:?}");
        dropped += sent[&signal] - left;
    }
    assert!(came.contains_key(&Signal::Logs));
    let counted = total(&page, "tamis_plugin_detections_total", &["dropped."]);
    assert_eq!(counted, dropped as f64);
    let table = |name: &str| total(&page, name, &["processor=\"k8sattributes\""]);
    assert_eq!(table("tamis_kubernetes_ready"), 1.0);
    assert_eq!(table("tamis_kubernetes_pods"), 1.0);
    assert!(table("tamis_kubernetes_found_total") >= recorded.len() as f64);
    for said in [ANNOTATED].iter().chain(&PLANTED) {
        assert!(!end.said.contains(said) && !page.contains(said), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_plugins_as_the_documentation_orders_them() {
    through(ORDER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_inserted_behind_the_scrubber_is_scrubbed_too() {
    through("[scrub, k8sattributes, truncate, sample]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_inserted_last_of_all_is_scrubbed_too() {
    through("[scrub, truncate, sample, k8sattributes]").await;
}
