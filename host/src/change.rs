//! Changes to one batch: what edits and failure masks come to on the wire.
//!
//! Everything here speaks of values of one tree and turns into ranges for the splice. Which change
//! is allowed is decided before (`edits`); how a value of each place and kind is masked or removed
//! stands here alone, so that a policy and a plugin mean the same by it.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Range;

use otlp_wire::{
    Container, Edit, Kind, Level, Member, NONE, Place, SpliceError, Tree, Value, Written,
    write_attribute, write_member,
};

use crate::absent::Absent;

/// What the host writes where it masks by itself.
pub(crate) const MASK: &str = "REDACTED";

/// Changes gathered for one batch.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    text: Vec<u8>,
    edits: Vec<Change>,
    /// Fields that are cut already: a second change to one of them is none.
    removed: HashSet<usize>,
    absent: Absent,
    dropped: Dropped,
    /// Groups of a resource or scope in which no record stood to begin with.
    barren: Vec<u32>,
    pub(crate) unknown_removed: u64,
}

/// Records that are dropped: a bit each, and in the order in which they were.
#[derive(Debug, Default)]
struct Dropped {
    bits: Vec<u64>,
    order: Vec<u32>,
}

impl Dropped {
    fn clear(&mut self) {
        self.bits.clear();
        self.order.clear();
    }

    fn insert(&mut self, record: u32) {
        let (word, bit) = (record as usize / 64, 1 << (record % 64));
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        if let Some(word) = self.bits.get_mut(word).filter(|word| **word & bit == 0) {
            *word |= bit;
            self.order.push(record);
        }
    }

    fn rewind(&mut self, count: usize) {
        for record in self.order.drain(count.min(self.order.len())..) {
            if let Some(word) = self.bits.get_mut(record as usize / 64) {
                *word &= !(1 << (record % 64));
            }
        }
    }

    fn contains(&self, record: u32) -> bool {
        let word = self.bits.get(record as usize / 64);
        word.is_some_and(|word| word >> (record % 64) & 1 != 0)
    }
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
    absent: usize,
    dropped: usize,
    unknown_removed: u64,
}

impl Changes {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.edits.clear();
        self.removed.clear();
        self.absent.clear();
        self.dropped.clear();
        self.barren.clear();
        self.unknown_removed = 0;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
            && self.absent.len() == 0
            && self.dropped.order.is_empty()
            && self.barren.is_empty()
    }

    /// Bytes by which the changes let the batch grow, lengths apart.
    pub(crate) fn growth(&self) -> usize {
        let cut: usize = self.edits.iter().map(|change| change.range.len()).sum();
        (self.text.len() + self.absent.bytes()).saturating_sub(cut)
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            text: self.text.len(),
            edits: self.edits.len(),
            absent: self.absent.len(),
            dropped: self.dropped.order.len(),
            unknown_removed: self.unknown_removed,
        }
    }

    /// Forgets what was added since.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        for change in self.edits.drain(mark.edits..) {
            self.removed.remove(&change.range.start);
        }
        self.text.truncate(mark.text);
        self.absent.rewind(mark.absent);
        self.dropped.rewind(mark.dropped);
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
        let write = |out: &mut Vec<u8>| write_attribute(container.field, key, member, out);
        match container.absent {
            0 => self.push_with(container.nest, end..end, write),
            missing => self.absent.add(container.nest, missing, write),
        }
    }

    /// Adds a field of these bytes at the end of a message.
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
        self.dropped.order.len()
    }

    /// Whether a record is dropped.
    pub(crate) fn drops(&self, record: u32) -> bool {
        self.dropped.contains(record)
    }

    /// Cuts the dropped records, and with the last record of a metric, scope or resource that too.
    /// The tree holds every record: a plugin that may drop walks everything.
    pub(crate) fn settle(&mut self, tree: &Tree) {
        let mut absent = std::mem::take(&mut self.absent);
        absent.take(|nest, missing, entries| self.insert_field(tree, nest, missing, entries));
        self.absent = absent;
        if !self.dropped.order.is_empty() || !self.barren.is_empty() {
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

    /// Marks the groups in which no record stands, to be cut with those that are emptied.
    pub(crate) fn find_barren(&mut self, tree: &Tree) {
        let alive = alive(tree, |_| true);
        let groups = tree
            .containers
            .iter()
            .filter(|container| matches!(container.level, Level::Resource | Level::Scope));
        // A container is the resource or scope itself, within its group, or the group that lacks one.
        let nests = groups.map(|container| match container.absent {
            0 => tree
                .nests
                .get(container.nest as usize)
                .map_or(0, |nest| nest.parent),
            _ => container.nest,
        });
        let is_alive = |nest: u32| alive.get(nest as usize).is_none_or(|&alive| alive);
        self.barren.extend(nests.filter(|&nest| !is_alive(nest)));
    }

    fn cut_dropped(&mut self, tree: &Tree) {
        let alive = alive(tree, |record| !self.dropped.contains(record));
        let records = tree.records.iter().enumerate();
        let dropped = records
            .filter(|&(index, _)| self.dropped.contains(index as u32))
            .map(|(_, record)| record.nest);
        let mut cuts: Vec<u32> = Vec::new();
        for nest in dropped.chain(self.barren.iter().copied()) {
            let mut top = nest;
            climb(tree, nest, |nest| {
                let empty = !alive[nest as usize] && nest != 0;
                top = if empty { nest } else { top };
                empty
            });
            if cuts.last() != Some(&top) {
                cuts.push(top);
            }
        }
        cuts.sort_unstable();
        cuts.dedup();
        // What was changed in a resource or scope goes with it; what was put in right before does not.
        let gone = |change: &Change| {
            let mut gone = false;
            climb(tree, change.nest, |nest| {
                gone = cuts.binary_search(&nest).is_ok();
                !gone
            });
            gone
        };
        self.edits.retain(|change| !gone(change));
        let mut nests = cuts
            .iter()
            .filter_map(|&nest| tree.nests.get(nest as usize))
            .peekable();
        while let Some(first) = nests.next() {
            // What stands side by side is one cut.
            let mut end = first.end;
            while let Some(next) =
                nests.next_if(|next| next.parent == first.parent && next.field == end)
            {
                end = next.end;
            }
            self.push(first.parent, first.field..end, b"");
            self.mark_whole();
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
        // What is put in at one point, one after the other, is one edit.
        let beside = |a: &Change, b: &Change| {
            (a.nest, &a.range) == (b.nest, &b.range)
                && a.range.is_empty()
                && a.text.end == b.text.start
        };
        let runs = self.edits.chunk_by(beside);
        let edits: Vec<Edit<'_>> = runs
            .filter_map(|run| {
                let (first, last) = (run.first()?, run.last()?);
                let text = self.text.get(first.text.start..last.text.end);
                Some(Edit {
                    nest: first.nest,
                    range: first.range.clone(),
                    text: text.unwrap_or_default(),
                })
            })
            .collect();
        otlp_wire::splice(bytes, &tree.nests, &edits, out, written)
    }
}

/// Which nests hold a record that is one of these.
fn alive(tree: &Tree, is_one: impl Fn(u32) -> bool) -> Vec<bool> {
    let mut alive = vec![false; tree.nests.len()];
    for (index, record) in tree.records.iter().enumerate() {
        if is_one(index as u32) {
            climb(tree, record.nest, |nest| {
                !std::mem::replace(&mut alive[nest as usize], true)
            });
        }
    }
    alive
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
