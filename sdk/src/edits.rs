//! Asks for changes, and says at once which of them the host would refuse.
//!
//! The host checks every edit again, as hostile input; what is checked here is for the author, so
//! that the fault shows at the line that made it and not as "a bad edit" of a whole batch.
//!
//! Must never: write an edit that it found faulty, or put scanned content into an error.

mod error;
mod new_value;
#[cfg(test)]
mod tests;

use std::ops::Range;

use tamis_contract::{
    ContainerView, EditRow, EditsWriter, Interest, Kind, Level, Operation, Place, RecordKind,
    ValueView, View,
};

pub use error::EditError;
pub use new_value::NewValue;

use crate::ledger::Ledger;

/// The edits of one call.
///
/// Rows are those of the [`View`]: `value.row`, `hit.value`, `container.row`, `record.row`. Ranges
/// are bytes in the value. Two edits of one call must not touch the same bytes; every edit is judged
/// against the view, not against the edits before it.
#[derive(Debug)]
pub struct Edits<'a> {
    view: &'a View<'a>,
    interest: &'a Interest,
    writer: &'a mut EditsWriter,
    ledger: &'a mut Ledger,
    detector: Option<u32>,
    /// The container that was written to last.
    container: Option<ContainerView>,
}

impl<'a> Edits<'a> {
    pub(crate) fn new(
        view: &'a View<'a>,
        interest: &'a Interest,
        writer: &'a mut EditsWriter,
        ledger: &'a mut Ledger,
    ) -> Self {
        Self {
            view,
            interest,
            writer,
            ledger,
            detector: None,
            container: None,
        }
    }

    /// The same edits, reported under a detector of the interest (its number there).
    pub fn detected(&mut self, detector: u32) -> Edits<'_> {
        Edits {
            view: self.view,
            interest: self.interest,
            writer: self.writer,
            ledger: self.ledger,
            detector: Some(detector),
            container: self.container,
        }
    }

    /// Replaces a range of a string, of bytes or of a key by text. An empty range inserts. Where text
    /// makes no sense (an unknown field, an id, a trace state) the host removes the field instead.
    ///
    /// # Errors
    /// [`EditError`], and then nothing is changed.
    pub fn replace_range(
        &mut self,
        value: u32,
        range: Range<usize>,
        text: &str,
    ) -> Result<(), EditError> {
        let row = self.begin(Operation::ReplaceRange, value)?;
        let (start, end) = range_in(&row, &range)?;
        self.free_record(row.record)?;
        if !self.ledger.take_range(value, start, end) {
            return Err(EditError::Overlap { row: value });
        }
        let text = text.as_bytes();
        self.push(&EditRow {
            start,
            end,
            text,
            ..self.edit(Operation::ReplaceRange, value)
        });
        Ok(())
    }

    /// Replaces a whole value, its kind included. A key, a name or another field of text takes text
    /// only.
    ///
    /// # Errors
    /// [`EditError`], and then nothing is changed.
    pub fn replace_value<'v>(
        &mut self,
        value: u32,
        new: impl Into<NewValue<'v>>,
    ) -> Result<(), EditError> {
        let new = new.into();
        let row = self.begin(Operation::ReplaceValue, value)?;
        let text_only = row.kind == Kind::Key || !holds_any_kind(row.place);
        if text_only && new.kind() != Kind::String {
            return Err(EditError::Kind {
                value,
                kind: new.kind(),
            });
        }
        self.free_record(row.record)?;
        self.free_value(value)?;
        self.push_new(self.edit(Operation::ReplaceValue, value), &new);
        Ok(())
    }

    /// Removes a value: an attribute with its key, an element of an array, the text of a field. Not
    /// a key: remove the value under it.
    ///
    /// # Errors
    /// [`EditError`], and then nothing is changed.
    pub fn remove(&mut self, value: u32) -> Result<(), EditError> {
        let row = self.begin(Operation::Remove, value)?;
        if row.kind == Kind::Key {
            return Err(EditError::Kind {
                value,
                kind: Kind::Empty,
            });
        }
        self.free_record(row.record)?;
        self.free_value(value)?;
        self.push(&self.edit(Operation::Remove, value));
        Ok(())
    }

    /// Changes nothing and reports a range as if it had been changed.
    ///
    /// # Errors
    /// [`EditError`], and then nothing is reported.
    pub fn report(&mut self, value: u32, range: Range<usize>) -> Result<(), EditError> {
        let row = self.begin(Operation::Report, value)?;
        let (start, end) = match row.kind {
            Kind::String | Kind::Bytes | Kind::Key => range_in(&row, &range)?,
            _ => bounds(&row, &range)?,
        };
        self.push(&EditRow {
            start,
            end,
            ..self.edit(Operation::Report, value)
        });
        Ok(())
    }

    /// Adds an attribute to a container, unless its key is there. A container of a resource or scope
    /// must hold a hit of its own, or be one that the interest asks for.
    ///
    /// # Errors
    /// [`EditError`], and then nothing is changed.
    pub fn insert_if_absent<'v>(
        &mut self,
        container: u32,
        key: &str,
        new: impl Into<NewValue<'v>>,
    ) -> Result<(), EditError> {
        self.put(Operation::InsertIfAbsent, container, key, &new.into())
    }

    /// Adds an attribute to a container, or replaces the value that stands under its key. A container
    /// of a resource or scope must hold a hit of its own.
    ///
    /// # Errors
    /// [`EditError`], and then nothing is changed.
    pub fn set<'v>(
        &mut self,
        container: u32,
        key: &str,
        new: impl Into<NewValue<'v>>,
    ) -> Result<(), EditError> {
        self.put(Operation::Set, container, key, &new.into())
    }

    /// Drops a record. It may have no other edit.
    ///
    /// # Errors
    /// [`EditError`], and then nothing is dropped.
    pub fn drop_record(&mut self, record: u32) -> Result<(), EditError> {
        self.declared(Operation::DropRecord)?;
        if record >= self.view.record_count() {
            return Err(EditError::Row { row: record });
        }
        if !self.ledger.drop_record(record) {
            return Err(EditError::Dropped { record });
        }
        self.writer.push_drop(record, self.detector);
        Ok(())
    }

    /// Replaces a span's trace state.
    ///
    /// # Errors
    /// [`EditError`], and then nothing is changed.
    pub fn set_trace_state(&mut self, record: u32, text: &str) -> Result<(), EditError> {
        self.declared(Operation::SetTraceState)?;
        let row = self
            .view
            .record(record)
            .ok_or(EditError::Row { row: record })?;
        if row.kind != RecordKind::Span {
            return Err(EditError::NoTraceState { record });
        }
        self.free_record(Some(record))?;
        if !self.ledger.take_trace_state(record) {
            return Err(EditError::Overlap { row: record });
        }
        self.push_new(
            self.edit(Operation::SetTraceState, record),
            &NewValue::String(text),
        );
        Ok(())
    }

    fn put(
        &mut self,
        operation: Operation,
        container: u32,
        key: &str,
        new: &NewValue<'_>,
    ) -> Result<(), EditError> {
        self.declared(operation)?;
        let row = self.container(container)?;
        if key.is_empty() {
            return Err(EditError::EmptyKey);
        }
        // A hit in a record gives no right to its resource or scope: only one in there does, or the
        // interest.
        let shared = matches!(row.level, Level::Resource | Level::Scope);
        if shared && !row.asked && !self.ledger.has_hit(container, *self.view) {
            return Err(EditError::Foreign { container });
        }
        self.free_record(row.record)?;
        if !self.ledger.take_key(container, key) {
            return Err(EditError::Overlap { row: container });
        }
        self.push_new(
            EditRow {
                key: key.as_bytes(),
                ..self.edit(operation, container)
            },
            new,
        );
        Ok(())
    }

    /// A container. Plugins write several attributes to one, so the last is kept.
    fn container(&mut self, row: u32) -> Result<ContainerView, EditError> {
        if let Some(known) = self.container.filter(|known| known.row == row) {
            return Ok(known);
        }
        self.container = self.view.container(row);
        self.container.ok_or(EditError::Row { row })
    }

    /// The value that an edit is about, when the plugin may make it.
    fn begin(&self, operation: Operation, value: u32) -> Result<ValueView<'a>, EditError> {
        self.declared(operation)?;
        let row = self
            .view
            .value(value)
            .ok_or(EditError::Row { row: value })?;
        if row.hit {
            Ok(row)
        } else {
            Err(EditError::Context { value })
        }
    }

    fn declared(&self, operation: Operation) -> Result<(), EditError> {
        if !self.interest.allows(operation) {
            return Err(EditError::Undeclared { operation });
        }
        match self.detector {
            Some(detector) if self.interest.detectors.len() <= detector as usize => {
                Err(EditError::Detector { detector })
            }
            _ => Ok(()),
        }
    }

    fn free_record(&mut self, record: Option<u32>) -> Result<(), EditError> {
        match record {
            Some(record) if !self.ledger.edit_record(record) => Err(EditError::Dropped { record }),
            _ => Ok(()),
        }
    }

    fn free_value(&mut self, value: u32) -> Result<(), EditError> {
        if self.ledger.take_value(value) {
            Ok(())
        } else {
            Err(EditError::Overlap { row: value })
        }
    }

    fn edit(&self, operation: Operation, target: u32) -> EditRow<'static> {
        EditRow {
            operation: operation as u32,
            target,
            start: 0,
            end: 0,
            kind: Kind::Empty as u32,
            key: &[],
            text: &[],
            detector: self.detector,
            rows: 0,
        }
    }

    fn push_new(&mut self, edit: EditRow<'_>, new: &NewValue<'_>) {
        let word;
        let text = match *new {
            NewValue::String(text) => text.as_bytes(),
            NewValue::Bytes(bytes) => bytes,
            NewValue::Bool(value) => {
                word = u64::from(value).to_le_bytes();
                &word
            }
            NewValue::Int(value) => {
                word = value.to_le_bytes();
                &word
            }
            NewValue::Double(value) => {
                word = value.to_le_bytes();
                &word
            }
        };
        self.push(&EditRow {
            kind: new.kind() as u32,
            text,
            ..edit
        });
    }

    fn push(&mut self, edit: &EditRow<'_>) {
        self.writer.push(edit);
    }
}

/// Whether values of this place may be of any kind; the others are fields of text.
fn holds_any_kind(place: Place) -> bool {
    use Place as P;
    matches!(
        place,
        P::ResourceAttribute
            | P::ScopeAttribute
            | P::RecordAttribute
            | P::EventAttribute
            | P::LinkAttribute
            | P::ExemplarAttribute
            | P::MetricMetadata
            | P::Body
    )
}

/// The range as it crosses, when it lies in the value.
fn bounds(value: &ValueView<'_>, range: &Range<usize>) -> Result<(u32, u32), EditError> {
    let len = value.bytes.len();
    let outside = || EditError::Range {
        value: value.row,
        range: range.clone(),
        len,
    };
    if range.start > range.end || range.end > len {
        return Err(outside());
    }
    let cell = |at| u32::try_from(at).map_err(|_| outside());
    Ok((cell(range.start)?, cell(range.end)?))
}

/// The same for a range that text replaces, which must lie on borders of characters. They are
/// judged byte by byte, because the rest of the value may be invalid UTF-8.
fn range_in(value: &ValueView<'_>, range: &Range<usize>) -> Result<(u32, u32), EditError> {
    if !matches!(value.kind, Kind::String | Kind::Bytes | Kind::Key) {
        return Err(EditError::Kind {
            value: value.row,
            kind: value.kind,
        });
    }
    let cells = bounds(value, range)?;
    let inside_char = |at: usize| value.bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    if value.kind != Kind::Bytes && (inside_char(range.start) || inside_char(range.end)) {
        return Err(EditError::Border {
            value: value.row,
            range: range.clone(),
        });
    }
    Ok(cells)
}
