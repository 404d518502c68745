//! The writing side of a view: rows as the host gathers them.
//!
//! Must never: judge what it is given.

use otlp_wire::{Kind, Level, Place, RecordKind, Signal};

use super::{
    BATCH, BATCH_COLUMNS, CONTAINER_COLUMNS, CONTAINERS, ENTRY_COLUMN, FLAG_HIT, HIT_COLUMNS, HITS,
    RECORD_COLUMNS, RECORDS, VALUE_COLUMNS, VALUES,
};
use crate::frame::{self, Rows};
use crate::{ABSENT, NONE};

/// One record: a span, a log record or a data point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRow {
    /// What it is.
    pub kind: RecordKind,
    /// Its ordinal in the batch, whether or not others are shown.
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

/// One attribute map or kvlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContainerRow {
    /// Container that it stands in, or [`NONE`].
    pub parent: u32,
    /// Record that it belongs to, or [`NONE`] for those of resources and scopes.
    pub record: u32,
    /// What it is the map of.
    pub level: Level,
    /// Where its values stand.
    pub place: Place,
    /// Ordinal of its resource in the batch, or [`NONE`].
    pub resource: u32,
    /// Ordinal of its scope in the batch, or [`NONE`].
    pub scope: u32,
    /// Whether it is shown because the interest asks for containers of its level; in one frame only,
    /// should a batch take several.
    pub asked: bool,
}

/// One value, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueRow {
    /// Container that it stands in, or [`NONE`].
    pub container: u32,
    /// Record that it belongs to, or [`NONE`].
    pub record: u32,
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
    /// Whether a subscription selected it; otherwise it is context.
    pub hit: bool,
    /// 0 for an attribute or body itself, one more for each kvlist or array around it.
    pub depth: u32,
}

/// One hit: a range in a value that a subscription found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HitRow {
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

/// Gathers one view; the buffers serve again after [`ViewWriter::clear`].
#[derive(Debug, Default)]
pub struct ViewWriter {
    records: Rows,
    containers: Rows,
    values: Rows,
    hits: Rows,
    /// Text, behind room for the header of the frame that it becomes.
    arena: Vec<u8>,
}

/// The batch, records, containers, values, hits.
const SECTIONS: usize = 5;

impl ViewWriter {
    /// Forgets everything but the buffers.
    pub fn clear(&mut self) {
        self.records.clear();
        self.containers.clear();
        self.values.clear();
        self.hits.clear();
        self.arena.clear();
    }

    /// Appends a record and says its row.
    pub fn record(&mut self, row: RecordRow) -> u32 {
        let half = |number: u64| [number as u32, (number >> 32) as u32];
        let [start, start_high] = half(row.start_unix_nano);
        let [end, end_high] = half(row.end_unix_nano);
        let id = u128::from_le_bytes(row.trace_id);
        self.records.push(&[
            row.kind as u32,
            row.index,
            row.resource,
            row.scope,
            row.code as u32,
            start,
            start_high,
            end,
            end_high,
            id as u32,
            (id >> 32) as u32,
            (id >> 64) as u32,
            (id >> 96) as u32,
        ])
    }

    /// Appends a container and says its row.
    pub fn container(&mut self, row: ContainerRow) -> u32 {
        self.containers.push(&[
            row.parent,
            row.record,
            row.level as u32,
            row.place as u32,
            row.resource,
            row.scope,
            u32::from(row.asked),
        ])
    }

    /// Appends a value with its bytes and says its row.
    pub fn value(&mut self, row: ValueRow, key: Option<&[u8]>, bytes: &[u8]) -> u32 {
        let (key_start, key_len) = match key {
            Some(key) => self.store(key),
            None => (ABSENT, 0),
        };
        let (start, len) = self.store(bytes);
        self.values.push(&[
            row.container,
            row.record,
            row.place as u32,
            row.kind as u32,
            key_start,
            key_len,
            start,
            len,
            if row.hit { FLAG_HIT } else { 0 },
            row.depth,
            NONE,
        ])
    }

    /// Says which entry a value or key belongs to: any number that the others of that entry have and
    /// no other entry of the view.
    pub fn entry(&mut self, value: u32, entry: u32) {
        self.values.set(value, ENTRY_COLUMN, entry);
    }

    /// Appends a hit.
    pub fn hit(&mut self, row: HitRow) {
        let (start, end) = row.secret.unwrap_or((ABSENT, ABSENT));
        self.hits
            .push(&[row.value, row.subscription, row.start, row.end, start, end]);
    }

    /// Values so far.
    #[must_use]
    pub fn values(&self) -> u32 {
        self.values.len()
    }

    /// Hits so far.
    #[must_use]
    pub fn hits(&self) -> u32 {
        self.hits.len()
    }

    /// Bytes that the frame would take now, but for its header.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let lists = [&self.records, &self.containers, &self.values, &self.hits];
        let arena = self.arena.len().saturating_sub(frame::room(SECTIONS));
        lists.iter().map(|rows| rows.bytes()).sum::<usize>() + arena
    }

    /// Makes `out` the frame and takes its buffer for the next one, which begins with
    /// [`ViewWriter::clear`].
    pub fn finish(&mut self, signal: Signal, peer: Option<&str>, out: &mut Vec<u8>) {
        self.begin();
        let (start, len) = match peer {
            Some(peer) => self.store(peer.as_bytes()),
            None => (ABSENT, 0),
        };
        let mut batch = Rows::default();
        batch.push(&[signal as u32, start, len]);
        let sections: [_; SECTIONS] = [
            (BATCH, &batch, BATCH_COLUMNS),
            (RECORDS, &self.records, RECORD_COLUMNS),
            (CONTAINERS, &self.containers, CONTAINER_COLUMNS),
            (VALUES, &self.values, VALUE_COLUMNS),
            (HITS, &self.hits, HIT_COLUMNS),
        ];
        frame::complete(&mut self.arena, &sections);
        std::mem::swap(out, &mut self.arena);
        self.arena.clear();
    }

    /// Leaves room for the header.
    fn begin(&mut self) {
        if self.arena.is_empty() {
            self.arena.resize(frame::room(SECTIONS), 0);
        }
    }

    fn store(&mut self, bytes: &[u8]) -> (u32, u32) {
        self.begin();
        let start = self.arena.len() - frame::room(SECTIONS);
        self.arena.extend_from_slice(bytes);
        (start as u32, bytes.len() as u32)
    }
}
