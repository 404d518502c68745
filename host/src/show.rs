//! Turns judged values into the rows of a view, and remembers what each row stands for.

use otlp_wire::{Container, Kind, Level, NONE, Record, Tree, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use tamis_contract::{ContainerRow, HitRow, RecordRow, ValueRow, ViewWriter};

use crate::found::Found;

/// What a guest was shown in one frame: the tree's value, container or record behind each row.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) writer: ViewWriter,
    /// The tree's value, or [`NONE`] for context from elsewhere.
    pub(crate) values: Vec<u32>,
    pub(crate) containers: Vec<u32>,
    pub(crate) records: Vec<u32>,
    container_rows: FxHashMap<u32, u32>,
    record_rows: FxHashMap<u32, u32>,
    context_rows: FxHashMap<u32, u32>,
    /// Levels whose containers are asked for, a bit each.
    asks: u16,
    /// Containers that were shown as asked for, in this frame or one before.
    asked: FxHashSet<u32>,
    /// The container of the record that was shown last, and its row.
    own: (u32, u32),
}

impl Shown {
    /// Begins with a batch, of which containers of these levels are asked for.
    pub(crate) fn begin(&mut self, asks: u16) {
        self.clear();
        self.asks = asks;
        self.asked.clear();
    }

    /// Shows a container that is asked for, unless it was shown before.
    pub(crate) fn ask(&mut self, tree: &Tree, bytes: &[u8], index: u32) {
        let asked = tree
            .containers
            .get(index as usize)
            .is_some_and(|container| self.asks & 1 << container.level as u32 != 0);
        if asked && !self.asked.contains(&index) {
            self.container(tree, bytes, index);
        }
    }

    /// Whether a container of the tree was shown as asked for.
    pub(crate) fn is_asked(&self, index: u32) -> bool {
        self.asked.contains(&index)
    }

    pub(crate) fn clear(&mut self) {
        self.writer.clear();
        self.values.clear();
        self.containers.clear();
        self.records.clear();
        self.container_rows.clear();
        self.record_rows.clear();
        self.context_rows.clear();
        self.own = (NONE, NONE);
    }

    /// Whether nothing is shown.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.records.is_empty() && self.containers.is_empty()
    }

    /// Appends a record for its own sake, and its container where that may be written to. Its row.
    pub(crate) fn whole(&mut self, tree: &Tree, bytes: &[u8], index: u32, container: bool) -> u32 {
        let Some(record) = tree.records.get(index as usize) else {
            return NONE;
        };
        let row = self.writer.record(record_row(record, bytes));
        self.records.push(index);
        self.own = (NONE, NONE);
        if container {
            self.own_container(tree, record.container, row);
        }
        row
    }

    /// Appends a value that is named beside a record, as context.
    pub(crate) fn beside(
        &mut self,
        tree: &Tree,
        bytes: &[u8],
        value: &Value,
        key: Option<&[u8]>,
        record: u32,
    ) {
        let container = match tree.containers.get(value.container as usize) {
            Some(container) if container.level == Level::Record => {
                self.own_container(tree, value.container, record)
            }
            _ => self.context_container(tree, value.container, record),
        };
        let row = ValueRow {
            container,
            record,
            place: value.place,
            kind: value.kind,
            hit: false,
            depth: value.depth,
        };
        self.write(row, key, bytes, value);
        self.values.push(NONE);
    }

    /// The row of the container of the record that was shown last.
    fn own_container(&mut self, tree: &Tree, index: u32, record: u32) -> u32 {
        if self.own.0 == index {
            return self.own.1;
        }
        let Some(container) = tree.containers.get(index as usize) else {
            return NONE;
        };
        let row = self
            .writer
            .container(container_row(container, NONE, record));
        self.containers.push(index);
        self.own = (index, row);
        row
    }

    /// Appends a value with its hits.
    pub(crate) fn hit(
        &mut self,
        tree: &Tree,
        bytes: &[u8],
        index: u32,
        key: Option<&[u8]>,
        found: &[Found],
    ) {
        let Some(value) = tree.values.get(index as usize) else {
            return;
        };
        let row = self.value(tree, bytes, value, key);
        self.values.push(index);
        for found in found {
            self.writer.hit(HitRow {
                value: row,
                subscription: found.subscription,
                start: found.start,
                end: found.end,
                secret: found.secret,
            });
        }
    }

    /// Appends a value of another walk of the same batch as context: no edit may name it.
    pub(crate) fn context(&mut self, companions: &Tree, bytes: &[u8], value: &Value, record: u32) {
        let row = ValueRow {
            container: self.context_container(companions, value.container, record),
            record,
            place: value.place,
            kind: value.kind,
            hit: false,
            depth: value.depth,
        };
        let key = value.key.clone().and_then(|key| bytes.get(key));
        self.write(row, key, bytes, value);
        self.values.push(NONE);
    }

    /// A container of another walk, once for each record: no edit may name it either.
    fn context_container(&mut self, companions: &Tree, index: u32, record: u32) -> u32 {
        let Some(container) = companions.containers.get(index as usize) else {
            return NONE;
        };
        if let Some(&row) = self.context_rows.get(&index) {
            return row;
        }
        let row = self
            .writer
            .container(container_row(container, NONE, record));
        self.containers.push(NONE);
        self.context_rows.insert(index, row);
        row
    }

    /// The row of the record with this ordinal in the batch, if it is shown.
    pub(crate) fn record_row(&self, tree: &Tree, ordinal: u32) -> Option<u32> {
        let index = tree
            .records
            .iter()
            .position(|record| record.index == ordinal)?;
        self.record_rows.get(&(index as u32)).copied()
    }

    fn value(&mut self, tree: &Tree, bytes: &[u8], value: &Value, key: Option<&[u8]>) -> u32 {
        let row = ValueRow {
            container: self.container(tree, bytes, value.container),
            record: self.record(tree, bytes, value.record),
            place: value.place,
            kind: value.kind,
            hit: true,
            depth: value.depth,
        };
        let row = self.write(row, key, bytes, value);
        self.writer.entry(row, value.entry);
        row
    }

    /// Writes a value as it crosses: a number or bool as a word, all else as it stands.
    fn write(&mut self, row: ValueRow, key: Option<&[u8]>, bytes: &[u8], value: &Value) -> u32 {
        let payload = bytes.get(value.payload.clone()).unwrap_or_default();
        match word(value.kind, payload) {
            Some(word) => self.writer.value(row, key, &word),
            None => self.writer.value(row, key, payload),
        }
    }

    fn record(&mut self, tree: &Tree, bytes: &[u8], index: u32) -> u32 {
        let Some(record) = tree.records.get(index as usize) else {
            return NONE;
        };
        if let Some(&row) = self.record_rows.get(&index) {
            return row;
        }
        let row = self.writer.record(record_row(record, bytes));
        self.records.push(index);
        self.record_rows.insert(index, row);
        // A record's own attributes are shown even where none of them is: that is where a plugin
        // writes what it has to say about the record.
        self.container(tree, bytes, record.container);
        row
    }

    fn container(&mut self, tree: &Tree, bytes: &[u8], index: u32) -> u32 {
        let Some(container) = tree.containers.get(index as usize) else {
            return NONE;
        };
        if let Some(&row) = self.container_rows.get(&index) {
            return row;
        }
        let parent = self.container(tree, bytes, container.parent);
        let record = match self.record_rows.get(&container.record) {
            Some(&row) => row,
            None if container.record == NONE => NONE,
            // The record shows its own container, so this one may be there by now.
            None => self.record(tree, bytes, container.record),
        };
        if let Some(&row) = self.container_rows.get(&index) {
            return row;
        }
        let asked = self.asks & 1 << container.level as u32 != 0 && self.asked.insert(index);
        let row = self.writer.container(ContainerRow {
            asked,
            ..container_row(container, parent, record)
        });
        self.containers.push(index);
        self.container_rows.insert(index, row);
        row
    }
}

fn record_row(record: &Record, bytes: &[u8]) -> RecordRow {
    let id = bytes.get(record.trace_id.clone());
    RecordRow {
        kind: record.kind,
        index: record.index,
        resource: record.resource,
        scope: record.scope,
        code: record.code,
        start_unix_nano: record.start_unix_nano,
        end_unix_nano: record.end_unix_nano,
        trace_id: id.and_then(|id| id.try_into().ok()).unwrap_or_default(),
    }
}

fn container_row(container: &Container, parent: u32, record: u32) -> ContainerRow {
    ContainerRow {
        parent,
        record,
        level: container.level,
        place: container.place,
        resource: container.resource,
        scope: container.scope,
        asked: false,
    }
}

/// A number or bool as it crosses: eight little-endian bytes.
pub(crate) fn word(kind: Kind, payload: &[u8]) -> Option<[u8; 8]> {
    match kind {
        Kind::Int => Some(varint(payload).to_le_bytes()),
        Kind::Bool => Some(u64::from(varint(payload) != 0).to_le_bytes()),
        Kind::Double => payload.try_into().ok(),
        _ => None,
    }
}

fn varint(payload: &[u8]) -> u64 {
    otlp_wire::varint::read(payload, 0).map_or(0, |(number, _)| number)
}
