//! Plugins that ask for whole records: every one is shown, with what was named beside it and nothing
//! else, and their edits are held to that.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ScopeLogs};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;
use serde_json::{Value as Json, json};
use tamis_host::{
    Chain, ChainBuilder, ChainError, Context, EditFault, Fault, Outcome, PluginSpec, Policy,
    Refusal, Report, Signal,
};
use tamis_tests::{Engine, attribute, logs, records};

/// A plugin that is shown every log record, its attribute `n`, its body, and its service's name.
fn settings(script: &str, key: &str) -> Json {
    json!({
        "script": script, "key": key, "text": "ot=th:8",
        "interest": {
            "role": "reduce",
            "operations": ["drop_record", "set", "set_trace_state"],
            "records": [{"signals": ["logs", "traces"], "show": [
                {"place": "record_attribute", "key": "n"},
                {"place": "record_attribute", "key": "said"},
                {"place": "resource_attribute", "key": "service.name"},
            ]}],
        },
    })
}

fn spec(engine: Engine, settings: Json) -> PluginSpec {
    PluginSpec::new("records", engine.code()).with_settings(settings)
}

fn chain(spec: PluginSpec) -> Chain {
    ChainBuilder::new().plugin(spec).build().unwrap()
}

fn edited(chain: &Chain, signal: Signal, batch: Vec<u8>) -> (Bytes, Report) {
    match chain.process(signal, batch.into(), &Context::default()) {
        Outcome::Edited { bytes, report } => (bytes, report),
        other => panic!("not edited: {other:?}"),
    }
}

/// What a record was said to be: the text under `said`.
fn said(record: &LogRecord) -> String {
    let said = record.attributes.iter().find(|pair| pair.key == "said");
    tamis_tests::body(&LogRecord {
        body: said.and_then(|pair| pair.value.clone()),
        ..LogRecord::default()
    })
}

#[test]
fn every_record_is_shown_with_what_stands_beside_it() {
    for engine in Engine::ALL {
        let chain = chain(spec(engine, settings("say", "said")));
        let mut batch = logs(&["one", "two"]);
        let scope = &mut batch.resource_logs[0].scope_logs[0];
        scope.log_records[1].severity_number = 17;
        scope.log_records[1].time_unix_nano = 5;
        scope.log_records[1].trace_id = vec![7; 16];
        scope.log_records[1]
            .attributes
            .push(attribute("said", "nothing yet"));
        scope.log_records.push(LogRecord::default());
        let bare = ScopeLogs {
            log_records: vec![LogRecord {
                trace_id: vec![9; 20],
                ..LogRecord::default()
            }],
            ..ScopeLogs::default()
        };
        batch.resource_logs[0].scope_logs.push(bare);
        let (bytes, report) = edited(&chain, Signal::Logs, batch.encode_to_vec());
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        let told: Vec<_> = records(&bytes).iter().map(said).collect();
        let resource = "resource_attribute:service.name=codex";
        assert_eq!(
            told,
            [
                format!("0 0 0 0 0 {resource} record_attribute:n=0"),
                format!(
                    "1 17 5 0 7 {resource} record_attribute:n=1 record_attribute:said=nothing yet"
                ),
                format!("2 0 0 0 0 {resource}"),
                format!("3 0 0 0 0 {resource}"),
            ]
        );
    }
}

#[test]
fn many_frames_show_each_record_once() {
    let bodies = vec!["x"; 500];
    let mut small = spec(Engine::Native, settings("say", "said"));
    small.limits.frame_bytes_max = 4_000;
    let chain = chain(small);
    let (bytes, report) = edited(&chain, Signal::Logs, logs(&bodies).encode_to_vec());
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    for (number, record) in records(&bytes).iter().enumerate() {
        let expected = format!(
            "{number} 0 0 0 0 resource_attribute:service.name=codex record_attribute:n={number}"
        );
        assert_eq!(said(record), expected);
    }
    assert!(chain.counters()[0].calls > 10, "{:?}", chain.counters());
}

#[test]
fn what_is_dropped_takes_along_what_it_empties() {
    for engine in Engine::ALL {
        let chain = chain(spec(engine, settings("drop_odd", "")));
        let one = |name: &str| Span {
            name: name.to_owned(),
            ..Span::default()
        };
        let scope = |spans| ScopeSpans {
            spans,
            schema_url: "kept as it is".to_owned(),
            ..ScopeSpans::default()
        };
        let resource = |scope_spans| ResourceSpans {
            scope_spans,
            ..ResourceSpans::default()
        };
        let batch = ExportTraceServiceRequest {
            resource_spans: vec![
                resource(vec![scope(vec![one("0")]), scope(vec![one("1")])]),
                resource(vec![scope(vec![one("2"), one("3")]), scope(vec![])]),
                resource(vec![]),
            ],
        };
        let expected = ExportTraceServiceRequest {
            resource_spans: vec![
                resource(vec![scope(vec![one("0")])]),
                resource(vec![scope(vec![one("2")])]),
            ],
        };
        let (bytes, report) = edited(&chain, Signal::Traces, batch.encode_to_vec());
        assert_eq!(bytes, expected.encode_to_vec());
        assert_eq!(report.records_dropped, 2);
    }
}

#[test]
fn a_trace_state_is_set_in_its_place_or_added() {
    let chain = chain(spec(Engine::Native, settings("state_all", "")));
    let span = |state: &str| Span {
        trace_state: state.to_owned(),
        status: Some(Status::default()),
        ..Span::default()
    };
    let batch = |states: [&str; 3]| ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans {
                spans: states.map(span).into(),
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    };
    let input = batch(["a=1", "", "ot=th:4"]).encode_to_vec();
    let (bytes, _) = edited(&chain, Signal::Traces, input);
    let output = ExportTraceServiceRequest::decode(bytes).unwrap();
    assert_eq!(output, batch(["ot=th:8"; 3]));
}

#[test]
fn a_key_that_was_not_named_may_not_be_written() {
    let chain = chain(spec(Engine::Native, settings("say", "other")));
    let input: Bytes = logs(&["one"]).encode_to_vec().into();
    match chain.process(Signal::Logs, input.clone(), &Context::default()) {
        Outcome::Unchanged { bytes, report } => {
            assert_eq!(bytes, input);
            let (_, fault) = &report.faults[0];
            assert!(
                matches!(fault, Fault::Edit(EditFault::Key { edit: 0 })),
                "{fault}"
            );
        }
        other => panic!("not unchanged: {other:?}"),
    }
}

#[test]
fn a_fault_drops_nothing_of_what_was_dropped_before_it() {
    let mut faulty = settings("drop_odd", "");
    faulty["interest"]["operations"] = json!(["set"]);
    let chain = chain(spec(Engine::Native, faulty));
    let input: Bytes = logs(&["one", "two"]).encode_to_vec().into();
    let outcome = chain.process(Signal::Logs, input, &Context::default());
    let Outcome::Unchanged { report, .. } = outcome else {
        panic!("not unchanged: {outcome:?}")
    };
    assert_eq!((report.records_dropped, report.faults.len()), (0, 1));
}

/// What comes of an answer that names so much again that it would keep the host busy.
fn goes_too_far(script: &str, signal: Signal, input: Vec<u8>) {
    let chain = chain(spec(Engine::Native, settings(script, "")));
    match chain.process(signal, input.into(), &Context::default()) {
        Outcome::Unchanged { report, .. } => {
            let (_, fault) = &report.faults[0];
            assert!(
                matches!(fault, Fault::Edit(EditFault::TooFar { max: 20_000_000 })),
                "{script}: {fault}"
            );
        }
        other => panic!("{script}: not unchanged: {other:?}"),
    }
}

#[test]
fn dropping_the_same_records_over_and_over_is_a_fault() {
    let input = logs(&["again"; 3_000]).encode_to_vec();
    goes_too_far("drop_often", Signal::Logs, input);
}

#[test]
fn setting_the_state_of_one_wide_span_over_and_over_is_a_fault() {
    let span = Span {
        attributes: vec![attribute("n", "again"); 3_000],
        ..Span::default()
    };
    let input = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans {
                spans: vec![span],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    };
    goes_too_far("state_often", Signal::Traces, input.encode_to_vec());
}

#[test]
fn records_cannot_be_masked_and_so_are_refused() {
    let spec = spec(Engine::Native, settings("say", "other")).with_policy(Policy::Mask);
    let input = logs(&["one"]).encode_to_vec();
    let outcome = chain(spec).process(Signal::Logs, input.into(), &Context::default());
    assert!(
        matches!(outcome, Outcome::Refused(Refusal::Fault { .. })),
        "{outcome:?}"
    );
}

#[test]
fn records_and_values_of_one_signal_are_refused() {
    let mut both = settings("say", "said");
    both["interest"]["subscriptions"] = json!([{"signals": ["traces"]}]);
    let error = ChainBuilder::new()
        .plugin(spec(Engine::Native, both))
        .build()
        .unwrap_err();
    let ChainError::Plugin { source, .. } = error else {
        panic!("{error}")
    };
    let cause = std::error::Error::source(&*source).unwrap().to_string();
    assert_eq!(
        cause,
        "the interest asks for records of traces and for values of it, where it may be only one of both"
    );
}
