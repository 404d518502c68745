//! Writes what was done to a batch into its report, without what stood there or stands there now.
//!
//! A key may be a secret itself. A line shows it as it stands after the scrub: when a key is
//! changed or reported, every line that names it, earlier ones included, takes the new name.

use std::collections::HashMap;
use std::ops::Range;

use otlp_wire::Tree;

use crate::approved::Approved;
use crate::change::MASK;
use crate::outcome::{Cause, Report, ReportLine};
use crate::plugin::Plugin;

/// Appends a line for each approved edit of one turn.
pub(crate) fn add(
    report: &mut Report,
    plugin: &Plugin,
    tree: &Tree,
    bytes: &[u8],
    approved: &[Approved],
    lines_max: usize,
) {
    let asked = approved.iter().filter(|edit| edit.cause == Cause::Asked);
    plugin.counters.edits.add(asked.map(times).sum());
    let found = approved.iter();
    let found = found.filter_map(|edit| Some((edit.detector?, times(edit))));
    plugin.counters.detectors(found);
    let room = lines_max.saturating_sub(report.lines.len());
    report.lines.reserve(approved.len().min(room));
    for edit in approved {
        if report.lines.len() >= lines_max {
            report.lines_left_out += 1;
            continue;
        }
        let value = tree.values.get(edit.value as usize);
        let key = value
            .and_then(|value| value.key.clone())
            .and_then(|key| bytes.get(key));
        let record = tree.records.get(edit.record as usize);
        report.lines.push(ReportLine {
            plugin: plugin.name.clone(),
            role: plugin.role,
            detector: edit
                .detector
                .and_then(|number| plugin.detectors.get(number as usize).cloned()),
            cause: edit.cause,
            operation: edit.operation,
            record: record.map(|record| record.index),
            records: edit.run.max(1),
            place: edit.place,
            key: key.map(|key| String::from_utf8_lossy(key).into_owned()),
            start: edit.start,
            end: edit.end,
        });
    }
    rename(report, bytes, approved);
}

/// How many edits one that was approved counts for.
fn times(edit: &Approved) -> u64 {
    edit.run.max(1).into()
}

/// Gives every line that names a key which was changed or reported the key's new name.
fn rename(report: &mut Report, bytes: &[u8], approved: &[Approved]) {
    // A key that is changed in several places has no name that any single edit knows.
    let mut changed: HashMap<&Range<usize>, &[u8]> = HashMap::new();
    for (key, name) in approved.iter().filter_map(|edit| edit.renamed.as_ref()) {
        changed
            .entry(key)
            .and_modify(|name| *name = MASK.as_bytes())
            .or_insert(name);
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut names: HashMap<String, String> = HashMap::new();
    for (key, name) in changed {
        let old = text(bytes.get(key.clone()).unwrap_or_default());
        let new = text(name);
        // Two keys of one text that became different ones: a line cannot tell which it meant.
        names
            .entry(old)
            .and_modify(|name| {
                if *name != new {
                    MASK.clone_into(name);
                }
            })
            .or_insert(new);
    }
    if names.is_empty() {
        return;
    }
    for key in report.lines.iter_mut().filter_map(|line| line.key.as_mut()) {
        if let Some(name) = names.get(key) {
            key.clone_from(name);
        }
    }
}
