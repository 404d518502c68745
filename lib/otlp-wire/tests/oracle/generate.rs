//! Random batches of all three signals, as decoded messages.
//!
//! Every choice is drawn from a list of bytes, so that proptest shrinks the list and with it the
//! message. An empty list gives an empty batch.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList,
    any_value::Value as Member,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram,
    HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary,
    SummaryDataPoint, exemplar, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};

/// A source of choices.
pub(crate) struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: bytes.iter(),
        }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let high = if limit > 256 {
            usize::from(self.byte()) << 8
        } else {
            0
        };
        (high + usize::from(self.byte())) % limit.max(1)
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn many<T>(&mut self, limit: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(limit + 1)).map(|_| make(self)).collect()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.coin().then(|| make(self))
    }

    fn number(&mut self) -> u64 {
        match self.byte() % 4 {
            0 => 0,
            1 => u64::from(self.byte()),
            2 => u64::MAX - u64::from(self.byte()),
            _ => 0x4142_4344_4546_4748,
        }
    }

    fn double(&mut self) -> f64 {
        self.number() as f64 / 3.0
    }

    /// Text of 0 to 140 bytes, so that lengths of one and two bytes occur.
    pub(crate) fn text(&mut self) -> String {
        const WORDS: [&str; 8] = ["key", "a", "=", " ", "\u{e9}", "token", "\u{1f980}", "0"];
        let words = if self.byte() % 8 == 7 {
            40
        } else {
            self.below(4)
        };
        (0..words)
            .map(|_| WORDS[usize::from(self.byte()) % WORDS.len()])
            .collect()
    }

    fn id(&mut self, size: usize) -> Vec<u8> {
        match self.byte() % 4 {
            0 => Vec::new(),
            1 => vec![self.byte(); size + 4],
            _ => vec![self.byte(); size],
        }
    }
}

pub(crate) fn traces(from: &mut Choices<'_>) -> ExportTraceServiceRequest {
    let resource_spans = from.many(3, |from| ResourceSpans {
        resource: from.maybe(resource),
        scope_spans: from.many(2, |from| ScopeSpans {
            scope: from.maybe(scope),
            spans: from.many(3, span),
            schema_url: from.text(),
        }),
        schema_url: from.text(),
    });
    ExportTraceServiceRequest { resource_spans }
}

pub(crate) fn logs(from: &mut Choices<'_>) -> ExportLogsServiceRequest {
    let resource_logs = from.many(3, |from| ResourceLogs {
        resource: from.maybe(resource),
        scope_logs: from.many(2, |from| ScopeLogs {
            scope: from.maybe(scope),
            log_records: from.many(3, log_record),
            schema_url: from.text(),
        }),
        schema_url: from.text(),
    });
    ExportLogsServiceRequest { resource_logs }
}

pub(crate) fn metrics(from: &mut Choices<'_>) -> ExportMetricsServiceRequest {
    let resource_metrics = from.many(3, |from| ResourceMetrics {
        resource: from.maybe(resource),
        scope_metrics: from.many(2, |from| ScopeMetrics {
            scope: from.maybe(scope),
            metrics: from.many(3, metric),
            schema_url: from.text(),
        }),
        schema_url: from.text(),
    });
    ExportMetricsServiceRequest { resource_metrics }
}

fn resource(from: &mut Choices<'_>) -> Resource {
    Resource {
        attributes: attributes(from),
        dropped_attributes_count: from.number() as u32,
        entity_refs: from.many(2, |from| EntityRef {
            schema_url: from.text(),
            r#type: from.text(),
            id_keys: from.many(2, Choices::text),
            description_keys: from.many(2, Choices::text),
        }),
    }
}

fn scope(from: &mut Choices<'_>) -> InstrumentationScope {
    InstrumentationScope {
        name: from.text(),
        version: from.text(),
        attributes: attributes(from),
        dropped_attributes_count: from.number() as u32,
    }
}

fn span(from: &mut Choices<'_>) -> Span {
    Span {
        trace_id: from.id(16),
        span_id: from.id(8),
        trace_state: from.text(),
        parent_span_id: from.id(8),
        flags: from.number() as u32,
        name: from.text(),
        kind: i32::from(from.byte()),
        start_time_unix_nano: from.number(),
        end_time_unix_nano: from.number(),
        attributes: attributes(from),
        dropped_attributes_count: from.number() as u32,
        events: from.many(2, |from| Event {
            time_unix_nano: from.number(),
            name: from.text(),
            attributes: attributes(from),
            dropped_attributes_count: from.number() as u32,
        }),
        dropped_events_count: from.number() as u32,
        links: from.many(2, |from| Link {
            trace_id: from.id(16),
            span_id: from.id(8),
            trace_state: from.text(),
            attributes: attributes(from),
            dropped_attributes_count: from.number() as u32,
            flags: from.number() as u32,
        }),
        dropped_links_count: from.number() as u32,
        status: from.maybe(|from| Status {
            message: from.text(),
            code: i32::from(from.byte()) - 3,
        }),
    }
}

fn log_record(from: &mut Choices<'_>) -> LogRecord {
    LogRecord {
        time_unix_nano: from.number(),
        observed_time_unix_nano: from.number(),
        severity_number: i32::from(from.byte()),
        severity_text: from.text(),
        body: from.maybe(|from| any(from, 3)),
        attributes: attributes(from),
        dropped_attributes_count: from.number() as u32,
        flags: from.number() as u32,
        trace_id: from.id(16),
        span_id: from.id(8),
        event_name: from.text(),
    }
}

fn metric(from: &mut Choices<'_>) -> Metric {
    Metric {
        name: from.text(),
        description: from.text(),
        unit: from.text(),
        metadata: attributes(from),
        data: from.maybe(data),
    }
}

fn data(from: &mut Choices<'_>) -> Data {
    let aggregation_temporality = i32::from(from.byte());
    match from.byte() % 5 {
        0 => Data::Gauge(Gauge {
            data_points: from.many(3, number_point),
        }),
        1 => Data::Sum(Sum {
            data_points: from.many(3, number_point),
            aggregation_temporality,
            is_monotonic: from.coin(),
        }),
        2 => Data::Histogram(Histogram {
            data_points: from.many(3, histogram_point),
            aggregation_temporality,
        }),
        3 => Data::ExponentialHistogram(ExponentialHistogram {
            data_points: from.many(3, exponential_point),
            aggregation_temporality,
        }),
        _ => Data::Summary(Summary {
            data_points: from.many(3, summary_point),
        }),
    }
}

fn number_point(from: &mut Choices<'_>) -> NumberDataPoint {
    NumberDataPoint {
        attributes: attributes(from),
        start_time_unix_nano: from.number(),
        time_unix_nano: from.number(),
        exemplars: from.many(2, exemplar),
        flags: from.number() as u32,
        value: from.maybe(|from| match from.coin() {
            true => number_data_point::Value::AsInt(from.number() as i64),
            false => number_data_point::Value::AsDouble(from.double()),
        }),
    }
}

fn histogram_point(from: &mut Choices<'_>) -> HistogramDataPoint {
    HistogramDataPoint {
        attributes: attributes(from),
        start_time_unix_nano: from.number(),
        time_unix_nano: from.number(),
        count: from.number(),
        sum: from.maybe(Choices::double),
        bucket_counts: from.many(3, Choices::number),
        explicit_bounds: from.many(3, Choices::double),
        exemplars: from.many(2, exemplar),
        flags: from.number() as u32,
        min: from.maybe(Choices::double),
        max: from.maybe(Choices::double),
    }
}

fn exponential_point(from: &mut Choices<'_>) -> ExponentialHistogramDataPoint {
    let buckets = |from: &mut Choices<'_>| Buckets {
        offset: from.number() as i32,
        bucket_counts: from.many(3, Choices::number),
    };
    ExponentialHistogramDataPoint {
        attributes: attributes(from),
        start_time_unix_nano: from.number(),
        time_unix_nano: from.number(),
        count: from.number(),
        sum: from.maybe(Choices::double),
        scale: from.number() as i32,
        zero_count: from.number(),
        positive: from.maybe(buckets),
        negative: from.maybe(buckets),
        flags: from.number() as u32,
        exemplars: from.many(2, exemplar),
        min: from.maybe(Choices::double),
        max: from.maybe(Choices::double),
        zero_threshold: from.double(),
    }
}

fn summary_point(from: &mut Choices<'_>) -> SummaryDataPoint {
    SummaryDataPoint {
        attributes: attributes(from),
        start_time_unix_nano: from.number(),
        time_unix_nano: from.number(),
        count: from.number(),
        sum: from.double(),
        quantile_values: from.many(2, |from| ValueAtQuantile {
            quantile: from.double(),
            value: from.double(),
        }),
        flags: from.number() as u32,
    }
}

fn exemplar(from: &mut Choices<'_>) -> Exemplar {
    Exemplar {
        filtered_attributes: attributes(from),
        time_unix_nano: from.number(),
        span_id: from.id(8),
        trace_id: from.id(16),
        value: from.maybe(|from| match from.coin() {
            true => exemplar::Value::AsInt(from.number() as i64),
            false => exemplar::Value::AsDouble(from.double()),
        }),
    }
}

fn attributes(from: &mut Choices<'_>) -> Vec<KeyValue> {
    from.many(3, |from| entry(from, 3))
}

fn entry(from: &mut Choices<'_>, depth: usize) -> KeyValue {
    KeyValue {
        key: from.text(),
        value: (from.byte() % 8 != 7).then(|| any(from, depth)),
        key_strindex: i32::from(from.byte() % 2),
    }
}

fn any(from: &mut Choices<'_>, depth: usize) -> AnyValue {
    let kinds = if depth == 0 { 7 } else { 9 };
    let value = match from.byte() % kinds {
        0 => None,
        1 => Some(Member::StringValue(from.text())),
        2 => Some(Member::BoolValue(from.coin())),
        3 => Some(Member::IntValue(from.number() as i64)),
        4 => Some(Member::DoubleValue(from.double())),
        5 => Some(Member::BytesValue(from.text().into_bytes())),
        6 => Some(Member::StringValueStrindex(i32::from(from.byte()))),
        7 => {
            let values = from.many(3, |from| any(from, depth - 1));
            Some(Member::ArrayValue(ArrayValue { values }))
        }
        _ => {
            let values = from.many(3, |from| entry(from, depth - 1));
            Some(Member::KvlistValue(KeyValueList { values }))
        }
    };
    AnyValue { value }
}
