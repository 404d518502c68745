//! Telemetry that somebody made to get a value through, or to break the plugin.

use bytes::Bytes;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, KeyValueList, any_value::Value};
use prost::Message;
use serde_json::{Value as Json, json};
use tamis_host::Signal;
use tamis_tests::matrix::holds;
use tamis_tests::{attribute, logs, records, text_value};

use crate::engine::{chains, run};

const NEEDLE: &[u8] = b"AKIA4711NEEDLE";

fn settings() -> Vec<Json> {
    let base =
        json!({"blocked_values": ["AKIA[0-9A-Z]+"], "blocked_key_patterns": ["(?i)password"]});
    let with = |more: Json| {
        let mut settings = base.clone();
        for (key, value) in more.as_object().unwrap() {
            settings[key] = value.clone();
        }
        settings
    };
    vec![
        with(json!({"allow_all_keys": true})),
        with(json!({"allow_all_keys": true, "summary": "debug", "redact_all_types": true})),
        with(json!({"allowed_keys": ["a", "list"], "ignored_keys": ["free"], "summary": "debug"})),
    ]
}

/// A field of this number with these bytes.
fn field(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(payload.len() as u64, &mut out);
    out.extend(payload);
    out
}

/// A log batch with one record of these fields.
fn record(fields: &[&[u8]]) -> Bytes {
    field(1, &[&field(2, &[&field(2, fields)])]).into()
}

fn string(text: &[u8]) -> Vec<u8> {
    field(1, &[text])
}

/// Runs in every form under all settings: the needle is gone, nothing failed.
fn nothing_leaks(what: &str, batch: &Bytes) -> Vec<Bytes> {
    let mut outs = Vec::new();
    for settings in settings() {
        for (form, chain) in chains(&settings) {
            let (bytes, report) = run(&chain, Signal::Logs, batch);
            let at = format!("{what} {form} {settings}");
            assert!(report.faults.is_empty(), "{at}: {:?}", report.faults);
            assert!(!holds(&bytes, NEEDLE), "{at}");
            outs.push(bytes);
        }
    }
    outs
}

#[test]
fn shadowed_members_and_second_values() {
    let value = field(5, &[&string(NEEDLE), &string(b"later")]);
    nothing_leaks("shadowed member", &record(&[&value]));
    let twice = field(
        6,
        &[
            &field(1, &[b"a"]),
            &field(2, &[&string(NEEDLE)]),
            &field(2, &[&string(b"x")]),
        ],
    );
    nothing_leaks("second value", &record(&[&twice]));
    let member = field(1, &[&field(1, &[NEEDLE]), &field(2, &[&string(NEEDLE)])]);
    let list = field(6, &[&member]);
    let value = field(2, &[&list, &string(b"x")]);
    nothing_leaks(
        "shadowed list",
        &record(&[&field(6, &[&field(1, &[b"list"]), &value])]),
    );
}

#[test]
fn an_entry_with_several_keys_is_blocked_by_any_and_passes_by_all() {
    let secret = b"blocked by its key";
    for keys in [
        [&b"password"[..], b"a"],
        [b"a", b"password"],
        [b"free", b"password"],
        [b"password", b"free"],
    ] {
        let entry = field(
            6,
            &[
                &field(1, &[keys[0]]),
                &field(2, &[&string(secret)]),
                &field(1, &[keys[1]]),
            ],
        );
        for settings in settings() {
            for (form, chain) in chains(&settings) {
                let (bytes, report) = run(&chain, Signal::Logs, &record(&[&entry]));
                assert!(
                    report.faults.is_empty(),
                    "{form} {settings} {:?}",
                    report.faults
                );
                assert!(!holds(&bytes, secret), "{form} {settings} {keys:?}");
            }
        }
    }
}

#[test]
fn keys_behind_their_values_belong_to_them() {
    let entry =
        |key: &[u8], text: &[u8]| field(6, &[&field(2, &[&string(text)]), &field(1, &[key])]);
    let batch = record(&[
        &entry(b"a", b"kept"),
        &entry(b"password", b"opaque"),
        &entry(b"a", b"kept too"),
    ]);
    for bytes in nothing_leaks("keys behind", &batch) {
        assert!(holds(&bytes, b"kept") && holds(&bytes, b"kept too"));
        assert!(!holds(&bytes, b"opaque"));
    }
}

#[test]
fn bytes_that_are_no_utf8() {
    for text in [
        &b"\xffAKIA4711NEEDLE\xc3"[..],
        b"AKIA4711NEEDLE\x80\x80",
        b"\xe2\x82AKIA4711NEEDLE",
    ] {
        nothing_leaks(
            "no utf-8",
            &record(&[
                &field(5, &[&string(text)]),
                &field(6, &[&field(1, &[b"a"]), &field(2, &[&string(text)])]),
            ]),
        );
        nothing_leaks(
            "no utf-8 key",
            &record(&[&field(
                6,
                &[&field(1, &[text]), &field(2, &[&string(b"x")])],
            )]),
        );
    }
    let any = json!({"allow_all_keys": true, "blocked_values": ["sk-.{4}"]});
    for (form, chain) in chains(&any) {
        let (bytes, _) = run(
            &chain,
            Signal::Logs,
            &record(&[&field(5, &[&string(b"sk-\xff\x80ab tail")])]),
        );
        assert!(
            holds(&bytes, b"**** tail") && !holds(&bytes, b"sk-"),
            "{form}"
        );
    }
}

#[test]
fn nesting_as_deep_as_it_goes() {
    let mut value = text_value(std::str::from_utf8(NEEDLE).unwrap());
    for _ in 0..30 {
        let list = KeyValueList {
            values: vec![KeyValue {
                key: "a".into(),
                value: Some(value),
                ..KeyValue::default()
            }],
        };
        value = AnyValue {
            value: Some(Value::KvlistValue(list)),
        };
    }
    let mut batch = logs(&["x"]);
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
    record.body = Some(value.clone());
    record.attributes.push(KeyValue {
        key: "a".into(),
        value: Some(value),
        ..KeyValue::default()
    });
    for bytes in nothing_leaks("deep", &batch.encode_to_vec().into()) {
        assert_eq!(records(&bytes).len(), 1);
    }
}

#[test]
fn many_empty_attributes_and_many_secrets() {
    let mut batch = logs(&["x"]);
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
    record.attributes = vec![KeyValue::default(); 20_000];
    nothing_leaks("empty", &batch.encode_to_vec().into());
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
    let text = "AKIA4711NEEDLE ".repeat(2_000);
    record.attributes = vec![attribute("a", &text); 3];
    nothing_leaks("many", &batch.encode_to_vec().into());
}

#[test]
fn a_summary_that_was_there_hides_nothing() {
    let needle = std::str::from_utf8(NEEDLE).unwrap();
    for key in [
        "redaction.masked.keys",
        "redaction.redacted.keys",
        "redaction.body.masked.keys",
        "redaction.masked.count",
        "redaction.allowed.keys",
    ] {
        let mut batch = logs(&[needle]);
        let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
        let nested = KeyValueList {
            values: vec![attribute(needle, needle)],
        };
        record.attributes = vec![
            attribute(key, needle),
            attribute("a", needle),
            attribute("gone", "x"),
            KeyValue {
                key: key.into(),
                value: Some(AnyValue {
                    value: Some(Value::KvlistValue(nested)),
                }),
                ..KeyValue::default()
            },
            attribute(needle, "x"),
        ];
        nothing_leaks(key, &batch.encode_to_vec().into());
    }
}

#[test]
fn an_unknown_field_inside_of_what_is_removed() {
    let unknown = field(9, &[NEEDLE]);
    let entry = field(
        6,
        &[
            &field(1, &[b"gone"]),
            &unknown,
            &field(2, &[&string(b"x"), &unknown]),
        ],
    );
    for settings in settings() {
        for (form, chain) in chains(&settings) {
            let (bytes, report) = run(&chain, Signal::Logs, &record(&[&entry]));
            assert!(report.faults.is_empty(), "{form} {:?}", report.faults);
            assert!(!holds(&bytes, NEEDLE), "{form} {settings}");
        }
    }
}
