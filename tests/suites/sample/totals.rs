//! Totals that are estimated from what is left, each record counted by the probability it carries, are
//! those of what was there: in every mode, over a million records.

use serde_json::{Value as Json, json};
use tamis_host::Signal;
use tamis_tests::{attribute, records};

use crate::engine::{native, run};
use crate::spans::{
    log, logs, mixed, number, span, spans_of, text_of, threshold_of, traces, weight,
};

const BATCHES: u64 = 50;
const RECORDS_OF_A_BATCH: u64 = 4_000;

/// What is measured of a record: skewed, as sizes and durations are.
fn size(record: u64) -> i64 {
    1 + (mixed(record ^ 0x5eed) % 100) as i64
}

/// How far an estimate of the count and of the sum may be off: four standard deviations of a sampler
/// that decides about so many things independently, each seen with this probability.
fn close(name: &str, estimate: (f64, f64), truth: (f64, f64), things: f64, probability: f64) {
    let sigma = ((1.0 - probability) / probability / things).sqrt() + 1e-9;
    for (estimate, truth, spread) in [(estimate.0, truth.0, 1.0), (estimate.1, truth.1, 1.2)] {
        let error = (estimate / truth - 1.0).abs();
        assert!(
            error <= 4.0 * spread * sigma,
            "{name}: {estimate} of {truth}, {error} > 4 * {sigma}"
        );
    }
}

/// Estimates count and sum of spans through these samplers, and says how many were left.
fn estimate_spans(stages: &[Json]) -> ((f64, f64), (f64, f64), usize) {
    let chains: Vec<_> = stages
        .iter()
        .map(|settings| native(settings.clone()))
        .collect();
    let (mut truth, mut estimate, mut left) = ((0.0, 0.0), (0.0, 0.0), 0);
    for batch in 0..BATCHES {
        let first = batch * RECORDS_OF_A_BATCH;
        let spans = (first..first + RECORDS_OF_A_BATCH).map(|record| {
            let mut span = span(record);
            span.attributes.push(number("size", size(record)));
            span.attributes
                .push(attribute("session.id", &(record / 4).to_string()));
            truth = (truth.0 + 1.0, truth.1 + size(record) as f64);
            span
        });
        let mut bytes = traces(&[], spans.collect());
        for chain in &chains {
            (bytes, _) = run(chain, Signal::Traces, &bytes);
        }
        for span in spans_of(&bytes) {
            let weight = weight(threshold_of(&span));
            let record: u64 = span.name.trim_start_matches("span ").parse().unwrap();
            estimate = (
                estimate.0 + weight,
                estimate.1 + weight * size(record) as f64,
            );
            left += 1;
        }
    }
    (truth, estimate, left)
}

#[test]
fn totals_of_spans_are_unbiased() {
    let spans = (BATCHES * RECORDS_OF_A_BATCH) as f64;
    let keep = json!([{"name": "large", "at_least": {"size": 95}}]);
    for (name, stages, things, probability) in [
        (
            "hash_seed",
            vec![json!({"sampling_percentage": 10})],
            spans,
            0.1,
        ),
        (
            "proportional",
            vec![json!({"sampling_percentage": 1, "mode": "proportional"})],
            spans,
            0.01,
        ),
        (
            "three stages",
            vec![
                json!({"sampling_percentage": 50}),
                json!({"sampling_percentage": 50}),
                json!({"sampling_percentage": 20, "mode": "equalizing"}),
            ],
            spans,
            0.2,
        ),
        (
            "sessions behind traces, with a rule",
            vec![
                json!({"sampling_percentage": 50, "mode": "proportional"}),
                json!({"sampling_percentage": 25, "session": ["session.id"], "keep": keep}),
            ],
            spans / 4.0,
            0.125,
        ),
    ] {
        let (truth, estimate, left) = estimate_spans(&stages);
        close(name, estimate, truth, things, probability);
        assert!((left as f64) < 0.3 * spans, "{name}: {left} left");
    }
}

#[test]
fn totals_of_logs_are_unbiased() {
    let settings = json!({
        "sampling_percentage": 5, "session": ["session.id"],
        "keep": [{"name": "large", "at_least": {"size": 95}}],
    });
    let chain = native(settings);
    let (mut truth, mut estimate) = ((0.0, 0.0), (0.0, 0.0));
    for batch in 0..BATCHES {
        let first = batch * RECORDS_OF_A_BATCH;
        let logs_of = (first..first + RECORDS_OF_A_BATCH).map(|record| {
            let mut log = log(record);
            log.time_unix_nano = record;
            log.attributes.push(number("size", size(record)));
            log.attributes
                .push(attribute("session.id", &(record / 2).to_string()));
            truth = (truth.0 + 1.0, truth.1 + size(record) as f64);
            log
        });
        let (bytes, _) = run(&chain, Signal::Logs, &logs(&[], logs_of.collect()));
        for log in records(&bytes) {
            let weight = weight(&text_of(&log.attributes, "sampling.threshold").unwrap());
            estimate = (
                estimate.0 + weight,
                estimate.1 + weight * size(log.time_unix_nano) as f64,
            );
        }
    }
    let sessions = (BATCHES * RECORDS_OF_A_BATCH) as f64 / 2.0;
    close("logs by session", estimate, truth, sessions, 0.05);
}
