//! Changes to one batch: what edits and failure masks come to on the wire.
//!
//! Everything here speaks of values of one tree and turns into ranges for the splice. Which change
//! is allowed is decided before (`edits`); how a value of each place and kind is masked or removed
//! stands here alone, so that a policy and a plugin mean the same by it.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Range;

use otlp_wire::{
    Container, Edit, Kind, Member, NONE, Place, SpliceError, Tree, Value, Written, write_attribute,
    write_member,
};

/// What the host writes where it masks by itself.
pub(crate) const MASK: &str = "REDACTED";

/// Changes gathered for one batch.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    text: Vec<u8>,
    edits: Vec<Change>,
    /// Fields that are cut already: a second change to one of them is none.
    removed: HashSet<usize>,
    dropped: HashSet<u32>,
    pub(crate) unknown_removed: u64,
}

#[derive(Debug)]
struct Change {
    nest: u32,
    range: Range<usize>,
    text: Range<usize>,
    /// Whether a whole value, entry or record is cut or replaced.
    whole: bool,
}

/// Where the changes stood before some were added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    text: usize,
    edits: usize,
    unknown_removed: u64,
}

impl Changes {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.edits.clear();
        self.removed.clear();
        self.dropped.clear();
        self.unknown_removed = 0;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.dropped.is_empty()
    }

    /// Bytes by which the changes let the batch grow, lengths apart.
    pub(crate) fn growth(&self) -> usize {
        let cut: usize = self.edits.iter().map(|change| change.range.len()).sum();
        self.text.len().saturating_sub(cut)
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            text: self.text.len(),
            edits: self.edits.len(),
            unknown_removed: self.unknown_removed,
        }
    }

    /// Forgets what was added since.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        for change in self.edits.drain(mark.edits..) {
            self.removed.remove(&change.range.start);
        }
        self.text.truncate(mark.text);
        self.unknown_removed = mark.unknown_removed;
    }

    /// Replaces a range of a text, bytes value or key.
    pub(crate) fn replace_range(&mut self, value: &Value, range: Range<usize>, text: &[u8]) {
        let start = value.payload.start;
        self.push(value.nest, start + range.start..start + range.end, text);
    }

    /// Replaces a value and its kind. A field that is always text takes the text alone.
    pub(crate) fn replace_value(&mut self, tree: &Tree, value: &Value, member: Member<'_>) {
        if value.any != NONE {
            self.push_with(value.any, value.field.clone(), |out| {
                write_member(member, out)
            });
            // Inside of text there are no other values: a second change to it is a fault.
            if matches!(value.kind, Kind::Array | Kind::Kvlist) {
                self.mark_whole();
            }
        } else if value.entry != NONE {
            // An entry without a value: the value is put where it would stand.
            let at = tree
                .nests
                .get(value.entry as usize)
                .map_or(0, |nest| nest.end);
            self.push_with(value.entry, at..at, |out| {
                otlp_wire::write_any(2, member, out)
            });
        } else if let Member::String(text) = member {
            self.push(value.nest, value.payload.clone(), text.as_bytes());
        }
    }

    /// Removes a value with all that is only there for its sake: the entry of an attribute, the
    /// element of an array, a field of its own.
    pub(crate) fn remove(&mut self, tree: &Tree, value: &Value) {
        let cut = [value.entry, value.any]
            .into_iter()
            .find(|&nest| nest != NONE);
        match cut.and_then(|nest| tree.nests.get(nest as usize)) {
            Some(nest) => self.cut(nest.parent, nest.field..nest.end),
            None => self.remove_field(tree, value),
        }
    }

    /// Removes the field that a value stands in.
    fn remove_field(&mut self, tree: &Tree, value: &Value) {
        let own = tree.nests.get(value.nest as usize);
        match own.filter(|nest| nest.field == value.field.start && nest.parent != NONE) {
            Some(nest) => self.cut(nest.parent, value.field.clone()),
            None => self.cut(value.nest, value.field.clone()),
        }
        if value.place == Place::Unknown {
            self.unknown_removed += 1;
        }
    }

    /// Masks a value whole, as its place and kind allow.
    pub(crate) fn mask(&mut self, tree: &Tree, value: &Value) {
        if is_removed_whole(value.place) {
            return self.remove_field(tree, value);
        }
        match value.kind {
            Kind::Key | Kind::String | Kind::Bytes => {
                self.push(value.nest, value.payload.clone(), MASK.as_bytes());
            }
            Kind::Empty => {}
            Kind::Bool | Kind::Int | Kind::Double | Kind::Array | Kind::Kvlist => {
                self.replace_value(tree, value, Member::String(MASK));
            }
        }
    }

    /// Adds an attribute at the end of a container.
    pub(crate) fn insert(
        &mut self,
        tree: &Tree,
        container: &Container,
        key: &str,
        member: Member<'_>,
    ) {
        let end = tree
            .nests
            .get(container.nest as usize)
            .map_or(0, |nest| nest.end);
        let mut entry = Vec::new();
        write_attribute(container.field, key, member, &mut entry);
        self.push_with(container.nest, end..end, |out| match container.absent {
            0 => out.extend_from_slice(&entry),
            missing => otlp_wire::write_len_field(missing, &entry, out),
        });
    }

    /// Adds a text field at the end of a message.
    pub(crate) fn insert_field(&mut self, tree: &Tree, nest: u32, number: u32, text: &[u8]) {
        let end = tree.nests.get(nest as usize).map_or(0, |nest| nest.end);
        self.push_with(nest, end..end, |out| {
            otlp_wire::write_len_field(number, text, out)
        });
    }

    /// Drops a record.
    pub(crate) fn drop_record(&mut self, record: u32) {
        self.dropped.insert(record);
    }

    /// Records dropped so far.
    pub(crate) fn records_dropped(&self) -> usize {
        self.dropped.len()
    }

    /// Whether a record is dropped.
    pub(crate) fn drops(&self, record: u32) -> bool {
        self.dropped.contains(&record)
    }

    /// Cuts the dropped records, and with the last record of a metric, scope or resource that too.
    /// The tree holds every record: a plugin that may drop walks everything.
    pub(crate) fn settle(&mut self, tree: &Tree) {
        if !self.dropped.is_empty() {
            self.cut_dropped(tree);
        }
        self.forget_inner();
    }

    /// Forgets changes inside of values that are cut or replaced whole. A plugin cannot see all of
    /// them coming: a field that the schema does not know may stand inside of any entry.
    fn forget_inner(&mut self) {
        let whole = self.edits.iter().filter(|change| change.whole);
        let mut outer: Vec<Range<usize>> = whole.map(|change| change.range.clone()).collect();
        outer.sort_unstable_by_key(|range| (range.start, Reverse(range.end)));
        let mut end = 0;
        outer.retain(|range| {
            let first = range.end > end;
            end = end.max(range.end);
            first
        });
        let inside = |range: &Range<usize>| {
            let at = outer.partition_point(|outer| outer.start <= range.start);
            at.checked_sub(1)
                .and_then(|at| outer.get(at))
                .is_some_and(|outer| {
                    let (before, behind) =
                        (range.start - outer.start, outer.end.checked_sub(range.end));
                    // What is put in at a border stands beside the value, and the same range is the value.
                    let beside = range.is_empty() && (before == 0 || behind == Some(0));
                    behind.is_some() && range != outer && !beside
                })
        };
        self.edits.retain(|change| !inside(&change.range));
    }

    fn cut_dropped(&mut self, tree: &Tree) {
        let mut alive = vec![false; tree.nests.len()];
        for (index, record) in tree.records.iter().enumerate() {
            if !self.dropped.contains(&(index as u32)) {
                climb(tree, record.nest, |nest| {
                    !std::mem::replace(&mut alive[nest as usize], true)
                });
            }
        }
        let mut cuts = Vec::new();
        for &record in &self.dropped {
            let Some(record) = tree.records.get(record as usize) else {
                continue;
            };
            let mut top = record.nest;
            climb(tree, record.nest, |nest| {
                let empty = !alive[nest as usize] && nest != 0;
                top = if empty { nest } else { top };
                empty
            });
            if let Some(nest) = tree.nests.get(top as usize) {
                cuts.push((nest.parent, nest.field..nest.end));
            }
        }
        // What was changed in a resource or scope goes with it.
        let gone = |range: &Range<usize>| {
            cuts.iter()
                .any(|(_, cut)| cut.start <= range.start && range.end <= cut.end)
        };
        self.edits.retain(|change| !gone(&change.range));
        for (nest, range) in cuts {
            self.cut(nest, range);
        }
    }

    fn cut(&mut self, nest: u32, range: Range<usize>) {
        if self.removed.insert(range.start) {
            self.push(nest, range, b"");
            self.mark_whole();
        }
    }

    fn push(&mut self, nest: u32, range: Range<usize>, text: &[u8]) {
        self.push_with(nest, range, |out| out.extend_from_slice(text));
    }

    fn push_with(&mut self, nest: u32, range: Range<usize>, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        self.edits.push(Change {
            nest,
            range,
            text: start..self.text.len(),
            whole: false,
        });
    }

    /// Marks the last change as one of a whole value: what is changed inside of it goes with it.
    fn mark_whole(&mut self) {
        if let Some(last) = self.edits.last_mut() {
            last.whole = true;
        }
    }

    /// Writes the batch with the changes into `out`; `written` says where their texts stand.
    pub(crate) fn splice(
        &self,
        bytes: &[u8],
        tree: &Tree,
        out: &mut Vec<u8>,
        written: &mut Written,
    ) -> Result<(), SpliceError> {
        let edits: Vec<Edit<'_>> = self
            .edits
            .iter()
            .map(|change| Edit {
                nest: change.nest,
                range: change.range.clone(),
                text: self.text.get(change.text.clone()).unwrap_or_default(),
            })
            .collect();
        otlp_wire::splice(bytes, &tree.nests, &edits, out, written)
    }
}

/// Visits a nest and those around it, from the inside out, while the visitor says so.
fn climb(tree: &Tree, from: u32, mut visit: impl FnMut(u32) -> bool) {
    let mut at = from;
    while let Some(nest) = tree.nests.get(at as usize) {
        if !visit(at) {
            return;
        }
        at = nest.parent;
    }
}

/// Places where a part cannot be masked: the whole field goes.
pub(crate) fn is_removed_whole(place: Place) -> bool {
    matches!(
        place,
        Place::Unknown | Place::Id | Place::TraceState | Place::LinkTraceState
    )
}
