//! A plugin that asks for containers is shown every resource and scope, whatever stands in it, may add
//! to it, and reads nothing else of the batch.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::ResourceLogs;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use serde_json::{Value as Json, json};
use tamis_host::{Chain, ChainBuilder, Context, Outcome, PluginSpec, Signal};
use tamis_tests::{Engine, attribute, logs};

fn chain(engine: Engine, settings: Json) -> Chain {
    let spec = PluginSpec::new("asks", engine.code()).with_settings(settings);
    ChainBuilder::new().plugin(spec).build().unwrap()
}

fn asks(level: &str, key: &str) -> Json {
    json!({
        "script": "containers", "key": key, "text": "added",
        "interest": {
            "role": "enrich", "operations": ["insert_if_absent"], "containers": [level],
            "subscriptions": [{"places": ["resource_attribute"], "keys": {"exact": ["service.name"]}}],
        },
    })
}

/// One resource with attributes, one without any, one that is not there at all.
fn batch() -> ExportLogsServiceRequest {
    let mut batch = logs(&["a body", "another"]);
    let one = batch.resource_logs[0].clone();
    let mut bare = one.clone();
    bare.resource.as_mut().unwrap().attributes.clear();
    let absent = ResourceLogs {
        resource: None,
        ..one
    };
    batch.resource_logs.extend([bare, absent]);
    batch
}

fn processed(chain: &Chain, batch: &ExportLogsServiceRequest) -> Option<ExportLogsServiceRequest> {
    let bytes = batch.encode_to_vec();
    match chain.process(Signal::Logs, bytes.into(), &Context::default()) {
        Outcome::Edited { bytes, report } => {
            assert!(report.faults.is_empty(), "{:?}", report.faults);
            Some(ExportLogsServiceRequest::decode(bytes).unwrap())
        }
        Outcome::Unchanged { report, .. } => {
            assert!(report.faults.is_empty(), "{:?}", report.faults);
            None
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_resource_is_shown_and_may_be_added_to() {
    for engine in Engine::ALL {
        let batch = batch();
        let out = processed(&chain(engine, asks("resource", "k")), &batch).unwrap();
        for (before, after) in batch.resource_logs.iter().zip(&out.resource_logs) {
            let mut wanted = before.resource.clone().unwrap_or_default().attributes;
            wanted.push(attribute("k", "added"));
            assert_eq!(after.resource.clone().unwrap().attributes, wanted);
            assert_eq!(after.scope_logs, before.scope_logs);
        }
        assert_eq!(out.resource_logs.len(), 3);
    }
}

#[test]
fn what_is_there_stays() {
    let batch = logs(&["a body"]);
    let out = processed(
        &chain(Engine::Native, asks("resource", "service.name")),
        &batch,
    );
    assert_eq!(out, None);
    let mut twice = batch.clone();
    twice.resource_logs.extend(batch.resource_logs.clone());
    twice.resource_logs[1].resource = None;
    let out = processed(
        &chain(Engine::Native, asks("resource", "service.name")),
        &twice,
    )
    .unwrap();
    assert_eq!(out.resource_logs[0], batch.resource_logs[0]);
    let added = &out.resource_logs[1].resource.as_ref().unwrap().attributes;
    assert_eq!(*added, [attribute("service.name", "added")]);
}

/// A field of these bytes, all short.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [
        &[number << 3 | 2, u8::try_from(bytes.len()).unwrap()],
        bytes,
    ]
    .concat()
}

#[test]
fn a_key_is_there_however_it_is_written() {
    let value = field(2, &field(1, b"v"));
    let (key, other) = (field(1, b"k"), field(1, b"other"));
    let entry = |parts: &[&[u8]]| field(1, &parts.concat());
    let usual = entry(&[&key, &value]);
    let number = [0x18, 1];
    let cases = [
        ("as usual", field(1, &usual)),
        ("without a value", field(1, &entry(&[&key]))),
        ("behind the value", field(1, &entry(&[&value, &key]))),
        (
            "before another key",
            field(1, &entry(&[&key, &other, &value])),
        ),
        (
            "behind another key",
            field(1, &entry(&[&other, &value, &key])),
        ),
        (
            "beside a number",
            field(1, &entry(&[&number, &key, &value])),
        ),
        (
            "with a long length",
            field(1, &entry(&[&[0x0a, 0x81, 0, b'k'], &value])),
        ),
        (
            "with a long tag",
            field(1, &entry(&[&[0x8a, 0, 1, b'k'], &value])),
        ),
        (
            "behind another entry",
            field(1, &[entry(&[&other, &value]), usual.clone()].concat()),
        ),
        (
            "in the second of three messages",
            [&[][..], &usual, &[]].map(|own| field(1, own)).concat(),
        ),
        (
            "behind the scopes",
            [field(2, &[]), field(1, &usual)].concat(),
        ),
    ];
    for engine in Engine::ALL {
        let chain = chain(engine, asks("resource", "k"));
        let absent = field(1, &field(1, &entry(&[&other, &value])));
        let outcome = chain.process(Signal::Logs, absent.into(), &Context::default());
        assert!(matches!(outcome, Outcome::Edited { .. }), "{outcome:?}");
        for (what, group) in &cases {
            let bytes = field(1, group);
            let outcome = chain.process(Signal::Logs, bytes.into(), &Context::default());
            assert!(
                matches!(outcome, Outcome::Unchanged { .. }),
                "{what}: {outcome:?}"
            );
        }
    }
}

#[test]
fn what_stands_in_an_earlier_message_of_the_resource_stays() {
    let mut batch = logs(&["a body"]);
    let bare = ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(Resource::default()),
            ..ResourceLogs::default()
        }],
    };
    // A second message of the same resource, which readers merge with the first.
    let second = &bare.encode_to_vec()[2..];
    let group = [batch.resource_logs[0].encode_to_vec(), second.to_vec()].concat();
    let bytes = [&[0x0a, u8::try_from(group.len()).unwrap()], &*group].concat();
    batch = ExportLogsServiceRequest::decode(&*bytes).unwrap();
    let chain = chain(Engine::Native, asks("resource", "service.name"));
    let outcome = chain.process(Signal::Logs, bytes.into(), &Context::default());
    assert!(
        matches!(outcome, Outcome::Unchanged { .. }),
        "{outcome:?} of {batch:?}"
    );
}

#[test]
fn all_that_is_added_to_a_resource_that_is_not_there_stands_in_one() {
    let mut batch = logs(&["a body"]);
    batch.resource_logs[0].resource = None;
    let bytes = batch.encode_to_vec();
    let chain = chain(Engine::Native, asks("resource", "one,two"));
    let Outcome::Edited { bytes, .. } =
        chain.process(Signal::Logs, bytes.into(), &Context::default())
    else {
        panic!("not edited");
    };
    // Two entries of sixteen bytes each, in one field 1.
    let resource = [
        &b"\x0a\x20\x0a\x0e\x0a\x03one\x12\x07\x0a\x05added"[..],
        b"\x0a\x0e\x0a\x03two\x12\x07\x0a\x05added",
    ]
    .concat();
    assert!(
        bytes.windows(resource.len()).any(|part| part == resource),
        "{bytes:?}"
    );
    let out = ExportLogsServiceRequest::decode(bytes.clone()).unwrap();
    let keys = out.resource_logs[0].resource.clone().unwrap().attributes;
    assert_eq!(keys, [attribute("one", "added"), attribute("two", "added")]);
}

#[test]
fn scopes_can_be_asked_for_and_resources_are_then_not_edited() {
    let batch = batch();
    let out = processed(&chain(Engine::Native, asks("scope", "k")), &batch).unwrap();
    for (before, after) in batch.resource_logs.iter().zip(&out.resource_logs) {
        assert_eq!(before.resource, after.resource);
        let scope = after.scope_logs[0].scope.as_ref().unwrap();
        assert_eq!(scope.attributes, [attribute("k", "added")]);
        assert_eq!(
            before.scope_logs[0].log_records,
            after.scope_logs[0].log_records
        );
    }
}

#[test]
fn containers_of_records_cannot_be_asked_for() {
    let mut settings = asks("record", "k");
    let spec = |settings| PluginSpec::new("asks", Engine::Native.code()).with_settings(settings);
    let refused = ChainBuilder::new()
        .plugin(spec(settings.clone()))
        .build()
        .unwrap_err();
    let error = std::error::Error::source(&refused).unwrap();
    let error = std::error::Error::source(error).unwrap();
    assert!(error.to_string().contains("not record"), "{error}");
    settings["interest"]["containers"] = json!(["resource"]);
    assert!(ChainBuilder::new().plugin(spec(settings)).build().is_ok());
}

#[test]
fn a_malformed_record_is_none_of_its_business() {
    // A record that ends within a field: the walk passes scopes by their lengths.
    let inner = b"\x12\x03\x12\x01\x0a".as_slice();
    let mut bytes = vec![0x0a, inner.len() as u8];
    bytes.extend_from_slice(inner);
    let chain = chain(Engine::Native, asks("resource", "k"));
    match chain.process(Signal::Logs, bytes.into(), &Context::default()) {
        Outcome::Edited { bytes, .. } => assert!(bytes.windows(5).any(|part| part == b"added")),
        other => panic!("{other:?}"),
    }
}
