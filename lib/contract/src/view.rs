//! A view: what one plugin is shown of one batch, in one frame.
//!
//! Four lists and an arena. *Records* are spans, log records and data points; *containers* are the
//! attribute maps and kvlists around the values, each with its parent; *values* are what stands in
//! them, or in a place of its own such as a span name; *hits* are the ranges that a subscription
//! found in a value. A value without a hit flag is context: a plugin may read it, but a failure
//! never masks it and no edit may touch it.
//!
//! Strings, bytes and keys stand in the arena as they stand on the wire, so a string may be invalid
//! UTF-8. Ints, doubles and bools are eight little-endian bytes. Arrays and kvlists are their
//! serialized `ArrayValue` or `KeyValueList`.

mod writer;

use otlp_wire::{Kind, Level, Place, RecordKind, Signal};

use crate::NONE;
use crate::frame::{ARENA, Frame, FrameError, Section};

pub use writer::{ContainerRow, HitRow, RecordRow, ValueRow, ViewWriter};

const BATCH: u32 = 2;
const RECORDS: u32 = 3;
const CONTAINERS: u32 = 4;
const VALUES: u32 = 5;
const HITS: u32 = 6;

const BATCH_COLUMNS: usize = 3;
const RECORD_COLUMNS: usize = 13;
const CONTAINER_COLUMNS: usize = 7;
const VALUE_COLUMNS: usize = 11;
const ENTRY_COLUMN: usize = 10;
const HIT_COLUMNS: usize = 6;

const FLAG_HIT: u32 = 1;

/// A view as a plugin reads it: typed rows over the frame's bytes, at next to no cost.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    signal: Signal,
    peer: Option<&'a [u8]>,
    records: Section<'a>,
    containers: Section<'a>,
    values: Section<'a>,
    hits: Section<'a>,
    arena: &'a [u8],
}

impl<'a> View<'a> {
    /// Reads a frame that [`ViewWriter::finish`] wrote.
    ///
    /// # Errors
    /// [`FrameError`] when the frame is not one.
    pub fn read(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let frame = Frame::read(bytes)?;
        let batch = frame.section(BATCH)?;
        let signal = batch
            .cell(0, 0)
            .and_then(|code| Signal::from_u8(code as u8));
        let arena = frame.section(ARENA)?.bytes();
        Ok(Self {
            signal: signal.ok_or(FrameError::Section { id: BATCH })?,
            peer: range(
                arena,
                batch.cell(0, 1).unwrap_or(NONE),
                batch.cell(0, 2).unwrap_or(0),
            ),
            records: frame.section(RECORDS)?,
            containers: frame.section(CONTAINERS)?,
            values: frame.section(VALUES)?,
            hits: frame.section(HITS)?,
            arena,
        })
    }

    /// The batch's signal.
    #[must_use]
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// Address of the sender's connection, when the host knows it.
    #[must_use]
    pub fn peer(&self) -> Option<&'a str> {
        core::str::from_utf8(self.peer?).ok()
    }

    /// Number of records shown.
    #[must_use]
    pub fn record_count(&self) -> u32 {
        self.records.rows()
    }

    /// The record in this row.
    #[must_use]
    pub fn record(&self, row: u32) -> Option<RecordView> {
        let cells = self.records.cells(row, 4, [0; RECORD_COLUMNS])?;
        let [
            kind,
            index,
            resource,
            scope,
            code,
            start,
            start_high,
            end,
            end_high,
            id @ ..,
        ] = cells;
        Some(RecordView {
            row,
            kind: RecordKind::from_u8(kind as u8)?,
            index,
            resource,
            scope,
            code: code as i32,
            start_unix_nano: long(start, start_high),
            end_unix_nano: long(end, end_high),
            trace_id: trace_id(id),
        })
    }

    /// All records.
    pub fn records(self) -> impl Iterator<Item = RecordView> + 'a {
        (0..self.records.rows()).filter_map(move |row| self.record(row))
    }

    /// The container in this row.
    #[must_use]
    pub fn container(&self, row: u32) -> Option<ContainerView> {
        let cells = self.containers.cells(row, 6, [0; CONTAINER_COLUMNS])?;
        let [parent, record, level, place, resource, scope, flags] = cells;
        Some(ContainerView {
            row,
            parent: present(parent),
            record: present(record),
            level: Level::from_u8(level as u8)?,
            place: Place::from_u8(place as u8)?,
            resource: present(resource),
            scope: present(scope),
            asked: flags & 1 != 0,
        })
    }

    /// All containers.
    pub fn containers(self) -> impl Iterator<Item = ContainerView> + 'a {
        (0..self.containers.rows()).filter_map(move |row| self.container(row))
    }

    /// Number of values shown.
    #[must_use]
    pub fn value_count(&self) -> u32 {
        self.values.rows()
    }

    /// The value in this row.
    #[must_use]
    pub fn value(&self, row: u32) -> Option<ValueView<'a>> {
        let mut missing = [0; VALUE_COLUMNS];
        missing[ENTRY_COLUMN] = NONE;
        let cells = self.values.cells(row, 9, missing)?;
        let [
            container,
            record,
            place,
            kind,
            key,
            key_len,
            start,
            len,
            flags,
            depth,
            entry,
        ] = cells;
        Some(ValueView {
            row,
            container: present(container),
            record: present(record),
            place: Place::from_u8(place as u8)?,
            kind: Kind::from_u8(kind as u8)?,
            key: range(self.arena, key, key_len),
            bytes: range(self.arena, start, len)?,
            hit: flags & FLAG_HIT != 0,
            depth,
            entry: present(entry),
        })
    }

    /// All values, those of one container together and in wire order.
    pub fn values(self) -> impl Iterator<Item = ValueView<'a>> + 'a {
        (0..self.values.rows()).filter_map(move |row| self.value(row))
    }

    /// All hits, sorted by value.
    pub fn hits(self) -> impl Iterator<Item = HitView> + 'a {
        (0..self.hits.rows()).filter_map(move |row| {
            let cells = self.hits.cells(row, HIT_COLUMNS, [0; HIT_COLUMNS])?;
            let [value, subscription, start, end, secret_start, secret_end] = cells;
            Some(HitView {
                value,
                subscription,
                start,
                end,
                secret: present(secret_start).zip(present(secret_end)),
            })
        })
    }
}

/// A record of a [`View`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordView {
    /// Its row: what an edit names.
    pub row: u32,
    /// What it is.
    pub kind: RecordKind,
    /// Its ordinal in the batch.
    pub index: u32,
    /// Ordinal of its resource in the batch.
    pub resource: u32,
    /// Ordinal of its scope in the batch.
    pub scope: u32,
    /// Status code of a span, severity number of a log record, else 0.
    pub code: i32,
    /// When a span or the time of a point began, or when a log record was made; 0 if not said.
    pub start_unix_nano: u64,
    /// When a span ended, or the time of a point; 0 if not said.
    pub end_unix_nano: u64,
    /// The trace id; all zeros if there is none of the proper size.
    pub trace_id: [u8; 16],
}

/// A container of a [`View`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContainerView {
    /// Its row: what an edit names.
    pub row: u32,
    /// Container that it stands in.
    pub parent: Option<u32>,
    /// Record that it belongs to; none for those of resources and scopes.
    pub record: Option<u32>,
    /// What it is the map of.
    pub level: Level,
    /// Where its values stand.
    pub place: Place,
    /// Ordinal of its resource in the batch.
    pub resource: Option<u32>,
    /// Ordinal of its scope in the batch.
    pub scope: Option<u32>,
    /// Whether it is shown because the interest asks for containers of its level.
    pub asked: bool,
}

/// A value of a [`View`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ValueView<'a> {
    /// Its row: what an edit names.
    pub row: u32,
    /// Row of the container that it stands in.
    pub container: Option<u32>,
    /// Row of the record that it belongs to.
    pub record: Option<u32>,
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
    /// Key that it stands under: its own, or for an array's element the array's.
    pub key: Option<&'a [u8]>,
    /// Its bytes (see the module's first lines).
    pub bytes: &'a [u8],
    /// Whether a subscription selected it; otherwise it is context.
    pub hit: bool,
    /// 0 for an attribute or body itself, one more for each kvlist or array around it.
    pub depth: u32,
    /// The same number for the keys and values of one entry of a container; none for elements of
    /// arrays, for bodies and for fields.
    pub entry: Option<u32>,
}

impl<'a> ValueView<'a> {
    /// The text of a string or key, when it is valid UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        match self.kind {
            Kind::String | Kind::Key => core::str::from_utf8(self.bytes).ok(),
            _ => None,
        }
    }

    /// The int, when it is one.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        (self.kind == Kind::Int).then(|| self.word().map(i64::from_le_bytes))?
    }

    /// The double, when it is one.
    #[must_use]
    pub fn double(&self) -> Option<f64> {
        (self.kind == Kind::Double).then(|| self.word().map(f64::from_le_bytes))?
    }

    /// The bool, when it is one.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        (self.kind == Kind::Bool).then(|| self.word().map(|word| word != [0; 8]))?
    }

    fn word(&self) -> Option<[u8; 8]> {
        self.bytes.try_into().ok()
    }
}

/// Shows where a value stands, never what it holds.
impl core::fmt::Debug for ValueView<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ValueView")
            .field("row", &self.row)
            .field("place", &self.place)
            .field("kind", &self.kind)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// A hit of a [`View`]: see [`HitRow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HitView {
    /// The value's row.
    pub value: u32,
    /// Number of the subscription in the plugin's interest.
    pub subscription: u32,
    /// First byte in the value.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// Range of the pattern's group `secret`, when it has one.
    pub secret: Option<(u32, u32)>,
}

impl HitView {
    /// The range in the value, in bytes.
    #[must_use]
    pub fn range(&self) -> core::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The range of the pattern's group `secret`, when it has one, else the whole range.
    #[must_use]
    pub fn secret_range(&self) -> core::ops::Range<usize> {
        match self.secret {
            Some((start, end)) => start as usize..end as usize,
            None => self.range(),
        }
    }
}

fn long(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

fn trace_id(words: [u32; 4]) -> [u8; 16] {
    let words = words.map(u128::from);
    (words[0] | words[1] << 32 | words[2] << 64 | words[3] << 96).to_le_bytes()
}

fn present(index: u32) -> Option<u32> {
    (index != NONE).then_some(index)
}

fn range(arena: &[u8], start: u32, len: u32) -> Option<&[u8]> {
    let start = start as usize;
    arena.get(start..start.checked_add(len as usize)?)
}
