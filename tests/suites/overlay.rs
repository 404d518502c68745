//! What plugins see of each other: a later one sees what the earlier ones left, and what a later
//! one brings in is shown to the protectors before it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use bytes::Bytes;
use prost::Message as _;
use serde_json::{Value as Json, json};
use tamis_guest_scripted::native;
use tamis_host::{Chain, ChainBuilder, ChainError, Code, Context, Outcome, PluginSpec, Signal};
use tamis_tests::{body, logs, records};

fn guest(name: &str, settings: Json) -> PluginSpec {
    PluginSpec::new(name, Code::Native(native())).with_settings(settings)
}

fn masks(needle: &str, text: &str) -> Json {
    json!({
        "script": "mask", "text": text,
        "interest": {"subscriptions": [{"when": {"holds": {"literals": [{"text": needle}]}}}]},
    })
}

fn writes(script: &str, role: &str, key: &str, text: &str) -> Json {
    json!({
        "script": script, "key": key, "text": text,
        "interest": {
            "role": role,
            "operations": ["set", "insert_if_absent"],
            "subscriptions": [{"places": ["record_attribute"], "keys": {"exact": ["n"]}}],
        },
    })
}

fn chain(specs: impl IntoIterator<Item = PluginSpec>) -> Chain {
    specs
        .into_iter()
        .fold(ChainBuilder::new(), ChainBuilder::plugin)
        .build()
        .unwrap()
}

fn edited(chain: &Chain, bodies: &[&str]) -> (Bytes, Vec<(String, String)>) {
    let input = logs(bodies).encode_to_vec();
    match chain.process(Signal::Logs, input.into(), &Context::default()) {
        Outcome::Edited { bytes, report } => {
            let line = |line: &tamis_host::ReportLine| {
                (
                    line.plugin.to_string(),
                    line.key.clone().unwrap_or_default(),
                )
            };
            (bytes, report.lines.iter().map(line).collect())
        }
        other => panic!("not edited: {other:?}"),
    }
}

fn attributes(bytes: &[u8], record: usize) -> Vec<(String, String)> {
    let records = records(bytes);
    let pairs = records[record].attributes.iter().map(|pair| {
        let text = match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
            Some(opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue(text)) => {
                text.clone()
            }
            other => format!("{other:?}"),
        };
        (pair.key.clone(), text)
    });
    pairs.collect()
}

#[test]
fn a_later_plugin_sees_what_an_earlier_one_wrote() {
    let chain = chain([
        guest("first", masks("one", "two")),
        guest("second", masks("two", "three")),
    ]);
    let (bytes, _) = edited(&chain, &["one two", "one", "zero"]);
    let bodies: Vec<_> = records(&bytes).iter().map(body).collect();
    assert_eq!(bodies, ["three three", "three", "zero"]);
}

#[test]
fn what_was_joined_by_an_edit_is_found() {
    let chain = chain([
        guest("cuts", masks("--", "")),
        guest("masks", masks("secret", "[cut]")),
    ]);
    let (bytes, _) = edited(&chain, &["sec--ret"]);
    assert_eq!(body(&records(&bytes)[0]), "[cut]");
}

#[test]
fn what_an_enricher_brings_in_is_shown_to_the_protector_before_it() {
    let chain = chain([
        guest("protector", masks("sesame", "[cut]")),
        guest(
            "enricher",
            writes("insert", "enrich", "note", "open sesame"),
        ),
    ]);
    let (bytes, lines) = edited(&chain, &["a", "b"]);
    for record in 0..2 {
        let note = attributes(&bytes, record)
            .into_iter()
            .find(|(key, _)| key == "note");
        assert_eq!(note.unwrap().1, "open [cut]");
    }
    assert_eq!(
        lines
            .iter()
            .filter(|(plugin, _)| plugin == "protector")
            .count(),
        2
    );
}

#[test]
fn what_comes_in_is_found_with_what_stood_there_in_much_and_in_little() {
    let chain = chain([
        guest("protector", masks("open sesame", "[cut]")),
        guest("later", masks("XX", "sesame")),
    ]);
    // Beside much else each value is searched, beside little the batch is scanned again.
    for beside in [0, 100_000] {
        for records_changed in [1, 40] {
            let other = "open ".repeat(beside / 5);
            let mut bodies = vec!["before, open XX and after"; records_changed];
            bodies.push(&other);
            let (bytes, _) = edited(&chain, &bodies);
            for record in &records(&bytes)[..records_changed] {
                let case = (beside, records_changed);
                assert_eq!(body(record), "before, [cut] and after", "{case:?}");
            }
        }
    }
}

#[test]
fn a_protector_is_not_shown_its_own_text_again() {
    let chain = chain([
        guest("first", masks("aa", "aab")),
        guest("second", masks("zz", "aa")),
    ]);
    let (bytes, _) = edited(&chain, &["aa", "zz"]);
    let bodies: Vec<_> = records(&bytes).iter().map(body).collect();
    // The second record's text came from the second plugin, so the first sees it once more; the
    // first record's came from the first itself, so it does not.
    assert_eq!(bodies, ["aab", "aab"]);
}

#[test]
fn set_replaces_and_insert_leaves_what_is_there() {
    let sets = chain([guest("sets", writes("set", "enrich", "n", "new"))]);
    let (bytes, _) = edited(&sets, &["a"]);
    assert_eq!(attributes(&bytes, 0), [("n".to_owned(), "new".to_owned())]);

    let inserts = chain([guest("inserts", writes("insert", "enrich", "n", "new"))]);
    let input = logs(&["a"]).encode_to_vec();
    let outcome = inserts.process(Signal::Logs, input.into(), &Context::default());
    assert!(matches!(outcome, Outcome::Unchanged { .. }), "{outcome:?}");
}

#[test]
fn a_hit_in_a_record_gives_no_right_to_its_resource() {
    let chain = chain([guest("greedy", writes("resource", "protect", "k", "v"))]);
    let (bytes, _) = edited(&chain, &["a"]);
    // The answer was a fault, so what was shown is masked and the resource is as it was.
    assert_eq!(
        attributes(&bytes, 0),
        [("n".to_owned(), "REDACTED".to_owned())]
    );
    assert_eq!(chain.counters()[0].faults["edit"], 1);
}

#[test]
fn dropped_records_take_what_they_leave_empty_with_them() {
    let settings = json!({
        "script": "drop",
        "interest": {
            "role": "reduce", "operations": ["drop_record"],
            "subscriptions": [{"places": ["body"], "when": {"holds": {"literals": [{"text": "noise"}]}}}],
        },
    });
    let chain = chain([guest("drops", settings)]);
    let (bytes, _) = edited(&chain, &["noise", "keep", "noise"]);
    assert_eq!(
        records(&bytes).iter().map(body).collect::<Vec<_>>(),
        ["keep"]
    );
    let input = logs(&["noise", "noise"]).encode_to_vec();
    let outcome = chain.process(Signal::Logs, input.into(), &Context::default());
    assert!(
        matches!(&outcome, Outcome::Dropped { report } if report.records_dropped == 2),
        "{outcome:?}"
    );
}

#[test]
fn a_protector_behind_a_reducer_is_refused_at_load() {
    let mut reducer = masks("x", "y");
    reducer["interest"]["role"] = "reduce".into();
    let specs = [guest("cuts", reducer), guest("protects", masks("x", "y"))];
    let built = specs
        .into_iter()
        .fold(ChainBuilder::new(), ChainBuilder::plugin)
        .build();
    let error = built.unwrap_err();
    assert!(
        matches!(&error, ChainError::Order { protector, reducer } if protector == "protects" && reducer == "cuts"),
        "{error}"
    );
}

/// The report on a batch in which this key, and the value under it, hold what is masked.
fn report_on_key(key: &str) -> Vec<tamis_host::ReportLine> {
    let mut settings = masks("sesame", "[cut]");
    settings["interest"]["subscriptions"][0]["kinds"] = json!(["string", "key"]);
    let chain = chain([guest("masks", settings)]);
    let mut batch = logs(&["a"]);
    let record = &mut batch.resource_logs[0].scope_logs[0].log_records[0];
    let attribute = tamis_tests::attribute(key, "v sesame");
    record.attributes.push(attribute);
    let input = batch.encode_to_vec().into();
    let outcome = chain.process(Signal::Logs, input, &Context::default());
    let Outcome::Edited { report, .. } = outcome else {
        panic!("{outcome:?}")
    };
    let said = format!("{:?}", report.lines);
    assert!(!said.contains("sesame"), "{said}");
    report.lines
}

#[test]
fn a_report_names_keys_as_they_stand_after_the_scrub() {
    let lines = report_on_key("k-sesame");
    assert_eq!(lines.len(), 2);
    let named = |line: &tamis_host::ReportLine| line.key.as_deref() == Some("k-[cut]");
    assert!(lines.iter().any(named), "{lines:?}");
}

#[test]
fn a_key_that_is_changed_twice_is_named_by_neither_edit() {
    assert_eq!(report_on_key("sesame-sesame").len(), 3);
}
