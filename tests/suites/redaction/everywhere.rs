//! One blocked value in every position of OTLP in which a text can stand: none leaves, whether the
//! settings only block values or also judge keys, and clean batches leave as they came.

use bytes::Bytes;
use serde_json::{Value as Json, json};
use tamis_host::{Context, Outcome, Signal};
use tamis_tests::matrix::{holds, positions};
use tamis_tests::{logs, records};

use crate::engine::{chains, run};

const NEEDLE: &str = "AKIA4711NEEDLE";

fn settings() -> Vec<Json> {
    vec![
        json!({"allow_all_keys": true, "blocked_values": ["AKIA[0-9A-Z]+"]}),
        json!({"allow_all_keys": true, "blocked_values": ["AKIA[0-9A-Z]+"], "summary": "debug", "redact_all_types": true}),
        json!({"allow_all_keys": true, "blocked_values": ["AKIA.*"], "hash_function": "sha1", "blocked_key_patterns": ["^never$"]}),
        json!({"blocked_values": ["AKIA[0-9A-Z]+"], "summary": "debug"}),
        json!({"blocked_values": ["AKIA[0-9A-Z]+"], "allowed_keys": ["k", "key", "a", "n"], "summary": "info"}),
    ]
}

#[test]
fn none_leaves_wherever_it_stands() {
    for settings in settings() {
        for (form, chain) in chains(&settings) {
            for position in positions() {
                let batch: Bytes = position.batch(format!("a {NEEDLE} b").as_bytes()).into();
                let (bytes, report) = run(&chain, position.signal, &batch);
                let at = format!("{form} {settings} at {}", position.path);
                assert!(report.faults.is_empty(), "{at}: {:?}", report.faults);
                assert!(!holds(&bytes, NEEDLE.as_bytes()), "{at}");
                let told = format!("{:?}", report.lines);
                assert!(!told.contains(NEEDLE), "{at}: {told}");
                let (again, _) = run(&chain, position.signal, &bytes);
                if settings["summary"].is_null() && settings["hash_function"].is_null() {
                    assert_eq!(again, bytes, "{at}: a second run changes something");
                }
            }
        }
    }
}

#[test]
fn a_clean_batch_asks_nobody_when_only_values_are_blocked() {
    let settings = json!({"allow_all_keys": true, "blocked_values": ["AKIA.*", "sk-.*", "ghp_.*"]});
    for (form, chain) in chains(&settings) {
        assert!(chain.plugins()[0].walked.is_empty(), "{form}");
        let batch: Bytes = prost::Message::encode_to_vec(&logs(&["nothing", "at all"])).into();
        let outcome = chain.process(Signal::Logs, batch.clone(), &Context::default());
        let Outcome::Unchanged { bytes, .. } = outcome else {
            panic!("{form}: {outcome:?}")
        };
        assert_eq!(bytes.as_ptr(), batch.as_ptr());
        assert_eq!(chain.counters()[0].calls, 0);
    }
}

#[test]
fn reports_name_the_rule_and_the_range() {
    let settings = json!({
        "allow_all_keys": true,
        "blocked_values": ["AKIA[0-9A-Z]+", "ghp_.*", "\\*{4} and"],
        "blocked_key_patterns": ["^n$"],
    });
    for (form, chain) in chains(&settings) {
        let body = format!("x {NEEDLE} and ghp_12");
        let batch: Bytes = prost::Message::encode_to_vec(&logs(&[&body])).into();
        let (bytes, report) = run(&chain, Signal::Logs, &batch);
        let told: Vec<_> = report
            .lines
            .iter()
            .map(|line| {
                let detector = line.detector.as_deref().unwrap_or_default();
                (
                    detector.to_owned(),
                    line.place.as_str(),
                    line.start,
                    line.end,
                )
            })
            .collect();
        let expected = [
            ("blocked-value-3".to_owned(), "body", 2, 20),
            ("blocked-value-2".to_owned(), "body", 21, 27),
            ("blocked-key".to_owned(), "record_attribute", 0, 1),
        ];
        assert_eq!(told, expected, "{form}");
        assert_eq!(
            tamis_tests::body(&records(&bytes)[0]),
            "x **** ****",
            "{form}"
        );
    }
}
