//! Which signal a file carries, and how many documents.

use otlp_json::{documents, guess, signal_of};
use otlp_wire::{Member, Signal, write_any, write_len_field};
use proptest::prelude::*;

use crate::batch::Batch;
use crate::generate::Choices;

#[test]
fn signal_is_that_of_the_first_member_of_one() {
    let table: &[(&str, Option<Signal>)] = &[
        (r#"{"resourceSpans":[]}"#, Some(Signal::Traces)),
        ("\u{feff}\n{ \"resource_logs\" : [", Some(Signal::Logs)),
        (
            r#"{"x":{"resourceLogs":1},"resourceMetrics":1}"#,
            Some(Signal::Metrics),
        ),
        ("{}", None),
        ("[]", None),
        ("", None),
        (r#"{"resourceSpan":[]}"#, None),
        (r#"{"x":nope,"resourceLogs":[]}"#, None),
        (r#"{"resourceLogs""#, None),
    ];
    for (text, signal) in table {
        assert_eq!(signal_of(text.as_bytes()), *signal, "{text}");
    }
}

/// A batch with these records, as any signal might carry them.
fn around(field: u32, record: &[u8]) -> Vec<u8> {
    let mut bytes = record.to_vec();
    for number in [field, 2, 1] {
        let mut outer = Vec::new();
        write_len_field(number, &bytes, &mut outer);
        bytes = outer;
    }
    bytes
}

#[test]
fn batch_that_every_signal_explains_is_not_guessed() {
    assert_eq!(guess(b""), None);
    assert_eq!(guess(b"\x0a\x00"), None);
    assert_eq!(guess(&around(2, b"")), None);
    let mut resource = Vec::new();
    write_len_field(1, b"\x0a\x03\x0a\x01k", &mut resource);
    let mut batch = Vec::new();
    write_len_field(1, &resource, &mut batch);
    assert_eq!(guess(&batch), None);
    assert_eq!(guess(b"not protobuf"), None);
}

#[test]
fn records_tell_their_signal() {
    let mut name = Vec::new();
    write_len_field(1, b"requests.total", &mut name);
    write_len_field(5, b"", &mut name);
    assert_eq!(guess(&around(2, &name)), Some(Signal::Metrics));
    let mut body = Vec::new();
    write_any(5, Member::String("a line of a log"), &mut body);
    assert_eq!(guess(&around(2, &body)), Some(Signal::Logs));
    let mut span = Vec::new();
    write_len_field(1, &[0x9c; 16], &mut span);
    write_len_field(2, &[0x9c; 8], &mut span);
    write_len_field(5, b"GET /", &mut span);
    assert_eq!(guess(&around(2, &span)), Some(Signal::Traces));
}

#[test]
fn documents_of_every_layout() {
    let split = |text: &'static str| -> Vec<&'static str> {
        let texts = documents(text.as_bytes()).map(std::str::from_utf8);
        texts.map(|text| text.expect("it was text")).collect()
    };
    assert_eq!(split(""), [""; 0]);
    assert_eq!(split(" \r\n\t\u{feff}\u{feff} "), [""; 0]);
    assert_eq!(split("{}\n\u{feff}{}\n"), ["{}", "{}"]);
    assert_eq!(split("{}"), ["{}"]);
    assert_eq!(
        split("\u{feff}{}\r\n{\"a\":1}\r\n\r\n"),
        ["{}", "{\"a\":1}"]
    );
    assert_eq!(split("{}{} {}"), ["{}", "{}", "{}"]);
    assert_eq!(
        split("{\n  \"a\": [\n    {}\n  ]\n}\n{\n}\n"),
        ["{\n  \"a\": [\n    {}\n  ]\n}", "{\n}"]
    );
    // What is broken ends where the next document begins.
    assert_eq!(
        split("{\"a\":\n{\"b\":2}\n{\"c\":3}"),
        ["{\"a\":", "{\"b\":2}", "{\"c\":3}"]
    );
    assert_eq!(
        split("{\"a\":\"x\n{\"b\":2}\n"),
        ["{\"a\":\"x", "{\"b\":2}"]
    );
    assert_eq!(split("{}\ngarbage\n{}\n{"), ["{}", "garbage", "{}", "{"]);
    assert_eq!(split("{}garbage"), ["{}", "garbage"]);
}

proptest! {
    #[test]
    fn random_batches_are_never_guessed_wrong_with_confidence(
        signal in prop::sample::select(Signal::ALL),
        choices in prop::collection::vec(any::<u8>(), 400..1500),
    ) {
        let batch = Batch::generate(signal, &mut Choices::new(&choices));
        let found = guess(&batch.encode());
        if batch.count().0 > 0 {
            prop_assert!(found == Some(signal) || found.is_none(), "{:?}", found);
        }
    }
}
