//! Telemetry that nobody should send: every trace state, ids of every size, a hundred thousand records.

use bytes::Bytes;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::sync::LazyLock;
use tamis_host::{Chain, Signal};
use tamis_tests::{attribute, records};

use crate::engine::{chains, native, run};
use crate::spans::{log, logs, number, span, spans_of, text_of, traces};

fn settings() -> Vec<Json> {
    let rules = json!([
        {"name": "all", "status": "error", "names": ["*a*a*b"], "attributes": {"k": ["*"]}, "at_least": {"n": 1}},
        {"name": "slow", "slower_than_ms": 18_446_744_073_709_551_615_u64},
    ]);
    vec![
        json!({"sampling_percentage": 50, "fail_closed": false, "keep": rules}),
        json!({"sampling_percentage": 0, "fail_closed": false, "sampling_priority": "n"}),
        json!({"sampling_percentage": 1e-14, "mode": "proportional", "sampling_precision": 14, "session": ["k"]}),
        json!({"sampling_percentage": 99.999_99, "mode": "equalizing", "fail_closed": false, "session": ["k"]}),
    ]
}

static CHAINS: LazyLock<Vec<Chain>> =
    LazyLock::new(|| settings().into_iter().map(native).collect());

fn value() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        "[0-9a-f]{0,16}|[ -~]{0,8}".prop_map(|text| Some(Value::StringValue(text))),
        any::<f64>().prop_map(|number| Some(Value::DoubleValue(number))),
        any::<i64>().prop_map(|number| Some(Value::IntValue(number))),
        any::<bool>().prop_map(|bool| Some(Value::BoolValue(bool))),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(|bytes| Some(Value::BytesValue(bytes))),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let keys = [
        "k",
        "n",
        "sampling.threshold",
        "sampling.randomness",
        "sampling.priority",
    ];
    let pair = (prop::sample::select(keys.to_vec()), value()).prop_map(|(key, value)| KeyValue {
        key: key.to_owned(),
        value: value.map(|value| AnyValue { value: Some(value) }),
        ..KeyValue::default()
    });
    prop::collection::vec(pair, 0..4)
}

fn state() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        "th:[0-9a-f]{0,15}".boxed(),
        "rv:[0-9a-f]{13,15}".boxed(),
        "[a-z]{0,2}:?[ -~]{0,3}".boxed(),
    ];
    let ot =
        prop::collection::vec(field, 0..4).prop_map(|fields| format!("ot={}", fields.join(";")));
    let member = prop_oneof![
        ot.boxed(),
        "[a-z@]{0,4}=?[ -~]{0,6}".boxed(),
        any::<String>().boxed()
    ];
    prop::collection::vec(member, 0..4).prop_map(|members| members.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No fault, and what is dropped and what is left is all that there was, else as it came.
    #[test]
    fn no_telemetry_makes_a_fault(
        ids in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..6),
        states in prop::collection::vec(state(), 6),
        attributes in prop::collection::vec(attributes(), 6),
        time in any::<u64>(),
    ) {
        let spans: Vec<Span> = ids.iter().zip(&states).zip(&attributes).map(|((id, state), attributes)| Span {
            trace_id: id.clone(),
            trace_state: state.clone(),
            attributes: attributes.clone(),
            end_time_unix_nano: time,
            ..Span::default()
        }).collect();
        let of_logs: Vec<LogRecord> = spans.iter().map(|span| LogRecord {
            trace_id: span.trace_id.clone(),
            attributes: span.attributes.clone(),
            ..LogRecord::default()
        }).collect();
        for chain in CHAINS.iter() {
            let (bytes, report) = run(chain, Signal::Traces, &traces(&[], spans.clone()));
            let left = spans_of(&bytes);
            prop_assert_eq!(left.len() + report.records_dropped, spans.len());
            for span in &left {
                let came = spans.iter().filter(|came| came.trace_id == span.trace_id);
                let mut same = came.map(|came| Span { trace_state: span.trace_state.clone(), ..came.clone() });
                prop_assert!(same.any(|same| same == *span), "more than a trace state changed");
            }
            let (bytes, report) = run(chain, Signal::Logs, &logs(&[], of_logs.clone()));
            prop_assert_eq!(records(&bytes).len() + report.records_dropped, of_logs.len());
        }
    }
}

/// What is quadratic in the number of records would take an hour here.
#[test]
fn a_hundred_thousand_records_are_no_trouble() {
    let spans = (0..100_000).map(|trace| {
        let mut span = span(trace);
        span.trace_state = format!("ot=p:{trace}");
        span
    });
    let of_logs = (0..100_000).map(|trace| {
        let mut log = log(trace);
        log.attributes = vec![number("n", 5), attribute("k", "one session")];
        log
    });
    let batches = [
        (Signal::Traces, traces(&[("env", "ci")], spans.collect())),
        (Signal::Logs, logs(&[("env", "ci")], of_logs.collect())),
    ];
    for (form, chain) in chains(&json!({"sampling_percentage": 10})) {
        for (signal, batch) in &batches {
            let (_, report) = run(&chain, *signal, batch);
            let dropped = report.records_dropped;
            assert!(
                (89_000..91_000).contains(&dropped),
                "{form}: {dropped} dropped"
            );
        }
    }
}

#[test]
fn values_under_one_key_and_resources_without_end_are_no_way_around() {
    let chain = native(json!({
        "sampling_percentage": 0,
        "environments": [{"name": "ci", "resource": {"env": ["ci"]}, "sampling_percentage": 100}],
    }));
    // The resource stands behind its records, and the value that counts behind a larger one.
    let large = "x".repeat(3 << 20);
    let batch = traces(&[("env", large.as_str()), ("env", "ci")], vec![span(1)]);
    let (bytes, report) = run(&chain, Signal::Traces, &batch);
    assert_eq!(
        (spans_of(&bytes).len(), report.records_dropped),
        (1, 0),
        "what is too large is not shown"
    );
    let behind = {
        let (resource, records) = (traces(&[("env", "ci")], vec![]), traces(&[], vec![span(1)]));
        swap(&resource, &records)
    };
    let (bytes, _) = run(&chain, Signal::Traces, &behind);
    assert_eq!(spans_of(&bytes).len(), 1);
    let mut twice = log(2);
    twice.attributes = vec![
        attribute("sampling.threshold", "8"),
        attribute("sampling.threshold", "garbage"),
    ];
    let chain =
        native(json!({"sampling_percentage": 100, "mode": "proportional", "fail_closed": false}));
    let (bytes, _) = run(&chain, Signal::Logs, &logs(&[], vec![twice]));
    let kept = &records(&bytes)[0];
    assert!(text_of(&kept.attributes, "sampling.threshold").is_some());
}

/// One group with the scopes of the second batch before the resource of the first.
fn swap(resource: &[u8], records: &[u8]) -> Bytes {
    let inside = |batch: &[u8]| {
        let mut tree = otlp_wire::Tree::default();
        otlp_wire::walk(Signal::Traces, batch, &mut otlp_wire::Everything, &mut tree).unwrap();
        batch[tree.nests[1].start..tree.nests[1].end].to_vec()
    };
    let group = [inside(records), inside(resource)].concat();
    let mut batch = Vec::new();
    otlp_wire::write_len_field(1, &group, &mut batch);
    batch.into()
}
