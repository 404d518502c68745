//! Samplers behind each other, sessions, and what rules and environments make of a batch.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::json;
use tamis_host::Signal;
use tamis_tests::{attribute, records};

use crate::engine::{chains, native, run};
use crate::spans::{log, logs, number, span, spans_of, text_of, threshold_of, traces, weight};

#[test]
fn a_sampler_behind_another_keeps_its_share() {
    let batch = traces(&[], (0..4_000).map(span).collect());
    for (first, second) in [
        (
            json!({"sampling_percentage": 50}),
            json!({"sampling_percentage": 50}),
        ),
        (
            json!({"sampling_percentage": 50, "mode": "hash_seed", "hash_seed": 22}),
            json!({"sampling_percentage": 50, "mode": "hash_seed", "hash_seed": 22}),
        ),
        (
            json!({"sampling_percentage": 50, "mode": "proportional"}),
            json!({"sampling_percentage": 50}),
        ),
        (
            json!({"sampling_percentage": 50}),
            json!({"sampling_percentage": 25, "mode": "equalizing"}),
        ),
    ] {
        let (passed, _) = run(&native(first), Signal::Traces, &batch);
        for (form, chain) in chains(&second) {
            let (left, _) = run(&chain, Signal::Traces, &passed);
            let spans = spans_of(&left);
            let total: f64 = spans.iter().map(|span| weight(threshold_of(span))).sum();
            assert!(
                (900..1_100).contains(&spans.len()),
                "{form}: {}",
                spans.len()
            );
            assert!((total - 4_000.0).abs() < 400.0, "{form}: {total}");
        }
    }
}

/// Half of the spans have the key on themselves, the logs on their resource or themselves.
fn session_batches() -> (Bytes, Bytes) {
    let session = |number: u64| format!("0199-{number:05}");
    let spans = (0..3_000).map(|trace| {
        let mut span = span(trace);
        span.attributes.push(number("thread.id", 7));
        span.attributes
            .push(attribute("conversation.id", &session(trace % 300)));
        span
    });
    let logs_of = (0..3_000).map(|trace| {
        let mut log = log(100_000 + trace);
        log.attributes
            .push(attribute("session.id", &session(trace % 300)));
        log
    });
    (traces(&[], spans.collect()), logs(&[], logs_of.collect()))
}

#[test]
fn one_session_is_decided_once_in_all_signals_and_instances() {
    let (spans, logs) = session_batches();
    for mode in ["proportional", "equalizing", ""] {
        let settings = json!({
            "sampling_percentage": 20, "mode": mode, "session": ["conversation.id", "session.id"],
        });
        let mut seen = BTreeSet::new();
        for (form, chain) in chains(&settings) {
            let (spans, _) = run(&chain, Signal::Traces, &spans);
            let (logs, _) = run(&chain, Signal::Logs, &logs);
            let mut of_spans: BTreeMap<String, usize> = BTreeMap::new();
            for span in spans_of(&spans) {
                *of_spans
                    .entry(text_of(&span.attributes, "conversation.id").unwrap())
                    .or_default() += 1;
            }
            let mut of_logs: BTreeMap<String, usize> = BTreeMap::new();
            for log in records(&logs) {
                assert_eq!(
                    text_of(&log.attributes, "sampling.threshold").unwrap(),
                    "cccd",
                    "{form}"
                );
                *of_logs
                    .entry(text_of(&log.attributes, "session.id").unwrap())
                    .or_default() += 1;
            }
            assert_eq!(of_spans, of_logs, "{form} {mode}");
            assert!(of_spans.values().all(|&count| count == 10), "{form} {mode}");
            assert!(
                (40..80).contains(&of_spans.len()),
                "{form}: {}",
                of_spans.len()
            );
            seen.insert(of_spans.into_keys().collect::<Vec<_>>());
        }
        assert_eq!(seen.len(), 1, "the forms chose alike");
    }
}

#[test]
fn a_session_stays_whole_behind_another_sampler() {
    let settings = |percentage| json!({"sampling_percentage": percentage, "session": ["session.id", "conversation.id"]});
    let (spans, logs) = session_batches();
    let by_trace = native(json!({"sampling_percentage": 50, "mode": "proportional"}));
    let (first, second) = (native(settings(50)), native(settings(40)));
    let (spans, _) = run(&first, Signal::Traces, &spans);
    let (logs, _) = run(&first, Signal::Logs, &logs);
    let count = |spans: &Bytes, logs: &Bytes| {
        let spans = spans_of(spans);
        let total: f64 = spans.iter().map(|span| weight(threshold_of(span))).sum();
        let of = |key: &str, attributes: Vec<Vec<_>>| -> BTreeSet<_> {
            attributes
                .iter()
                .filter_map(|list| text_of(list, key))
                .collect()
        };
        let of_spans = of(
            "conversation.id",
            spans.into_iter().map(|span| span.attributes).collect(),
        );
        let of_logs = of(
            "session.id",
            records(logs)
                .into_iter()
                .map(|log| log.attributes)
                .collect(),
        );
        assert_eq!(of_spans, of_logs);
        (of_spans.len(), total)
    };
    let (sessions, _) = count(&spans, &logs);
    assert!((120..180).contains(&sessions), "{sessions}");
    let (spans, _) = run(&second, Signal::Traces, &spans);
    let (logs, _) = run(&second, Signal::Logs, &logs);
    let (sessions, total) = count(&spans, &logs);
    assert!((40..85).contains(&sessions), "{sessions}");
    assert!((total - 3_000.0).abs() < 1_000.0, "{total}");
    // Behind one by trace, what is left of a session is kept or dropped together.
    let (spans, _) = session_batches();
    let (half, _) = run(&by_trace, Signal::Traces, &spans);
    let (kept, _) = run(&native(settings(40)), Signal::Traces, &half);
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for span in spans_of(&half) {
        *left
            .entry(text_of(&span.attributes, "conversation.id").unwrap())
            .or_default() += 1;
    }
    let mut whole: BTreeMap<String, usize> = BTreeMap::new();
    for span in spans_of(&kept) {
        *whole
            .entry(text_of(&span.attributes, "conversation.id").unwrap())
            .or_default() += 1;
        assert_eq!(threshold_of(&span), "cccd", "a share of 50 % and of 40 %");
    }
    assert!(whole.iter().all(|(session, count)| left[session] == *count));
    assert!((80..160).contains(&whole.len()), "{}", whole.len());
}

#[test]
fn environments_have_percentages_of_their_own() {
    let settings = json!({
        "sampling_percentage": 100,
        "environments": [
            {"name": "ci", "resource": {"env": ["ci", "ci-*"]}, "sampling_percentage": 0},
            {"name": "exec", "resource": {"service.name": ["codex_exec"], "env": ["*"]}, "sampling_percentage": 25},
        ],
    });
    for (form, chain) in chains(&settings) {
        let kept = |attributes: &[(&str, &str)]| {
            let batch = traces(attributes, (0..400).map(span).collect());
            let (bytes, report) = run(&chain, Signal::Traces, &batch);
            assert_eq!(spans_of(&bytes).len() + report.records_dropped, 400);
            spans_of(&bytes).len()
        };
        assert_eq!(
            kept(&[("env", "ci-main"), ("service.name", "codex_exec")]),
            0,
            "{form}"
        );
        assert_eq!(kept(&[("env", "dev")]), 400, "{form}");
        assert_eq!(kept(&[("service.name", "codex_exec")]), 400, "{form}");
        let quarter = kept(&[("env", "dev"), ("service.name", "codex_exec")]);
        assert!((70..130).contains(&quarter), "{form}: {quarter}");
        let counted = &chain.counters()[0].detectors;
        assert_eq!(counted["dropped.environment.ci"], 400, "{form}");
        assert_eq!(counted["kept.environment.exec"], quarter as u64, "{form}");
        assert_eq!(counted["kept.percentage"], 800, "{form}");
    }
}
