//! One plugin's turn at one batch: select, judge, show, call, check.
//!
//! Everything that can go wrong in a guest ends here, in its policy. A guest sees values of one
//! tree; its edits, and the host's masks where it failed, become changes to that tree's bytes.

mod records;

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use otlp_wire::{Everything, Kind, NONE, Select, Signal, Tree, Value, Written, walk};
use tamis_contract::{EditsReader, Operation};

use crate::approved::Approved;
use crate::change::Changes;
use crate::edit_fault::EditFault;
use crate::edits::Checker;
use crate::evidence::Evidence;
use crate::fault::Fault;
use crate::found::{Finds, Found};
use crate::judge::Batch;
use crate::limits::Limits;
use crate::outcome::{Cause, Refusal, Report};
use crate::plugin::{Plugin, Policy};
use crate::present::Present;
use crate::records::Recorded;
use crate::report;
use crate::run::Run;
use crate::select::{Bounded, Places, Touched};
use crate::show::Shown;
use crate::size::Entries;
use crate::steps::Steps;

/// Which part of a batch is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look<'a> {
    /// What these sorted ranges touch.
    At(&'a [Range<usize>]),
    /// Everything in the plugin's places.
    Everywhere,
    /// Only what `fresh` touches is judged, and of that only what `found` touches, if it is there.
    /// Both are sorted.
    Only {
        fresh: &'a [Range<usize>],
        found: Option<&'a [Range<usize>]>,
    },
}

/// Buffers of one worker that serve every step.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    tree: Tree,
    companions: Tree,
    shown: Shown,
    frame: Vec<u8>,
    entries: Entries,
    found: Finds,
    hits: Vec<u32>,
    changes: Changes,
    approved: Vec<Approved>,
    pub(crate) written: Written,
}

/// What a step needs of the chain and the batch.
pub(crate) struct Step<'a> {
    pub(crate) plugin: &'a Plugin,
    pub(crate) run: &'a mut Option<Box<dyn Run>>,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) limits: &'a Limits,
    pub(crate) report: &'a mut Report,
    pub(crate) signal: Signal,
    pub(crate) peer: Option<&'a str>,
    pub(crate) bytes: &'a [u8],
    pub(crate) evidence: Evidence<'a>,
}

impl Step<'_> {
    /// Lets the plugin have its turn. The new batch, if anything changed; `scratch.written` then
    /// says where new text stands in it.
    pub(crate) fn turn(mut self, look: Look<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        self.select(look)?;
        self.scratch.changes.clear();
        self.scratch.hits.clear();
        self.scratch.approved.clear();
        // What a later plugin brought in is values; its containers were shown before.
        let asks = match look {
            Look::Only { .. } => 0,
            Look::At(_) | Look::Everywhere => self.plugin.plan.containers,
        };
        self.scratch.shown.begin(asks);
        match self.plugin.plan.records(self.signal) {
            Some(beside) => self.show_records(beside)?,
            None => self.show(look)?,
        }
        if self.scratch.changes.is_empty() {
            self.lines();
            return Ok(None);
        }
        self.splice()
    }

    /// Writes what was done into the report.
    fn lines(&mut self) {
        let Scratch { tree, approved, .. } = &mut *self.scratch;
        report::add(
            self.report,
            self.plugin,
            tree,
            self.bytes,
            approved,
            self.limits.report_lines_max,
        );
    }

    /// Shows the companions that the subscriptions of these hits ask for.
    fn show_companions(&mut self) {
        let Scratch {
            tree,
            companions,
            shown,
            ..
        } = &mut *self.scratch;
        crate::companions::show(
            self.plugin,
            self.signal,
            self.bytes,
            tree,
            companions,
            shown,
        );
    }

    fn select(&mut self, look: Look<'_>) -> Result<(), Refusal> {
        if let Some(beside) = self.plugin.plan.records(self.signal) {
            return self.walk(Recorded::new(beside, self.bytes));
        }
        let writes = self.plugin.writes();
        let plan = &self.plugin.plan;
        match look {
            Look::At(ranges) => self.walk(Touched::new(ranges)),
            Look::Only { fresh, found } if !writes => {
                self.walk(Touched::new(found.unwrap_or(fresh)))
            }
            _ if self.plugin.only_adds_above_records() => {
                self.walk(Places::new(plan, self.signal, self.bytes).above_records())
            }
            _ if writes && plan.is_above_records() => {
                self.walk(Places::with_entries(plan, self.signal, self.bytes))
            }
            Look::Everywhere if !writes || plan.passes_by(self.signal) => {
                self.walk(Places::new(plan, self.signal, self.bytes))?;
                // A plugin that writes needs all of every container, once anything is to be shown.
                match writes && !self.scratch.tree.values.is_empty() {
                    true => self.walk(Everything),
                    false => Ok(()),
                }
            }
            Look::Only { .. } | Look::Everywhere => self.walk(Everything),
        }
    }

    fn walk(&mut self, select: impl Select) -> Result<(), Refusal> {
        let (signal, max) = (self.signal, self.limits.looks_max);
        let mut select = Bounded::new(select, max);
        walk(signal, self.bytes, &mut select, &mut self.scratch.tree)
            .map_err(|source| Refusal::Malformed { signal, source })?;
        if select.is_over() {
            return Err(Refusal::TooMuch { max });
        }
        Ok(())
    }

    /// Judges every candidate and shows what hit, in as many frames as it takes.
    fn show(&mut self, look: Look<'_>) -> Result<(), Refusal> {
        let only = match look {
            Look::Only { fresh, .. } => Some(fresh),
            _ => None,
        };
        let batch = Batch {
            bytes: self.bytes,
            evidence: self.evidence,
        };
        if self.plugin.plan.counts_entries() {
            let Scratch { tree, entries, .. } = &mut *self.scratch;
            entries.count(tree);
        }
        let mut found = std::mem::take(&mut self.scratch.found);
        let mut result = Ok(());
        for index in 0..self.scratch.tree.values.len() {
            found.clear();
            let Some(value) = self.scratch.tree.values.get(index) else {
                break;
            };
            if only.is_some_and(|ranges| !overlaps(ranges, &value.payload)) {
                continue;
            }
            self.judge(&batch, value, &mut found);
            if found.count() {
                result = self.hit(index as u32, &found);
                if result.is_err() {
                    break;
                }
            }
        }
        self.scratch.found = found;
        result?;
        self.show_containers()?;
        self.call()
    }

    /// Shows the containers that are asked for and in which nothing hit.
    fn show_containers(&mut self) -> Result<(), Refusal> {
        for index in 0..self.scratch.tree.containers.len() {
            if self.scratch.shown.writer.bytes() > self.plugin.limits.frame_bytes_max {
                self.call()?;
            }
            let Scratch { tree, shown, .. } = &mut *self.scratch;
            shown.ask(tree, self.bytes, index as u32);
        }
        Ok(())
    }

    fn judge(&self, batch: &Batch<'_>, value: &Value, found: &mut Finds) {
        let Scratch { tree, entries, .. } = &*self.scratch;
        let payload = batch.bytes.get(value.payload.clone()).unwrap_or_default();
        let (start, end) = (value.payload.start, value.payload.end);
        let keyed = &value.keyed;
        let around = match keyed.is_empty() {
            true => start..end,
            false => start.min(keyed.start)..end.max(keyed.end),
        };
        let batch = &Batch {
            evidence: batch.evidence.near(&around),
            ..*batch
        };
        let word = crate::show::word(value.kind, payload);
        let payload = word.as_ref().map_or(payload, |word| &word[..]);
        let hits_max = self.plugin.limits.hits_per_value_max + 1;
        for (number, judge) in (0..).zip(&self.plugin.plan.judges) {
            if judge.hears(self.signal) && judge.size.allows(value, tree, entries) {
                judge.judge(number, value, payload, batch, found, hits_max);
            }
        }
    }

    fn hit(&mut self, index: u32, found: &[Found]) -> Result<(), Refusal> {
        let limits = &self.plugin.limits;
        let Some(value) = self.scratch.tree.values.get(index as usize) else {
            return Ok(());
        };
        let size = value.payload.len() + value.key.as_ref().map_or(0, ExactSizeIterator::len);
        let (limit, max, actual) = match self.scratch.hits.len() {
            shown if shown >= limits.values_max => ("values_max", limits.values_max, shown + 1),
            _ if found.len() > limits.hits_per_value_max => {
                ("hits_per_value_max", limits.hits_per_value_max, found.len())
            }
            _ => ("frame_bytes_max", limits.frame_bytes_max, size),
        };
        if actual > max {
            self.scratch.hits.push(index);
            return self.failed(Fault::TooMuch { limit, max, actual }, &[index]);
        }
        let frame = self.scratch.shown.writer.bytes();
        let apart = self.scratch.shown.records.last() != Some(&value.record);
        if frame + size > limits.frame_bytes_max || apart && frame > limits.frame_bytes_max / 2 {
            self.call()?;
        }
        let Scratch {
            tree, shown, hits, ..
        } = self.scratch;
        let Some(value) = tree.values.get(index as usize) else {
            return Ok(());
        };
        let key = value.key.clone().and_then(|key| self.bytes.get(key));
        shown.hit(tree, self.bytes, index, key, found);
        hits.push(index);
        Ok(())
    }

    /// Hands over what was gathered, and takes the edits.
    fn call(&mut self) -> Result<(), Refusal> {
        if self.scratch.shown.is_empty() {
            return Ok(());
        }
        self.show_companions();
        let scratch = &mut *self.scratch;
        let shown = scratch
            .shown
            .values
            .iter()
            .filter(|&&value| value != NONE)
            .count();
        scratch
            .shown
            .writer
            .finish(self.signal, self.peer, &mut scratch.frame);
        self.plugin.counters.values.add(shown as u64);
        let mark = scratch.changes.mark();
        let approved = scratch.approved.len();
        let result = self.ask().and_then(|answer| self.check(&answer));
        let result = match result {
            Ok(()) => {
                self.plugin.well();
                Ok(())
            }
            Err(fault) => {
                *self.run = None;
                self.scratch.changes.rewind(mark);
                self.scratch.approved.truncate(approved);
                let values: Vec<u32> = self
                    .scratch
                    .shown
                    .values
                    .iter()
                    .copied()
                    .filter(|&value| value != NONE)
                    .collect();
                self.failed(fault, &values)
            }
        };
        self.scratch.shown.clear();
        result
    }

    fn ask(&mut self) -> Result<Vec<u8>, Fault> {
        let run = match self.run {
            Some(run) => run,
            None => self.run.insert(self.plugin.start()?),
        };
        let counters = &self.plugin.counters;
        let began = Instant::now();
        let answer = run.process(&self.scratch.frame);
        counters.call(began.elapsed().as_nanos() as u64);
        counters.calls.add(1);
        counters.bytes.add(self.scratch.frame.len() as u64);
        if answer.is_ok() && run.outgrown() {
            *self.run = None;
        }
        answer
    }

    fn check(&mut self, answer: &[u8]) -> Result<(), Fault> {
        let answer = EditsReader::read(answer).map_err(Fault::Frame)?;
        let Scratch {
            tree,
            shown,
            changes,
            approved,
            ..
        } = &mut *self.scratch;
        let checker = Checker {
            tree,
            bytes: self.bytes,
            shown,
            beside: self.plugin.plan.records(self.signal),
            present: self.plugin.only_adds_above_records().then(Present::new),
            operations: &self.plugin.operations,
            detectors: self.plugin.detectors.len(),
            edits_max: self.plugin.limits.edits_max,
            steps: Steps::new(self.plugin.limits.edit_steps_max),
        };
        checker
            .check(&answer, changes, approved)
            .map_err(Fault::Edit)?;
        let (max, actual) = (self.limits.growth_bytes_max, changes.growth());
        if actual > max {
            return Err(Fault::Edit(EditFault::Growth { max, actual }));
        }
        Ok(())
    }

    /// The plugin failed at these values: its policy decides.
    fn failed(&mut self, fault: Fault, values: &[u32]) -> Result<(), Refusal> {
        self.plugin.failed(&fault);
        let plugin = Arc::clone(&self.plugin.name);
        match self.plugin.policy {
            // What was shown beside a record cannot be masked: only a refusal keeps it in.
            Policy::Mask if self.plugin.plan.records(self.signal).is_some() => {
                self.plugin.counters.refused.add(1);
                return Err(Refusal::Fault {
                    plugin,
                    source: fault,
                });
            }
            Policy::Drop => {
                self.plugin.counters.refused.add(1);
                return Err(Refusal::Fault {
                    plugin,
                    source: fault,
                });
            }
            Policy::Pass => {}
            Policy::Mask => self.mask(values),
        }
        self.report.faults.push((plugin, fault));
        Ok(())
    }

    /// Masks values whole, the outer before the inner.
    fn mask(&mut self, values: &[u32]) {
        let Scratch {
            tree,
            changes,
            approved,
            ..
        } = &mut *self.scratch;
        let mut masked_until = 0;
        for &index in values {
            let Some(value) = tree.values.get(index as usize) else {
                continue;
            };
            if value.field.start < masked_until {
                continue;
            }
            if value.kind != Kind::Key {
                masked_until = value.field.end;
            }
            changes.mask(tree, value);
            let renamed = (value.kind == Kind::Key)
                .then(|| (value.payload.clone(), crate::change::MASK.into()));
            approved.push(Approved {
                operation: Operation::ReplaceValue,
                value: index,
                record: value.record,
                run: 0,
                place: value.place,
                start: 0,
                end: value.payload.len(),
                detector: None,
                cause: Cause::Failed,
                renamed,
            });
            self.plugin.counters.masked.add(1);
        }
    }

    fn splice(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let mut out = Vec::new();
        self.scratch.changes.settle(&self.scratch.tree);
        let spliced = {
            let Scratch {
                changes,
                tree,
                written,
                ..
            } = &mut *self.scratch;
            changes.splice(self.bytes, tree, &mut out, written)
        };
        if spliced.is_err() {
            // Overlaps show here. The whole answer is a fault, and the policy has the last word.
            *self.run = None;
            self.scratch.changes.clear();
            self.scratch.approved.clear();
            let hits = std::mem::take(&mut self.scratch.hits);
            let failed = self.failed(Fault::Edit(EditFault::Overlap), &hits);
            self.scratch.hits = hits;
            failed?;
            let Scratch {
                changes,
                tree,
                written,
                ..
            } = &mut *self.scratch;
            if changes.is_empty() {
                return Ok(None);
            }
            // The host's own masks do not overlap; if they did, nothing may leave.
            changes
                .splice(self.bytes, tree, &mut out, written)
                .map_err(|_| Refusal::Fault {
                    plugin: Arc::clone(&self.plugin.name),
                    source: Fault::Edit(EditFault::Overlap),
                })?;
        }
        self.plugin
            .counters
            .unknown_removed
            .add(self.scratch.changes.unknown_removed);
        self.report.records_dropped += self.scratch.changes.records_dropped();
        self.lines();
        Ok(Some(out))
    }
}

fn overlaps(ranges: &[Range<usize>], wanted: &Range<usize>) -> bool {
    let from = ranges.partition_point(|range| range.end < wanted.start);
    ranges
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|range| range.start <= wanted.end)
        .next()
        .is_some()
}
