//! What is counted for each plugin: plain atomics, read whole.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::Fault;

/// One count.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counts of one plugin while they grow.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) starts: Count,
    pub(crate) calls: Count,
    pub(crate) values: Count,
    pub(crate) bytes: Count,
    pub(crate) nanos: Count,
    pub(crate) edits: Count,
    pub(crate) masked: Count,
    pub(crate) unknown_removed: Count,
    pub(crate) refused: Count,
    faults: Mutex<BTreeMap<&'static str, u64>>,
    detectors: Mutex<BTreeMap<u32, u64>>,
}

impl Counters {
    pub(crate) fn fault(&self, fault: &Fault) {
        if let Ok(mut faults) = self.faults.lock() {
            *faults.entry(fault.name()).or_default() += 1;
        }
    }

    pub(crate) fn detector(&self, detector: u32) {
        if let Ok(mut detectors) = self.detectors.lock() {
            *detectors.entry(detector).or_default() += 1;
        }
    }

    pub(crate) fn read(&self, plugin: &crate::plugin::Plugin) -> PluginCounters {
        let faults = self
            .faults
            .lock()
            .map(|faults| faults.clone())
            .unwrap_or_default();
        let detectors = self
            .detectors
            .lock()
            .map(|counts| counts.clone())
            .unwrap_or_default();
        let named = |(number, count)| {
            let name = plugin.detectors.get(number as usize)?;
            Some((name.to_string(), count))
        };
        PluginCounters {
            plugin: plugin.name.to_string(),
            starts: self.starts.get(),
            calls: self.calls.get(),
            values: self.values.get(),
            bytes: self.bytes.get(),
            nanos: self.nanos.get(),
            edits: self.edits.get(),
            masked: self.masked.get(),
            unknown_removed: self.unknown_removed.get(),
            refused: self.refused.get(),
            faults,
            detectors: detectors.into_iter().filter_map(named).collect(),
        }
    }
}

/// The counts of one plugin since the chain was built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginCounters {
    /// The plugin.
    pub plugin: String,
    /// Instances started after the first.
    pub starts: u64,
    /// Calls.
    pub calls: u64,
    /// Values shown as hits.
    pub values: u64,
    /// Bytes of the frames handed over.
    pub bytes: u64,
    /// Nanoseconds spent in calls.
    pub nanos: u64,
    /// Edits done at its request.
    pub edits: u64,
    /// Values that the host masked because it failed.
    pub masked: u64,
    /// Unknown fields that were removed for what stood in them.
    pub unknown_removed: u64,
    /// Batches refused because it failed.
    pub refused: u64,
    /// Faults by their short name.
    pub faults: BTreeMap<&'static str, u64>,
    /// Edits and reports by detector.
    pub detectors: BTreeMap<String, u64>,
}
