//! The messages of metrics.
//!
//! As opentelemetry-proto lists them; see [`super`] for what must hold.

use super::{
    RESOURCE, SCOPE, Table, either, entries, many, message, messages, number, one, optional, table,
    text,
};
use crate::name::{Level, Place, RecordKind};
use crate::schema::enums::AGGREGATION_TEMPORALITY;
use crate::schema::{
    Field, Message as M,
    Role::{self, Group, Member, Number, Part},
    Type::{self, Bool, Double, Fixed64, Id, Sfixed64, Sint32, Uint32, Uint64},
};

pub(super) const REQUEST: Table = table(
    "ExportMetricsServiceRequest",
    &[messages(
        1,
        "resourceMetrics",
        M::ResourceMetrics,
        Group(Level::Resource),
    )],
);

pub(super) const RESOURCE_METRICS: Table = table(
    "ResourceMetrics",
    &[
        RESOURCE,
        messages(2, "scopeMetrics", M::ScopeMetrics, Group(Level::Scope)),
        text(3, "schemaUrl", Place::ResourceSchemaUrl),
    ],
);

pub(super) const SCOPE_METRICS: Table = table(
    "ScopeMetrics",
    &[
        SCOPE,
        messages(2, "metrics", M::Metric, Member(Level::Metric)),
        text(3, "schemaUrl", Place::ScopeSchemaUrl),
    ],
);

pub(super) const METRIC: Table = table(
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
);

pub(super) const GAUGE: Table = table("Gauge", &[points(M::NumberDataPoint)]);

pub(super) const SUM: Table = table(
    "Sum",
    &[
        points(M::NumberDataPoint),
        TEMPORALITY,
        number(3, "isMonotonic", Bool),
    ],
);

pub(super) const HISTOGRAM: Table =
    table("Histogram", &[points(M::HistogramDataPoint), TEMPORALITY]);

pub(super) const EXPONENTIAL_HISTOGRAM: Table = table(
    "ExponentialHistogram",
    &[points(M::ExponentialHistogramDataPoint), TEMPORALITY],
);

pub(super) const SUMMARY: Table = table("Summary", &[points(M::SummaryDataPoint)]);

pub(super) const NUMBER_DATA_POINT: Table = table(
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
);

pub(super) const HISTOGRAM_DATA_POINT: Table = table(
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
);

pub(super) const EXPONENTIAL_HISTOGRAM_DATA_POINT: Table = table(
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
);

pub(super) const BUCKETS: Table = table(
    "Buckets",
    &[
        number(1, "offset", Sint32),
        many(2, "bucketCounts", Uint64, Number),
    ],
);

pub(super) const SUMMARY_DATA_POINT: Table = table(
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
);

pub(super) const VALUE_AT_QUANTILE: Table = table(
    "ValueAtQuantile",
    &[number(1, "quantile", Double), number(2, "value", Double)],
);

pub(super) const EXEMPLAR: Table = table(
    "Exemplar",
    &[
        number(2, "timeUnixNano", Fixed64),
        either(3, "asDouble", Double, Number),
        one(4, "spanId", Id(8), Role::Id),
        one(5, "traceId", Id(16), Role::Id),
        either(6, "asInt", Sfixed64, Number),
        entries(7, "filteredAttributes", Place::ExemplarAttribute),
    ],
);

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

const START_TIME: Field = one(2, "startTimeUnixNano", Fixed64, Role::Start);
const TIME: Field = one(3, "timeUnixNano", Fixed64, Role::End);
const COUNT: Field = number(4, "count", Fixed64);
