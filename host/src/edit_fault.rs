//! Why an edit may not be done, in numbers and names of the contract.
//!
//! Must never hold content: neither the value that was to be edited nor the text of the edit.

use otlp_wire::{Kind, Place};
use tamis_contract::Operation;

/// Why an edit may not be done. Holds numbers only, never content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditFault {
    /// More edits than the limit.
    #[error("{actual} edits are more than edits_max of {max}")]
    TooMany {
        /// The limit.
        max: usize,
        /// The edits.
        actual: usize,
    },
    /// More values and records to look at than the limit, over all edits.
    #[error("the edits name more than edit_steps_max of {max} values and records")]
    TooFar {
        /// The limit.
        max: usize,
    },
    /// Text or key outside the answer's arena, or a row that is too short.
    #[error("edit {edit} points outside its arena")]
    Arena {
        /// The edit.
        edit: u32,
    },
    /// An operation that this host does not know.
    #[error("edit {edit} has the unknown operation {code}")]
    Operation {
        /// The edit.
        edit: u32,
        /// The code.
        code: u32,
    },
    /// An operation that the interest did not name.
    #[error("edit {edit} uses the operation {operation:?}, which the interest does not name")]
    NotDeclared {
        /// The edit.
        edit: u32,
        /// The operation.
        operation: Operation,
    },
    /// A row that was not shown, or was shown as context.
    #[error("edit {edit} names row {row}, which it may not edit")]
    Target {
        /// The edit.
        edit: u32,
        /// The row.
        row: u32,
    },
    /// An attribute under a key that the plugin did not ask to be shown beside its records.
    #[error("edit {edit} writes an attribute under a key that the interest does not name")]
    Key {
        /// The edit.
        edit: u32,
    },
    /// A range that is not in the value.
    #[error("edit {edit} names bytes {start} to {end} of a value of {len}")]
    Range {
        /// The edit.
        edit: u32,
        /// Its start.
        start: u32,
        /// Its end.
        end: u32,
        /// Bytes of the value.
        len: usize,
    },
    /// A range that cuts a character.
    #[error("edit {edit} cuts a character at byte {at}")]
    Character {
        /// The edit.
        edit: u32,
        /// Where.
        at: u32,
    },
    /// Text that is not UTF-8 where it must be.
    #[error("edit {edit} has a text that is not utf-8")]
    Utf8 {
        /// The edit.
        edit: u32,
    },
    /// An operation or kind that the value's place or kind does not allow.
    #[error("edit {edit} does not fit a value of kind {kind} at {place}")]
    Unfit {
        /// The edit.
        edit: u32,
        /// The value's kind.
        kind: Kind,
        /// The value's place.
        place: Place,
    },
    /// A detector that the interest did not name.
    #[error("edit {edit} names detector {detector}, which the interest does not have")]
    Detector {
        /// The edit.
        edit: u32,
        /// Its number.
        detector: u32,
    },
    /// An edit of a record that is dropped.
    #[error("edit {edit} changes a record that is dropped")]
    Dropped {
        /// The edit.
        edit: u32,
    },
    /// Two edits that touch the same bytes.
    #[error("edits overlap")]
    Overlap,
    /// The batch would grow by more than the limit.
    #[error("edits let the batch grow by {actual} bytes, more than growth_bytes_max of {max}")]
    Growth {
        /// The limit.
        max: usize,
        /// The growth.
        actual: usize,
    },
}
