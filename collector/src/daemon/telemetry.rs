//! What the daemon counts of its pipelines, and the page that Prometheus reads.
//!
//! Receivers and exporters count for themselves, in the same registry. Label values come from the
//! config, from the plugins' lists of detectors, and from fixed words; never from a batch.

mod plugins;
mod process;
mod tables;

use std::sync::Arc;

use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::audit::AuditMetrics;
use super::web::{Page, Site};

pub(crate) use plugins::Plugins;
pub(crate) use process::Process;
pub(crate) use tables::Tables;

/// Seconds that a chain takes for a batch: upper bounds of the histogram's buckets.
const CHAIN_BOUNDS_S: [f64; 12] = [
    0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.25, 1.0, 5.0,
];

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PipelineLabels {
    pipeline: String,
}

/// A pipeline, and why it refused a batch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedLabels {
    pipeline: String,
    reason: &'static str,
}

/// What is counted about pipelines and the audit.
#[derive(Debug)]
pub(crate) struct Metrics {
    incoming: Family<PipelineLabels, Counter>,
    outgoing: Family<PipelineLabels, Counter>,
    dropped: Family<PipelineLabels, Counter>,
    refused: Family<RefusedLabels, Counter>,
    duration: Family<PipelineLabels, Histogram, fn() -> Histogram>,
    pub(crate) audit: AuditMetrics,
}

/// What is counted about one pipeline.
#[derive(Debug)]
pub(crate) struct PipelineMetrics {
    /// Items that came to its chain.
    pub(crate) incoming: Counter,
    /// Items that went on to its exporters.
    pub(crate) outgoing: Counter,
    /// Items that its plugins dropped.
    pub(crate) dropped: Counter,
    /// Time in its chain.
    pub(crate) duration: Histogram,
    refused: Family<RefusedLabels, Counter>,
    pipeline: String,
}

impl PipelineMetrics {
    /// So many items of a batch that did not go on.
    pub(crate) fn refused(&self, reason: &'static str, items: u64) {
        let labels = RefusedLabels {
            pipeline: self.pipeline.clone(),
            reason,
        };
        self.refused.get_or_create(&labels).inc_by(items);
    }
}

impl Metrics {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let duration: fn() -> Histogram = || Histogram::new(CHAIN_BOUNDS_S);
        let metrics = Self {
            incoming: Family::default(),
            outgoing: Family::default(),
            dropped: Family::default(),
            refused: Family::default(),
            duration: Family::new_with_constructor(duration),
            audit: AuditMetrics::default(),
        };
        let items = [
            (
                "tamis_pipeline_incoming_items",
                "Items that came to the pipeline's chain",
                &metrics.incoming,
            ),
            (
                "tamis_pipeline_outgoing_items",
                "Items that went on to the pipeline's exporters",
                &metrics.outgoing,
            ),
            (
                "tamis_pipeline_dropped_items",
                "Items that the pipeline's plugins dropped",
                &metrics.dropped,
            ),
        ];
        for (name, help, family) in items {
            registry.register(name, help, family.clone());
        }
        registry.register(
            "tamis_pipeline_refused_items",
            "Items that the pipeline did not let through",
            metrics.refused.clone(),
        );
        registry.register(
            "tamis_pipeline_chain_seconds",
            "Time that the pipeline's chain took for a batch",
            metrics.duration.clone(),
        );
        registry.register(
            "tamis_audit_lines",
            "Lines handed over to be written to the audit",
            metrics.audit.lines.clone(),
        );
        registry.register(
            "tamis_audit_left_out_lines",
            "Lines that the audit does not have",
            metrics.audit.left_out.clone(),
        );
        metrics
    }

    /// Those of one pipeline.
    pub(crate) fn of(&self, pipeline: &str) -> PipelineMetrics {
        let labels = PipelineLabels {
            pipeline: pipeline.to_owned(),
        };
        PipelineMetrics {
            incoming: self.incoming.get_or_create_owned(&labels),
            outgoing: self.outgoing.get_or_create_owned(&labels),
            dropped: self.dropped.get_or_create_owned(&labels),
            duration: self.duration.get_or_create_owned(&labels),
            refused: self.refused.clone(),
            pipeline: labels.pipeline,
        }
    }
}

/// `/metrics`, in the OpenMetrics text format.
#[derive(Debug)]
pub(crate) struct MetricsPage(pub(crate) Arc<Registry>);

impl Site for MetricsPage {
    fn page(&self, path: &str) -> Option<Page> {
        if path != "/metrics" {
            return None;
        }
        let mut text = String::new();
        let status = match prometheus_client::encoding::text::encode(&mut text, &self.0) {
            Ok(()) => StatusCode::OK,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Some(Page {
            status,
            kind: "application/openmetrics-text; version=1.0.0; charset=utf-8",
            text,
        })
    }
}
