//! The classic way: decode with prost, search every string, mask, encode.
//!
//! What a scrubber without our architecture does with the same literals. It is kind to itself: one
//! automaton for all literals, and a hit masks the whole string without a second look.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use prost::Message;
use tamis_host::Signal;

/// Searches for the literals of the default detectors.
pub(crate) struct Classic {
    automaton: AhoCorasick,
}

impl Classic {
    pub(crate) fn new(literals: &[Vec<u8>]) -> anyhow::Result<Self> {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .kind(Some(AhoCorasickKind::DFA))
            .build(literals)?;
        Ok(Self { automaton })
    }

    /// The batch after decode, search and encode.
    pub(crate) fn process(&self, signal: Signal, bytes: &[u8]) -> Vec<u8> {
        match signal {
            Signal::Logs => self.logs(bytes),
            Signal::Traces => self.traces(bytes),
            Signal::Metrics => self.metrics(bytes),
        }
    }

    fn logs(&self, bytes: &[u8]) -> Vec<u8> {
        let mut batch = ExportLogsServiceRequest::decode(bytes).unwrap_or_default();
        for group in &mut batch.resource_logs {
            group
                .resource
                .iter_mut()
                .for_each(|resource| self.attributes(&mut resource.attributes));
            for record in group
                .scope_logs
                .iter_mut()
                .flat_map(|scope| &mut scope.log_records)
            {
                self.attributes(&mut record.attributes);
                record.body.iter_mut().for_each(|body| self.value(body));
                self.text(&mut record.severity_text);
                self.text(&mut record.event_name);
            }
        }
        batch.encode_to_vec()
    }

    fn traces(&self, bytes: &[u8]) -> Vec<u8> {
        let mut batch = ExportTraceServiceRequest::decode(bytes).unwrap_or_default();
        for group in &mut batch.resource_spans {
            group
                .resource
                .iter_mut()
                .for_each(|resource| self.attributes(&mut resource.attributes));
            for span in group
                .scope_spans
                .iter_mut()
                .flat_map(|scope| &mut scope.spans)
            {
                self.text(&mut span.name);
                self.attributes(&mut span.attributes);
                for event in &mut span.events {
                    self.text(&mut event.name);
                    self.attributes(&mut event.attributes);
                }
                span.status
                    .iter_mut()
                    .for_each(|status| self.text(&mut status.message));
            }
        }
        batch.encode_to_vec()
    }

    fn metrics(&self, bytes: &[u8]) -> Vec<u8> {
        let mut batch = ExportMetricsServiceRequest::decode(bytes).unwrap_or_default();
        for group in &mut batch.resource_metrics {
            group
                .resource
                .iter_mut()
                .for_each(|resource| self.attributes(&mut resource.attributes));
            for metric in group
                .scope_metrics
                .iter_mut()
                .flat_map(|scope| &mut scope.metrics)
            {
                self.text(&mut metric.name);
                self.text(&mut metric.description);
                self.points(metric.data.as_mut());
            }
        }
        batch.encode_to_vec()
    }

    fn points(&self, data: Option<&mut opentelemetry_proto::tonic::metrics::v1::metric::Data>) {
        use opentelemetry_proto::tonic::metrics::v1::metric::Data;
        match data {
            Some(Data::Gauge(gauge)) => gauge
                .data_points
                .iter_mut()
                .for_each(|point| self.attributes(&mut point.attributes)),
            Some(Data::Sum(sum)) => sum
                .data_points
                .iter_mut()
                .for_each(|point| self.attributes(&mut point.attributes)),
            Some(Data::Histogram(histogram)) => {
                histogram
                    .data_points
                    .iter_mut()
                    .for_each(|point| self.attributes(&mut point.attributes));
            }
            _ => {}
        }
    }

    fn attributes(&self, attributes: &mut [KeyValue]) {
        for pair in attributes {
            self.text(&mut pair.key);
            pair.value.iter_mut().for_each(|value| self.value(value));
        }
    }

    fn value(&self, value: &mut AnyValue) {
        match &mut value.value {
            Some(Value::StringValue(text)) => self.text(text),
            Some(Value::ArrayValue(list)) => {
                list.values.iter_mut().for_each(|value| self.value(value))
            }
            Some(Value::KvlistValue(list)) => self.attributes(&mut list.values),
            _ => {}
        }
    }

    fn text(&self, text: &mut String) {
        // All of it is searched, as a scrubber must that masks every secret in a text.
        if self.automaton.find_iter(text.as_bytes()).count() > 0 {
            *text = "REDACTED".to_owned();
        }
    }
}
