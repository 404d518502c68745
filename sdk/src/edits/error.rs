//! Why an edit would be refused. Must never: hold content.

use std::fmt;
use std::ops::Range;

use tamis_contract::{Kind, Operation};

/// Why an edit would be refused. Holds rows and numbers, never content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// The plugin's interest does not name this operation.
    Undeclared {
        /// The operation.
        operation: Operation,
    },
    /// The interest has no detector of this number.
    Detector {
        /// The number.
        detector: u32,
    },
    /// The view has no such row.
    Row {
        /// The row.
        row: u32,
    },
    /// The value is context: no subscription selected it.
    Context {
        /// The value's row.
        value: u32,
    },
    /// The range does not lie in the value.
    Range {
        /// The value's row.
        value: u32,
        /// The range.
        range: Range<usize>,
        /// Bytes of the value.
        len: usize,
    },
    /// The range begins or ends inside a character.
    Border {
        /// The value's row.
        value: u32,
        /// The range.
        range: Range<usize>,
    },
    /// An earlier edit of this call touches the same bytes, value, key or trace state.
    Overlap {
        /// Row of the value, container or record.
        row: u32,
    },
    /// This value, or its place, cannot take what the edit puts there.
    Kind {
        /// The value's row.
        value: u32,
        /// What the edit would put there.
        kind: Kind,
    },
    /// The container is that of a resource or scope, and no hit stands in it.
    Foreign {
        /// The container's row.
        container: u32,
    },
    /// The record is dropped, or was edited and cannot be dropped any more.
    Dropped {
        /// The record's row.
        record: u32,
    },
    /// Only spans have a trace state.
    NoTraceState {
        /// The record's row.
        record: u32,
    },
    /// A key must not be empty.
    EmptyKey,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared { operation } => {
                write!(
                    f,
                    "the interest does not declare the operation {operation:?}"
                )
            }
            Self::Detector { detector } => write!(f, "the interest has no detector {detector}"),
            Self::Row { row } => write!(f, "the view has no row {row}"),
            Self::Context { value } => {
                write!(f, "value {value} is context: no subscription selected it")
            }
            Self::Range { value, range, len } => {
                write!(
                    f,
                    "range {range:?} does not lie in value {value} of {len} bytes"
                )
            }
            Self::Border { value, range } => {
                write!(f, "range {range:?} of value {value} cuts a character")
            }
            Self::Overlap { row } => {
                write!(f, "an earlier edit touches the same part of row {row}")
            }
            Self::Kind { value, kind } => {
                write!(f, "value {value} cannot become or hold {}", kind.as_str())
            }
            Self::Foreign { container } => write!(
                f,
                "container {container} is a resource's or scope's, and no hit stands in it"
            ),
            Self::Dropped { record } => {
                write!(f, "record {record} cannot be both edited and dropped")
            }
            Self::NoTraceState { record } => write!(f, "record {record} is no span"),
            Self::EmptyKey => f.write_str("a key must not be empty"),
        }
    }
}

impl std::error::Error for EditError {}
