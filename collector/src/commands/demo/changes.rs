//! What an edit changed, as text before and after: found again in both batches by the report's line.

use otlp_wire::{Everything, Tree, Value, walk};
use tamis::{Report, ReportLine, Signal};

use crate::scrub::tally::subject;
use crate::terminal::printable;

/// One edit, with some text around it.
pub(super) struct Change {
    /// What the record is.
    pub(super) record: String,
    pub(super) key: String,
    /// The detector.
    pub(super) subject: String,
    pub(super) before: Excerpt,
    pub(super) after: Excerpt,
}

/// A piece of a value: what an edit is about, and what stands around it.
pub(super) struct Excerpt {
    pub(super) lead: String,
    pub(super) middle: String,
    pub(super) tail: String,
}

impl Excerpt {
    /// The piece between these bytes; none if a character is cut.
    pub(super) fn new(text: &str, start: usize, end: usize) -> Option<Self> {
        Some(Self {
            lead: printable(text.get(..start)?),
            middle: printable(text.get(start..end)?),
            tail: printable(text.get(end..)?),
        })
    }

    /// The same in at most so many columns.
    pub(super) fn fit(&self, columns: usize) -> Self {
        let middle: String = self.middle.chars().take(columns).collect();
        let mut room = columns - middle.chars().count();
        let skip = self.lead.chars().count().saturating_sub(room.min(12));
        let lead: String = self.lead.chars().skip(skip).collect();
        room -= lead.chars().count();
        let tail = self.tail.chars().take(room).collect();
        Self { lead, middle, tail }
    }

    /// Its columns.
    pub(super) fn width(&self) -> usize {
        let parts = [&self.lead, &self.middle, &self.tail];
        parts.map(|part| part.chars().count()).iter().sum()
    }
}

/// The changes that the report's lines tell of, in the order of the batch.
pub(super) fn changes(signal: Signal, before: &[u8], after: &[u8], report: &Report) -> Vec<Change> {
    let (mut old, mut new) = (Tree::default(), Tree::default());
    let walked = walk(signal, before, &mut Everything, &mut old)
        .and_then(|()| walk(signal, after, &mut Everything, &mut new));
    // A mask takes the place of a text: the values are still the same ones, in the same order.
    if walked.is_err() || old.values.len() != new.values.len() {
        return Vec::new();
    }
    let mut changes = Vec::new();
    for (was, is) in old.values.iter().zip(&new.values) {
        let (Some(was_text), Some(is_text)) = (text(before, was), text(after, is)) else {
            continue;
        };
        if was_text == is_text {
            continue;
        }
        let record = old.records.get(was.record as usize);
        let index = record.map(|record| record.index);
        let key = was.key.clone().and_then(|key| before.get(key));
        let key = String::from_utf8_lossy(key.unwrap_or_default());
        let is_of = |line: &&ReportLine| {
            line.record == index && line.place == was.place && line.key.as_deref() == Some(&*key)
        };
        let mut lines: Vec<_> = report.lines.iter().filter(is_of).collect();
        lines.sort_by_key(|line| line.start);
        let name = event_name(before, &old, was);
        for (line, range) in follow(&lines, was_text, is_text) {
            let (Some(before), Some(after)) = (
                Excerpt::new(was_text, line.start, line.end),
                Excerpt::new(is_text, range.start, range.end),
            ) else {
                continue;
            };
            changes.push(Change {
                record: name.clone(),
                key: printable(&key),
                subject: subject(line).to_owned(),
                before,
                after,
            });
        }
    }
    changes
}

fn text<'b>(bytes: &'b [u8], value: &Value) -> Option<&'b str> {
    std::str::from_utf8(bytes.get(value.payload.clone())?).ok()
}

/// The `event.name` of the value's record, by which agents tell their logs apart.
fn event_name(bytes: &[u8], tree: &Tree, value: &Value) -> String {
    let named = |other: &&Value| {
        let key = other.key.clone().and_then(|key| bytes.get(key));
        other.record == value.record && key == Some(b"event.name")
    };
    let name = tree.values.iter().find(named);
    let name = name.and_then(|name| text(bytes, name));
    printable(name.unwrap_or("record"))
}

/// Where in the new text each edit of the old one stands: edits keep their order, and what is
/// between them is the same.
fn follow<'r>(
    lines: &[&'r ReportLine],
    was: &str,
    is: &str,
) -> Vec<(&'r ReportLine, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let (mut was_at, mut is_at) = (0, 0);
    for (number, line) in lines.iter().enumerate() {
        let Some(between) = was.get(was_at..line.start) else {
            break;
        };
        let start = is_at + between.len();
        let next = lines.get(number + 1).map_or(was.len(), |next| next.start);
        let Some(tail) = was.get(line.end..next) else {
            break;
        };
        let rest = is.get(start..).unwrap_or_default();
        let length = match number + 1 == lines.len() {
            true => rest.len().checked_sub(tail.len()),
            false => rest.find(tail),
        };
        let Some(length) = length else {
            break;
        };
        found.push((*line, start..start + length));
        (was_at, is_at) = (line.end, start + length);
    }
    found
}
