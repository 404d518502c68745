//! Every kind of leaf: which texts are taken, and what they mean.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{ExponentialHistogramDataPoint, number_data_point};
use opentelemetry_proto::tonic::trace::v1::Span;
use otlp_json::{JsonError, JsonFault};
use otlp_wire::Signal;

use crate::batch::{Batch, read};

fn span(members: &str) -> Result<Span, JsonError> {
    let json = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{members}}}]}}]}}]}}"#);
    let Batch::Traces(mut batch) = read(Signal::Traces, json.as_bytes())?.0 else {
        unreachable!("traces were read");
    };
    let mut scopes = batch.resource_spans.remove(0).scope_spans;
    Ok(scopes.remove(0).spans.remove(0))
}

fn data(metric: &str) -> Result<Option<Data>, JsonError> {
    let json =
        format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{{metric}}}]}}]}}]}}"#);
    let Batch::Metrics(mut batch) = read(Signal::Metrics, json.as_bytes())?.0 else {
        unreachable!("metrics were read");
    };
    let mut scopes = batch.resource_metrics.remove(0).scope_metrics;
    Ok(scopes.remove(0).metrics.remove(0).data)
}

fn number(member: &str) -> Result<Option<number_data_point::Value>, JsonError> {
    let data = data(&format!(r#""gauge":{{"dataPoints":[{{{member}}}]}}"#))?;
    let Some(Data::Gauge(mut gauge)) = data else {
        unreachable!("a gauge was read");
    };
    Ok(gauge.data_points.remove(0).value)
}

fn exponential(member: &str) -> Result<ExponentialHistogramDataPoint, JsonError> {
    let metric = format!(r#""exponentialHistogram":{{"dataPoints":[{{{member}}}]}}"#);
    let Some(Data::ExponentialHistogram(mut histogram)) = data(&metric)? else {
        unreachable!("an exponential histogram was read");
    };
    Ok(histogram.data_points.remove(0))
}

fn any(value: &str) -> Result<Option<Value>, JsonError> {
    let span = span(&format!(r#""attributes":[{{"key":"k","value":{value}}}]"#))?;
    Ok(span.attributes[0].value.clone().and_then(|any| any.value))
}

/// Texts that no integer field takes, as they stand and quoted.
const NO_INTEGERS: [&str; 14] = [
    "1.5",
    "1e-1",
    "0.1",
    "1e400",
    "1e99999999999999999999",
    "\"\"",
    "\" 1\"",
    "\"1 \"",
    "\"+1\"",
    "\"0x10\"",
    "\"01\"",
    "\"1_0\"",
    "NaN",
    "\"Infinity\"",
];

#[test]
fn signed_64_bit_integers() {
    let table: &[(&str, i64)] = &[
        ("0", 0),
        ("-0", 0),
        ("\"-0\"", 0),
        ("5", 5),
        ("\"5\"", 5),
        ("5.0", 5),
        ("\"5.0\"", 5),
        ("1e3", 1000),
        ("\"1E+3\"", 1000),
        ("1.25e2", 125),
        ("1500e-2", 15),
        ("-12e1", -120),
        ("9007199254740993", 9_007_199_254_740_993),
        ("9007199254740993.0", 9_007_199_254_740_993),
        ("9223372036854775807", i64::MAX),
        ("\"9223372036854775807\"", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("0e99999999999999999999", 0),
        ("1000000000000000000000000000000000000000000000000e-46", 100),
    ];
    for &(text, value) in table {
        let point = number(&format!("\"asInt\":{text}"));
        assert_eq!(
            point,
            Ok(Some(number_data_point::Value::AsInt(value))),
            "{text}"
        );
        assert_eq!(
            any(&format!("{{\"intValue\":{text}}}")),
            Ok(Some(Value::IntValue(value))),
            "{text}"
        );
    }
    let too_large = [
        "9223372036854775808",
        "-9223372036854775809",
        "\"18446744073709551616\"",
        "1e19",
    ];
    for text in NO_INTEGERS.into_iter().chain(too_large) {
        let error = number(&format!("\"asInt\":{text}")).expect_err(text);
        assert_eq!(error.fault, JsonFault::Value("a 64-bit integer"), "{text}");
    }
}

#[test]
fn unsigned_64_bit_integers() {
    let table: &[(&str, u64)] = &[
        ("0", 0),
        ("\"18446744073709551615\"", u64::MAX),
        ("18446744073709551615", u64::MAX),
        ("1.8446744073709551615e19", u64::MAX),
        ("\"1544712660300000000\"", 1_544_712_660_300_000_000),
    ];
    for &(text, value) in table {
        let span = span(&format!("\"startTimeUnixNano\":{text}")).expect(text);
        assert_eq!(span.start_time_unix_nano, value);
        let point =
            exponential(&format!("\"positive\":{{\"bucketCounts\":[{text},1]}}")).expect(text);
        assert_eq!(point.positive.expect("is set").bucket_counts, [value, 1]);
    }
    for text in NO_INTEGERS
        .into_iter()
        .chain(["-1", "\"-1\"", "18446744073709551616"])
    {
        let error = span(&format!("\"startTimeUnixNano\":{text}")).expect_err(text);
        assert_eq!(
            error.fault,
            JsonFault::Value("an unsigned 64-bit integer"),
            "{text}"
        );
    }
}

#[test]
fn integers_of_32_bits() {
    for (text, value) in [
        ("0", 0),
        ("\"-7\"", -7),
        ("-2147483648", i32::MIN),
        ("2147483647.0", i32::MAX),
    ] {
        assert_eq!(
            exponential(&format!("\"scale\":{text}")).expect(text).scale,
            value
        );
    }
    for (text, value) in [
        ("0", 0),
        ("\"7\"", 7),
        ("4294967295", u32::MAX),
        ("257e0", 257),
    ] {
        let span = span(&format!("\"flags\":{text},\"droppedLinksCount\":{text}")).expect(text);
        assert_eq!((span.flags, span.dropped_links_count), (value, value));
    }
    for text in NO_INTEGERS.into_iter().chain(["2147483648", "-2147483649"]) {
        let error = exponential(&format!("\"scale\":{text}")).expect_err(text);
        assert_eq!(error.fault, JsonFault::Value("a 32-bit integer"), "{text}");
    }
    for text in NO_INTEGERS.into_iter().chain(["4294967296", "-1"]) {
        for member in ["flags", "droppedLinksCount"] {
            let error = span(&format!("\"{member}\":{text}")).expect_err(text);
            assert_eq!(
                error.fault,
                JsonFault::Value("an unsigned 32-bit integer"),
                "{text}"
            );
        }
    }
}

#[test]
fn doubles() {
    let table: &[(&str, f64)] = &[
        ("0", 0.0),
        ("1.5", 1.5),
        ("\"1.5\"", 1.5),
        ("-1e-7", -1e-7),
        ("5", 5.0),
        ("1e-999", 0.0),
        ("1.7976931348623157e308", f64::MAX),
        ("\"Infinity\"", f64::INFINITY),
        ("\"-Infinity\"", f64::NEG_INFINITY),
        ("Infinity", f64::INFINITY),
        ("-Infinity", f64::NEG_INFINITY),
    ];
    for &(text, value) in table {
        let point = number(&format!("\"asDouble\":{text}"));
        assert_eq!(
            point,
            Ok(Some(number_data_point::Value::AsDouble(value))),
            "{text}"
        );
    }
    for text in ["NaN", "\"NaN\""] {
        match number(&format!("\"asDouble\":{text}")) {
            Ok(Some(number_data_point::Value::AsDouble(value))) => assert!(value.is_nan()),
            other => panic!("{other:?}"),
        }
    }
    match number("\"asDouble\":-0.0") {
        Ok(Some(number_data_point::Value::AsDouble(value))) => assert!(value.is_sign_negative()),
        other => panic!("{other:?}"),
    }
    for text in [
        "1e999",
        "\"-1e999\"",
        "\"inf\"",
        "\"nan\"",
        "\"\"",
        "\"1.\"",
        "\"-NaN\"",
        "\"infinity\"",
    ] {
        let error = number(&format!("\"asDouble\":{text}")).expect_err(text);
        assert_eq!(
            error.fault,
            JsonFault::Value("a number that a double can hold"),
            "{text}"
        );
    }
}

#[test]
fn enums_by_number_and_by_name() {
    for (text, value) in [
        ("3", 3),
        ("\"SPAN_KIND_CLIENT\"", 3),
        ("\"3\"", 3),
        ("99", 99),
        ("-1", -1),
        ("0", 0),
    ] {
        assert_eq!(span(&format!("\"kind\":{text}")).expect(text).kind, value);
    }
    let status = span(r#""status":{"code":"STATUS_CODE_ERROR"}"#)
        .expect("is taken")
        .status;
    assert_eq!(status.expect("is set").code, 2);
    for text in ["\"CLIENT\"", "\"\"", "1.5", "2147483648"] {
        let error = span(&format!("\"kind\":{text}")).expect_err(text);
        assert_eq!(
            error.fault,
            JsonFault::Value("the number or name of an enum value"),
            "{text}"
        );
    }
}

#[test]
fn ids_in_hexadecimal_and_base64() {
    let id: Vec<u8> = (0xf0..=0xff).collect();
    let table: &[(&str, &[u8])] = &[
        ("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", &id),
        ("F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF", &id),
        ("8PHy8/T19vf4+fr7/P3+/w==", &id),
        ("8PHy8/T19vf4+fr7/P3+/w", &id),
        ("8PHy8_T19vf4-fr7_P3-_w", &id),
        ("", b""),
        ("00000000000000000000000000000000", &[0; 16]),
        ("abcd", b"\xab\xcd"),
    ];
    for &(text, bytes) in table {
        assert_eq!(
            span(&format!("\"traceId\":\"{text}\""))
                .expect(text)
                .trace_id,
            bytes
        );
    }
    assert_eq!(
        span(r#""spanId":"8PHy8/T19vc=""#)
            .expect("is taken")
            .span_id,
        id[..8]
    );
    for text in ["f", "xyz!", "8PHy8/T19vc=", "AKIAIOSFODNN7EXAMPLE"] {
        let error = span(&format!("\"traceId\":\"{text}\"")).expect_err(text);
        assert_eq!(
            error.fault,
            JsonFault::Value("an id of 32 hexadecimal digits"),
            "{text}"
        );
    }
}

#[test]
fn bytes_in_both_alphabets() {
    for text in ["+/8=", "+/8", "-_8=", "-_8"] {
        let value = any(&format!("{{\"bytesValue\":\"{text}\"}}"));
        assert_eq!(
            value,
            Ok(Some(Value::BytesValue(vec![0xfb, 0xff]))),
            "{text}"
        );
    }
    assert_eq!(
        any(r#"{"bytesValue":""}"#),
        Ok(Some(Value::BytesValue(Vec::new())))
    );
    for text in ["+", "+_8=", "+/8=x", "!!!!", "+/ 8="] {
        let error = any(&format!("{{\"bytesValue\":\"{text}\"}}")).expect_err(text);
        assert_eq!(error.fault, JsonFault::Value("a base64 string"), "{text}");
    }
}

#[test]
fn alternatives_keep_their_presence() {
    use number_data_point::Value as Number;
    assert_eq!(
        any(r#"{"stringValue":""}"#),
        Ok(Some(Value::StringValue(String::new())))
    );
    assert_eq!(
        any(r#"{"boolValue":false}"#),
        Ok(Some(Value::BoolValue(false)))
    );
    assert_eq!(any("{}"), Ok(None));
    assert_eq!(any("null"), Ok(None));
    assert_eq!(any(r#"{"stringValue":null}"#), Ok(None));
    assert_eq!(number(r#""asInt":0"#), Ok(Some(Number::AsInt(0))));
    assert_eq!(number(r#""asDouble":0"#), Ok(Some(Number::AsDouble(0.0))));
    assert_eq!(
        number(r#""asInt":1,"asDouble":null"#),
        Ok(Some(Number::AsInt(1)))
    );
    let point = exponential(r#""sum":0,"min":null"#).expect("is taken");
    assert_eq!((point.sum, point.min), (Some(0.0), None));
    match any(r#"{"arrayValue":{}}"#) {
        Ok(Some(Value::ArrayValue(array))) => assert!(array.values.is_empty()),
        other => panic!("{other:?}"),
    }
    match any(r#"{"arrayValue":{"values":[null,{},{"intValue":1}]}}"#) {
        Ok(Some(Value::ArrayValue(array))) => assert_eq!(array.values.len(), 3),
        other => panic!("{other:?}"),
    }
}
