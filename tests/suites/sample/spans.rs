//! Batches made by hand and what is read back of them.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use tamis_tests::attribute;

/// A number that looks like chance and is the same in every run: splitmix64.
pub(crate) fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for multiplier in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ mixed >> 30).wrapping_mul(multiplier);
    }
    mixed ^ mixed >> 31
}

/// A trace id by its number.
pub(crate) fn id(number: u64) -> Vec<u8> {
    [mixed(2 * number), mixed(2 * number + 1)]
        .map(u64::to_be_bytes)
        .concat()
}

/// A span of this trace.
pub(crate) fn span(trace: u64) -> Span {
    Span {
        trace_id: id(trace),
        name: format!("span {trace}"),
        ..Span::default()
    }
}

/// A log record of this trace.
pub(crate) fn log(trace: u64) -> LogRecord {
    LogRecord {
        trace_id: id(trace),
        ..LogRecord::default()
    }
}

/// An int as an attribute.
pub(crate) fn number(key: &str, number: i64) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::IntValue(number)),
        }),
        ..KeyValue::default()
    }
}

fn resource(attributes: &[(&str, &str)]) -> Option<Resource> {
    let pairs = attributes.iter();
    Some(Resource {
        attributes: pairs.map(|(key, text)| attribute(key, text)).collect(),
        ..Resource::default()
    })
}

/// Spans of one resource.
pub(crate) fn traces(attributes: &[(&str, &str)], spans: Vec<Span>) -> Bytes {
    let group = ResourceSpans {
        resource: resource(attributes),
        scope_spans: vec![ScopeSpans {
            spans,
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    };
    let batch = ExportTraceServiceRequest {
        resource_spans: vec![group],
    };
    batch.encode_to_vec().into()
}

/// Log records of one resource.
pub(crate) fn logs(attributes: &[(&str, &str)], log_records: Vec<LogRecord>) -> Bytes {
    let group = ResourceLogs {
        resource: resource(attributes),
        scope_logs: vec![ScopeLogs {
            log_records,
            ..ScopeLogs::default()
        }],
        ..ResourceLogs::default()
    };
    let batch = ExportLogsServiceRequest {
        resource_logs: vec![group],
    };
    batch.encode_to_vec().into()
}

/// All spans of a batch.
pub(crate) fn spans_of(bytes: &[u8]) -> Vec<Span> {
    let batch = ExportTraceServiceRequest::decode(bytes).unwrap();
    let groups = batch.resource_spans.into_iter();
    let scopes = groups.flat_map(|group| group.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// The text under a key.
pub(crate) fn text_of(attributes: &[KeyValue], key: &str) -> Option<String> {
    let pair = attributes.iter().find(|pair| pair.key == key)?;
    match pair.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        other => panic!("{key} is {other:?}"),
    }
}

/// How many records a kept one stands for, by the threshold that is written as this text.
pub(crate) fn weight(threshold: &str) -> f64 {
    let digits = u64::from_str_radix(threshold, 16).unwrap();
    let threshold = digits << (4 * (14 - threshold.len()));
    let all = (1_u64 << 56) as f64;
    all / (all - threshold as f64)
}

/// The threshold in a span's trace state.
pub(crate) fn threshold_of(span: &Span) -> &str {
    let ot = span
        .trace_state
        .split(',')
        .find_map(|member| member.strip_prefix("ot="));
    let mut fields = ot.unwrap_or_default().split(';');
    fields
        .find_map(|field| field.strip_prefix("th:"))
        .unwrap_or_else(|| panic!("{} says no threshold: {:?}", span.name, span.trace_state))
}
