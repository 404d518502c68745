//! Random batches through JSON and back, and random strings, numbers and texts.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use otlp_json::Style;
use otlp_wire::Signal;
use proptest::prelude::*;
use prost::Message;
use serde::de::IgnoredAny;

use crate::batch::{Batch, read, write};
use crate::generate::Choices;

fn signals() -> impl Strategy<Value = Signal> {
    prop::sample::select(Signal::ALL)
}

fn body(value: Value) -> ExportLogsServiceRequest {
    let body = Some(AnyValue { value: Some(value) });
    let record = LogRecord {
        body,
        ..LogRecord::default()
    };
    let scope = ScopeLogs {
        log_records: vec![record],
        ..ScopeLogs::default()
    };
    let group = ResourceLogs {
        scope_logs: vec![scope],
        ..ResourceLogs::default()
    };
    ExportLogsServiceRequest {
        resource_logs: vec![group],
    }
}

fn body_of(batch: &ExportLogsServiceRequest) -> Option<Value> {
    let record = &batch.resource_logs[0].scope_logs[0].log_records[0];
    record.body.clone().and_then(|body| body.value)
}

fn through_json(value: Value) -> Option<Value> {
    let bytes = body(value).encode_to_vec();
    let text = write(Signal::Logs, &bytes, Style::Compact);
    let (again, unknown) = read(Signal::Logs, text.as_bytes()).expect("own text is taken");
    assert_eq!(unknown, 0);
    let Batch::Logs(again) = again else {
        unreachable!("logs were read");
    };
    body_of(&again)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn batch_to_json_and_back_is_the_same(
        signal in signals(),
        choices in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let batch = Batch::generate(signal, &mut Choices::new(&choices));
        let bytes = batch.encode();
        for style in [Style::Compact, Style::Pretty] {
            let text = write(signal, &bytes, style);
            let (again, unknown) = read(signal, text.as_bytes()).expect("own text is taken");
            prop_assert_eq!(&again, &batch);
            prop_assert_eq!(unknown, 0);
            prop_assert_eq!(write(signal, &again.encode(), style), text);
        }
    }

    #[test]
    fn concatenated_batches_mean_what_prost_says(
        signal in signals(),
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..4),
    ) {
        // Concatenation is protobuf's merge: lists go on, the rest is replaced or merged.
        let mut bytes = Vec::new();
        for choices in parts {
            bytes.extend(Batch::generate(signal, &mut Choices::new(&choices)).encode());
        }
        let text = write(signal, &bytes, Style::Compact);
        let (again, _) = read(signal, text.as_bytes()).expect("own text is taken");
        prop_assert_eq!(again, Batch::decode(signal, &bytes));
    }

    #[test]
    fn string_survives(text in any::<String>()) {
        let value = Value::StringValue(text);
        prop_assert_eq!(through_json(value.clone()), Some(value));
    }

    #[test]
    fn bytes_survive(bytes in any::<Vec<u8>>()) {
        let value = Value::BytesValue(bytes);
        prop_assert_eq!(through_json(value.clone()), Some(value));
    }

    #[test]
    fn integer_survives(number in any::<i64>()) {
        let value = Value::IntValue(number);
        prop_assert_eq!(through_json(value.clone()), Some(value));
    }

    #[test]
    fn double_survives_to_the_bit(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        let Some(Value::DoubleValue(again)) = through_json(Value::DoubleValue(number)) else {
            panic!("not a double");
        };
        prop_assert!(again.to_bits() == bits || (again.is_nan() && number.is_nan()));
    }

    #[test]
    fn strings_are_read_as_serde_json_reads_them(inner in r#"([ -~]|\\[bfnrt/"\\]|\\u[0-9a-fD]{4}|\\|\x{e9}|\x{1f980}|\t){0,12}"#) {
        let text = format!("\"{inner}\"");
        let expected = serde_json::from_str::<String>(&text).ok().map(Value::StringValue);
        let json = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{{"stringValue":{text}}}}}]}}]}}]}}"#);
        let found = match read(Signal::Logs, json.as_bytes()) {
            Ok((Batch::Logs(batch), _)) => body_of(&batch),
            _ => None,
        };
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn what_is_json_is_what_serde_json_takes(
        tokens in prop::collection::vec(
            prop::sample::select(&[
                "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\n\"", "1", "-0", "01", "1.", ".5",
                "1e5", "1e501", "1e", "true", "false", "null", "nul", " ", "\n", "\u{a0}", "\"", "-",
                "{}", "[]", "\"b\":1", "[1,2]",
            ][..]),
            0..12,
        ),
    ) {
        // An unknown member is passed unread, so that it must be JSON is all that counts: `1e501` is, though no
        // double holds it.
        let json = format!("{{\"x\":{}}}", tokens.concat());
        let expected = serde_json::from_str::<IgnoredAny>(&json);
        let found = read(Signal::Logs, json.as_bytes());
        prop_assert_eq!(found.is_ok(), expected.is_ok(), "{}", json);
    }
}
