//! Batches of log records made by hand, and their bodies read back.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

/// A value.
pub(crate) fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

/// A text.
pub(crate) fn text(text: impl Into<String>) -> AnyValue {
    any(Value::StringValue(text.into()))
}

/// Bytes.
pub(crate) fn bytes(bytes: impl Into<Vec<u8>>) -> AnyValue {
    any(Value::BytesValue(bytes.into()))
}

/// A list of one.
pub(crate) fn list(value: AnyValue) -> AnyValue {
    let values = vec![value];
    any(Value::ArrayValue(ArrayValue { values }))
}

/// A map.
pub(crate) fn map(entries: impl IntoIterator<Item = (impl Into<String>, AnyValue)>) -> AnyValue {
    let values = entries
        .into_iter()
        .map(|(key, value)| entry(key, value))
        .collect();
    any(Value::KvlistValue(KeyValueList { values }))
}

fn entry(key: impl Into<String>, value: AnyValue) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(value),
        ..KeyValue::default()
    }
}

/// A batch of a service: a record for each body.
pub(crate) fn batch(service: &str, bodies: impl IntoIterator<Item = AnyValue>) -> Bytes {
    let records = bodies.into_iter().map(|body| LogRecord {
        body: Some(body),
        ..LogRecord::default()
    });
    let scope = ScopeLogs {
        log_records: records.collect(),
        ..ScopeLogs::default()
    };
    let resource = Resource {
        attributes: vec![entry("service.name", text(service))],
        ..Resource::default()
    };
    let resource_logs = vec![ResourceLogs {
        resource: Some(resource),
        scope_logs: vec![scope],
        ..ResourceLogs::default()
    }];
    ExportLogsServiceRequest { resource_logs }
        .encode_to_vec()
        .into()
}

/// The bodies of a batch; none where a body was removed.
pub(crate) fn bodies(batch: &[u8]) -> Vec<Option<Value>> {
    let batch = ExportLogsServiceRequest::decode(batch).unwrap();
    let scopes = batch
        .resource_logs
        .into_iter()
        .flat_map(|group| group.scope_logs);
    let records = scopes.flat_map(|scope| scope.log_records);
    records
        .map(|record| record.body.and_then(|body| body.value))
        .collect()
}

/// What a text has become.
pub(crate) fn as_text(body: &Option<Value>) -> String {
    match body {
        Some(Value::StringValue(text)) => text.clone(),
        other => panic!("no text: {other:?}"),
    }
}
