//! What the chains count of their plugins, read when Prometheus asks.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use tamis::{CALL_BOUNDS_NS, PluginCounters, Tamis};

/// The chains, each with the name of its pipeline.
#[derive(Debug)]
pub(crate) struct Plugins(pub(crate) Vec<(Arc<str>, Arc<Tamis>)>);

/// One counter of a plugin.
type Counter = (&'static str, &'static str, fn(&PluginCounters) -> u64);

const COUNTERS: [Counter; 8] = [
    ("tamis_plugin_calls", "Calls of the plugin", |of| of.calls),
    (
        "tamis_plugin_values",
        "Values shown to the plugin as hits",
        |of| of.values,
    ),
    (
        "tamis_plugin_bytes",
        "Bytes of the frames handed to the plugin",
        |of| of.bytes,
    ),
    (
        "tamis_plugin_edits",
        "Edits done at the plugin's request",
        |of| of.edits,
    ),
    (
        "tamis_plugin_masked_values",
        "Values that the host masked because the plugin failed",
        |of| of.masked,
    ),
    (
        "tamis_plugin_unknown_fields_removed",
        "Unknown fields that were removed for what stood in them",
        |of| of.unknown_removed,
    ),
    (
        "tamis_plugin_refused_batches",
        "Batches refused because the plugin failed",
        |of| of.refused,
    ),
    (
        "tamis_plugin_starts",
        "Instances started after the first",
        |of| of.starts,
    ),
];

impl Collector for Plugins {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let counters = |(pipeline, tamis): &(Arc<str>, Arc<Tamis>)| {
            let pipeline = pipeline.to_string();
            let counters = tamis.chain().counters();
            counters.into_iter().map(move |of| (pipeline.clone(), of))
        };
        let all: Vec<(String, PluginCounters)> = self.0.iter().flat_map(counters).collect();
        for (name, help, value) in COUNTERS {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (pipeline, of) in &all {
                let labels = [("pipeline", pipeline), ("plugin", &of.plugin)];
                ConstCounter::new(value(of)).encode(family.encode_family(&labels)?)?;
            }
        }
        let help = "Edits and reports by detector";
        let name = "tamis_plugin_detections";
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (pipeline, of) in &all {
            for (detector, count) in &of.detectors {
                let labels = [
                    ("pipeline", pipeline),
                    ("plugin", &of.plugin),
                    ("detector", detector),
                ];
                ConstCounter::new(*count).encode(family.encode_family(&labels)?)?;
            }
        }
        let help = "Times that the plugin failed, by how";
        let name = "tamis_plugin_faults";
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (pipeline, of) in &all {
            for (fault, count) in &of.faults {
                let labels = [
                    ("pipeline", pipeline.as_str()),
                    ("plugin", of.plugin.as_str()),
                    ("fault", *fault),
                ];
                ConstCounter::new(*count).encode(family.encode_family(&labels)?)?;
            }
        }
        durations(&mut encoder, &all)
    }
}

fn durations(
    encoder: &mut DescriptorEncoder<'_>,
    all: &[(String, PluginCounters)],
) -> Result<(), fmt::Error> {
    let name = "tamis_plugin_call_seconds";
    let help = "Time that a call of the plugin took";
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
    let bounds = CALL_BOUNDS_NS.map(|bound| bound as f64 / 1e9);
    for (pipeline, of) in all {
        let labels = [("pipeline", pipeline), ("plugin", &of.plugin)];
        let bounds = bounds.into_iter().chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(of.classes).collect();
        let count = of.classes.iter().sum();
        let sum = of.nanos as f64 / 1e9;
        family
            .encode_family(&labels)?
            .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
    }
    Ok(())
}
