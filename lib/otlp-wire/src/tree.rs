//! What a walk found: nests, records, containers and values, as offsets into the batch.
//!
//! Flat lists that refer to each other by index, so that one tree is reused from batch to batch
//! without an allocation. A tree holds offsets only, never content.

use std::ops::Range;

use crate::name::{Kind, Level, Place, RecordKind};
use crate::read::{pass_unknown, read_part, read_tag, usual_entry};
use crate::schema::Wire;

/// The index that refers to nothing.
pub const NONE: u32 = u32::MAX;

/// A length-delimited message or leaf on the way from the batch to a value.
///
/// Nest 0 is the batch itself; it has no parent, no tag and no length. A nest stands behind its
/// parent in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nest {
    /// The nest that it stands in, or [`NONE`].
    pub parent: u32,
    /// Where its tag begins.
    pub field: usize,
    /// Where its length begins.
    pub len: usize,
    /// Where its payload begins.
    pub start: usize,
    /// Where its payload ends.
    pub end: usize,
}

/// A span, a log record or a data point.
///
/// To drop it is to cut `nests[nest].field..nests[nest].end` out of the parent of the nest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub kind: RecordKind,
    /// Its message.
    pub nest: u32,
    /// Its ordinal in the batch, in wire order, whether or not others were skipped.
    pub index: u32,
    /// The ordinal of its resource in the batch.
    pub resource: u32,
    /// The ordinal of its scope in the batch.
    pub scope: u32,
    /// The container of its attributes; the parents lead on to scope and resource.
    pub container: u32,
    /// Its trace id, whatever its size; empty if there is none.
    pub trace_id: Range<usize>,
    /// Its span id, whatever its size; empty if there is none.
    pub span_id: Range<usize>,
    /// The status code of a span or the severity number of a log record, else 0.
    pub code: i32,
    /// When a span or the time of a data point began, or when a log record was made; 0 if not said.
    pub start_unix_nano: u64,
    /// When a span ended, or the time of a data point; 0 if not said.
    pub end_unix_nano: u64,
}

/// An attribute map or a list of entries.
///
/// To insert an entry is to insert a field `field` that holds a `KeyValue` at the end of the nest.
/// If `absent` is not 0, the message that would hold the entries does not stand in the batch: the
/// insertion has to be wrapped in a field `absent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The last occurrence of the message that holds the entries (or the group around it, if
    /// `absent`).
    pub nest: u32,
    /// The container around it: of the value that it is nested in, the record of an event, the
    /// metric of a point, the scope of a record, the resource of a scope; or [`NONE`].
    pub parent: u32,
    /// Its record, or [`NONE`].
    pub record: u32,
    /// The place of its keys and values.
    pub place: Place,
    /// Where it stands.
    pub level: Level,
    /// The number of the repeated field that holds the entries.
    pub field: u32,
    /// The number of the missing resource or scope message, or 0.
    pub absent: u32,
    /// The ordinal of its resource in the batch.
    pub resource: u32,
    /// The ordinal of its scope in the batch, or [`NONE`] for a resource.
    pub scope: u32,
}

/// A leaf that can carry text, a key, a number, or a list of such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Where it stands.
    pub place: Place,
    /// What it is made of.
    pub kind: Kind,
    /// The nearest container around it, or [`NONE`] (names and URLs of groups without one do not
    /// exist: a schema URL belongs to the resource's or the scope's container).
    pub container: u32,
    /// Its record, or [`NONE`].
    pub record: u32,
    /// The key of its entry: the last one, if there are several. Elements of an array have the key
    /// of the array; a key has its payload instead.
    pub key: Option<Range<usize>>,
    /// How many keys its entry has; see [`Value::keys`].
    pub key_count: u32,
    /// The payload of the entry whose key `key` is, or empty.
    pub keyed: Range<usize>,
    /// The innermost nest that the payload stands in: its own for text, bytes, arrays and lists,
    /// that of the enclosing message for numbers, empty values and groups.
    pub nest: u32,
    /// From tag to end: what has to be cut to remove it, or replaced to change its kind. Empty for
    /// an empty value: where its alternative would begin.
    pub field: Range<usize>,
    /// What it holds, without tag and length.
    pub payload: Range<usize>,
    /// The entry that it is key or value of, directly, or [`NONE`]. To remove the attribute is to cut
    /// `nests[entry].field..nests[entry].end` out of the parent of that nest.
    pub entry: u32,
    /// Its `AnyValue`, or [`NONE`]. To change the kind is to replace `field` in this nest. An
    /// entry without a value has an empty value with an entry and no `AnyValue`.
    pub any: u32,
    /// How many arrays and lists of its own attribute or body it is nested in.
    pub depth: u32,
}

/// Everything that a walk kept.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The messages and leaves on the way; a parent stands before its children.
    pub nests: Vec<Nest>,
    /// The records that were entered.
    pub records: Vec<Record>,
    /// The containers that were entered.
    pub containers: Vec<Container>,
    /// The values that were taken, in the order of the bytes; a list stands before its elements.
    pub values: Vec<Value>,
}

impl Tree {
    /// Forgets everything, and keeps the memory.
    pub fn clear(&mut self) {
        self.nests.clear();
        self.records.clear();
        self.containers.clear();
        self.values.clear();
    }

    /// The nest that the `field` of a value stands in: where it is cut, or replaced to change the
    /// kind of the value. [`NONE`] if the value is not of this tree.
    pub fn holder(&self, value: &Value) -> u32 {
        match self.nests.get(value.nest as usize) {
            // Only a nest of the value's own begins with its tag; the batch has none.
            Some(own) if own.parent != NONE && own.field == value.field.start => own.parent,
            Some(_) => value.nest,
            None => NONE,
        }
    }
}

impl Value {
    /// Every key of the entry that the value stands in, in the order of the bytes.
    ///
    /// `bytes` must be the batch that was walked. A condition on a key has to hold for any of them:
    /// readers differ in which one they believe. Only if `key_count` is above 1 does this give more
    /// than `key`.
    pub fn keys<'a>(&self, bytes: &'a [u8]) -> Keys<'a> {
        match &self.key {
            Some(only) if self.key_count == 1 => Keys {
                only: Some(only.clone()),
                bytes,
                at: 0,
                end: 0,
            },
            _ => Keys::of(bytes, self.keyed.clone()),
        }
    }

    /// Whether any key of its entry is this one. `bytes` must be the batch that was walked.
    #[inline]
    pub fn has_key(&self, bytes: &[u8], key: &[u8]) -> bool {
        match &self.key {
            Some(only) if self.key_count == 1 => bytes.get(only.clone()) == Some(key),
            _ => self.keys(bytes).any(|named| bytes.get(named) == Some(key)),
        }
    }
}

/// The keys of one entry; see [`Value::keys`].
#[derive(Clone)]
pub struct Keys<'a> {
    /// The one that there is, where that is known.
    only: Option<Range<usize>>,
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl Keys<'_> {
    /// Over the payload of an entry.
    #[inline]
    pub(crate) fn of(bytes: &[u8], payload: Range<usize>) -> Keys<'_> {
        let end = payload.end.min(bytes.len());
        let usual = usual_entry(bytes, &(payload.start..end));
        Keys {
            at: if usual.is_some() { end } else { payload.start },
            only: usual.map(|(key, _)| key.payload()),
            bytes,
            end,
        }
    }
}

impl Iterator for Keys<'_> {
    type Item = Range<usize>;

    /// Ends at a field that is malformed, which the walk reports.
    fn next(&mut self) -> Option<Range<usize>> {
        if let Some(only) = self.only.take() {
            return Some(only);
        }
        while self.at < self.end {
            let field = self.at;
            let tag = read_tag(self.bytes, field, self.end).ok()?;
            if tag.wire != Wire::Len {
                self.at = pass_unknown(self.bytes, tag, self.end, 0).ok()?;
                continue;
            }
            let part = read_part(self.bytes, field, tag.after, self.end).ok()?;
            self.at = part.end;
            if tag.number == 1 {
                return Some(part.payload());
            }
        }
        None
    }
}
