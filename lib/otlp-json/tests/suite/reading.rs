//! The text around the values: names, duplicates, nulls, what is unknown, and what errors say.

use otlp_json::JsonFault;
use otlp_wire::Signal;

use crate::batch::{Batch, read};

const PLAIN: &str = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"stringValue":"b"}}],"droppedAttributesCount":2},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":"5","severityNumber":9,"body":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"1"}}]}},"eventName":"e"}],"schemaUrl":"u"}]}]}"#;

fn logs(json: &str) -> (Batch, usize) {
    read(Signal::Logs, json.as_bytes()).expect("the text is taken")
}

#[test]
fn spellings_of_one_batch_are_one_batch() {
    let (plain, unknown) = logs(PLAIN);
    assert_eq!((plain.count(), unknown), ((1, 0), 0));
    let snake = PLAIN
        .replace("resourceLogs", "resource_logs")
        .replace("scopeLogs", "scope_logs")
        .replace("logRecords", "log_records")
        .replace("droppedAttributesCount", "dropped_attributes_count")
        .replace("timeUnixNano", "time_unix_nano")
        .replace("kvlistValue", "kvlist_value")
        .replace("eventName", "event_name");
    let value: serde_json::Value = serde_json::from_str(PLAIN).expect("it is JSON");
    let pretty = serde_json::to_string_pretty(&value).expect("it is JSON");
    let escaped = PLAIN.replace("stringValue", "string\\u0056alue");
    let marked = format!("\u{feff} \r\n\t{PLAIN}\n\n");
    let nulls = PLAIN
        .replace(r#""key":"a","#, r#""key":"a","keyStrindex":null,"#)
        .replace(
            r#""eventName""#,
            r#""attributes":null,"traceId":null,"flags":null,"eventName""#,
        );
    for text in [snake, pretty, escaped, marked, nulls] {
        assert_eq!(logs(&text), (plain.clone(), 0), "{text}");
    }
}

#[test]
fn unknown_members_are_counted_and_leave_nothing() {
    let (plain, _) = logs(PLAIN);
    let odd = PLAIN
        .replace(
            r#""key":"a","#,
            r#""key":"a","Key":"AKIA","nested":{"key":"AKIA","x":[1,{"y":null}]},"#,
        )
        .replace(
            r#""schemaUrl""#,
            r#""schema-url":[[],{}],"scopelogs":"AKIA","time_UnixNano":NaN,"":true,"schemaUrl""#,
        );
    assert_eq!(logs(&odd), (plain, 6));
}

#[test]
fn duplicates_mean_what_protobuf_means() {
    let twice = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"a"}]},"resource":{"attributes":[{"key":"b"}],"droppedAttributesCount":3},"schemaUrl":"x","schemaUrl":"","scopeLogs":[{"logRecords":[{"flags":1,"flags":0,"severityNumber":7,"severityNumber":null}]}]}],"resourceLogs":[{}]}"#;
    let Batch::Logs(batch) = logs(twice).0 else {
        panic!("not logs");
    };
    assert_eq!(batch.resource_logs.len(), 2);
    let group = &batch.resource_logs[0];
    let resource = group.resource.as_ref().expect("is set");
    let keys: Vec<_> = resource
        .attributes
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    assert_eq!(
        (keys, resource.dropped_attributes_count),
        (vec!["a", "b"], 3)
    );
    assert_eq!(group.schema_url, "");
    let record = &group.scope_logs[0].log_records[0];
    assert_eq!((record.flags, record.severity_number), (0, 7));
}

#[test]
fn empty_object_is_an_empty_batch() {
    for text in [
        "{}",
        " { } ",
        "{\"resourceLogs\":[]}",
        "{\"resourceLogs\":null}",
    ] {
        assert_eq!(logs(text).0.count(), (0, 0));
    }
}

#[test]
fn errors_say_where_and_what_and_nothing_else() {
    let table: &[(&str, &str)] = &[
        ("", "line 1, column 1: text ends within the document"),
        (" \n ", "line 2, column 2: text ends within the document"),
        ("null", "line 1, column 1: expected an object, found null"),
        ("[]", "line 1, column 1: expected an object, found an array"),
        ("{}{}", "line 1, column 3: text goes on after the document"),
        ("{} x", "line 1, column 4: text goes on after the document"),
        (
            "{\"x\":1,}",
            "line 1, column 8: expected the name of a member",
        ),
        ("{'x':1}", "line 1, column 2: expected the name of a member"),
        ("{\"x\" 1}", "line 1, column 6: expected `:`"),
        ("{\"x\":1 \"y\"}", "line 1, column 8: expected `,` or `}`"),
        ("{\"x\":tru}", "line 1, column 9: expected a value"),
        ("{\"x\":01}", "line 1, column 7: expected `,` or `}`"),
        (
            "{\n  \"resourceLogs\": [{}, {\n    \"scopeLogs\": [{\"logRecords\": [{\"\u{e9}\": 1, \"flags\": \"SECRET\"}]}]\n  }]\n}",
            "line 3, column 53, resourceLogs[1].scopeLogs[0].logRecords[0].flags: expected an unsigned 32-bit integer, found a value that is none",
        ),
        (
            "{\"resource_logs\":[{\"schema_url\":{\"SECRET\":1}}]}",
            "line 1, column 33, resourceLogs[0].schemaUrl: expected a string, found an object",
        ),
        (
            "{\"resourceLogs\":[7]}",
            "line 1, column 18, resourceLogs[0]: expected an object, found a number",
        ),
        (
            "{\"resourceLogs\":{}}",
            "line 1, column 17, resourceLogs: expected an array, found an object",
        ),
        (
            "{\"resourceLogs\":[{\"schemaUrl\":\"SECRET\\x\"}]}",
            "line 1, column 39, resourceLogs[0].schemaUrl: invalid escape in a string",
        ),
        (
            "{\"resourceLogs\":[{\"schemaUrl\":\"SEC\nRET\"}]}",
            "line 1, column 35, resourceLogs[0].schemaUrl: control character in a string must be escaped",
        ),
        (
            "{\"resourceLogs\":[{\"schemaUrl\":\"\\ud83d SECRET\"}]}",
            "line 1, column 32, resourceLogs[0].schemaUrl: unpaired surrogate in an escape",
        ),
        (
            "{\"resourceLogs\":[{\"schemaUrl\":\"a\\udc00\"}]}",
            "line 1, column 33, resourceLogs[0].schemaUrl: unpaired surrogate in an escape",
        ),
        (
            "{\"resourceLogs\":[{\"SECRET\":{\"SECRET\":nope}}]}",
            "line 1, column 39, resourceLogs[0]: expected a value",
        ),
    ];
    for (text, expected) in table {
        let error = read(Signal::Logs, text.as_bytes()).expect_err(text);
        assert_eq!(error.to_string(), *expected, "{text}");
        assert!(!format!("{error:?}").contains("SECRET"));
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let error = read(
        Signal::Logs,
        b"{\"resourceLogs\":[{\"schemaUrl\":\"ab\xff\"}]}",
    )
    .expect_err("refused");
    assert_eq!((error.fault, error.column), (JsonFault::Utf8, 34));
    let utf_16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(read(Signal::Logs, &utf_16).is_err());
    assert!(read(Signal::Logs, b"\xff\xfe{}").is_err());
    assert!(read(Signal::Logs, b"{}\0").is_err());
}
