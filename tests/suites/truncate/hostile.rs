//! Telemetry that somebody made to break the plugin, or to be cut where it hurts.

use bytes::Bytes;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value::Value};
use prost::Message;
use serde_json::{Value as Json, json};
use tamis_host::Signal;
use tamis_tests::{attribute, body, logs, records};

use crate::engine::{alone, behind_scrub, run};

fn settings() -> [Json; 3] {
    [
        json!({"rules": [{"bytes": 1_024}]}),
        json!({"rules": [{"bytes": 200, "strategy": "head"}], "record_bytes": 1_024, "attributes": ["original_bytes", "sha256"]}),
        json!({"rules": [{"characters": 100, "strategy": "tail", "lines": 3}], "maps": [{"entries_max": 10}]}),
    ]
}

/// Runs a batch in every form under all settings, twice: no fault, and the second changes nothing.
fn stands(what: &str, batch: &Bytes) -> Vec<Bytes> {
    let mut outs = Vec::new();
    for settings in settings() {
        let mut of_forms = Vec::new();
        for (form, chain) in alone(&settings) {
            let at = format!("{what} {form} {settings}");
            let (bytes, report) = run(&chain, Signal::Logs, batch);
            assert!(report.faults.is_empty(), "{at}: {:?}", report.faults);
            let (again, _) = run(&chain, Signal::Logs, &bytes);
            assert_eq!(again, bytes, "{at}");
            of_forms.push(bytes);
        }
        assert!(
            of_forms.windows(2).all(|pair| pair[0] == pair[1]),
            "{what} {settings}"
        );
        outs.extend(of_forms.pop());
    }
    outs
}

fn bodies(batch: &[u8]) -> Vec<String> {
    records(batch).iter().map(body).collect()
}

fn batch(body: &str) -> Bytes {
    logs(&[body]).encode_to_vec().into()
}

#[test]
fn huge_values_are_cut_in_time() {
    let words = "some words of a long file, ".repeat(400_000);
    for out in stands("10 MB of words", &batch(&words)) {
        assert!(out.len() < 2_000, "{}", out.len());
    }
    let strings = format!("[{}\"\"]", "\"\\n\\\"\",".repeat(200_000));
    for out in stands("many strings", &batch(&strings)) {
        assert!(out.len() < 2_000, "{}", out.len());
        let left = &bodies(&out)[0];
        assert!(serde_json::from_str::<Json>(left).is_ok(), "{left}");
    }
    stands("one long word", &batch(&"REDACTED-".repeat(60_000)));
    stands("nothing but breaks", &batch(&"\n".repeat(400_000)));
    stands("base64", &batch(&"QUJD".repeat(100_000)));
}

#[test]
fn deep_json_is_closed() {
    let deep = "[{\"a\":".repeat(200_000) + "1" + &"}]".repeat(200_000);
    for out in stands("deep", &batch(&deep)) {
        let left = &bodies(&out)[0];
        assert!(
            left.len() <= 1_024 && left.ends_with(']') || left.ends_with('}'),
            "{left}"
        );
        assert_eq!(
            left.matches(['[', '{']).count(),
            left.matches([']', '}']).count()
        );
    }
    stands("open", &batch(&"[{\"a\":".repeat(200_000)));
    let mut inner = "x y ".repeat(500);
    for _ in 0..6 {
        inner = json!({"deeper": inner}).to_string();
    }
    for out in stands("strings in strings", &batch(&inner)) {
        let left = &bodies(&out)[0];
        assert!(serde_json::from_str::<Json>(left).is_ok(), "{left}");
    }
}

#[test]
fn quotes_escapes_and_surrogates() {
    let long = "word ".repeat(500);
    for text in [
        format!("\"{long}"),
        format!("{{\"a\": \"{long}"),
        format!("{{\"a\": \"{long}\\\"}}"),
        format!("{long}\\"),
        "\\\"".repeat(2_000),
        format!("\"{}\"", "\\ud83d".repeat(500)),
        format!("[\"{}\"]", "\\ud83d\\ude00".repeat(500)),
        format!("\"{}\"", "\\\\\\\"".repeat(500)),
        format!("{{\"{long}\": 1}}"),
        format!("[{}]", "9".repeat(5_000)),
        "\u{feff}{\"a\": 1}".to_owned() + &long,
    ] {
        let is_json = serde_json::from_str::<Json>(&text).is_ok();
        for out in stands("quotes", &batch(&text)) {
            let left = &bodies(&out)[0];
            assert!(
                !is_json || serde_json::from_str::<Json>(left).is_ok(),
                "{left}"
            );
        }
    }
}

#[test]
fn bytes_that_are_no_text() {
    let mut batch = logs(&["x"]);
    let noise: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let value = AnyValue {
        value: Some(Value::BytesValue(noise.clone())),
    };
    batch.resource_logs[0].scope_logs[0].log_records[0].body = Some(value);
    stands("noise", &batch.encode_to_vec().into());
    // The same as a string, which prost would not write.
    let mut text = logs(&[&"y".repeat(noise.len())]).encode_to_vec();
    let start = text.windows(3).position(|window| window == b"yyy").unwrap();
    text[start..start + noise.len()].copy_from_slice(&noise);
    for out in stands("a string that is none", &text.into()) {
        assert!(out.len() < 2_000);
    }
}

#[test]
fn a_hundred_thousand_attributes() {
    let mut batch = logs(&["x"]);
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
    let numbers = 0..100_000;
    record.attributes = numbers
        .map(|number| attribute(&format!("k{number}"), "a short text, and not much of it"))
        .collect();
    let outs = stands("many attributes", &batch.encode_to_vec().into());
    let counts: Vec<_> = outs
        .iter()
        .map(|out| records(out)[0].attributes.len())
        .collect();
    assert_eq!(counts, [100_000, 100_000, 10]);
    let long = "a text that is long enough to be cut, and ".repeat(8);
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
    record.attributes = (0..20_000)
        .map(|number| attribute(&format!("k{number}"), &long))
        .collect();
    stands("many long attributes", &batch.encode_to_vec().into());
}

/// Where a cut or a marker makes words meet, the scrubber before looks once more.
#[test]
fn nothing_is_joined_into_a_secret() {
    let key = concat!("AKIA", "IOSFODNN7EXAMPLE");
    let (first, last) = key.split_at(9);
    let middle = " and words in between".repeat(40);
    for (_, chain) in behind_scrub(&json!({"rules": [{"bytes": 100}], "marker": "-"})) {
        for (before, behind) in (0..80).map(|pad| (" ".repeat(pad), " ".repeat(80 - pad))) {
            let text = format!("{before}{first}{middle}{last}{behind}");
            let (bytes, _) = run(&chain, Signal::Logs, &batch(&text));
            assert!(
                !tamis_tests::captures::holds(&bytes, key),
                "{}",
                bodies(&bytes)[0]
            );
        }
    }
}
