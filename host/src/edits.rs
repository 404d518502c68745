//! The trust boundary: checks what a guest answered and turns it into changes.
//!
//! Everything in an answer is hostile: codes, rows, ranges, texts. One edit that may not be done
//! makes the whole answer a fault, since a guest that is wrong once is not believed twice.

use std::collections::HashMap;

use otlp_wire::{Container, Kind, Level, Member, NONE, Place, Record, RecordKind, Tree, Value};
use tamis_contract::{EditRow, EditsReader, Operation};

use crate::approved::{Approved, approved, on_container, on_record};
use crate::change::{Changes, is_removed_whole};
use crate::edit_fault::EditFault;
use crate::present::Present;
use crate::records::Beside;
use crate::show::Shown;
use crate::steps::Steps;

/// Edits times values up to which a value under a key is sought each time, and not by an index of all.
const SOUGHT_MAX: usize = 4_096;

/// Number of the field `trace_state` in a span.
const SPAN_TRACE_STATE: u32 = 3;

/// Values by their container and key.
type ByKey<'b> = HashMap<(u32, &'b [u8]), Vec<u32>>;

/// What an answer is checked against.
pub(crate) struct Checker<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) bytes: &'a [u8],
    pub(crate) shown: &'a Shown,
    /// Where whole records are shown: the tree holds only what is named here.
    pub(crate) beside: Option<&'a Beside>,
    /// Where the tree does not hold every entry of a container either, and attributes are only added.
    pub(crate) present: Option<Present>,
    pub(crate) operations: &'a [Operation],
    pub(crate) detectors: usize,
    pub(crate) edits_max: usize,
    pub(crate) steps: Steps,
}

impl Checker<'_> {
    /// Checks an answer and adds its changes. On an error, changes may have been added: rewind.
    pub(crate) fn check(
        &self,
        answer: &EditsReader<'_>,
        changes: &mut Changes,
        approved: &mut Vec<Approved>,
    ) -> Result<(), EditFault> {
        let (max, actual) = (self.edits_max, answer.len() as usize);
        if actual > max {
            return Err(EditFault::TooMany { max, actual });
        }
        let (mut keys, before) = (None, approved.len());
        let seeks = self.beside.is_some()
            || self.present.is_some()
            || actual * self.tree.values.len() <= SOUGHT_MAX;
        for edit in 0..answer.len() {
            let row = answer.edit(edit).ok_or(EditFault::Arena { edit })?;
            let operation = row.operation().ok_or(EditFault::Operation {
                edit,
                code: row.operation,
            })?;
            if !self.operations.contains(&operation) {
                return Err(EditFault::NotDeclared { edit, operation });
            }
            if let Some(detector) = row
                .detector
                .filter(|&detector| detector as usize >= self.detectors)
            {
                return Err(EditFault::Detector { edit, detector });
            }
            let done = match operation {
                Operation::ReplaceRange | Operation::Report => {
                    self.range(edit, operation, &row, changes)?
                }
                Operation::ReplaceValue | Operation::Remove => {
                    self.whole(edit, operation, &row, changes)?
                }
                Operation::InsertIfAbsent | Operation::Set => {
                    let keys = (!seeks).then(|| &*keys.get_or_insert_with(|| self.keys()));
                    self.attribute(edit, operation, &row, keys, changes)?
                }
                Operation::SetTraceState => self.trace_state(edit, &row, changes)?,
                Operation::DropRecord => {
                    self.drop(edit, &row, changes, before, approved)?;
                    continue;
                }
            };
            if changes.drops(done.record) {
                return Err(EditFault::Dropped { edit });
            }
            approved.push(done);
        }
        let late = approved
            .iter()
            .position(|edit| edit.operation != Operation::DropRecord && changes.drops(edit.record));
        match late {
            Some(edit) => Err(EditFault::Dropped { edit: edit as u32 }),
            None => Ok(()),
        }
    }

    fn range(
        &self,
        edit: u32,
        operation: Operation,
        row: &EditRow<'_>,
        changes: &mut Changes,
    ) -> Result<Approved, EditFault> {
        let (index, value) = self.value(edit, row.target)?;
        let len = if is_text(value) {
            value.payload.len()
        } else {
            8.max(value.payload.len())
        };
        let (start, end) = (row.start as usize, row.end as usize);
        if start > end || end > len {
            return Err(EditFault::Range {
                edit,
                start: row.start,
                end: row.end,
                len,
            });
        }
        let mut done = approved(operation, index, value, start..end, row.detector);
        if operation == Operation::Report {
            // A report about a key must not show it.
            done.renamed = (value.kind == Kind::Key)
                .then(|| (value.payload.clone(), crate::change::MASK.into()));
            return Ok(done);
        }
        if !is_text(value) {
            return Err(unfit(edit, value));
        }
        if is_removed_whole(value.place) {
            changes.mask(self.tree, value);
            return Ok(done);
        }
        let payload = self.bytes.get(value.payload.clone()).unwrap_or_default();
        if value.kind != Kind::Bytes {
            for at in [start, end] {
                if payload.get(at).is_some_and(|&byte| byte & 0xc0 == 0x80) {
                    return Err(EditFault::Character {
                        edit,
                        at: at as u32,
                    });
                }
            }
            utf8(edit, row.text)?;
        }
        if value.kind == Kind::Key {
            let name = [payload.get(..start), Some(row.text), payload.get(end..)];
            done.renamed = Some((
                value.payload.clone(),
                name.into_iter().flatten().flatten().copied().collect(),
            ));
        }
        changes.replace_range(value, start..end, row.text);
        Ok(done)
    }

    fn whole(
        &self,
        edit: u32,
        operation: Operation,
        row: &EditRow<'_>,
        changes: &mut Changes,
    ) -> Result<Approved, EditFault> {
        let (index, value) = self.value(edit, row.target)?;
        let mut done = approved(
            operation,
            index,
            value,
            0..value.payload.len(),
            row.detector,
        );
        if is_removed_whole(value.place) {
            changes.mask(self.tree, value);
        } else if value.kind == Kind::Key {
            if operation == Operation::Remove {
                return Err(unfit(edit, value));
            }
            let name = utf8(edit, row.text)?;
            done.renamed = Some((value.payload.clone(), name.into()));
            changes.replace_range(value, 0..value.payload.len(), name.as_bytes());
        } else if operation == Operation::Remove {
            changes.remove(self.tree, value);
        } else {
            let member =
                member(edit, row).map_err(|fault| fault.unwrap_or_else(|| unfit(edit, value)))?;
            let free = value.any != NONE || value.entry != NONE;
            if !free && !matches!(member, Member::String(_)) {
                return Err(unfit(edit, value));
            }
            changes.replace_value(self.tree, value, member);
        }
        Ok(done)
    }

    fn attribute(
        &self,
        edit: u32,
        operation: Operation,
        row: &EditRow<'_>,
        keys: Option<&ByKey<'_>>,
        changes: &mut Changes,
    ) -> Result<Approved, EditFault> {
        let target = EditFault::Target {
            edit,
            row: row.target,
        };
        let &index = self
            .shown
            .containers
            .get(row.target as usize)
            .ok_or(target.clone())?;
        let container = self
            .tree
            .containers
            .get(index as usize)
            .ok_or(target.clone())?;
        if !self.may_edit(index) {
            return Err(target);
        }
        let key = utf8(edit, row.key)?;
        let member = member(edit, row).map_err(|fault| {
            fault.unwrap_or(EditFault::Unfit {
                edit,
                kind: Kind::Empty,
                place: container.place,
            })
        })?;
        if let Some(beside) = self.beside
            && !beside.names(container.place, Some(key.as_bytes()))
        {
            return Err(EditFault::Key { edit });
        }
        if let Some(present) = &self.present {
            if !present.has(self.tree, self.bytes, index, key, &self.steps)? {
                changes.insert(self.tree, container, key, member);
            }
            return Ok(on_container(operation, container, row.detector));
        }
        let there = match keys {
            Some(keys) => keys.get(&(index, key.as_bytes())).cloned(),
            None => {
                if self.beside.is_some() {
                    self.steps.spend(self.within(container.nest).1.len())?;
                }
                Some(self.under(index, container, key))
            }
        };
        let there = there.unwrap_or_default();
        match operation {
            Operation::Set if !there.is_empty() => {
                for value in there
                    .iter()
                    .filter_map(|&value| self.tree.values.get(value as usize))
                {
                    changes.replace_value(self.tree, value, member);
                }
            }
            _ if there.is_empty() => changes.insert(self.tree, container, key, member),
            _ => {}
        }
        Ok(on_container(operation, container, row.detector))
    }

    fn trace_state(
        &self,
        edit: u32,
        row: &EditRow<'_>,
        changes: &mut Changes,
    ) -> Result<Approved, EditFault> {
        let (index, record) = self.record(edit, row.target)?;
        if record.kind != RecordKind::Span {
            return Err(EditFault::Target {
                edit,
                row: row.target,
            });
        }
        let state = utf8(edit, row.text)?;
        let (_, within) = self.within(record.nest);
        self.steps.spend(within.len())?;
        let mut there = false;
        for value in within {
            if value.record == index && value.place == Place::TraceState {
                changes.replace_range(value, 0..value.payload.len(), state.as_bytes());
                there = true;
            }
        }
        if !there {
            changes.insert_field(self.tree, record.nest, SPAN_TRACE_STATE, state.as_bytes());
        }
        Ok(on_record(Operation::SetTraceState, index, row.detector))
    }

    /// Drops the records of a run of rows. What was approved `before` is of another answer.
    fn drop(
        &self,
        edit: u32,
        row: &EditRow<'_>,
        changes: &mut Changes,
        before: usize,
        approved: &mut Vec<Approved>,
    ) -> Result<(), EditFault> {
        let rows = row.rows.max(1);
        self.steps.spend(rows as usize)?;
        let end = row.target.saturating_add(rows);
        for target in row.target..end {
            let (index, _) = self.record(edit, target)?;
            changes.drop_record(index);
            let behind = |last: &&mut Approved| {
                last.operation == Operation::DropRecord
                    && last.detector == row.detector
                    && last.record + last.run == index
            };
            let own = approved.get_mut(before..).unwrap_or_default();
            match own.last_mut().filter(behind) {
                Some(last) => last.run += 1,
                None => approved.push(on_record(Operation::DropRecord, index, row.detector)),
            }
        }
        Ok(())
    }

    /// The record behind a row.
    fn record(&self, edit: u32, row: u32) -> Result<(u32, &Record), EditFault> {
        let index = self.shown.records.get(row as usize).copied();
        let index = index.unwrap_or(NONE);
        let record = self.tree.records.get(index as usize);
        record
            .map(|record| (index, record))
            .ok_or(EditFault::Target { edit, row })
    }

    /// The value behind a row that was shown as a hit.
    fn value(&self, edit: u32, row: u32) -> Result<(u32, &Value), EditFault> {
        let index = self.shown.values.get(row as usize).copied().unwrap_or(NONE);
        let value = self.tree.values.get(index as usize);
        value
            .map(|value| (index, value))
            .ok_or(EditFault::Target { edit, row })
    }

    /// A hit in a record gives no right to its resource or scope: only one that stands there does, or
    /// that the plugin asks for such containers.
    fn may_edit(&self, container: u32) -> bool {
        let shared = |level| matches!(level, Level::Resource | Level::Scope);
        let hit_here = |&value: &u32| {
            self.tree
                .values
                .get(value as usize)
                .is_some_and(|value| value.container == container)
        };
        match self.tree.containers.get(container as usize) {
            Some(found) if shared(found.level) => {
                self.shown.is_asked(container) || self.shown.values.iter().any(hit_here)
            }
            found => found.is_some(),
        }
    }

    /// The values that stand in a nest, in the order of the bytes, and the index of the first.
    fn within(&self, nest: u32) -> (u32, &[Value]) {
        let nest = self.tree.nests.get(nest as usize);
        let (start, end) = nest.map_or((0, 0), |nest| (nest.start, nest.end));
        let values = &self.tree.values;
        let from = values.partition_point(|value| value.field.start < start);
        let inside = values.get(from..).unwrap_or_default();
        let count = inside
            .iter()
            .take_while(|value| value.field.start < end)
            .count();
        (from as u32, inside.get(..count).unwrap_or_default())
    }

    /// The values under a key of one container.
    fn under(&self, index: u32, container: &Container, key: &str) -> Vec<u32> {
        let (from, values) = match self.beside {
            Some(_) => self.within(container.nest),
            // A resource, a scope or a list may stand there more than once.
            None => (0, self.tree.values.as_slice()),
        };
        let mut found = Vec::new();
        for (at, value) in (from..).zip(values) {
            let here = value.container == index
                && value.entry != NONE
                && value.kind != Kind::Key
                && value.has_key(self.bytes, key.as_bytes());
            if here {
                found.push(at);
            }
        }
        found
    }

    /// The values of every container by key. The tree of a plugin that may write attributes holds
    /// every entry of every container that it is shown.
    fn keys(&self) -> ByKey<'_> {
        let mut keys = ByKey::new();
        for (index, value) in self.tree.values.iter().enumerate() {
            if value.entry == NONE || value.kind == Kind::Key {
                continue;
            }
            for key in value.keys(self.bytes) {
                let key = self.bytes.get(key).unwrap_or_default();
                keys.entry((value.container, key))
                    .or_default()
                    .push(index as u32);
            }
        }
        keys
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value.kind, Kind::String | Kind::Bytes | Kind::Key)
}

fn unfit(edit: u32, value: &Value) -> EditFault {
    EditFault::Unfit {
        edit,
        kind: value.kind,
        place: value.place,
    }
}

fn utf8(edit: u32, text: &[u8]) -> Result<&str, EditFault> {
    std::str::from_utf8(text).map_err(|_| EditFault::Utf8 { edit })
}

/// The new content that an edit names; `Err(None)` when its kind has none.
fn member<'a>(edit: u32, row: &EditRow<'a>) -> Result<Member<'a>, Option<EditFault>> {
    let word = || <[u8; 8]>::try_from(row.text).map_err(|_| None);
    Ok(match row.kind() {
        Some(Kind::String) => Member::String(utf8(edit, row.text).map_err(Some)?),
        Some(Kind::Bytes) => Member::Bytes(row.text),
        Some(Kind::Bool) => Member::Bool(word()? != [0; 8]),
        Some(Kind::Int) => Member::Int(i64::from_le_bytes(word()?)),
        Some(Kind::Double) => Member::Double(f64::from_le_bytes(word()?)),
        _ => return Err(None),
    })
}
