//! What the tables of pods count, read when Prometheus asks: one table for each processor.
//!
//! Must never: be what keeps a table up to date, for the page may not be served.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use tamis_kubernetes::TableCounters;

use crate::daemon::clusters::Followed;

/// The tables, each with the name of its processor.
#[derive(Debug)]
pub(crate) struct Tables(pub(crate) Arc<[Followed]>);

impl Tables {
    fn gauge(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, help): (&'static str, &'static str),
        value: impl Fn(&Followed) -> u64,
    ) -> Result<(), fmt::Error> {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for followed in self.0.iter() {
            let labels = [("processor", followed.processor.as_str())];
            let value = i64::try_from(value(followed)).unwrap_or(i64::MAX);
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn counter(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        (name, help): (&'static str, &'static str),
        value: impl Fn(TableCounters) -> u64,
    ) -> Result<(), fmt::Error> {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for followed in self.0.iter() {
            let labels = [("processor", followed.processor.as_str())];
            let value = value(followed.watcher.table().counters());
            ConstCounter::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

impl Collector for Tables {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let ready = (
            "tamis_kubernetes_ready",
            "Whether everything that may be read of the cluster was read once",
        );
        self.gauge(&mut encoder, ready, |of| of.watcher.is_ready().into())?;
        let pods = ("tamis_kubernetes_pods", "Pods that are known now");
        self.gauge(&mut encoder, pods, |of| of.watcher.table().counters().pods)?;
        let questions = (
            "tamis_kubernetes_questions",
            "Questions that the processor asked, one for each resource",
        );
        self.counter(&mut encoder, questions, |of| of.questions)?;
        let found = ("tamis_kubernetes_found", "Questions that found a pod");
        self.counter(&mut encoder, found, |of| of.found)
    }
}
