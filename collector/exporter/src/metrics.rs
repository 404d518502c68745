//! What the exporters count.
//!
//! Every record that is put into an exporter ends in exactly one of `sent`, `failed` and `dropped`.
//!
//! Must never: have a label whose values come from a batch or a backend's words.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use otlp_wire::Signal;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::why::Why;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    exporter: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSignal {
    exporter: String,
    signal: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfReason {
    exporter: String,
    signal: &'static str,
    reason: String,
}

/// The metrics of all exporters of a daemon.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    sent_items: Family<OfSignal, Counter>,
    sent_bytes: Family<OfSignal, Counter>,
    failed_items: Family<OfReason, Counter>,
    dropped_items: Family<OfSignal, Counter>,
    retries: Family<OfReason, Counter>,
    queue_items: Family<Of, Gauge>,
    queue_bytes: Family<Of, Gauge>,
    queue_capacity_items: Family<Of, Gauge<u64, AtomicU64>>,
    queue_capacity_bytes: Family<Of, Gauge<u64, AtomicU64>>,
}

impl Metrics {
    /// Registers them, as `tamis_exporter_...`.
    #[must_use]
    pub fn new(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let registry = registry.sub_registry_with_prefix("tamis_exporter");
        registry.register(
            "sent_items",
            "Records that a backend has taken",
            metrics.sent_items.clone(),
        );
        registry.register(
            "sent_bytes",
            "Bytes of bodies that a backend has taken, as they were sent",
            metrics.sent_bytes.clone(),
        );
        registry.register(
            "failed_items",
            "Records that were given up, were refused for good, or left over at the stop",
            metrics.failed_items.clone(),
        );
        registry.register(
            "dropped_items",
            "Records that found no room in the queue of an exporter with on_full: drop",
            metrics.dropped_items.clone(),
        );
        registry.register(
            "retries",
            "Attempts that failed and were to be made again",
            metrics.retries.clone(),
        );
        registry.register(
            "queue_items",
            "Records in the queue, those on their way included",
            metrics.queue_items.clone(),
        );
        registry.register(
            "queue_bytes",
            "Bytes in the queue, those on their way included",
            metrics.queue_bytes.clone(),
        );
        registry.register(
            "queue_capacity_items",
            "Records that the queue has room for",
            metrics.queue_capacity_items.clone(),
        );
        registry.register(
            "queue_capacity_bytes",
            "Bytes that the queue has room for",
            metrics.queue_capacity_bytes.clone(),
        );
        metrics
    }

    /// The counters of one exporter.
    pub(crate) fn of(&self, exporter: &Arc<str>) -> Arc<Counters> {
        let of = Of {
            exporter: exporter.to_string(),
        };
        let by_signal = |family: &Family<OfSignal, Counter>| {
            [Signal::Traces, Signal::Logs, Signal::Metrics].map(|signal| {
                family.get_or_create_owned(&OfSignal {
                    exporter: exporter.to_string(),
                    signal: signal.as_str(),
                })
            })
        };
        let counters = Counters {
            sent_items: by_signal(&self.sent_items),
            sent_bytes: by_signal(&self.sent_bytes),
            queue_items: self.queue_items.get_or_create(&of).clone(),
            queue_bytes: self.queue_bytes.get_or_create(&of).clone(),
            all: self.clone(),
            exporter: Arc::clone(exporter),
        };
        Arc::new(counters)
    }
}

/// The counters of one exporter; those of the usual way are looked up once.
#[derive(Debug)]
pub(crate) struct Counters {
    all: Metrics,
    exporter: Arc<str>,
    sent_items: [Counter; 3],
    sent_bytes: [Counter; 3],
    /// Records in the queue.
    pub(crate) queue_items: Gauge,
    /// Bytes in the queue.
    pub(crate) queue_bytes: Gauge,
}

impl Counters {
    fn of(&self, signal: Signal) -> OfSignal {
        OfSignal {
            exporter: self.exporter.to_string(),
            signal: signal.as_str(),
        }
    }

    fn of_reason(&self, signal: Signal, why: Why) -> OfReason {
        OfReason {
            exporter: self.exporter.to_string(),
            signal: signal.as_str(),
            reason: why.label().into_owned(),
        }
    }

    pub(crate) fn capacity(&self, items: u64, bytes: u64) {
        let of = Of {
            exporter: self.exporter.to_string(),
        };
        self.all.queue_capacity_items.get_or_create(&of).set(items);
        self.all.queue_capacity_bytes.get_or_create(&of).set(bytes);
    }

    pub(crate) fn sent(&self, signal: Signal, items: u64) {
        if let Some(sent) = self.sent_items.get(signal as usize) {
            sent.inc_by(items);
        }
    }

    pub(crate) fn sent_bytes(&self, signal: Signal, bytes: usize) {
        if let Some(sent) = self.sent_bytes.get(signal as usize) {
            sent.inc_by(bytes as u64);
        }
    }

    pub(crate) fn failed(&self, signal: Signal, why: Why, items: u64) {
        let of = self.of_reason(signal, why);
        self.all.failed_items.get_or_create(&of).inc_by(items);
    }

    pub(crate) fn dropped(&self, signal: Signal, items: u64) {
        let of = self.of(signal);
        self.all.dropped_items.get_or_create(&of).inc_by(items);
    }

    pub(crate) fn retry(&self, signal: Signal, why: Why) {
        let of = self.of_reason(signal, why);
        self.all.retries.get_or_create(&of).inc();
    }
}

#[cfg(test)]
impl Metrics {
    /// Records of logs of the exporter `otlp` that were sent, and those that failed by reason.
    pub(crate) fn totals(&self) -> (u64, Vec<(String, u64)>) {
        let of = OfSignal {
            exporter: "otlp".into(),
            signal: "logs",
        };
        let sent = self.sent_items.get_or_create(&of).get();
        let reasons = [
            Why::Http(503),
            Why::Http(400),
            Why::Http(413),
            Why::Rejected,
            Why::Stopped,
            Why::Internal,
        ];
        let failed = reasons.into_iter().filter_map(|why| {
            let of = OfReason {
                exporter: "otlp".into(),
                signal: "logs",
                reason: why.label().into_owned(),
            };
            let count = self.failed_items.get_or_create(&of).get();
            (count > 0).then_some((of.reason, count))
        });
        (sent, failed.collect())
    }
}
