//! Conditions on size: what is short, light or small is shown to nobody, and what is not, is.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use prost::Message as _;
use serde_json::{Value as Json, json};
use tamis_guest_scripted::native;
use tamis_host::{Chain, ChainBuilder, Code, Context, Outcome, PluginSpec, Signal};
use tamis_tests::{attribute, body, logs, records};

/// A chain of one guest that masks all that it is shown.
fn chain(subscription: Json) -> Chain {
    scripted("mask", json!(["replace_range"]), subscription)
}

fn scripted(script: &str, operations: Json, subscription: Json) -> Chain {
    let settings = json!({
        "script": script, "text": "CUT", "key": "seen",
        "interest": {"operations": operations, "subscriptions": [subscription]},
    });
    let spec = PluginSpec::new("guest", Code::Native(native())).with_settings(settings);
    ChainBuilder::new().plugin(spec).build().unwrap()
}

fn bodies(chain: &Chain, batch: &ExportLogsServiceRequest) -> Vec<String> {
    let input = Bytes::from(batch.encode_to_vec());
    match chain.process(Signal::Logs, input, &Context::default()) {
        Outcome::Edited { bytes, .. } | Outcome::Unchanged { bytes, .. } => {
            records(&bytes).iter().map(body).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_what_is_longer_is_shown() {
    let chain = chain(json!({"places": ["body"], "when": {"longer_than": 5}}));
    let seen = bodies(&chain, &logs(&["12345", "123456", ""]));
    assert_eq!(seen, ["12345", "CUT", ""]);
    assert_eq!(chain.counters()[0].values, 1);
}

#[test]
fn a_batch_with_nothing_long_asks_no_guest() {
    for operations in [json!(["replace_range"]), json!(["insert_if_absent"])] {
        let chain = scripted("mask", operations, json!({"when": {"longer_than": 100}}));
        let input = Bytes::from(logs(&["short", "also short"]).encode_to_vec());
        match chain.process(Signal::Logs, input.clone(), &Context::default()) {
            Outcome::Unchanged { bytes, .. } => assert_eq!(bytes.as_ptr(), input.as_ptr()),
            other => panic!("{other:?}"),
        }
        assert_eq!(chain.counters()[0].calls, 0);
    }
}

#[test]
fn a_plugin_that_writes_is_shown_the_same() {
    let places = json!({"places": ["body"], "when": {"longer_than": 5}});
    let chain = scripted("insert", json!(["insert_if_absent"]), places);
    let input = Bytes::from(logs(&["123456", "12345"]).encode_to_vec());
    let Outcome::Edited { bytes, .. } = chain.process(Signal::Logs, input, &Context::default())
    else {
        panic!("not edited");
    };
    let keys: Vec<usize> = records(&bytes)
        .iter()
        .map(|record| record.attributes.len())
        .collect();
    assert_eq!(keys, [2, 1]);
}

#[test]
fn only_values_of_long_records_are_shown() {
    let mut batch = logs(&["a body", "a body", "a body"]);
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[1];
    record.attributes.push(attribute("k", &"x".repeat(200)));
    let mut resource = |text: &str| {
        let resource = batch.resource_logs[0].resource.as_mut().unwrap();
        resource.attributes.push(attribute("r", text));
    };
    resource(&"y".repeat(300));
    let chain = chain(json!({"record_longer_than": 200, "when": {"longer_than": 3}}));
    assert_eq!(bodies(&chain, &batch), ["a body", "CUT", "a body"]);
    assert_eq!(chain.counters()[0].values, 2, "the body and the attribute");
}

#[test]
fn only_values_of_large_maps_are_shown() {
    let mut batch = logs(&["a body", "a body"]);
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
    for number in 0..4 {
        record.attributes.push(attribute(&format!("k{number}"), ""));
    }
    let all: Vec<&str> = vec!["string", "int", "array", "kvlist", "empty"];
    let shown = |larger_than: u32| {
        let chain = chain(json!({
            "kinds": all, "depth": "top", "map_larger_than": larger_than,
            "places": ["record_attribute", "resource_attribute"],
        }));
        bodies(&chain, &batch);
        chain.counters()[0].values
    };
    assert_eq!([shown(0), shown(1), shown(4), shown(5)], [7, 5, 5, 0]);
}
