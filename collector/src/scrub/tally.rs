//! What was done, in counts: for the line at the end.

use std::collections::BTreeMap;
use std::fmt;

use otlp_wire::{Select, Signal, Tree, Value, walk};
use tamis::{Cause, Operation, Report, ReportLine, Role};

/// What was done, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Done {
    Masked,
    Added,
    Changed,
    Cut,
    Dropped,
    Reported,
}

impl Done {
    fn of(line: &ReportLine) -> Self {
        match line.operation {
            _ if line.cause == Cause::Failed => Self::Masked,
            Operation::Report => Self::Reported,
            Operation::DropRecord => Self::Dropped,
            Operation::InsertIfAbsent | Operation::Set | Operation::SetTraceState => Self::Added,
            Operation::ReplaceRange | Operation::ReplaceValue | Operation::Remove => {
                match line.role {
                    Role::Protect => Self::Masked,
                    Role::Enrich => Self::Changed,
                    Role::Reduce => Self::Cut,
                }
            }
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Masked => "masked",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Cut => "cut",
            Self::Dropped => "dropped",
            Self::Reported => "reported",
        }
    }
}

/// Counts of one run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Records by signal; texts count as none.
    records: BTreeMap<Signal, usize>,
    texts: usize,
    /// By what was done, in words.
    done: BTreeMap<Done, BTreeMap<String, usize>>,
    /// Plugins that failed, with how and how often.
    pub(crate) faults: BTreeMap<String, usize>,
    /// Edits of which the report has no line.
    pub(crate) left_out: usize,
    /// Members and fields that OTLP does not know and that were left out.
    pub(crate) unknown: usize,
    /// Batches of which nothing was written.
    pub(crate) refused: usize,
    /// Files in folders that hold no telemetry.
    pub(crate) skipped: usize,
}

impl Tally {
    pub(crate) fn batch(&mut self, signal: Signal, bytes: &[u8]) {
        let mut tree = Tree::default();
        let count = match walk(signal, bytes, &mut RecordsOnly, &mut tree) {
            Ok(()) => tree.records.len(),
            Err(_) => 0,
        };
        self.records_of(signal, count);
    }

    /// So many records of a signal.
    pub(crate) fn records_of(&mut self, signal: Signal, count: usize) {
        *self.records.entry(signal).or_default() += count;
    }

    pub(crate) fn text(&mut self) {
        self.texts += 1;
    }

    pub(crate) fn report(&mut self, report: &Report) {
        for line in &report.lines {
            let counts = self.done.entry(Done::of(line)).or_default();
            *counts.entry(subject(line).to_owned()).or_default() += line.records as usize;
        }
        for (plugin, fault) in &report.faults {
            *self.faults.entry(format!("{plugin} {fault}")).or_default() += 1;
        }
        self.left_out += report.lines_left_out;
    }
}

impl Tally {
    /// `60 spans, 89 logs`
    pub(crate) fn records(&self) -> String {
        let unit = |signal: &Signal| match signal {
            Signal::Traces => "spans",
            Signal::Logs => "logs",
            Signal::Metrics => "data points",
        };
        let mut counts: Vec<String> = self
            .records
            .iter()
            .map(|(signal, count)| format!("{count} {}", unit(signal)))
            .collect();
        if self.texts > 0 {
            counts.push(format!("{} texts", self.texts));
        }
        match counts.is_empty() {
            true => "0 records".to_owned(),
            false => counts.join(", "),
        }
    }
}

/// What an edit is about: its detector, or else its plugin.
pub(crate) fn subject(line: &ReportLine) -> &str {
    line.detector.as_deref().unwrap_or(&line.plugin)
}

/// `89 logs, 7 masked: aws-access-key-id 3, url-password 4, 2 cut: long.head_tail 2`
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.records())?;
        // That nothing was masked is worth a word.
        if !self.done.contains_key(&Done::Masked) {
            part(f, Done::Masked.word(), &BTreeMap::new())?;
        }
        for (done, counts) in &self.done {
            part(f, done.word(), counts)?;
        }
        Ok(())
    }
}

fn part(f: &mut fmt::Formatter<'_>, what: &str, counts: &BTreeMap<String, usize>) -> fmt::Result {
    write!(f, ", {} {what}", counts.values().sum::<usize>())?;
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (number, (name, count)) in counts.into_iter().enumerate() {
        let lead = if number == 0 { ":" } else { "," };
        write!(f, "{lead} {name} {count}")?;
    }
    Ok(())
}

/// Enters everything and keeps no values.
struct RecordsOnly;

impl Select for RecordsOnly {
    fn take(&mut self, _: &Value, _: &[u8]) -> bool {
        false
    }
}
