//! Edits: what one plugin asks to be changed, in one frame.
//!
//! A guest's edits are hostile until the host has checked them against the view that it handed
//! over; [`EditsReader`] only makes rows readable, it approves nothing. Operation and kind are
//! numbers: one that the host does not know makes the whole frame an error.

use otlp_wire::Kind;
use serde::{Deserialize, Serialize};

use crate::ABSENT;
use crate::frame::{self, ARENA, Frame, FrameError, Rows, Section};

const EDITS: u32 = 2;
const COLUMNS: usize = 11;
const COLUMNS_MIN: usize = 10;

/// What an edit does. The discriminant is what crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Operation {
    /// Replaces a range of a string, bytes value or key by text.
    ReplaceRange = 1,
    /// Replaces a whole value, its kind included.
    ReplaceValue = 2,
    /// Removes a value: an attribute with its key, an array's element, or the text of a field.
    Remove = 3,
    /// Adds an attribute to a container unless its key is there.
    InsertIfAbsent = 4,
    /// Adds an attribute to a container or replaces the value under its key.
    Set = 5,
    /// Drops a record, or a run of them.
    DropRecord = 6,
    /// Replaces a span's trace state.
    SetTraceState = 7,
    /// Changes nothing: says what would have been changed, for a report.
    Report = 8,
}

impl Operation {
    /// The operation with this code.
    #[must_use]
    pub fn from_u32(code: u32) -> Option<Self> {
        Some(match code {
            1 => Self::ReplaceRange,
            2 => Self::ReplaceValue,
            3 => Self::Remove,
            4 => Self::InsertIfAbsent,
            5 => Self::Set,
            6 => Self::DropRecord,
            7 => Self::SetTraceState,
            8 => Self::Report,
            _ => return None,
        })
    }

    /// What its target is a row of.
    #[must_use]
    pub fn target(self) -> Target {
        match self {
            Self::ReplaceRange | Self::ReplaceValue | Self::Remove | Self::Report => Target::Value,
            Self::InsertIfAbsent | Self::Set => Target::Container,
            Self::DropRecord | Self::SetTraceState => Target::Record,
        }
    }
}

/// What an edit's target is a row of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A value of the view.
    Value,
    /// A container of the view.
    Container,
    /// A record of the view.
    Record,
}

/// One edit as it crosses. Codes are unchecked: the host judges them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EditRow<'a> {
    /// Code of an [`Operation`].
    pub operation: u32,
    /// Row of the target in the view.
    pub target: u32,
    /// First byte of the range, for [`Operation::ReplaceRange`] and [`Operation::Report`].
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// Code of the new value's [`Kind`], where there is one.
    pub kind: u32,
    /// Key, for [`Operation::InsertIfAbsent`] and [`Operation::Set`].
    pub key: &'a [u8],
    /// New text; numbers and bools as eight little-endian bytes.
    pub text: &'a [u8],
    /// Number of the detector in the plugin's interest, for reports.
    pub detector: Option<u32>,
    /// How many rows, from the target on, for [`Operation::DropRecord`]; 0 is the target alone.
    pub rows: u32,
}

/// Gathers the edits of one call; the buffers serve again after [`EditsWriter::clear`].
#[derive(Debug, Default)]
pub struct EditsWriter {
    edits: Rows,
    arena: Vec<u8>,
}

impl EditsWriter {
    /// Forgets everything but the buffers.
    pub fn clear(&mut self) {
        self.edits.clear();
        self.arena.clear();
    }

    /// Appends an edit.
    pub fn push(&mut self, edit: &EditRow<'_>) {
        let (key_start, key_len) = self.store(edit.key);
        let (start, len) = self.store(edit.text);
        self.edits.push(&[
            edit.operation,
            edit.target,
            edit.start,
            edit.end,
            edit.kind,
            key_start,
            key_len,
            start,
            len,
            edit.detector.unwrap_or(ABSENT),
            edit.rows,
        ]);
    }

    /// Appends the drop of a record, to the last edit if that drops the row before for the same detector.
    pub fn push_drop(&mut self, record: u32, detector: Option<u32>) {
        let by = detector.unwrap_or(ABSENT);
        if let Some([operation, target, .., last_by, rows]) = self.edits.last_mut::<COLUMNS>()
            && (*operation, *last_by) == (Operation::DropRecord as u32, by)
            && target.checked_add((*rows).max(1)) == Some(record)
        {
            *rows = (*rows).max(1) + 1;
            return;
        }
        self.push(&EditRow {
            operation: Operation::DropRecord as u32,
            target: record,
            start: 0,
            end: 0,
            kind: Kind::Empty as u32,
            key: &[],
            text: &[],
            detector,
            rows: 1,
        });
    }

    /// Edits so far.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.edits.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the frame into `out`, which is cleared first. No edits: an empty frame.
    pub fn finish(&self, out: &mut Vec<u8>) {
        if self.is_empty() {
            out.clear();
        } else {
            frame::write(out, &[(EDITS, &self.edits, COLUMNS)], &self.arena);
        }
    }

    fn store(&mut self, bytes: &[u8]) -> (u32, u32) {
        let start = self.arena.len() as u32;
        if !bytes.is_empty() {
            self.arena.extend_from_slice(bytes);
        }
        (start, bytes.len() as u32)
    }
}

/// Edits as the host reads them.
#[derive(Debug, Clone, Copy)]
pub struct EditsReader<'a> {
    edits: Section<'a>,
    arena: &'a [u8],
}

impl<'a> EditsReader<'a> {
    /// Reads a guest's answer. No bytes at all mean no edits.
    ///
    /// # Errors
    /// [`FrameError`] when it is not a frame.
    pub fn read(bytes: &'a [u8]) -> Result<Self, FrameError> {
        if bytes.is_empty() {
            return Ok(Self {
                edits: Section::default(),
                arena: &[],
            });
        }
        let frame = Frame::read(bytes)?;
        Ok(Self {
            edits: frame.section(EDITS)?,
            arena: frame.section(ARENA)?.bytes(),
        })
    }

    /// Number of edits that the frame claims.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.edits.rows()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The edit in this row; `None` when its text or key does not lie in the arena.
    #[must_use]
    pub fn edit(&self, row: u32) -> Option<EditRow<'a>> {
        let range = |start: u32, len: u32| {
            let start = start as usize;
            self.arena.get(start..start.checked_add(len as usize)?)
        };
        let cells = self.edits.cells(row, COLUMNS_MIN, [0; COLUMNS])?;
        let [
            operation,
            target,
            from,
            to,
            kind,
            key,
            key_len,
            text,
            text_len,
            detector,
            rows,
        ] = cells;
        Some(EditRow {
            operation,
            target,
            start: from,
            end: to,
            kind,
            key: range(key, key_len)?,
            text: range(text, text_len)?,
            detector: (detector != ABSENT).then_some(detector),
            rows,
        })
    }
}

/// Shows the numbers, never the text.
impl core::fmt::Debug for EditRow<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EditRow")
            .field("operation", &self.operation)
            .field("target", &self.target)
            .field("start", &self.start)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl EditRow<'_> {
    /// The operation, when the code is known.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        Operation::from_u32(self.operation)
    }

    /// The new value's kind, when the code is known.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        u8::try_from(self.kind).ok().and_then(Kind::from_u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_of_neighbours_for_one_reason_are_one_edit() {
        let mut writer = EditsWriter::default();
        for (record, detector) in [
            (3, Some(1)),
            (4, Some(1)),
            (5, Some(1)),
            (6, None),
            (8, None),
        ] {
            writer.push_drop(record, detector);
        }
        let mut frame = Vec::new();
        writer.finish(&mut frame);
        let edits = EditsReader::read(&frame).unwrap();
        let told = (0..edits.len()).filter_map(|row| edits.edit(row));
        let told: Vec<_> = told
            .map(|edit| (edit.target, edit.rows, edit.detector))
            .collect();
        assert_eq!(told, [(3, 3, Some(1)), (6, 1, None), (8, 1, None)]);
    }

    #[test]
    fn a_frame_from_before_a_column_is_read() {
        let mut rows = Rows::default();
        rows.push(&[6, 2, 0, 0, 0, 0, 0, 0, 0, ABSENT]);
        let mut out = Vec::new();
        frame::write(&mut out, &[(EDITS, &rows, COLUMNS_MIN)], &[]);
        let edit = EditsReader::read(&out).unwrap().edit(0).unwrap();
        assert_eq!((edit.target, edit.rows, edit.detector), (2, 0, None));
    }
}
