//! The decoded twin of a walk: lists and edits the values of a decoded batch in wire order.
//!
//! Written by hand from the `.proto` files, in the order in which `prost` encodes, so that the
//! n-th value here is the n-th value of a walk over the encoded bytes.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, InstrumentationScope, KeyValue, any_value::Value as Member,
};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::{Exemplar, Metric, metric::Data};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use otlp_wire::{Kind, Place, Signal};
use prost::Message;

use crate::generate::{self, Choices};

/// A decoded batch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Batch {
    Traces(ExportTraceServiceRequest),
    Logs(ExportLogsServiceRequest),
    Metrics(ExportMetricsServiceRequest),
}

impl Batch {
    pub(crate) fn generate(signal: Signal, choices: &mut Choices<'_>) -> Self {
        match signal {
            Signal::Traces => Self::Traces(generate::traces(choices)),
            Signal::Logs => Self::Logs(generate::logs(choices)),
            Signal::Metrics => Self::Metrics(generate::metrics(choices)),
        }
    }

    pub(crate) fn decode(signal: Signal, bytes: &[u8]) -> Result<Self, prost::DecodeError> {
        Ok(match signal {
            Signal::Traces => Self::Traces(Message::decode(bytes)?),
            Signal::Logs => Self::Logs(Message::decode(bytes)?),
            Signal::Metrics => Self::Metrics(Message::decode(bytes)?),
        })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Traces(batch) => batch.encode_to_vec(),
            Self::Logs(batch) => batch.encode_to_vec(),
            Self::Metrics(batch) => batch.encode_to_vec(),
        }
    }
}

/// One change to the n-th value.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Replace a range of the text.
    Range(Range<usize>, String),
    /// Make it this text, whatever it was.
    Retype(String),
    /// Remove the entry that it is the value of.
    Remove,
}

/// What to change, by ordinals in wire order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) values: HashMap<usize, Action>,
    pub(crate) inserts: HashMap<usize, Vec<(String, String)>>,
    pub(crate) drops: HashSet<usize>,
}

/// A value as the decoded batch shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    pub(crate) payload: Vec<u8>,
    pub(crate) key: Option<String>,
    pub(crate) container: usize,
    pub(crate) record: Option<usize>,
    pub(crate) depth: u32,
}

/// Where the walk stands.
#[derive(Clone, Copy)]
struct At<'a> {
    place: Place,
    container: usize,
    record: Option<usize>,
    key: Option<&'a str>,
    depth: u32,
}

impl At<'_> {
    fn place(self, place: Place) -> Self {
        Self { place, ..self }
    }
}

/// Lists the values of a batch, and applies a plan to it.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) plan: Plan,
    pub(crate) seen: Vec<Seen>,
    pub(crate) containers: usize,
    pub(crate) records: usize,
}

impl Model {
    pub(crate) fn batch(&mut self, batch: &mut Batch) {
        match batch {
            Batch::Traces(batch) => {
                for group in &mut batch.resource_spans {
                    let at = self.resource(&mut group.resource);
                    for scope in &mut group.scope_spans {
                        let inner = self.scope(&mut scope.scope);
                        scope.spans.retain_mut(|span| self.span(span, inner));
                        self.text(&mut scope.schema_url, inner.place(Place::ScopeSchemaUrl));
                    }
                    self.text(&mut group.schema_url, at.place(Place::ResourceSchemaUrl));
                }
            }
            Batch::Logs(batch) => {
                for group in &mut batch.resource_logs {
                    let at = self.resource(&mut group.resource);
                    for scope in &mut group.scope_logs {
                        let inner = self.scope(&mut scope.scope);
                        scope
                            .log_records
                            .retain_mut(|record| self.log_record(record, inner));
                        self.text(&mut scope.schema_url, inner.place(Place::ScopeSchemaUrl));
                    }
                    self.text(&mut group.schema_url, at.place(Place::ResourceSchemaUrl));
                }
            }
            Batch::Metrics(batch) => {
                for group in &mut batch.resource_metrics {
                    let at = self.resource(&mut group.resource);
                    for scope in &mut group.scope_metrics {
                        let inner = self.scope(&mut scope.scope);
                        for metric in &mut scope.metrics {
                            self.metric(metric, inner);
                        }
                        self.text(&mut scope.schema_url, inner.place(Place::ScopeSchemaUrl));
                    }
                    self.text(&mut group.schema_url, at.place(Place::ResourceSchemaUrl));
                }
            }
        }
    }

    fn resource(&mut self, resource: &mut Option<Resource>) -> At<'static> {
        let at = self.container(Place::ResourceAttribute, None);
        if let Some(resource) = resource {
            self.entries(&mut resource.attributes, at);
            for entity in &mut resource.entity_refs {
                self.text(&mut entity.schema_url, at.place(Place::EntitySchemaUrl));
                self.text(&mut entity.r#type, at.place(Place::EntityType));
                for key in entity
                    .id_keys
                    .iter_mut()
                    .chain(&mut entity.description_keys)
                {
                    self.present(key, Kind::String, at.place(Place::EntityKey));
                }
            }
        }
        let inserts = self.inserts(at);
        if !inserts.is_empty() {
            resource.get_or_insert_default().attributes.extend(inserts);
        }
        at
    }

    fn scope(&mut self, scope: &mut Option<InstrumentationScope>) -> At<'static> {
        let at = self.container(Place::ScopeAttribute, None);
        if let Some(scope) = scope {
            self.text(&mut scope.name, at.place(Place::ScopeName));
            self.text(&mut scope.version, at.place(Place::ScopeVersion));
            self.entries(&mut scope.attributes, at);
        }
        let inserts = self.inserts(at);
        if !inserts.is_empty() {
            scope.get_or_insert_default().attributes.extend(inserts);
        }
        at
    }

    fn record(&mut self) -> (At<'static>, bool) {
        let index = self.records;
        self.records += 1;
        let at = self.container(Place::RecordAttribute, Some(index));
        (at, !self.plan.drops.contains(&index))
    }

    fn span(&mut self, span: &mut Span, _: At<'_>) -> bool {
        let (at, keep) = self.record();
        self.id(&span.trace_id, 16, at);
        self.id(&span.span_id, 8, at);
        self.text(&mut span.trace_state, at.place(Place::TraceState));
        self.id(&span.parent_span_id, 8, at);
        self.text(&mut span.name, at.place(Place::SpanName));
        self.entries(&mut span.attributes, at);
        for event in &mut span.events {
            let at = self.container(Place::EventAttribute, at.record);
            self.text(&mut event.name, at.place(Place::SpanEventName));
            self.entries(&mut event.attributes, at);
            event.attributes.extend(self.inserts(at));
        }
        for link in &mut span.links {
            let at = self.container(Place::LinkAttribute, at.record);
            self.id(&link.trace_id, 16, at);
            self.id(&link.span_id, 8, at);
            self.text(&mut link.trace_state, at.place(Place::LinkTraceState));
            self.entries(&mut link.attributes, at);
            link.attributes.extend(self.inserts(at));
        }
        if let Some(status) = &mut span.status {
            self.text(&mut status.message, at.place(Place::StatusMessage));
        }
        span.attributes.extend(self.inserts(at));
        keep
    }

    fn log_record(&mut self, record: &mut LogRecord, _: At<'_>) -> bool {
        let (at, keep) = self.record();
        self.text(&mut record.severity_text, at.place(Place::SeverityText));
        if let Some(body) = &mut record.body {
            self.any(body, at.place(Place::Body));
        }
        self.entries(&mut record.attributes, at);
        self.id(&record.trace_id, 16, at);
        self.id(&record.span_id, 8, at);
        self.text(&mut record.event_name, at.place(Place::LogEventName));
        record.attributes.extend(self.inserts(at));
        keep
    }

    fn metric(&mut self, metric: &mut Metric, _: At<'_>) {
        let at = self.container(Place::MetricMetadata, None);
        self.text(&mut metric.name, at.place(Place::MetricName));
        self.text(&mut metric.description, at.place(Place::MetricDescription));
        self.text(&mut metric.unit, at.place(Place::MetricUnit));
        match &mut metric.data {
            Some(Data::Gauge(data)) => data
                .data_points
                .retain_mut(|p| self.point(&mut p.attributes, &mut p.exemplars, Order::First)),
            Some(Data::Sum(data)) => data
                .data_points
                .retain_mut(|p| self.point(&mut p.attributes, &mut p.exemplars, Order::First)),
            Some(Data::Histogram(data)) => data
                .data_points
                .retain_mut(|p| self.point(&mut p.attributes, &mut p.exemplars, Order::First)),
            Some(Data::ExponentialHistogram(data)) => data
                .data_points
                .retain_mut(|p| self.point(&mut p.attributes, &mut p.exemplars, Order::Last)),
            Some(Data::Summary(data)) => data
                .data_points
                .retain_mut(|p| self.point(&mut p.attributes, &mut Vec::new(), Order::Last)),
            None => {}
        }
        self.entries(&mut metric.metadata, at);
        metric.metadata.extend(self.inserts(at));
    }

    fn point(
        &mut self,
        attributes: &mut Vec<KeyValue>,
        exemplars: &mut Vec<Exemplar>,
        order: Order,
    ) -> bool {
        let (at, keep) = self.record();
        if order == Order::Last {
            self.entries(attributes, at);
        }
        for exemplar in exemplars {
            let at = self.container(Place::ExemplarAttribute, at.record);
            self.id(&exemplar.span_id, 8, at);
            self.id(&exemplar.trace_id, 16, at);
            self.entries(&mut exemplar.filtered_attributes, at);
            exemplar.filtered_attributes.extend(self.inserts(at));
        }
        if order == Order::First {
            self.entries(attributes, at);
        }
        attributes.extend(self.inserts(at));
        keep
    }

    fn container(&mut self, place: Place, record: Option<usize>) -> At<'static> {
        let container = self.containers;
        self.containers += 1;
        At {
            place,
            container,
            record,
            key: None,
            depth: 0,
        }
    }

    fn inserts(&self, at: At<'_>) -> Vec<KeyValue> {
        let planned = self.plan.inserts.get(&at.container).into_iter().flatten();
        let entry = |(key, text): &(String, String)| KeyValue {
            key: key.clone(),
            value: Some(AnyValue {
                value: Some(Member::StringValue(text.clone())),
            }),
            key_strindex: 0,
        };
        planned.map(entry).collect()
    }

    fn entries(&mut self, entries: &mut Vec<KeyValue>, at: At<'_>) {
        entries.retain_mut(|entry| {
            let key = Some(entry.key.clone()).filter(|key| !key.is_empty());
            if key.is_some() {
                self.present(&mut entry.key, Kind::Key, At { key: None, ..at });
            }
            let at = At {
                key: key.as_deref(),
                ..at
            };
            match &mut entry.value {
                Some(any) => self.any(any, at),
                None => match self.see(Kind::Empty, Vec::new(), at) {
                    Some(Action::Remove) => false,
                    Some(Action::Retype(text)) => {
                        entry.value = Some(AnyValue {
                            value: Some(Member::StringValue(text)),
                        });
                        true
                    }
                    _ => true,
                },
            }
        });
    }

    /// A value; false if its entry shall be removed.
    fn any(&mut self, any: &mut AnyValue, at: At<'_>) -> bool {
        let (kind, payload) = raw(&any.value);
        let action = self.see(kind, payload, at);
        let deeper = At {
            depth: at.depth + 1,
            ..at
        };
        match &mut any.value {
            Some(Member::ArrayValue(array)) => {
                for element in &mut array.values {
                    self.any(element, deeper);
                }
            }
            Some(Member::KvlistValue(list)) => {
                let container = self.containers;
                self.containers += 1;
                let inner = At {
                    container,
                    ..deeper
                };
                self.entries(&mut list.values, inner);
                list.values.extend(self.inserts(inner));
            }
            _ => {}
        }
        match (action, &mut any.value) {
            (Some(Action::Remove), _) => return false,
            (Some(Action::Retype(text)), value) => *value = Some(Member::StringValue(text)),
            (Some(Action::Range(range, text)), Some(Member::StringValue(value))) => {
                value.replace_range(range, &text);
            }
            (Some(Action::Range(range, text)), Some(Member::BytesValue(value))) => {
                value.splice(range, text.bytes());
            }
            _ => {}
        }
        true
    }

    /// Text that stands on the wire only if it is not empty.
    fn text(&mut self, text: &mut String, at: At<'_>) {
        if !text.is_empty() {
            self.present(text, Kind::String, at);
        }
    }

    fn present(&mut self, text: &mut String, kind: Kind, at: At<'_>) {
        let action = self.see(kind, text.clone().into_bytes(), at);
        if let Some(Action::Range(range, new)) = action {
            text.replace_range(range, &new);
        }
    }

    fn id(&mut self, id: &[u8], proper: usize, at: At<'_>) {
        if !id.is_empty() && id.len() != proper {
            self.see(Kind::Bytes, id.to_vec(), at.place(Place::Id));
        }
    }

    fn see(&mut self, kind: Kind, payload: Vec<u8>, at: At<'_>) -> Option<Action> {
        let action = self.plan.values.get(&self.seen.len()).cloned();
        self.seen.push(Seen {
            place: at.place,
            kind,
            payload,
            key: at.key.map(str::to_owned),
            container: at.container,
            record: at.record,
            depth: at.depth,
        });
        action
    }
}

/// Whether exemplars stand before the attributes of a point, or behind them.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    First,
    Last,
}

/// The payload of a value as it stands on the wire.
fn raw(value: &Option<Member>) -> (Kind, Vec<u8>) {
    let varint = |number: u64| {
        let mut bytes = Vec::new();
        prost::encoding::encode_varint(number, &mut bytes);
        bytes
    };
    match value {
        None => (Kind::Empty, Vec::new()),
        Some(Member::StringValue(text)) => (Kind::String, text.clone().into_bytes()),
        Some(Member::BoolValue(value)) => (Kind::Bool, varint(u64::from(*value))),
        Some(Member::IntValue(value)) => (Kind::Int, varint(*value as u64)),
        Some(Member::DoubleValue(value)) => (Kind::Double, value.to_le_bytes().to_vec()),
        Some(Member::ArrayValue(array)) => (Kind::Array, array.encode_to_vec()),
        Some(Member::KvlistValue(list)) => (Kind::Kvlist, list.encode_to_vec()),
        Some(Member::BytesValue(bytes)) => (Kind::Bytes, bytes.clone()),
        Some(Member::StringValueStrindex(index)) => (Kind::Int, varint(*index as i64 as u64)),
    }
}
