//! A made batch of an agent's log records, with a secret in so many of them.
//!
//! 500 records of four services, each with attributes as agents send them and a stretch of source
//! text of 0.2 to 4 KiB as the output of a tool: 1.4 MB. The same for the same share, every time.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

/// Records of the batch.
pub(crate) const RECORDS: usize = 500;
const RESOURCES: usize = 4;

/// Text as tools put it out.
const SOURCES: [&str; 4] = [
    include_str!("../../lib/otlp-wire/src/splice.rs"),
    include_str!("../../lib/otlp-wire/src/walk.rs"),
    include_str!("../../lib/otlp-wire/src/tree.rs"),
    include_str!("../../lib/scan/src/run.rs"),
];

/// A key id that no service gave out.
const SECRET: &str = concat!("AKIA", "IOSFODNN7EXAMPLE");

/// The batch with a secret in the tool output of `dirty` records, spread evenly.
pub(crate) fn batch(dirty: usize) -> Bytes {
    let each = RECORDS / RESOURCES;
    let resources = (0..RESOURCES).map(|service| {
        let records = (0..each).map(|number| {
            let number = service * each + number;
            let is_dirty = (number + 1) * dirty / RECORDS > number * dirty / RECORDS;
            record(number, is_dirty)
        });
        ResourceLogs {
            resource: Some(Resource {
                attributes: vec![
                    text("service.name", format!("agent-{service}")),
                    text("service.version", "0.4.1".to_owned()),
                    text("host.name", format!("build-{service}")),
                ],
                ..Resource::default()
            }),
            scope_logs: vec![ScopeLogs {
                log_records: records.collect(),
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }
    });
    let batch = ExportLogsServiceRequest {
        resource_logs: resources.collect(),
    };
    batch.encode_to_vec().into()
}

fn record(number: usize, is_dirty: bool) -> LogRecord {
    let mut output = output(number);
    if is_dirty {
        output.push_str("\nexport KEY_ID=");
        output.push_str(SECRET);
        output.push('\n');
    }
    let mut attributes = vec![
        text("event.name", "agent.tool_result".to_owned()),
        text("conversation.id", format!("0199-{:08x}-77aa", number / 40)),
        text("model", "large-2".to_owned()),
        text("tool_name", "shell".to_owned()),
        text("call_id", format!("call_{number:012x}")),
        text("arguments", format!("sed -n '{number},+80p' src/lib.rs")),
        text("success", "true".to_owned()),
        int("duration_ms", (number * 37 % 4000) as i64),
        int("output_lines", (number % 90) as i64),
    ];
    attributes.extend((0..14).map(|n| text(&format!("agent.detail.{n}"), format!("value {n}"))));
    attributes.push(text("output", output));
    LogRecord {
        time_unix_nano: 1_760_000_000_000_000_000 + number as u64,
        severity_number: 9,
        body: Some(any(Value::StringValue("agent.tool_result".to_owned()))),
        attributes,
        ..LogRecord::default()
    }
}

fn output(number: usize) -> String {
    let source = SOURCES[number % SOURCES.len()];
    let length = 200 + number * 7919 % 3900;
    let from = number * 104_729 % source.len();
    source.chars().cycle().skip(from).take(length).collect()
}

fn text(key: &str, value: String) -> KeyValue {
    pair(key, Value::StringValue(value))
}

fn int(key: &str, value: i64) -> KeyValue {
    pair(key, Value::IntValue(value))
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(any(value)),
        ..KeyValue::default()
    }
}

fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}
