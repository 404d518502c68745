//! A batch of any signal, decoded by `prost`.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use otlp_json::{JsonError, Style, to_json, to_protobuf};
use otlp_wire::Signal;
use prost::Message;

use crate::generate::{self, Choices};

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

    pub(crate) fn decode(signal: Signal, bytes: &[u8]) -> Self {
        match signal {
            Signal::Traces => Self::Traces(Message::decode(bytes).expect("traces decode")),
            Signal::Logs => Self::Logs(Message::decode(bytes).expect("logs decode")),
            Signal::Metrics => Self::Metrics(Message::decode(bytes).expect("metrics decode")),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Traces(batch) => batch.encode_to_vec(),
            Self::Logs(batch) => batch.encode_to_vec(),
            Self::Metrics(batch) => batch.encode_to_vec(),
        }
    }

    /// What the serde feature of the published crate reads.
    pub(crate) fn second_opinion(signal: Signal, json: &[u8]) -> serde_json::Result<Self> {
        Ok(match signal {
            Signal::Traces => Self::Traces(serde_json::from_slice(json)?),
            Signal::Logs => Self::Logs(serde_json::from_slice(json)?),
            Signal::Metrics => Self::Metrics(serde_json::from_slice(json)?),
        })
    }

    /// How many spans, log records or metrics, and how many data points.
    pub(crate) fn count(&self) -> (usize, usize) {
        match self {
            Self::Traces(batch) => {
                let scopes = batch
                    .resource_spans
                    .iter()
                    .flat_map(|group| &group.scope_spans);
                (scopes.map(|scope| scope.spans.len()).sum(), 0)
            }
            Self::Logs(batch) => {
                let scopes = batch
                    .resource_logs
                    .iter()
                    .flat_map(|group| &group.scope_logs);
                (scopes.map(|scope| scope.log_records.len()).sum(), 0)
            }
            Self::Metrics(batch) => {
                let groups = batch.resource_metrics.iter();
                let scopes = groups.flat_map(|group| &group.scope_metrics);
                let metrics: Vec<_> = scopes.flat_map(|scope| &scope.metrics).collect();
                let points = metrics.iter().map(|metric| match &metric.data {
                    Some(Data::Gauge(data)) => data.data_points.len(),
                    Some(Data::Sum(data)) => data.data_points.len(),
                    Some(Data::Histogram(data)) => data.data_points.len(),
                    Some(Data::ExponentialHistogram(data)) => data.data_points.len(),
                    Some(Data::Summary(data)) => data.data_points.len(),
                    None => 0,
                });
                (metrics.len(), points.sum())
            }
        }
    }
}

/// The batch that a text holds, and its unknown members.
pub(crate) fn read(signal: Signal, json: &[u8]) -> Result<(Batch, usize), JsonError> {
    let mut out = b"kept".to_vec();
    match to_protobuf(signal, json, &mut out) {
        Ok(transcoded) => {
            let bytes = out.strip_prefix(b"kept").expect("what stood there is kept");
            assert!(otlp_wire::check(signal, bytes).is_ok());
            Ok((Batch::decode(signal, bytes), transcoded.unknown_members))
        }
        Err(error) => {
            assert_eq!(out, b"kept");
            Err(error)
        }
    }
}

/// The text of a batch, which `serde_json` must take unless it nests deeper than that can read.
pub(crate) fn write(signal: Signal, protobuf: &[u8], style: Style) -> String {
    let mut out = Vec::new();
    to_json(signal, protobuf, style, &mut out).expect("the batch is valid");
    if let Err(error) = serde_json::from_slice::<serde_json::Value>(&out) {
        assert!(error.to_string().starts_with("recursion limit"), "{error}");
    }
    String::from_utf8(out).expect("the text is UTF-8")
}
