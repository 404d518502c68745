//! What settles a hit: a value in which none counts is shown to nobody, and one that counts brings all.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use bytes::Bytes;
use prost::Message as _;
use serde_json::{Value as Json, json};
use tamis_guest_scripted::native;
use tamis_host::{ChainBuilder, Code, Context, Outcome, PluginSpec, Signal};
use tamis_tests::{attribute, body, logs, records};

/// A chain of one guest that cuts out each hit that it is shown.
fn chain(subscriptions: &Json) -> Result<tamis_host::Chain, tamis_host::ChainError> {
    let settings = json!({
        "script": "mask", "text": "CUT",
        "interest": {"subscriptions": subscriptions},
    });
    let spec = PluginSpec::new("guest", Code::Native(native())).with_settings(settings);
    ChainBuilder::new().plugin(spec).build()
}

/// What becomes of bodies, and how many values were shown.
fn bodies(subscriptions: &Json, texts: &[&str]) -> (Vec<String>, u64) {
    let chain = chain(subscriptions).unwrap();
    let input = Bytes::from(logs(texts).encode_to_vec());
    match chain.process(Signal::Logs, input, &Context::default()) {
        Outcome::Edited { bytes, .. } | Outcome::Unchanged { bytes, .. } => {
            let seen = records(&bytes).iter().map(body).collect();
            (seen, chain.counters()[0].values)
        }
        other => panic!("{other:?}"),
    }
}

fn literal(text: &str, unless: Json) -> Json {
    json!({"places": ["body"], "when": {"holds": {"literals": [{"text": text}]}}, "unless": [unless]})
}

#[test]
fn a_literal_is_settled_by_what_stands_at_once_behind_it() {
    let key = literal("key=", json!({"from": ["MASK", r"none\z"]}));
    let texts = [
        "key=MASK",
        "key=MASKED",
        "key= MASK",
        "key=none",
        "key=nonesuch",
        "key=",
        "MASK",
    ];
    let (seen, shown) = bodies(&json!([key]), &texts);
    assert_eq!(
        seen,
        [
            "key=MASK",
            "key=MASKED",
            "CUT MASK",
            "key=none",
            "CUTnonesuch",
            "CUT",
            "MASK"
        ]
    );
    assert_eq!(shown, 3);
}

#[test]
fn each_literal_is_settled_by_the_entry_that_it_names() {
    let literals = |second: u32| json!([{"text": "a="}, {"text": "b=", "unless": second}]);
    let asked = |second| {
        json!([{"places": ["body"], "when": {"holds": {"literals": literals(second)}},
            "unless": [{}, {"from": ["MASK"]}]}])
    };
    let texts = ["a=MASK", "b=MASK"];
    assert_eq!(bodies(&asked(1), &texts).0, ["CUTMASK", "b=MASK"]);
    assert_eq!(bodies(&asked(0), &texts).0, ["CUTMASK", "CUTMASK"]);
    let said = format!("{:?}", chain(&asked(2)).unwrap_err());
    assert!(
        said.contains("subscriptions[0].literals[1].unless"),
        "{said}"
    );
}

#[test]
fn a_literal_is_settled_by_what_it_ends() {
    let key = literal("key=", json!({"to": ["MASK-[a-z]{0,9}-?key="]}));
    let (seen, shown) = bodies(
        &json!([key]),
        &["MASK-api-key=x", "MASK key=x", "MASK-api-key key=x"],
    );
    assert_eq!(seen, ["MASK-api-key=x", "MASK CUTx", "MASK-api-key CUTx"]);
    assert_eq!(shown, 2);
}

#[test]
fn patterns_and_whole_values_are_settled_from_their_first_byte() {
    let pattern = json!({"places": ["body"], "when": {"holds": {"patterns": [{"regex": "id:[A-Z]+;"}]}},
        "unless": [{"from": ["id:MASK"]}]});
    let (seen, _) = bodies(
        &json!([pattern]),
        &["an id:MASK;", "an id:WORD;", "id:A; id:MASK"],
    );
    assert_eq!(seen, ["an id:MASK;", "an CUT", "CUT id:MASK"]);
    let whole = json!({"places": ["body"], "when": "always", "unless": [{"from": [" ?MASK"]}]});
    let (seen, _) = bodies(&json!([whole]), &["MASK", " MASK word", "word MASK", ""]);
    assert_eq!(seen, ["MASK", " MASK word", "CUT", "CUT"]);
}

#[test]
fn a_hit_that_counts_brings_those_of_every_subscription() {
    let subscriptions = json!([
        literal("a=", json!({"from": ["MASK"]})),
        literal("b=", json!({"from": ["MASK"]})),
        literal("c=", json!({})),
    ]);
    let texts = [
        "a=MASK b=MASK",
        "a=MASK a=x",
        "a=MASK b=x",
        "b=MASK c=MASK",
        "a=MASK",
    ];
    let (seen, shown) = bodies(&subscriptions, &texts);
    assert_eq!(
        seen,
        [
            "a=MASK b=MASK",
            "CUTMASK CUTx",
            "CUTMASK CUTx",
            "CUTMASK CUTMASK",
            "a=MASK"
        ]
    );
    assert_eq!(shown, 3);
}

#[test]
fn each_value_of_a_key_is_settled_by_itself() {
    let secret = json!({"keys": {"globs": ["*password"]}, "unless": [{"from": [r"MASK\z"]}]});
    let chain = chain(&json!([secret])).unwrap();
    let mut batch = logs(&["", "", ""]);
    for (record, value) in ["MASK", "hunter2", "MASK hunter2"].iter().enumerate() {
        let record = &mut batch.resource_logs[0].scope_logs[0].log_records[record];
        record.attributes = vec![
            attribute("db.password", value),
            attribute("note", "hunter2"),
        ];
    }
    let sent = Bytes::from(batch.encode_to_vec());
    let outcome = chain.process(Signal::Logs, sent, &Context::default());
    let Outcome::Edited { bytes: edited, .. } = outcome else {
        panic!("not edited");
    };
    let values: Vec<String> = records(&edited)
        .iter()
        .map(|record| format!("{:?}", record.attributes[0].value))
        .collect();
    assert!(values[0].contains("MASK") && values[1].contains("CUT") && values[2].contains("CUT"));
    assert!(values.iter().all(|value| !value.contains("hunter2")));
    shadowed(&chain);
    // A batch in which only masks stand asks nobody.
    let mut clean = logs(&[""]);
    clean.resource_logs[0].scope_logs[0].log_records[0].attributes = vec![
        attribute("db.password", "MASK"),
        attribute("DB_PASSWORD", "MASK"),
    ];
    let before = chain.counters()[0].calls;
    let clean = Bytes::from(clean.encode_to_vec());
    let outcome = chain.process(Signal::Logs, clean.clone(), &Context::default());
    assert!(
        matches!(outcome, Outcome::Unchanged { bytes, .. } if bytes.as_ptr() == clean.as_ptr())
    );
    assert_eq!(chain.counters()[0].calls, before);
}

/// A second value of the same entry: a decoder takes the last one, the bytes hold both.
fn shadowed(chain: &tamis_host::Chain) {
    let field = |tag: u8, payload: &[u8]| [&[tag, payload.len() as u8], payload].concat();
    let value = |text: &str| field(0x12, &field(0x0a, text.as_bytes()));
    let key = field(0x0a, b"db.password");
    for values in [["MASK", "hunter2"], ["hunter2", "MASK"]] {
        let [first, second] = values.map(value);
        let entry = field(0x32, &[key.clone(), first, second].concat());
        let scope = field(0x12, &field(0x12, &entry));
        let sent = Bytes::from(field(0x0a, &scope));
        match chain.process(Signal::Logs, sent, &Context::default()) {
            Outcome::Edited { bytes, .. } => {
                let mut windows = bytes.windows(7);
                assert!(!windows.any(|window| window == b"hunter2"), "{values:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_has_no_longest_match_does_not_load() {
    let error = chain(&json!([literal("key=", json!({"from": ["MASK.*"]}))])).unwrap_err();
    let said = format!("{error:?}");
    assert!(
        said.contains("subscriptions[0].unless[0].from[0]") && said.contains("unless_bytes_max"),
        "{said}"
    );
}
