//! What is counted for each plugin: plain atomics, read whole.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::Fault;

/// Upper bounds of the classes that calls are counted in by the time they took, in nanoseconds.
pub const CALL_BOUNDS_NS: [u64; 12] = [
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    10_000_000,
    50_000_000,
    250_000_000,
    1_000_000_000,
];

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
    nanos: Count,
    classes: [Count; CALL_BOUNDS_NS.len() + 1],
    pub(crate) edits: Count,
    pub(crate) masked: Count,
    pub(crate) unknown_removed: Count,
    pub(crate) refused: Count,
    faults: Mutex<BTreeMap<&'static str, u64>>,
    detectors: Mutex<BTreeMap<u32, u64>>,
}

impl Counters {
    /// A call that took so long.
    pub(crate) fn call(&self, nanos: u64) {
        self.nanos.add(nanos);
        let class = CALL_BOUNDS_NS.partition_point(|bound| *bound < nanos);
        if let Some(class) = self.classes.get(class) {
            class.add(1);
        }
    }

    pub(crate) fn fault(&self, fault: &Fault) {
        if let Ok(mut faults) = self.faults.lock() {
            *faults.entry(fault.name()).or_default() += 1;
        }
    }

    /// Counts what each of these detectors found, and how often.
    pub(crate) fn detectors(&self, found: impl Iterator<Item = (u32, u64)>) {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        // Finds of one detector often stand in a row.
        let mut last: Option<(u32, u64)> = None;
        for (detector, times) in found {
            last = Some(match last {
                Some((before, count)) if before == detector => (detector, count + times),
                Some((before, count)) => {
                    *counts.entry(before).or_default() += count;
                    (detector, times)
                }
                None => (detector, times),
            });
        }
        let Some((detector, count)) = last else {
            return;
        };
        *counts.entry(detector).or_default() += count;
        if let Ok(mut detectors) = self.detectors.lock() {
            for (detector, count) in counts {
                *detectors.entry(detector).or_default() += count;
            }
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
            classes: self.classes.each_ref().map(Count::get),
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
    /// Calls by the time they took: those up to each of [`CALL_BOUNDS_NS`] and above the one before
    /// it, and last those that took longer.
    pub classes: [u64; CALL_BOUNDS_NS.len() + 1],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_in_the_class_of_its_time() {
        let counters = Counters::default();
        for nanos in [0, 10_000, 10_001, 2_000_000_000] {
            counters.call(nanos);
        }
        let classes = counters.classes.each_ref().map(Count::get);
        assert_eq!((classes[0], classes[1], classes[12]), (2, 1, 1));
        assert_eq!(classes.iter().sum::<u64>(), 4);
    }
}
