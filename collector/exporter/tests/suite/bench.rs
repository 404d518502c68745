//! An exporter with its metrics, batches to put into it, and what came of them.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use otlp_wire::Signal;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use prost::Message;
use tamis_exporter::{
    Encoding, Exporter, ExporterKind, ExporterSettings, Left, Metrics, NoRoom, OtlpSettings,
    OtlpTransport, Payload,
};
use tokio::time::Instant;

pub(crate) const HTTP: OtlpTransport = OtlpTransport::Http(Encoding::Protobuf);
pub(crate) const JSON: OtlpTransport = OtlpTransport::Http(Encoding::Json);

/// A running exporter.
pub(crate) struct Bench {
    pub(crate) exporter: Exporter,
    registry: Registry,
}

/// What is left of it when it has stopped.
pub(crate) struct Done {
    pub(crate) left: Left,
    pub(crate) metrics: String,
}

/// Settings of an exporter that tries again after some milliseconds, and for two seconds.
pub(crate) fn otlp(settings: OtlpSettings) -> ExporterSettings {
    let mut settings = ExporterSettings::new("otlp", ExporterKind::Otlp(Box::new(settings)));
    settings.retry.initial_interval = Duration::from_millis(10);
    settings.retry.max_interval = Duration::from_millis(10);
    settings.retry.max_elapsed_time = Duration::from_secs(2);
    settings
}

impl Bench {
    pub(crate) fn start(settings: ExporterSettings) -> Self {
        let mut registry = Registry::default();
        let metrics = Metrics::new(&mut registry);
        Self {
            exporter: Exporter::start(settings, &metrics).unwrap(),
            registry,
        }
    }

    pub(crate) async fn put(&self, batch: Payload) -> Result<(), NoRoom> {
        let room = self
            .exporter
            .reserve(batch.signal, batch.items, batch.bytes.len());
        room.await?.put(batch);
        Ok(())
    }

    /// Stops it, with a minute to send what is in the queue.
    pub(crate) async fn stop(self) -> Done {
        self.stop_in(Duration::from_secs(60)).await
    }

    pub(crate) async fn stop_in(self, time: Duration) -> Done {
        let left = self.exporter.stop(Instant::now() + time).await;
        let mut metrics = String::new();
        encode(&mut metrics, &self.registry).unwrap();
        Done { left, metrics }
    }
}

impl Done {
    /// The sum of all samples of this name and these labels.
    pub(crate) fn count(&self, name: &str, label: &str) -> u64 {
        let name = format!("tamis_exporter_{name}{{");
        let samples = self.metrics.lines().filter(|line| {
            line.starts_with(&name) && line.contains(label) && line.contains("exporter=\"otlp\"")
        });
        samples
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    pub(crate) fn sent(&self) -> u64 {
        self.count("sent_items_total", "")
    }

    pub(crate) fn failed(&self, reason: &str) -> u64 {
        self.count("failed_items_total", &format!("reason=\"{reason}\""))
    }
}

/// A batch of logs, each of so many bytes.
pub(crate) fn logs(records: u64, bytes: usize) -> Payload {
    let record = |number| LogRecord {
        time_unix_nano: number,
        body: Some(AnyValue {
            value: Some(any_value::Value::StringValue("b".repeat(bytes))),
        }),
        ..LogRecord::default()
    };
    let scope = ScopeLogs {
        log_records: (1..=records).map(record).collect(),
        ..ScopeLogs::default()
    };
    let resource = ResourceLogs {
        scope_logs: vec![scope],
        schema_url: "https://example.org/schema".into(),
        ..ResourceLogs::default()
    };
    let batch = ExportLogsServiceRequest {
        resource_logs: vec![resource],
    };
    Payload {
        signal: Signal::Logs,
        bytes: batch.encode_to_vec().into(),
        items: records,
    }
}

/// A batch of any signal that has no record but counts as one.
pub(crate) fn empty(signal: Signal) -> Payload {
    let bytes = match signal {
        Signal::Traces => {
            let resource_spans = vec![Default::default()];
            ExportTraceServiceRequest { resource_spans }.encode_to_vec()
        }
        Signal::Logs => {
            let resource_logs = vec![Default::default()];
            ExportLogsServiceRequest { resource_logs }.encode_to_vec()
        }
        Signal::Metrics => {
            let resource_metrics = vec![Default::default()];
            ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()
        }
    };
    Payload {
        signal,
        bytes: bytes.into(),
        items: 1,
    }
}

/// The times of the records that a server has got, in order.
pub(crate) fn times(messages: impl IntoIterator<Item = Vec<u8>>) -> Vec<u64> {
    let decode = |message: Vec<u8>| ExportLogsServiceRequest::decode(&message[..]).unwrap();
    let batches = messages.into_iter().map(decode);
    let scopes = batches
        .flat_map(|batch| batch.resource_logs)
        .flat_map(|resource| resource.scope_logs);
    scopes
        .flat_map(|scope| scope.log_records)
        .map(|record| record.time_unix_nano)
        .collect()
}
