//! Texts and bytes that mean harm: none may panic, none may take long, none may pass by accident.

use std::time::{Duration, Instant};

use otlp_json::{JsonFault, Style, documents, guess, signal_of, to_json, to_protobuf};
use otlp_wire::schema::{Label, Message, Type};
use otlp_wire::{Fault, MAX_DEPTH, Signal, write_len_field};
use proptest::prelude::*;

use crate::batch::{Batch, read, write};
use crate::generate::Choices;
use crate::members::{full, way_to};

#[test]
fn truncated_text_is_an_error_at_every_byte() {
    for (signal, levels) in [(Signal::Traces, 5), (Signal::Logs, 5), (Signal::Metrics, 7)] {
        let text = full(Message::batch(signal), levels);
        assert!(read(signal, text.as_bytes()).is_ok());
        for end in 0..text.len() {
            let error = read(signal, &text.as_bytes()[..end]).expect_err("it is cut");
            assert!(
                matches!(error.fault, JsonFault::Truncated),
                "{end}: {error}"
            );
        }
    }
}

#[test]
fn wrong_type_is_an_error_at_every_member() {
    let wrong = |kind: Type, repeated: bool| -> &'static [&'static str] {
        match kind {
            _ if repeated => &["{}", "1", "\"a\"", "true", "[[]]", "[true,[]]"],
            Type::String => &["1", "true", "[]", "{}", "NaN"],
            Type::Bytes | Type::Id(_) => &["1", "true", "[]", "{}", "\"\u{e9}\""],
            Type::Bool => &["1", "\"true\"", "[]", "{}"],
            Type::Message(_) => &["1", "true", "[]", "\"a\"", "[{}]"],
            _ => &["true", "[]", "{}", "\"a\"", "[1]"],
        }
    };
    for &message in Message::ALL {
        let Some((signal, before, after)) = way_to(message) else {
            panic!("no way to {}", message.name());
        };
        for field in message.fields() {
            for value in wrong(field.kind, field.label == Label::Repeated) {
                let text = format!("{before}{{\"{}\":{value}}}{after}", field.name);
                let error = read(signal, text.as_bytes()).expect_err(&text);
                assert!(error.path.contains(field.name), "{error}");
                assert!(
                    matches!(error.fault, JsonFault::Type { .. } | JsonFault::Value(_)),
                    "{error}"
                );
            }
        }
    }
}

/// A log body of `levels` nested arrays, or lists.
fn nested(levels: usize, open: &str, close: &str) -> String {
    format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{}{{}}{}}}]}}]}}]}}"#,
        open.repeat(levels),
        close.repeat(levels)
    )
}

const ARRAYS: (&str, &str) = (r#"{"arrayValue":{"values":["#, "]}}");
const LISTS: (&str, &str) = (r#"{"kvlistValue":{"values":[{"value":"#, "}]}}");

#[test]
fn nesting_ends_where_the_check_ends() {
    // A body has depth 4; an array in it takes two messages a level, a list three.
    for ((open, close), levels) in [(ARRAYS, 48), (LISTS, 32)] {
        let deepest = nested(levels, open, close);
        let (batch, _) = read(Signal::Logs, deepest.as_bytes()).expect("as deep as allowed");
        let text = write(Signal::Logs, &batch.encode(), Style::Compact);
        assert_eq!(
            read(Signal::Logs, text.as_bytes()).expect("own text").0,
            batch
        );
        let one_more = deepest.replace("{}", "{\"arrayValue\":{}}");
        let error = read(Signal::Logs, one_more.as_bytes());
        assert_eq!(error.expect_err("too deep").fault, JsonFault::Depth);
        for levels in [levels + 1, 5000, 100_000] {
            let error = read(Signal::Logs, nested(levels, open, close).as_bytes());
            assert_eq!(error.expect_err("too deep").fault, JsonFault::Depth);
        }
    }
}

#[test]
fn deep_text_of_no_meaning_is_refused_on_a_small_stack() {
    let job = || {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ARRAYS, LISTS] {
            let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
            let unknown = format!("{{\"x\":{deep}}}");
            let error = read(Signal::Logs, unknown.as_bytes()).expect_err("too deep");
            assert_eq!(error.fault, JsonFault::Depth);
            assert_eq!(signal_of(unknown.as_bytes()), None);
            assert_eq!(documents(unknown.as_bytes()).count(), 1);
            assert!(read(Signal::Logs, open.repeat(100_000).as_bytes()).is_err());
        }
        let deepest = nested(48, ARRAYS.0, ARRAYS.1);
        let (batch, _) = read(Signal::Logs, deepest.as_bytes()).expect("as deep as allowed");
        assert_eq!(guess(&batch.encode()), Some(Signal::Logs));
        write(Signal::Logs, &batch.encode(), Style::Pretty);
    };
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(job);
    thread
        .expect("a thread starts")
        .join()
        .expect("no overflow");
}

#[test]
fn large_texts_take_time_in_proportion() {
    let many = "{},".repeat(300_000);
    let long = "9".repeat(1_000_000);
    let text = "a\\n".repeat(300_000);
    let deep = nested(47, ARRAYS.0, ARRAYS.1);
    let deep = deep.replace(
        "{}",
        &format!("{{\"stringValue\":\"{}\"}}", "a".repeat(1_000_000)),
    );
    let flat = format!("{{{}\"x\":1}}", "\"resourceLogs\":[],".repeat(100_000));
    let fault = format!("{{\"resourceLogs\":[{{\"schemaUrl\":{long}}}]}}");
    let lines = "{\"a\":[\n".repeat(20_000);
    let start = Instant::now();
    assert!(
        read(
            Signal::Logs,
            format!("{{\"resourceLogs\":[{many}{{}}]}}").as_bytes()
        )
        .is_ok()
    );
    assert!(
        read(
            Signal::Logs,
            format!("{{\"x\":{long},\"y\":\"{text}\"}}").as_bytes()
        )
        .is_ok()
    );
    assert!(read(Signal::Logs, fault.as_bytes()).is_err());
    assert!(read(Signal::Logs, deep.as_bytes()).is_ok());
    assert!(read(Signal::Logs, flat.as_bytes()).is_ok());
    assert_eq!(documents(lines.as_bytes()).count(), 20_000);
    for number in [
        format!("{long}e-999999"),
        format!("0.{long}"),
        format!("1e{long}"),
        format!("-{long}"),
    ] {
        let json = format!(
            "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"timeUnixNano\":{number}}}]}}]}}]}}"
        );
        assert!(read(Signal::Logs, json.as_bytes()).is_err());
    }
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn protobuf_that_is_no_batch_is_refused() {
    let mut deep = Vec::new();
    for _ in 0..MAX_DEPTH {
        let mut array = Vec::new();
        write_len_field(1, &deep, &mut array);
        deep.clear();
        write_len_field(5, &array, &mut deep);
    }
    let mut record = Vec::new();
    write_len_field(5, &deep, &mut record);
    for number in [2, 2, 1] {
        let mut outer = Vec::new();
        write_len_field(number, &record, &mut outer);
        record = outer;
    }
    let mut out = b"kept".to_vec();
    let error = to_json(Signal::Logs, &record, Style::Compact, &mut out).expect_err("too deep");
    assert_eq!(error.fault, Fault::Depth);
    assert!(to_json(Signal::Logs, b"\x0a\x05", Style::Compact, &mut out).is_err());
    assert_eq!(out, b"kept");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn changed_text_never_panics(
        signal in prop::sample::select(Signal::ALL),
        choices in prop::collection::vec(any::<u8>(), 0..500),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let batch = Batch::generate(signal, &mut Choices::new(&choices));
        let mut text = write(signal, &batch.encode(), Style::Compact).into_bytes();
        for (index, byte) in changes {
            let at = index.index(text.len());
            text[at] = byte;
        }
        let mut out = Vec::new();
        for &signal in Signal::ALL {
            if to_protobuf(signal, &text, &mut out).is_err() {
                prop_assert!(out.is_empty());
            }
            prop_assert!(otlp_wire::check(signal, &out).is_ok());
            out.clear();
        }
        prop_assert!(documents(&text).map(<[u8]>::len).sum::<usize>() <= text.len());
    }

    #[test]
    fn changed_protobuf_never_panics_and_gives_json(
        signal in prop::sample::select(Signal::ALL),
        choices in prop::collection::vec(any::<u8>(), 0..500),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = Batch::generate(signal, &mut Choices::new(&choices)).encode();
        for (index, byte) in changes {
            if !bytes.is_empty() {
                let at = index.index(bytes.len());
                bytes[at] = byte;
            }
        }
        guess(&bytes);
        if otlp_wire::check(signal, &bytes).is_ok() {
            let text = write(signal, &bytes, Style::Compact);
            prop_assert!(read(signal, text.as_bytes()).is_ok());
        }
    }
}
