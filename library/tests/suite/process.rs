//! Batches, texts and messages through a chain.

use std::borrow::Cow;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use prost::Message as _;
use tamis::{Outcome, Plugin, Policy, Refusal, Signal, Tamis};

use crate::words::{self, WORD};

fn tamis(then: &str) -> Tamis {
    let settings = serde_json::json!({ "then": then });
    let plugin = Plugin::linked("words", words::native()).settings(settings);
    Tamis::builder().plugin(plugin).build().unwrap()
}

fn request(body: &str) -> ExportLogsServiceRequest {
    let record = LogRecord {
        body: Some(AnyValue {
            value: Some(Value::StringValue(body.to_owned())),
        }),
        ..LogRecord::default()
    };
    let scope_logs = vec![ScopeLogs {
        log_records: vec![record],
        ..ScopeLogs::default()
    }];
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs,
            ..ResourceLogs::default()
        }],
    }
}

#[test]
fn a_clean_batch_is_the_very_same_bytes() {
    let batch = Bytes::from(request("nothing here").encode_to_vec());
    match tamis("mask").process(Signal::Logs, batch.clone()) {
        Outcome::Unchanged { bytes, report } => {
            assert_eq!(bytes.as_ptr(), batch.as_ptr());
            assert!(report.lines.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_dirty_batch_is_edited_and_reported() {
    let batch = request(&format!("in {WORD} today")).encode_to_vec();
    match tamis("mask").process(Signal::Logs, batch) {
        Outcome::Edited { bytes, report } => {
            let masked = request("in *** today");
            assert_eq!(ExportLogsServiceRequest::decode(bytes).unwrap(), masked);
            assert_eq!((report.lines[0].start, report.lines[0].end), (3, 11));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn texts_are_borrowed_unless_they_change() {
    let tamis = tamis("mask");
    assert!(matches!(
        tamis.scrub_text("nothing"),
        Ok(Cow::Borrowed("nothing"))
    ));
    assert_eq!(tamis.scrub_text(WORD).unwrap(), "***");
    assert_eq!(tamis.scrub_text("").unwrap(), "");
}

#[test]
fn a_dropped_text_is_empty() {
    assert_eq!(tamis("drop").scrub_text(WORD).unwrap(), "");
}

#[test]
fn malformed_bytes_with_a_hit_are_refused() {
    let mut batch = request(&format!("{WORD} and more")).encode_to_vec();
    batch.truncate(batch.len() - 1);
    let outcome = tamis("mask").process(Signal::Logs, batch);
    assert!(matches!(
        outcome,
        Outcome::Refused(Refusal::Malformed { .. })
    ));
}

#[test]
fn a_plugin_that_panics_is_answered_by_its_policy() {
    assert_eq!(tamis("panic").scrub_text(WORD).unwrap(), "REDACTED");
    let plugin = Plugin::linked("words", words::native())
        .settings(serde_json::json!({ "then": "panic" }))
        .policy(Policy::Drop);
    let tamis = Tamis::builder().plugin(plugin).build().unwrap();
    assert!(matches!(tamis.scrub_text(WORD), Err(Refusal::Fault { .. })));
}

#[cfg(feature = "prost")]
#[test]
fn messages_keep_their_type() {
    let tamis = tamis("mask");
    let scrubbed = tamis.process_message(Signal::Logs, request(WORD)).unwrap();
    assert_eq!(scrubbed, Some(request("***")));
    let clean = tamis
        .process_message(Signal::Logs, request("clean"))
        .unwrap();
    assert_eq!(clean, Some(request("clean")));
}

#[test]
fn one_chain_serves_many_threads() {
    let tamis = tamis("mask");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(tamis.scrub_text(WORD).unwrap(), "***");
                }
            });
        }
    });
}
