//! The fields of every message, as opentelemetry-proto lists them.
//!
//! Fields stand in the order of their numbers, messages in the order of [`Message`]; a number may
//! stand once in a message and must be below 17. A test holds the tables against the descriptors.

use super::enums::{AGGREGATION_TEMPORALITY, SEVERITY_NUMBER, SPAN_KIND, STATUS_CODE};
use super::{Field, Label, Message as M, Role, Type};
use crate::name::{Kind, Level, Place, RecordKind};
use Role::{Alternative, Entries, Group, Leaf, Member, Number, Owner, Part};
use Type::{Bool, Double, Fixed32, Fixed64, Id, Int32, Sfixed64, Sint32, Uint32, Uint64};

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
const START_TIME: Field = number(2, "startTimeUnixNano", Fixed64);
const TIME: Field = number(3, "timeUnixNano", Fixed64);
const COUNT: Field = number(4, "count", Fixed64);

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
    table(
        "ExportTraceServiceRequest",
        &[messages(
            1,
            "resourceSpans",
            M::ResourceSpans,
            Group(Level::Resource),
        )],
    ),
    table(
        "ExportLogsServiceRequest",
        &[messages(
            1,
            "resourceLogs",
            M::ResourceLogs,
            Group(Level::Resource),
        )],
    ),
    table(
        "ExportMetricsServiceRequest",
        &[messages(
            1,
            "resourceMetrics",
            M::ResourceMetrics,
            Group(Level::Resource),
        )],
    ),
    table(
        "ResourceSpans",
        &[
            RESOURCE,
            messages(2, "scopeSpans", M::ScopeSpans, Group(Level::Scope)),
            text(3, "schemaUrl", Place::ResourceSchemaUrl),
        ],
    ),
    table(
        "ResourceLogs",
        &[
            RESOURCE,
            messages(2, "scopeLogs", M::ScopeLogs, Group(Level::Scope)),
            text(3, "schemaUrl", Place::ResourceSchemaUrl),
        ],
    ),
    table(
        "ResourceMetrics",
        &[
            RESOURCE,
            messages(2, "scopeMetrics", M::ScopeMetrics, Group(Level::Scope)),
            text(3, "schemaUrl", Place::ResourceSchemaUrl),
        ],
    ),
    table(
        "ScopeSpans",
        &[
            SCOPE,
            messages(2, "spans", M::Span, Role::Record(RecordKind::Span)),
            text(3, "schemaUrl", Place::ScopeSchemaUrl),
        ],
    ),
    table(
        "ScopeLogs",
        &[
            SCOPE,
            messages(2, "logRecords", M::LogRecord, Role::Record(RecordKind::Log)),
            text(3, "schemaUrl", Place::ScopeSchemaUrl),
        ],
    ),
    table(
        "ScopeMetrics",
        &[
            SCOPE,
            messages(2, "metrics", M::Metric, Member(Level::Metric)),
            text(3, "schemaUrl", Place::ScopeSchemaUrl),
        ],
    ),
    table(
        "Resource",
        &[
            entries(1, "attributes", Place::ResourceAttribute),
            number(2, "droppedAttributesCount", Uint32),
            messages(3, "entityRefs", M::EntityRef, Part),
        ],
    ),
    table(
        "InstrumentationScope",
        &[
            text(1, "name", Place::ScopeName),
            text(2, "version", Place::ScopeVersion),
            entries(3, "attributes", Place::ScopeAttribute),
            number(4, "droppedAttributesCount", Uint32),
        ],
    ),
    table(
        "EntityRef",
        &[
            text(1, "schemaUrl", Place::EntitySchemaUrl),
            text(2, "type", Place::EntityType),
            many(3, "idKeys", Type::String, Leaf(Place::EntityKey)),
            many(4, "descriptionKeys", Type::String, Leaf(Place::EntityKey)),
        ],
    ),
    table(
        "KeyValue",
        &[
            one(1, "key", Type::String, Role::Key),
            message(2, "value", M::AnyValue, Role::Value),
            number(3, "keyStrindex", Int32),
        ],
    ),
    table(
        "AnyValue",
        &[
            either(1, "stringValue", Type::String, Alternative(Kind::String)),
            either(2, "boolValue", Bool, Alternative(Kind::Bool)),
            either(3, "intValue", Type::Int64, Alternative(Kind::Int)),
            either(4, "doubleValue", Double, Alternative(Kind::Double)),
            either(
                5,
                "arrayValue",
                Type::Message(M::ArrayValue),
                Alternative(Kind::Array),
            ),
            either(
                6,
                "kvlistValue",
                Type::Message(M::KeyValueList),
                Alternative(Kind::Kvlist),
            ),
            either(7, "bytesValue", Type::Bytes, Alternative(Kind::Bytes)),
            either(8, "stringValueStrindex", Int32, Alternative(Kind::Int)),
        ],
    ),
    table(
        "ArrayValue",
        &[messages(1, "values", M::AnyValue, Role::Element)],
    ),
    // Entries within a value take the place of the value; the place here stands for none.
    table("KeyValueList", &[entries(1, "values", Place::Unknown)]),
    table(
        "Span",
        &[
            one(1, "traceId", Id(16), Role::TraceId),
            one(2, "spanId", Id(8), Role::SpanId),
            text(3, "traceState", Place::TraceState),
            one(4, "parentSpanId", Id(8), Role::Id),
            text(5, "name", Place::SpanName),
            number(6, "kind", Type::Enum(&SPAN_KIND)),
            number(7, "startTimeUnixNano", Fixed64),
            number(8, "endTimeUnixNano", Fixed64),
            entries(9, "attributes", Place::RecordAttribute),
            number(10, "droppedAttributesCount", Uint32),
            messages(11, "events", M::Event, Member(Level::Event)),
            number(12, "droppedEventsCount", Uint32),
            messages(13, "links", M::Link, Member(Level::Link)),
            number(14, "droppedLinksCount", Uint32),
            message(15, "status", M::Status, Part),
            number(16, "flags", Fixed32),
        ],
    ),
    table(
        "Event",
        &[
            number(1, "timeUnixNano", Fixed64),
            text(2, "name", Place::SpanEventName),
            entries(3, "attributes", Place::EventAttribute),
            number(4, "droppedAttributesCount", Uint32),
        ],
    ),
    table(
        "Link",
        &[
            one(1, "traceId", Id(16), Role::Id),
            one(2, "spanId", Id(8), Role::Id),
            text(3, "traceState", Place::LinkTraceState),
            entries(4, "attributes", Place::LinkAttribute),
            number(5, "droppedAttributesCount", Uint32),
            number(6, "flags", Fixed32),
        ],
    ),
    table(
        "Status",
        &[
            text(2, "message", Place::StatusMessage),
            one(3, "code", Type::Enum(&STATUS_CODE), Role::Code),
        ],
    ),
    table(
        "LogRecord",
        &[
            number(1, "timeUnixNano", Fixed64),
            one(
                2,
                "severityNumber",
                Type::Enum(&SEVERITY_NUMBER),
                Role::Code,
            ),
            text(3, "severityText", Place::SeverityText),
            message(5, "body", M::AnyValue, Role::Body),
            entries(6, "attributes", Place::RecordAttribute),
            number(7, "droppedAttributesCount", Uint32),
            number(8, "flags", Fixed32),
            one(9, "traceId", Id(16), Role::TraceId),
            one(10, "spanId", Id(8), Role::SpanId),
            number(11, "observedTimeUnixNano", Fixed64),
            text(12, "eventName", Place::LogEventName),
        ],
    ),
    table(
        "Metric",
        &[
            text(1, "name", Place::MetricName),
            text(2, "description", Place::MetricDescription),
            text(3, "unit", Place::MetricUnit),
            either(5, "gauge", Type::Message(M::Gauge), Part),
            either(7, "sum", Type::Message(M::Sum), Part),
            either(9, "histogram", Type::Message(M::Histogram), Part),
            either(
                10,
                "exponentialHistogram",
                Type::Message(M::ExponentialHistogram),
                Part,
            ),
            either(11, "summary", Type::Message(M::Summary), Part),
            entries(12, "metadata", Place::MetricMetadata),
        ],
    ),
    table("Gauge", &[points(M::NumberDataPoint)]),
    table(
        "Sum",
        &[
            points(M::NumberDataPoint),
            TEMPORALITY,
            number(3, "isMonotonic", Bool),
        ],
    ),
    table("Histogram", &[points(M::HistogramDataPoint), TEMPORALITY]),
    table(
        "ExponentialHistogram",
        &[points(M::ExponentialHistogramDataPoint), TEMPORALITY],
    ),
    table("Summary", &[points(M::SummaryDataPoint)]),
    table(
        "NumberDataPoint",
        &[
            START_TIME,
            TIME,
            either(4, "asDouble", Double, Number),
            exemplars(5),
            either(6, "asInt", Sfixed64, Number),
            entries(7, "attributes", Place::RecordAttribute),
            number(8, "flags", Uint32),
        ],
    ),
    table(
        "HistogramDataPoint",
        &[
            START_TIME,
            TIME,
            COUNT,
            optional(5, "sum", Double),
            many(6, "bucketCounts", Fixed64, Number),
            many(7, "explicitBounds", Double, Number),
            exemplars(8),
            entries(9, "attributes", Place::RecordAttribute),
            number(10, "flags", Uint32),
            optional(11, "min", Double),
            optional(12, "max", Double),
        ],
    ),
    table(
        "ExponentialHistogramDataPoint",
        &[
            entries(1, "attributes", Place::RecordAttribute),
            START_TIME,
            TIME,
            COUNT,
            optional(5, "sum", Double),
            number(6, "scale", Sint32),
            number(7, "zeroCount", Fixed64),
            message(8, "positive", M::Buckets, Part),
            message(9, "negative", M::Buckets, Part),
            number(10, "flags", Uint32),
            exemplars(11),
            optional(12, "min", Double),
            optional(13, "max", Double),
            number(14, "zeroThreshold", Double),
        ],
    ),
    table(
        "Buckets",
        &[
            number(1, "offset", Sint32),
            many(2, "bucketCounts", Uint64, Number),
        ],
    ),
    table(
        "SummaryDataPoint",
        &[
            START_TIME,
            TIME,
            COUNT,
            number(5, "sum", Double),
            messages(6, "quantileValues", M::ValueAtQuantile, Part),
            entries(7, "attributes", Place::RecordAttribute),
            number(8, "flags", Uint32),
        ],
    ),
    table(
        "ValueAtQuantile",
        &[number(1, "quantile", Double), number(2, "value", Double)],
    ),
    table(
        "Exemplar",
        &[
            number(2, "timeUnixNano", Fixed64),
            either(3, "asDouble", Double, Number),
            one(4, "spanId", Id(8), Role::Id),
            one(5, "traceId", Id(16), Role::Id),
            either(6, "asInt", Sfixed64, Number),
            entries(7, "filteredAttributes", Place::ExemplarAttribute),
        ],
    ),
];

const TEMPORALITY: Field = number(
    2,
    "aggregationTemporality",
    Type::Enum(&AGGREGATION_TEMPORALITY),
);

const fn points(message: M) -> Field {
    messages(1, "dataPoints", message, Role::Record(RecordKind::Point))
}

const fn exemplars(number: u32) -> Field {
    messages(number, "exemplars", M::Exemplar, Member(Level::Exemplar))
}
