//! A chain: plugins in order over one batch at a time.
//!
//! Synchronous, shared between threads, no network, no runtime. The gate scans the batch once; a
//! plugin that it finds nothing for is not asked; a batch that nobody changes leaves as the very
//! same bytes. A later plugin sees what the earlier ones left, and what a later one brought in is
//! shown to the protectors before it once more.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use otlp_wire::Signal;
use tamis_contract::{Description, Role};
use tamis_scan::{Gate, ScanOutcome};

use crate::counters::PluginCounters;
use crate::evidence::{Evidence, Sightings};
use crate::imports::LogLine;
use crate::limits::Limits;
use crate::outcome::{Context, Outcome, Refusal, Report};
use crate::plugin::{Plugin, Policy};
use crate::sieve::Sieve;
use crate::step::{Look, Step};
use crate::workers::{Worker, Workers};

/// A scan passes over so many bytes in the time that a search of values takes for one.
const BYTES_SCANNED_FOR_ONE: usize = 16;
/// And over so many in the time that it takes to walk to a value and judge it.
const BYTES_SCANNED_FOR_VALUE: usize = 512;

/// Plugins in order, ready to work. Made by [`ChainBuilder`](crate::ChainBuilder).
#[derive(Debug)]
pub struct Chain {
    pub(crate) plugins: Vec<Plugin>,
    pub(crate) gate: Gate,
    pub(crate) sieve: Sieve,
    pub(crate) walked: Vec<(Arc<str>, String)>,
    pub(crate) workers: Workers,
    pub(crate) limits: Limits,
}

/// What a chain knows about one of its plugins.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PluginInfo {
    /// Its name in the chain.
    pub name: String,
    /// What it says of itself.
    pub description: Description,
    /// What it is for.
    pub role: Role,
    /// What happens when it fails.
    pub policy: Policy,
    /// Subscriptions that no scan can serve: it walks every batch of their signals.
    pub walked: Vec<String>,
    /// What it says about its settings although they are valid.
    pub warnings: Vec<String>,
}

impl Chain {
    /// Runs the chain over one batch.
    pub fn process(&self, signal: Signal, bytes: Bytes, context: &Context) -> Outcome {
        let (max, actual) = (self.limits.batch_bytes_max, bytes.len());
        if actual > max {
            return Outcome::Refused(Refusal::TooLarge { max, actual });
        }
        let Some(mut lease) = self.workers.take() else {
            return Outcome::Refused(Refusal::Busy {
                max: self.workers.max(),
            });
        };
        let Some(worker) = lease.worker() else {
            return Outcome::Refused(Refusal::Busy {
                max: self.workers.max(),
            });
        };
        let mut pass = Pass {
            chain: self,
            worker,
            signal,
            peer: context.peer.as_deref(),
            report: Report::default(),
            scanned: false,
            fresh: Vec::new(),
        };
        match pass.run(&bytes) {
            Ok(None) => Outcome::Unchanged {
                bytes,
                report: pass.report,
            },
            Ok(Some(edited)) if edited.is_empty() => Outcome::Dropped {
                report: pass.report,
            },
            Ok(Some(edited)) => Outcome::Edited {
                bytes: edited.into(),
                report: pass.report,
            },
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    /// What is counted for each plugin.
    #[must_use]
    pub fn counters(&self) -> Vec<PluginCounters> {
        self.plugins
            .iter()
            .map(|plugin| plugin.counters.read(plugin))
            .collect()
    }

    /// What the chain knows about its plugins.
    #[must_use]
    pub fn plugins(&self) -> Vec<PluginInfo> {
        let info = |plugin: &Plugin| PluginInfo {
            name: plugin.name.to_string(),
            description: plugin.description.clone(),
            role: plugin.role,
            policy: plugin.policy,
            walked: self
                .walked
                .iter()
                .filter(|(name, _)| *name == plugin.name)
                .map(|(_, path)| path.clone())
                .collect(),
            warnings: plugin.warnings.clone(),
        };
        self.plugins.iter().map(info).collect()
    }

    /// The scan that serves this chain.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// What the plugins logged since the last time, by plugin. It is content: for the eyes of an
    /// author under a test runner, never for a log.
    #[must_use]
    pub fn take_guest_lines(&self) -> Vec<(String, Vec<LogLine>)> {
        let lines = |plugin: &Plugin| (plugin.name.to_string(), plugin.take_lines());
        self.plugins.iter().map(lines).collect()
    }
}

/// One batch on its way through.
struct Pass<'a> {
    chain: &'a Chain,
    worker: &'a mut Worker,
    signal: Signal,
    peer: Option<&'a str>,
    report: Report,
    /// Whether the worker's hits are all that the gate finds in the batch as it stands.
    scanned: bool,
    /// Text that plugins brought in, by plugin.
    fresh: Vec<(usize, Range<usize>)>,
}

impl Pass<'_> {
    fn run(&mut self, bytes: &Bytes) -> Result<Option<Vec<u8>>, Refusal> {
        let mut edited: Option<Vec<u8>> = None;
        let mut everywhere = self.scan(bytes);
        for (index, plugin) in self.chain.plugins.iter().enumerate() {
            let walks = everywhere || plugin.plan.walks(self.signal);
            let nothing = !walks && self.worker.ranges.is_empty();
            if nothing || !plugin.plan.hears(self.signal) {
                continue;
            }
            let batch = edited.as_deref().unwrap_or(bytes);
            let ranges = std::mem::take(&mut self.worker.ranges);
            let look = if walks || plugin.writes() {
                Look::Everywhere
            } else {
                Look::At(&ranges)
            };
            let changed = self.step(index, batch, look);
            self.worker.ranges = ranges;
            if let Some(changed) = changed? {
                everywhere = self.chain.plugins.len() > index + 1 && self.scan(&changed);
                edited = Some(changed);
            }
        }
        self.once_more(edited)
    }

    /// What a plugin brought in is shown to the protectors before it.
    fn once_more(&mut self, mut edited: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Refusal> {
        for (index, plugin) in self.chain.plugins.iter().enumerate() {
            let hears = plugin.role == Role::Protect && plugin.plan.hears(self.signal);
            let mut later: Vec<_> = self
                .fresh
                .iter()
                .filter(|(by, range)| hears && *by > index && !range.is_empty())
                .map(|(_, range)| range.clone())
                .collect();
            let Some(batch) = edited.as_deref().filter(|_| !later.is_empty()) else {
                continue;
            };
            later.sort_unstable_by_key(|range| range.start);
            // Where much came in, one scan of all costs less than a search of each value.
            let bytes: usize = later.iter().map(ExactSizeIterator::len).sum();
            let search = bytes * BYTES_SCANNED_FOR_ONE + later.len() * BYTES_SCANNED_FOR_VALUE;
            self.scanned = search > batch.len() && !self.scan(batch);
            // A value in which nothing was found is none that the plugin asks for.
            let suffices = self.scanned && !plugin.plan.walks(self.signal) && !plugin.writes();
            let ranges = std::mem::take(&mut self.worker.ranges);
            let look = Look::Only {
                fresh: &later,
                found: suffices.then_some(&ranges),
            };
            let changed = match suffices && ranges.is_empty() {
                true => Ok(None),
                false => self.step(index, batch, look),
            };
            self.worker.ranges = ranges;
            if let Some(changed) = changed? {
                edited = Some(changed);
            }
        }
        Ok(edited)
    }

    fn step(
        &mut self,
        index: usize,
        bytes: &[u8],
        look: Look<'_>,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let scanned = self.scanned;
        let Worker {
            runs,
            scratch,
            hits,
            seen,
            ..
        } = &mut *self.worker;
        let (Some(plugin), Some(run)) = (self.chain.plugins.get(index), runs.get_mut(index)) else {
            return Ok(None);
        };
        let step = Step {
            plugin,
            run,
            scratch,
            limits: &self.chain.limits,
            report: &mut self.report,
            signal: self.signal,
            peer: self.peer,
            bytes,
            evidence: Evidence(scanned.then(|| Sightings {
                hits: hits.as_slice(),
                runs: seen,
            })),
        };
        let changed = step.turn(look)?;
        if changed.is_some() {
            let written = &self.worker.scratch.written;
            for (_, range) in &mut self.fresh {
                *range = written.place(range.start)..written.place(range.end);
            }
            self.fresh
                .extend(written.texts().iter().map(|range| (index, range.clone())));
        }
        Ok(changed)
    }

    /// Fills the ranges that need a look; true when there are too many to list.
    fn scan(&mut self, bytes: &[u8]) -> bool {
        let Worker {
            hits, ranges, seen, ..
        } = &mut *self.worker;
        ranges.clear();
        seen.clear();
        let outcome = self.chain.gate.scan(bytes, hits);
        self.scanned = outcome != ScanOutcome::Overflow;
        match outcome {
            ScanOutcome::Clean => false,
            ScanOutcome::Overflow => true,
            _ => {
                let sieve = self.chain.sieve;
                let hits = hits.as_slice().iter();
                for hit in hits.filter(|hit| sieve.keeps(bytes, hit)) {
                    ranges.push(hit.start..hit.end);
                    seen.add(hit);
                }
                false
            }
        }
    }
}
