//! What can go wrong in a plugin while it runs.
//!
//! What a guest says is content: a fault names the plugin's function and offset, a limit, a number;
//! the guest's own words stay in [`Fault::words`], which a test runner alone may show.

use std::fmt;

use tamis_contract::FrameError;

use crate::edit_fault::EditFault;

/// Why a plugin's answer to one call could not be had or used.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// It trapped or panicked.
    Trap {
        /// The kind of trap, in the runtime's words.
        kind: String,
        /// Innermost function that has a name, and the offset in the module.
        at: Option<(String, usize)>,
        /// The guest's own last words and a backtrace: content.
        words: String,
    },
    /// It ran longer than its deadline.
    Deadline {
        /// The deadline in milliseconds.
        limit_ms: u64,
    },
    /// It asked for more memory than it may have.
    Memory {
        /// The limit in bytes.
        limit_bytes: usize,
    },
    /// It answered with an error of its own.
    Said {
        /// The guest's own words: content.
        words: String,
    },
    /// Its answer is not a frame.
    Frame(FrameError),
    /// One of its edits may not be done.
    Edit(EditFault),
    /// A value, or all of them, is more than its limits let it be shown.
    TooMuch {
        /// The limit's name.
        limit: &'static str,
        /// The limit.
        max: usize,
        /// What it would have been.
        actual: usize,
    },
    /// An instance could not be started.
    Start {
        /// Why, in the runtime's words.
        reason: String,
    },
    /// It waits after too many faults in a row.
    Backoff,
}

impl Fault {
    /// Whether the same batch would end the same way: a client that sends it again gains nothing.
    #[must_use]
    pub fn repeats(&self) -> bool {
        !matches!(
            self,
            Self::Deadline { .. } | Self::Backoff | Self::Start { .. }
        )
    }

    /// Short name, for counters.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Trap { .. } => "trap",
            Self::Deadline { .. } => "deadline",
            Self::Memory { .. } => "memory",
            Self::Said { .. } => "error",
            Self::Frame(_) => "frame",
            Self::Edit(_) => "edit",
            Self::TooMuch { .. } => "too_much",
            Self::Start { .. } => "start",
            Self::Backoff => "backoff",
        }
    }

    /// The guest's own words. They are content: for a test runner's eyes only.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Trap { words, .. } | Self::Said { words } => Some(words),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trap {
                kind,
                at: Some((function, offset)),
                ..
            } => {
                write!(f, "trapped ({kind}) in {function} at offset {offset:#x}")
            }
            Self::Trap { kind, at: None, .. } => write!(f, "trapped ({kind})"),
            Self::Deadline { limit_ms } => {
                write!(f, "ran longer than its deadline of {limit_ms} ms")
            }
            Self::Memory { limit_bytes } => {
                write!(
                    f,
                    "asked for more than its memory_bytes_max of {limit_bytes} bytes"
                )
            }
            Self::Said { .. } => f.write_str("answered with an error"),
            Self::Frame(_) => f.write_str("answered with what is not a frame"),
            Self::Edit(_) => f.write_str("asked for an edit that may not be done"),
            Self::TooMuch { limit, max, actual } => {
                write!(
                    f,
                    "would have to be shown {actual}, more than its {limit} of {max}"
                )
            }
            Self::Start { reason } => write!(f, "could not be started: {reason}"),
            Self::Backoff => f.write_str("waits after too many faults in a row"),
        }
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Frame(source) => Some(source),
            Self::Edit(source) => Some(source),
            _ => None,
        }
    }
}
