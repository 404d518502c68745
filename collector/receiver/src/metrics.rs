//! What receivers count.
//!
//! Label values come from the config and from fixed words only, never from a request.

use std::sync::Arc;

use otlp_wire::Signal;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::refusal::Reason;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DoorLabels {
    receiver: String,
    transport: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignalLabels {
    receiver: String,
    transport: &'static str,
    signal: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedItems {
    receiver: String,
    transport: &'static str,
    signal: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedRequests {
    receiver: String,
    transport: &'static str,
    reason: &'static str,
}

/// The metrics of all receivers, registered once.
#[derive(Clone, Debug)]
pub struct Metrics {
    accepted_items: Family<SignalLabels, Counter>,
    refused_items: Family<RefusedItems, Counter>,
    bytes: Family<SignalLabels, Counter>,
    refused_requests: Family<RefusedRequests, Counter>,
    unknown_members: Family<DoorLabels, Counter>,
    requests: Family<DoorLabels, Gauge>,
    connections: Family<DoorLabels, Gauge>,
}

impl Metrics {
    /// Registers them, with names from `tamis_receiver_accepted_items_total` on.
    pub fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            accepted_items: Family::default(),
            refused_items: Family::default(),
            bytes: Family::default(),
            refused_requests: Family::default(),
            unknown_members: Family::default(),
            requests: Family::default(),
            connections: Family::default(),
        };
        registry.register(
            "tamis_receiver_accepted_items",
            "Records that were taken",
            metrics.accepted_items.clone(),
        );
        registry.register(
            "tamis_receiver_refused_items",
            "Records that were refused after their batch was read",
            metrics.refused_items.clone(),
        );
        registry.register(
            "tamis_receiver_bytes",
            "Bytes of batches that were read, decompressed",
            metrics.bytes.clone(),
        );
        registry.register(
            "tamis_receiver_refused_requests",
            "Requests that were refused",
            metrics.refused_requests.clone(),
        );
        registry.register(
            "tamis_receiver_unknown_json_members",
            "Members of JSON that the schema does not know, left out",
            metrics.unknown_members.clone(),
        );
        registry.register(
            "tamis_receiver_requests_in_flight",
            "Requests in work",
            metrics.requests.clone(),
        );
        registry.register(
            "tamis_receiver_connections",
            "Open connections",
            metrics.connections.clone(),
        );
        metrics
    }

    pub(crate) fn of(&self, receiver: &Arc<str>, transport: &'static str) -> DoorMetrics {
        let receiver = receiver.to_string();
        let labels = DoorLabels {
            receiver: receiver.clone(),
            transport,
        };
        let by_signal = |family: &Family<SignalLabels, Counter>| {
            [Signal::Traces, Signal::Logs, Signal::Metrics].map(|signal| {
                family.get_or_create_owned(&SignalLabels {
                    receiver: receiver.clone(),
                    transport,
                    signal: signal.as_str(),
                })
            })
        };
        DoorMetrics {
            accepted_items: by_signal(&self.accepted_items),
            bytes: by_signal(&self.bytes),
            unknown_members: self.unknown_members.get_or_create_owned(&labels),
            requests: self.requests.get_or_create_owned(&labels),
            connections: self.connections.get_or_create_owned(&labels),
            refused_items: self.refused_items.clone(),
            refused_requests: self.refused_requests.clone(),
            labels,
        }
    }
}

/// The metrics of one door, looked up once.
pub(crate) struct DoorMetrics {
    accepted_items: [Counter; 3],
    bytes: [Counter; 3],
    unknown_members: Counter,
    requests: Gauge,
    connections: Gauge,
    refused_items: Family<RefusedItems, Counter>,
    refused_requests: Family<RefusedRequests, Counter>,
    labels: DoorLabels,
}

impl DoorMetrics {
    pub(crate) fn read(&self, signal: Signal, bytes: usize, unknown_members: usize) {
        if let Some(counter) = self.bytes.get(signal as usize) {
            counter.inc_by(bytes as u64);
        }
        self.unknown_members.inc_by(unknown_members as u64);
    }

    pub(crate) fn accepted(&self, signal: Signal, items: u64) {
        if let Some(counter) = self.accepted_items.get(signal as usize) {
            counter.inc_by(items);
        }
    }

    pub(crate) fn refused_items(&self, signal: Signal, reason: &'static str, items: u64) {
        let labels = RefusedItems {
            receiver: self.labels.receiver.clone(),
            transport: self.labels.transport,
            signal: signal.as_str(),
            reason,
        };
        self.refused_items.get_or_create(&labels).inc_by(items);
    }

    pub(crate) fn refused_request(&self, reason: Reason) {
        let labels = RefusedRequests {
            receiver: self.labels.receiver.clone(),
            transport: self.labels.transport,
            reason: reason.label(),
        };
        self.refused_requests.get_or_create(&labels).inc();
    }

    /// One more request in work, until this is dropped.
    pub(crate) fn request(&self) -> Counted {
        Counted::new(&self.requests)
    }

    /// One more connection, until this is dropped.
    pub(crate) fn connection(&self) -> Counted {
        Counted::new(&self.connections)
    }
}

/// One of a gauge.
pub(crate) struct Counted(Gauge);

impl Counted {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
