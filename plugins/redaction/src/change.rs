//! What is to become of one value.
//!
//! Must never: touch more of a value than was decided.

use tamis_sdk::{Edits, Fault, Kind, NewValue, Place, ValueView};

use crate::interest::{NOT_ALLOWED, blocked_value};
use crate::rewrite::Rewrite;

/// What is to become of one value.
pub(crate) enum Change {
    /// It stays.
    None,
    /// It goes, with its key.
    Remove,
    /// It becomes this text, and this detector is why.
    Whole(String, u32),
    /// Parts of it are replaced.
    Parts(Rewrite),
    /// This key goes and that of the member that takes its place stands here.
    Rename(Rename),
    /// This value goes, for this detector, and that of the member that takes its place stands here.
    Fill(Scalar, u32),
    /// It goes with its key to another place; a detector of what it was there.
    MoveAway(Option<u32>),
}

/// Another key in the place of one.
pub(crate) struct Rename {
    /// The key.
    pub(crate) name: String,
    /// Bytes of the key that goes.
    pub(crate) len: usize,
    /// What was found in the key that goes.
    pub(crate) detector: Option<u32>,
}

impl Rename {
    /// Two edits, so that a report, which shows keys as they left, has no name for what went: that of
    /// the member that moved in would put the blame on that one.
    fn apply(&self, row: u32, edits: &mut Edits<'_>) -> Result<(), Fault> {
        match self.detector {
            Some(detector) => {
                let mut edits = edits.detected(detector);
                edits.replace_range(row, 0..self.len, &self.name)?;
            }
            None => edits.replace_range(row, 0..self.len, &self.name)?,
        }
        edits.replace_range(row, self.len..self.len, "")?;
        Ok(())
    }
}

/// A value that an edit can write.
pub(crate) enum Scalar {
    Text(String),
    Bytes(Vec<u8>),
    Bool(bool),
    Int(i64),
    Double(f64),
}

impl Scalar {
    /// The text, if it is one.
    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn new_value(&self) -> NewValue<'_> {
        match self {
            Self::Text(text) => NewValue::String(text),
            Self::Bytes(bytes) => NewValue::Bytes(bytes),
            Self::Bool(value) => NewValue::Bool(*value),
            Self::Int(value) => NewValue::Int(*value),
            Self::Double(value) => NewValue::Double(*value),
        }
    }
}

impl Change {
    /// The change that a rewritten text comes to. A key is always replaced whole, so that no report
    /// shows it half done, and so is text that is no UTF-8, whose bytes have no borders to cut at.
    pub(crate) fn of(rewrite: Rewrite, value: &ValueView<'_>) -> Self {
        let pattern = rewrite.taken().find_map(|part| part.pattern);
        let Some(pattern) = pattern else {
            return Self::None;
        };
        let broken = value.kind == Kind::String && rewrite.was_invalid();
        match value.kind == Kind::Key || broken && value.place != Place::Unknown {
            true => Self::Whole(rewrite.text().to_owned(), blocked_value(pattern)),
            false => Self::Parts(rewrite),
        }
    }

    /// What the value is after the change, if it stays and an edit could write it.
    pub(crate) fn outcome(&self, value: &ValueView<'_>) -> Option<Scalar> {
        let bytes = match self {
            Self::None => value.bytes.to_owned(),
            Self::Parts(rewrite) => rewrite.splice(value.bytes),
            Self::Whole(text, _) => return Some(Scalar::Text(text.clone())),
            Self::Remove | Self::Rename(..) | Self::Fill(..) | Self::MoveAway(_) => return None,
        };
        match value.kind {
            Kind::String | Kind::Key => String::from_utf8(bytes).ok().map(Scalar::Text),
            Kind::Bytes => Some(Scalar::Bytes(bytes)),
            Kind::Bool => value.bool().map(Scalar::Bool),
            Kind::Int => value.int().map(Scalar::Int),
            Kind::Double => value.double().map(Scalar::Double),
            Kind::Empty | Kind::Array | Kind::Kvlist => None,
        }
    }

    /// Why it is made: of several detectors the first.
    pub(crate) fn detector(&self) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Remove => Some(NOT_ALLOWED),
            Self::Whole(_, detector) | Self::Fill(_, detector) => Some(*detector),
            Self::Parts(rewrite) => rewrite
                .taken()
                .find_map(|part| part.pattern)
                .map(blocked_value),
            Self::Rename(rename) => rename.detector,
            Self::MoveAway(detector) => *detector,
        }
    }

    /// Asks for the change.
    pub(crate) fn apply(&self, row: u32, edits: &mut Edits<'_>) -> Result<(), Fault> {
        match self {
            Self::None => {}
            Self::Remove => edits.detected(NOT_ALLOWED).remove(row)?,
            Self::Whole(text, detector) => {
                edits
                    .detected(*detector)
                    .replace_value(row, text.as_str())?;
            }
            Self::Parts(rewrite) => {
                for part in rewrite.taken() {
                    let text = rewrite.text().get(part.now.clone()).unwrap_or_default();
                    let detector = blocked_value(part.pattern.unwrap_or_default());
                    let mut edits = edits.detected(detector);
                    edits.replace_range(row, part.was.clone(), text)?;
                }
            }
            Self::Rename(rename) => rename.apply(row, edits)?,
            Self::Fill(new, detector) => {
                let mut edits = edits.detected(*detector);
                edits.replace_value(row, new.new_value())?;
            }
            Self::MoveAway(Some(detector)) => edits.detected(*detector).remove(row)?,
            Self::MoveAway(None) => edits.remove(row)?,
        }
        Ok(())
    }
}
