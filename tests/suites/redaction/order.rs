//! The order in which members of a body's map are left when some of them are removed: the Collector's
//! for all that an edit can write, and nothing of what was removed behind it.

use std::sync::LazyLock;

use bytes::Bytes;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, KeyValue, KeyValueList, any_value::Value,
};
use proptest::prelude::*;
use prost::Message;
use serde_json::{Value as Json, json};
use tamis_host::{Chain, Signal};
use tamis_tests::matrix::holds;
use tamis_tests::{logs, records, text_value};

use crate::engine::{chains, run};

const NEEDLE: &str = "AKIA4711NEEDLE";

static CHAINS: LazyLock<Vec<(&str, Chain)>> = LazyLock::new(|| chains(&settings()));

fn settings() -> Json {
    json!({
        "blocked_values": ["AKIA[0-9A-Z]+"],
        "blocked_key_patterns": ["^password$"],
        "allowed_keys": ["a", "b", "c", "password"],
        "ignored_key_patterns": ["^free"],
    })
}

fn member(key: &str, value: Option<Value>) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: value.map(|value| AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn text(text: &str) -> Option<Value> {
    Some(Value::StringValue(text.into()))
}

fn map(values: Vec<KeyValue>) -> Value {
    Value::KvlistValue(KeyValueList { values })
}

fn batch(body: Value) -> Bytes {
    let mut batch = logs(&["x"]);
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
    record.attributes.clear();
    record.body = Some(AnyValue { value: Some(body) });
    batch.encode_to_vec().into()
}

/// The body as it leaves; a second run changes nothing.
fn body(chain: &Chain, batch: &Bytes) -> Value {
    let (bytes, report) = run(chain, Signal::Logs, batch);
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let (again, _) = run(chain, Signal::Logs, &bytes);
    assert_eq!(again, bytes, "a second run changes something");
    let record = records(&bytes).remove(0);
    record.body.unwrap().value.unwrap()
}

fn keys(body: &Value) -> Vec<&str> {
    let Value::KvlistValue(list) = body else {
        panic!("the body is no map")
    };
    list.values
        .iter()
        .map(|member| member.key.as_str())
        .collect()
}

/// What the Collector makes of a map: first the masks, then each removal on its own.
fn collector(members: &[KeyValue]) -> Vec<KeyValue> {
    let is_allowed =
        |key: &str| ["a", "b", "c", "password"].contains(&key) || key.starts_with("free");
    let mut left = members.to_vec();
    for member in &mut left {
        let mask = Some(text_value("****"));
        match member.value.as_mut().and_then(|value| value.value.as_mut()) {
            _ if member.key.starts_with("free") => {}
            _ if member.key == "password" => member.value = mask,
            Some(Value::StringValue(text)) => *text = text.replace(NEEDLE, "****"),
            Some(Value::KvlistValue(list)) => list.values = collector(&list.values),
            _ => {}
        }
    }
    for member in members.iter().filter(|member| !is_allowed(&member.key)) {
        let gap = left.iter().position(|other| other.key == member.key);
        left.swap_remove(gap.unwrap());
    }
    left
}

fn scalar() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(text("kept")),
        Just(text(&format!("a {NEEDLE} b"))),
        any::<i64>().prop_map(|int| Some(Value::IntValue(int))),
        any::<bool>().prop_map(|value| Some(Value::BoolValue(value))),
        (-1e9..1e9).prop_map(|double| Some(Value::DoubleValue(double))),
        Just(Some(Value::BytesValue(vec![0xff, 0, 7]))),
    ]
}

/// Members of any kind that go, and scalar ones that stay.
fn members() -> impl Strategy<Value = Vec<KeyValue>> {
    let kept = ("a|b|c|password|free [a-c]", scalar());
    let nested = prop::collection::vec((kept.0, scalar()), 0..4);
    let nested = nested.prop_map(|list| {
        let list = list.into_iter().map(|(key, value)| member(&key, value));
        Some(map(list.collect()))
    });
    let gone = ("gone|[d-g]|", prop_oneof![scalar(), nested, Just(None)]);
    let member = prop_oneof![kept, gone].prop_map(|(key, value)| member(&key, value));
    prop::collection::vec(member, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_order_is_the_collectors(outer in members(), inner in members()) {
        // A key of no bytes is not on the wire, so that there is none to put another in place of.
        let named = |list: Vec<KeyValue>| -> Vec<_> {
            list.into_iter().filter(|member| !member.key.is_empty()).collect()
        };
        let (mut outer, inner) = (named(outer), named(inner));
        outer.insert(0, member("a", Some(map(inner))));
        let expected = map(collector(&outer));
        for (form, chain) in CHAINS.iter() {
            prop_assert_eq!(&body(chain, &batch(map(outer.clone()))), &expected, "{}", form);
        }
    }

    /// Also where members without a key are among those that go.
    #[test]
    fn whatever_is_in_the_way_the_members_are_right(outer in members()) {
        let sorted = |list: Vec<KeyValue>| {
            let mut list: Vec<_> = list.iter().map(Message::encode_to_vec).collect();
            list.sort();
            list
        };
        let expected = sorted(collector(&outer));
        for (form, chain) in CHAINS.iter() {
            let Value::KvlistValue(list) = body(chain, &batch(map(outer.clone()))) else {
                panic!("the body is no map")
            };
            prop_assert_eq!(&sorted(list.values), &expected, "{}", form);
        }
    }
}

#[test]
fn what_no_edit_can_write_stays_in_its_place() {
    let array = Value::ArrayValue(ArrayValue {
        values: vec![text_value("x")],
    });
    for (form, chain) in CHAINS.iter() {
        for value in [Some(array.clone()), Some(map(vec![])), None] {
            let members = vec![
                member("gone", text("x")),
                member("a", text("1")),
                member("b", value),
            ];
            assert_eq!(
                keys(&body(chain, &batch(map(members)))),
                ["a", "b"],
                "{form}"
            );
        }
    }
}

#[test]
fn of_very_many_members_only_so_many_move() {
    let gone = (0..12_000).map(|number| member(["gone", "d"][number % 2], text("x")));
    let kept = (0..12_000).map(|number| member("a", Some(Value::IntValue(number))));
    let members: Vec<_> = gone.chain(kept).collect();
    let order = (2_000..12_000).rev().chain(0..2_000);
    let expected: Vec<_> = order
        .map(|number| member("a", Some(Value::IntValue(number))))
        .collect();
    for (form, chain) in CHAINS.iter() {
        let (bytes, report) = run(chain, Signal::Logs, &batch(map(members.clone())));
        assert!(report.faults.is_empty(), "{form}: {:?}", report.faults);
        let left = records(&bytes).remove(0).body.unwrap().value.unwrap();
        assert!(left == map(expected.clone()), "{form}");
    }
}

/// Fields with a length, as they stand on the wire.
fn field(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(payload.len() as u64, &mut out);
    out.extend(payload);
    out
}

#[test]
fn nothing_of_what_was_removed_outlives_it() {
    let plain =
        |key: &[u8], text: &[u8]| field(1, &[&field(1, &[key]), &field(2, &[&field(1, &[text])])]);
    let (key, value) = (field(1, &[b"gone"]), field(1, &[b"hidden"]));
    let (kept, unknown) = (plain(b"a", b"1"), field(9, &[b"hidden"]));
    let gone = [
        field(1, &[&key, &unknown, &field(2, &[&value])]),
        field(1, &[&key, &field(2, &[&value, &unknown])]),
        field(1, &[&key, &field(2, &[&unknown])]),
        field(1, &[&key, &field(2, &[&value, &field(1, &[b"other"])])]),
        field(1, &[&key, &field(2, &[&value]), &field(2, &[&value])]),
        field(1, &[&key, &field(2, &[&value]), &field(1, &[b"hidden"])]),
        field(1, &[&field(1, &[b"\x80hidden"]), &field(2, &[&value])]),
        field(1, &[&field(2, &[&value])]),
        plain(b"gone", b"hidden"),
    ];
    for gone in gone {
        for last in [
            plain(b"b", b"2"),
            field(1, &[&field(1, &[b"b"]), &field(9, &[b"own"])]),
        ] {
            let body = field(5, &[&field(6, &[&gone, &kept, &last])]);
            let batch: Bytes = field(1, &[&field(2, &[&field(2, &[&body])])]).into();
            for (form, chain) in CHAINS.iter() {
                let (bytes, report) = run(chain, Signal::Logs, &batch);
                assert!(report.faults.is_empty(), "{form}: {:?}", report.faults);
                assert!(!holds(&bytes, b"hidden"), "{form} {gone:?}");
                let body = records(&bytes).remove(0).body.unwrap().value.unwrap();
                let mut keys = keys(&body);
                keys.sort_unstable();
                assert_eq!(keys, ["a", "b"], "{form} {gone:?}");
            }
        }
    }
}

#[test]
fn reports_say_what_went_and_what_was_masked_and_blame_nobody_else() {
    let members = vec![
        member("gone", text("x")),
        member("a", text("1")),
        member(NEEDLE, text("xy")),
        member("b", text(&format!("a {NEEDLE}"))),
        member("c", Some(Value::IntValue(7))),
    ];
    for (form, chain) in CHAINS.iter() {
        let (bytes, report) = run(chain, Signal::Logs, &batch(map(members.clone())));
        let record = records(&bytes).remove(0);
        assert_eq!(
            keys(&record.body.unwrap().value.unwrap()),
            ["c", "a", "b"],
            "{form}"
        );
        // The first line is about the resource.
        let told = report.lines.iter().map(|line| {
            let detector = line.detector.as_deref().unwrap_or("-");
            let key = line.key.as_deref().unwrap_or("-");
            let (start, end) = (line.start, line.end);
            format!("{key} {start}..{end} {:?} {detector}", line.operation)
        });
        let told: Vec<_> = told.collect();
        let expected = [
            "- 0..4 ReplaceRange -",
            "- 4..4 ReplaceRange -",
            "REDACTED 0..1 ReplaceValue not-allowed",
            "- 0..14 ReplaceRange blocked-value-1",
            "- 14..14 ReplaceRange -",
            "REDACTED 0..2 ReplaceValue not-allowed",
            "b 0..16 Remove blocked-value-1",
            "c 0..1 Remove -",
        ];
        assert_eq!(told[1..], expected, "{form}");
    }
}
