//! The turn of a plugin that asks for whole records: each is shown, with what is named beside it.
//!
//! Nothing is a hit here: a plugin may drop a record, set its trace state, or write attributes of it
//! under keys that it named. Records go in several frames when there are many; what belongs to a
//! resource or scope is shown in each frame that holds a record of it.
//!
//! Must never: let one record or resource fill more than its share of a frame, since a frame that
//! holds a single record would cost a call for each.

use std::ops::Range;

use otlp_wire::{NONE, Tree, Value};
use tamis_contract::Operation;

use super::{Scratch, Step};
use crate::outcome::Refusal;
use crate::records::Beside;

/// A record may have so many edits in a frame of the greatest number of records.
const EDITS_PER_RECORD: usize = 4;

/// Values that belong to no record, by resource and scope.
struct Shared(Vec<(u32, u32, u32)>);

impl Shared {
    fn of(tree: &Tree) -> Self {
        let owner = |value: &Value| {
            let container = tree.containers.get(value.container as usize);
            container.map_or((NONE, NONE), |owner| (owner.resource, owner.scope))
        };
        let values = tree.values.iter().enumerate();
        let mut shared: Vec<_> = values
            .filter(|(_, value)| value.record == NONE)
            .map(|(index, value)| {
                let (resource, scope) = owner(value);
                (resource, scope, index as u32)
            })
            .collect();
        shared.sort_unstable();
        Self(shared)
    }

    /// Values of this resource itself (scope none), or of this scope.
    fn of_group(&self, resource: u32, scope: u32) -> impl Iterator<Item = u32> + '_ {
        let from = self
            .0
            .partition_point(|&(of, within, _)| (of, within) < (resource, scope));
        let rest = self.0.get(from..).unwrap_or_default().iter();
        rest.take_while(move |&&(of, within, _)| (of, within) == (resource, scope))
            .map(|&(_, _, index)| index)
    }
}

impl Step<'_> {
    /// Shows every record of the tree, in as many calls as it takes.
    pub(super) fn show_records(&mut self, beside: &Beside) -> Result<(), Refusal> {
        let writes = self
            .plugin
            .operations
            .iter()
            .any(|operation| matches!(operation, Operation::Set | Operation::InsertIfAbsent));
        let frame_max = self.plugin.limits.frame_bytes_max / 2;
        let records_max = (self.plugin.limits.edits_max / EDITS_PER_RECORD).max(1);
        let shared = Shared::of(&self.scratch.tree);
        let (mut next, mut group) = (0, (NONE, NONE));
        for index in 0..self.scratch.tree.records.len() {
            let shown = &self.scratch.shown;
            if shown.records.len() >= records_max || shown.writer.bytes() > frame_max {
                self.call()?;
                group = (NONE, NONE);
            }
            let own = self.own_values(index as u32, &mut next);
            let Some(record) = self.scratch.tree.records.get(index) else {
                break;
            };
            let (before, now) = (group, (record.resource, record.scope));
            group = now;
            if before.0 != now.0 {
                self.show_group(beside, shared.of_group(now.0, NONE));
            }
            if before != now {
                self.show_group(beside, shared.of_group(now.0, now.1));
            }
            let scratch = &mut *self.scratch;
            let row = scratch
                .shown
                .whole(&scratch.tree, self.bytes, index as u32, writes);
            self.show_beside(beside, own.map(|value| value as u32), row);
        }
        self.call()?;
        if self.plugin.operations.contains(&Operation::DropRecord) {
            let Scratch { tree, changes, .. } = &mut *self.scratch;
            changes.find_barren(tree);
        }
        Ok(())
    }

    /// The values of a record. `next` is where the search goes on: values and records stand in the
    /// order of the bytes.
    fn own_values(&self, record: u32, next: &mut usize) -> Range<usize> {
        let values = &self.scratch.tree.values;
        let of = |at: usize| values.get(at).map(|value| value.record);
        while of(*next).is_some_and(|of| of != record && (of == NONE || of < record)) {
            *next += 1;
        }
        let start = *next;
        while of(*next) == Some(record) {
            *next += 1;
        }
        start..*next
    }

    fn show_group(&mut self, beside: &Beside, values: impl Iterator<Item = u32>) {
        self.show_beside(beside, values, NONE);
    }

    /// Shows values as context, as far as they fit into their share of a frame.
    fn show_beside(&mut self, beside: &Beside, values: impl Iterator<Item = u32>, record: u32) {
        let mut room = self.plugin.limits.frame_bytes_max / 8;
        for index in values {
            let scratch = &mut *self.scratch;
            let Some(value) = scratch.tree.values.get(index as usize) else {
                continue;
            };
            let key = value.key.clone().and_then(|key| self.bytes.get(key));
            let size = value.payload.len() + key.map_or(0, <[u8]>::len);
            if size <= room && beside.names(value.place, key) {
                room -= size;
                let shown = &mut scratch.shown;
                shown.beside(&scratch.tree, self.bytes, value, key, record);
            }
        }
    }
}
