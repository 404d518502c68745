//! What is to become of one value.
//!
//! Must never: touch more of a value than was decided.

use tamis_sdk::{Edits, Fault, Kind, Place, ValueView};

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
        }
        Ok(())
    }
}
