//! The notation against `prost`, against captures and against hostile bytes.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by a panic")]

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point;
use otlp_wire::Signal;
use proptest::prelude::*;
use prost::Message;
use tamis_testing::notation::{from_hex, to_bytes, to_hex, to_text};

fn bytes(text: &str) -> (Signal, Vec<u8>) {
    to_bytes(None, text).unwrap()
}

/// Each text is written as it would be written back.
const TEXTS: [&str; 9] = [
    "log body=\"a\"\n",
    "resource {service.name=\"web\", n=-3} schemaUrl=\"s\"\n",
    "resource {}\nresource {}\n  entityRef type=\"host\" idKeys=[\"a\"]\n  scope name=\"x\" droppedAttributesCount=3\n    log severityNumber=SEVERITY_NUMBER_INFO body={a=[1, 1.0, 1e300, true, null, x\"00ff\", {}, []], b}\n",
    "log body=inf\nlog body=NaN\nlog\nlog body=null\n",
    "log 99=x\"00ff\" traceId=x\"000102030405060708090a0b0c0d0e0f\" {\"odd key\"=\"\\\"\\n\\u0001\\u0027\\u0027\\u0027\"}\n",
    "span traceState=\"a=b\" name=\"GET\" kind=SPAN_KIND_CLIENT {k=\"v\"}\n  event name=\"e\" {k=\"v\"}\n  link spanId=x\"0102030405060708\" {k=\"v\"}\n  status message=\"m\" code=STATUS_CODE_ERROR\n",
    "metric name=\"m\" unit=\"s\" {k=\"v\"}\n  sum aggregationTemporality=AGGREGATION_TEMPORALITY_DELTA isMonotonic=true\n    point startTimeUnixNano=1 asInt=-5 {k=\"v\"}\n      exemplar asDouble=0.5 {k=\"v\"}\n",
    "metric name=\"h\"\n  histogram\n    point count=3 sum=4.5 bucketCounts=[1, 2] explicitBounds=[0.1] {k=\"v\"}\n  exponentialHistogram\n    point count=1 scale=-2\n      positive offset=-3 bucketCounts=[1, 0, 7]\n",
    "",
];

#[test]
fn texts_come_back_as_they_were() {
    for text in TEXTS {
        let (signal, bytes) = bytes(text);
        let again = to_text(signal, &bytes);
        let (_, bytes_again) = to_bytes(Some(signal), &again).unwrap();
        assert_eq!(bytes, bytes_again, "{text}\n{again}");
        assert!(
            again.is_empty() || from_hex(&again).is_none(),
            "text became hex: {text}"
        );
    }
    for text in [TEXTS[0], TEXTS[5], TEXTS[6], TEXTS[8]] {
        let (signal, bytes) = bytes(text);
        assert_eq!(to_text(signal, &bytes), text);
    }
}

#[test]
fn prost_reads_what_the_text_says_and_writes_the_same_bytes() {
    let (_, bytes) = bytes(
        "resource {service.name=\"web\"}\nscope name=\"s\"\nlog body=\"one\" {n=5}\nlog body=[2.5]",
    );
    let logs = ExportLogsServiceRequest::decode(bytes.as_slice()).unwrap();
    assert_eq!(logs.encode_to_vec(), bytes);
    assert_eq!(logs.resource_logs.len(), 1);
    let group = &logs.resource_logs[0];
    assert_eq!(
        group.resource.as_ref().unwrap().attributes[0].key,
        "service.name"
    );
    assert_eq!(group.scope_logs[0].scope.as_ref().unwrap().name, "s");
    let records = &group.scope_logs[0].log_records;
    assert_eq!(records.len(), 2);
    assert_eq!(
        records[0].attributes[0].value.as_ref().unwrap().value,
        Some(Value::IntValue(5))
    );

    let (_, bytes) = bytes_of_span();
    let spans = ExportTraceServiceRequest::decode(bytes.as_slice()).unwrap();
    assert_eq!(spans.encode_to_vec(), bytes);
    let span = &spans.resource_spans[0].scope_spans[0].spans[0];
    assert_eq!((span.kind, span.events.len(), span.links.len()), (3, 1, 1));
    assert_eq!(span.status.as_ref().unwrap().code, 2);

    let (_, bytes) = self::bytes(TEXTS[6]);
    let metrics = ExportMetricsServiceRequest::decode(bytes.as_slice()).unwrap();
    let text = to_text(Signal::Metrics, &metrics.encode_to_vec());
    assert_eq!(
        text, TEXTS[6],
        "prost writes an alternative where its group stands"
    );
    let Some(Data::Sum(sum)) = &metrics.resource_metrics[0].scope_metrics[0].metrics[0].data else {
        unreachable!("the text says sum");
    };
    assert_eq!(
        sum.data_points[0].value,
        Some(number_data_point::Value::AsInt(-5))
    );

    let (_, bytes) = self::bytes(TEXTS[7]);
    let metrics = ExportMetricsServiceRequest::decode(bytes.as_slice()).unwrap();
    let Some(Data::ExponentialHistogram(data)) =
        &metrics.resource_metrics[0].scope_metrics[0].metrics[0].data
    else {
        unreachable!("the last member counts");
    };
    let positive = data.data_points[0].positive.as_ref().unwrap();
    assert_eq!(
        (positive.offset, positive.bucket_counts.as_slice()),
        (-3, [1, 0, 7].as_slice())
    );
}

fn bytes_of_span() -> (Signal, Vec<u8>) {
    bytes(TEXTS[5])
}

#[test]
fn messages_go_to_the_nearest_place_that_holds_them() {
    let (_, flat) =
        bytes("span name=\"a\" event name=\"e\" span name=\"b\" resource {} span name=\"c\"");
    let spans = ExportTraceServiceRequest::decode(flat.as_slice()).unwrap();
    assert_eq!(spans.resource_spans.len(), 2);
    assert_eq!(spans.resource_spans[0].resource, None);
    assert_eq!(spans.resource_spans[0].scope_spans[0].spans.len(), 2);
    assert!(spans.resource_spans[1].resource.is_some());
}

#[test]
fn what_cannot_be_said_is_hexadecimal() {
    // A body with two members, and one whose length is padded.
    for hex in [
        "0a 0e 12 0c 12 0a 2a 08 0a 01 61 0a 01 62 18 00",
        "0a 0a 12 08 12 06 2a 84 00 0a 01 61",
    ] {
        let bytes = from_hex(hex).unwrap();
        assert_eq!(from_hex(&to_text(Signal::Logs, &bytes)), Some(bytes));
    }
    assert_eq!(to_hex(&[]), "");
    assert_eq!(from_hex("0"), None);
    assert_eq!(from_hex("0g"), None);
}

#[test]
fn the_order_of_fields_is_no_loss() {
    let (signal, bytes) = bytes("log body=\"a\" {k=1}");
    // The same record, with its attribute before its body.
    let swapped = "0a 14 12 12 12 10 32 07 0a 01 6b 12 02 18 01 2a 03 0a 01 61";
    let swapped = from_hex(&swapped.replacen("0a 14 12 12 12 10", "0a 12 12 10 12 0e", 1)).unwrap();
    assert_ne!(swapped, bytes);
    assert_eq!(to_text(signal, &swapped), to_text(signal, &bytes));
}

#[test]
fn errors_say_the_line() {
    let wrong = |text: &str| to_bytes(None, text).unwrap_err().to_string();
    assert_eq!(
        wrong("log\nlog bdy=\"x\""),
        "line 2: `bdy` is no field here"
    );
    assert_eq!(wrong("log body=abc"), "line 1: text stands in quotes");
    assert_eq!(wrong("log body=\"abc"), "line 1: a text does not end");
    assert_eq!(
        wrong("log\n\nevent"),
        "line 3: no message that is open here can hold a `event`"
    );
    assert_eq!(
        wrong("log severityNumber=\"x\""),
        "line 1: this value does not fit its field"
    );
    assert_eq!(wrong("log body={a=1 b=2}"), "line 1: `,` should stand here");
    assert_eq!(wrong("log body=["), "line 1: a value should stand here");
    let deep = format!("log body={}", "[".repeat(5000));
    assert_eq!(wrong(&deep), "line 1: values are nested too deep");
}

proptest! {
    #[test]
    fn no_bytes_are_lost_or_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..64), at in 0usize..64, signal in 0u8..3) {
        let signal = Signal::from_u8(signal).unwrap();
        if at % 2 == 0 {
            // Bytes that begin as a batch: a mutated good one.
            let mut good = bytes_of_span().1;
            let at = at % good.len();
            good.splice(at..(at + bytes.len() / 8).min(good.len()), bytes.iter().take(3).copied());
            bytes = good;
        }
        let text = to_text(signal, &bytes);
        match to_bytes(Some(signal), &text) {
            Ok((_, again)) => {
                prop_assert_eq!(again.len(), bytes.len(), "{}", text);
            }
            Err(_) => prop_assert_eq!(from_hex(&text).unwrap(), bytes),
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "(resource|log|span|metric|sum|point|body=|name=|[{}=,\\[\\]\"# \n]|x\"00\"|1.5|-7|k){0,40}") {
        if let Ok((signal, bytes)) = to_bytes(None, &text) {
            let (_, again) = to_bytes(Some(signal), &to_text(signal, &bytes)).unwrap();
            prop_assert_eq!(again, bytes);
        }
    }
}
