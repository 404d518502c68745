//! The canonical text: what exactly is written, and what cannot be.

use otlp_json::{Style, Written, to_json};
use otlp_wire::schema::Wire;
use otlp_wire::{Member, Signal, varint, write_any, write_attribute, write_len_field, write_tag};

use crate::batch::write;

/// A batch around this log record.
fn around(record: &[u8]) -> Vec<u8> {
    let mut bytes = record.to_vec();
    for number in [2, 2, 1] {
        let mut outer = Vec::new();
        write_len_field(number, &bytes, &mut outer);
        bytes = outer;
    }
    bytes
}

/// The text of this log record.
fn record(record: &[u8]) -> String {
    let text = write(Signal::Logs, &around(record), Style::Compact);
    let inner = text.strip_prefix(r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":["#);
    let inner = inner.and_then(|text| text.strip_suffix("]}]}]}"));
    inner.expect("the text around the record").to_owned()
}

fn body(member: Member<'_>) -> String {
    let mut bytes = Vec::new();
    write_any(5, member, &mut bytes);
    record(&bytes)
}

#[test]
fn values_have_one_form() {
    let table: &[(Member<'_>, &str)] = &[
        (Member::String(""), r#"{"stringValue":""}"#),
        (
            Member::String("a\"\\/\n\r\t\u{8}\u{1f}\u{7f}\u{e9}\u{2028}\u{1f980}"),
            "{\"stringValue\":\"a\\\"\\\\/\\n\\r\\t\\u0008\\u001f\u{7f}\u{e9}\u{2028}\u{1f980}\"}",
        ),
        (Member::Bool(false), r#"{"boolValue":false}"#),
        (Member::Int(0), r#"{"intValue":"0"}"#),
        (
            Member::Int(i64::MIN),
            r#"{"intValue":"-9223372036854775808"}"#,
        ),
        (Member::Double(0.0), r#"{"doubleValue":0}"#),
        (Member::Double(-0.0), r#"{"doubleValue":-0}"#),
        (Member::Double(0.1), r#"{"doubleValue":0.1}"#),
        (Member::Double(1e300), r#"{"doubleValue":1e300}"#),
        (Member::Double(5e-324), r#"{"doubleValue":5e-324}"#),
        (Member::Double(f64::NAN), r#"{"doubleValue":"NaN"}"#),
        (
            Member::Double(f64::INFINITY),
            r#"{"doubleValue":"Infinity"}"#,
        ),
        (
            Member::Double(f64::NEG_INFINITY),
            r#"{"doubleValue":"-Infinity"}"#,
        ),
        (Member::Bytes(&[0xfb, 0xff]), r#"{"bytesValue":"+/8="}"#),
        (Member::Array(b""), r#"{"arrayValue":{}}"#),
        (
            Member::Array(b"\x0a\x00"),
            r#"{"arrayValue":{"values":[{}]}}"#,
        ),
        (Member::Kvlist(b""), r#"{"kvlistValue":{}}"#),
    ];
    for (member, text) in table {
        assert_eq!(body(*member), format!("{{\"body\":{text}}}"));
    }
}

#[test]
fn defaults_are_left_out_and_ids_are_hexadecimal() {
    let mut bytes = Vec::new();
    write_tag(1, Wire::Fixed64, &mut bytes);
    bytes.extend(0_u64.to_le_bytes());
    write_len_field(3, b"", &mut bytes);
    write_len_field(9, &[0xab; 16], &mut bytes);
    write_len_field(10, b"", &mut bytes);
    write_tag(11, Wire::Fixed64, &mut bytes);
    bytes.extend(7_u64.to_le_bytes());
    write_tag(2, Wire::Varint, &mut bytes);
    varint::write(9, &mut bytes);
    let expected = r#"{"severityNumber":9,"traceId":"abababababababababababababababab","observedTimeUnixNano":"7"}"#;
    assert_eq!(record(&bytes), expected);
}

#[test]
fn duplicates_count_as_in_protobuf() {
    let mut bytes = Vec::new();
    write_any(5, Member::Array(b"\x0a\x00"), &mut bytes);
    write_attribute(6, "a", Member::Int(1), &mut bytes);
    write_any(5, Member::String("hidden"), &mut bytes);
    write_any(5, Member::Array(b"\x0a\x02\x10\x01"), &mut bytes);
    write_attribute(6, "b", Member::Int(2), &mut bytes);
    write_any(5, Member::Array(b"\x0a\x02\x10\x00"), &mut bytes);
    write_len_field(12, b"first", &mut bytes);
    write_len_field(12, b"last", &mut bytes);
    let expected = concat!(
        r#"{"body":{"arrayValue":{"values":[{"boolValue":true},{"boolValue":false}]}},"#,
        r#""attributes":[{"key":"a","value":{"intValue":"1"}},{"key":"b","value":{"intValue":"2"}}],"#,
        r#""eventName":"last"}"#
    );
    assert_eq!(record(&bytes), expected);
}

#[test]
fn what_json_cannot_hold_is_counted() {
    let mut bytes = Vec::new();
    write_len_field(3, b"a\xffb\xf0\x9f", &mut bytes);
    write_len_field(12, b"fine", &mut bytes);
    write_len_field(99, b"unknown", &mut bytes);
    write_tag(98, Wire::Varint, &mut bytes);
    varint::write(1, &mut bytes);
    write_tag(97, Wire::GroupStart, &mut bytes);
    write_len_field(1, b"x", &mut bytes);
    write_tag(97, Wire::GroupEnd, &mut bytes);
    let mut out = Vec::new();
    let written = to_json(Signal::Logs, &around(&bytes), Style::Compact, &mut out);
    let expected = Written {
        unknown_fields: 3,
        replaced_texts: 1,
    };
    assert_eq!(written, Ok(expected));
    assert_eq!(
        record(&bytes),
        "{\"severityText\":\"a\u{fffd}b\u{fffd}\",\"eventName\":\"fine\"}"
    );
}

#[test]
fn packed_and_single_numbers_are_one_list() {
    // A histogram point: bucket counts packed, alone, packed and empty; one bound alone.
    let mut point = Vec::new();
    write_len_field(
        6,
        &[1_u64.to_le_bytes(), 2_u64.to_le_bytes()].concat(),
        &mut point,
    );
    write_tag(6, Wire::Fixed64, &mut point);
    point.extend(3_u64.to_le_bytes());
    write_len_field(6, b"", &mut point);
    write_tag(7, Wire::Fixed64, &mut point);
    point.extend(0.5_f64.to_le_bytes());
    let mut bytes = point;
    for number in [1, 9, 2, 2, 1] {
        let mut outer = Vec::new();
        write_len_field(number, &bytes, &mut outer);
        bytes = outer;
    }
    let text = write(Signal::Metrics, &bytes, Style::Compact);
    assert!(
        text.contains(r#"[{"bucketCounts":["1","2","3"],"explicitBounds":[0.5]}]"#),
        "{text}"
    );
}

#[test]
fn pretty_text_is_laid_out_as_serde_json_does() {
    let mut bytes = Vec::new();
    write_attribute(
        6,
        "a",
        Member::Array(b"\x0a\x02\x10\x01\x0a\x00"),
        &mut bytes,
    );
    write_len_field(12, b"e", &mut bytes);
    let compact = write(Signal::Logs, &around(&bytes), Style::Compact);
    let value: serde_json::Value = serde_json::from_str(&compact).expect("it is JSON");
    let pretty = write(Signal::Logs, &around(&bytes), Style::Pretty);
    let expected = serde_json::to_string_pretty(&value).expect("it is JSON");
    assert_eq!(pretty.lines().count(), expected.lines().count());
    let mut lines: Vec<_> = pretty
        .lines()
        .map(|line| line.trim_end_matches(','))
        .collect();
    let mut expected: Vec<_> = expected
        .lines()
        .map(|line| line.trim_end_matches(','))
        .collect();
    // `serde_json` orders members by name.
    lines.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lines, expected);
    assert_eq!(write(Signal::Logs, b"", Style::Pretty), "{}");
}
