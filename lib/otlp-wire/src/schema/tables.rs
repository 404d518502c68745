//! The fields of every message, as opentelemetry-proto lists them.
//!
//! Fields stand in the order of their numbers, messages in the order of [`super::Message`]; a number may
//! stand once in a message and must be below 17. A test holds the tables against the descriptors.

mod common;
mod logs;
mod metrics;
mod traces;

use super::Role::{Entries, Leaf, Number, Owner};
use super::{Field, Label, Message as M, Role, Type};
use crate::name::{Level, Place};

/// A message and its fields.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

const fn table(name: &'static str, fields: &'static [Field]) -> Table {
    Table { name, fields }
}

const fn one(number: u32, name: &'static str, kind: Type, role: Role) -> Field {
    Field {
        number,
        name,
        kind,
        label: Label::Plain,
        role,
    }
}

const fn optional(number: u32, name: &'static str, kind: Type) -> Field {
    Field {
        number,
        name,
        kind,
        label: Label::Optional,
        role: Number,
    }
}

const fn number(number: u32, name: &'static str, kind: Type) -> Field {
    one(number, name, kind, Number)
}

const fn text(number: u32, name: &'static str, place: Place) -> Field {
    one(number, name, Type::String, Leaf(place))
}

const fn message(number: u32, name: &'static str, message: M, role: Role) -> Field {
    Field {
        number,
        name,
        kind: Type::Message(message),
        label: Label::Optional,
        role,
    }
}

const fn either(number: u32, name: &'static str, kind: Type, role: Role) -> Field {
    Field {
        number,
        name,
        kind,
        label: Label::Oneof,
        role,
    }
}

const fn many(number: u32, name: &'static str, kind: Type, role: Role) -> Field {
    Field {
        number,
        name,
        kind,
        label: Label::Repeated,
        role,
    }
}

const fn messages(number: u32, name: &'static str, message: M, role: Role) -> Field {
    many(number, name, Type::Message(message), role)
}

const fn entries(number: u32, name: &'static str, place: Place) -> Field {
    messages(number, name, M::KeyValue, Entries(place))
}

const RESOURCE: Field = message(1, "resource", M::Resource, Owner(Level::Resource));
const SCOPE: Field = message(1, "scope", M::Scope, Owner(Level::Scope));

pub(super) const ALL: &[M] = &[
    M::TracesRequest,
    M::LogsRequest,
    M::MetricsRequest,
    M::ResourceSpans,
    M::ResourceLogs,
    M::ResourceMetrics,
    M::ScopeSpans,
    M::ScopeLogs,
    M::ScopeMetrics,
    M::Resource,
    M::Scope,
    M::EntityRef,
    M::KeyValue,
    M::AnyValue,
    M::ArrayValue,
    M::KeyValueList,
    M::Span,
    M::Event,
    M::Link,
    M::Status,
    M::LogRecord,
    M::Metric,
    M::Gauge,
    M::Sum,
    M::Histogram,
    M::ExponentialHistogram,
    M::Summary,
    M::NumberDataPoint,
    M::HistogramDataPoint,
    M::ExponentialHistogramDataPoint,
    M::Buckets,
    M::SummaryDataPoint,
    M::ValueAtQuantile,
    M::Exemplar,
];

pub(super) static TABLES: [Table; ALL.len()] = [
    traces::REQUEST,
    logs::REQUEST,
    metrics::REQUEST,
    traces::RESOURCE_SPANS,
    logs::RESOURCE_LOGS,
    metrics::RESOURCE_METRICS,
    traces::SCOPE_SPANS,
    logs::SCOPE_LOGS,
    metrics::SCOPE_METRICS,
    common::RESOURCE,
    common::INSTRUMENTATION_SCOPE,
    common::ENTITY_REF,
    common::KEY_VALUE,
    common::ANY_VALUE,
    common::ARRAY_VALUE,
    common::KEY_VALUE_LIST,
    traces::SPAN,
    traces::EVENT,
    traces::LINK,
    traces::STATUS,
    logs::LOG_RECORD,
    metrics::METRIC,
    metrics::GAUGE,
    metrics::SUM,
    metrics::HISTOGRAM,
    metrics::EXPONENTIAL_HISTOGRAM,
    metrics::SUMMARY,
    metrics::NUMBER_DATA_POINT,
    metrics::HISTOGRAM_DATA_POINT,
    metrics::EXPONENTIAL_HISTOGRAM_DATA_POINT,
    metrics::BUCKETS,
    metrics::SUMMARY_DATA_POINT,
    metrics::VALUE_AT_QUANTILE,
    metrics::EXEMPLAR,
];
