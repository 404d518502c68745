//! What a chain makes of a batch.

use bytes::Bytes;
use otlp_wire::{Place, Signal, WireError};
use std::fmt;
use std::sync::Arc;
use tamis_contract::{Operation, Role};

use crate::fault::Fault;

/// What the connection knows about who sent a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Context {
    /// Address of the sender, without port.
    pub peer: Option<String>,
}

impl Context {
    /// A context with the sender's address.
    #[must_use]
    pub fn from_peer(peer: impl Into<String>) -> Self {
        Self {
            peer: Some(peer.into()),
        }
    }
}

/// What a chain made of a batch.
#[derive(Debug)]
#[must_use = "what leaves is in here, and it may be a refusal"]
pub enum Outcome {
    /// Nothing was changed: the very bytes that came in.
    Unchanged {
        /// The batch.
        bytes: Bytes,
        /// What plugins reported without changing it, and their faults.
        report: Report,
    },
    /// Something was changed.
    Edited {
        /// The batch as it may leave.
        bytes: Bytes,
        /// What was changed, and the plugins' faults.
        report: Report,
    },
    /// Plugins dropped every record that there was: nothing is left to send.
    Dropped {
        /// What was dropped, and the plugins' faults.
        report: Report,
    },
    /// The batch may not leave.
    Refused(Refusal),
}

/// Why a batch may not leave.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is larger than its limit.
    #[error("the batch has {actual} bytes, more than batch_bytes_max of {max}")]
    TooLarge {
        /// The limit.
        max: usize,
        /// Its size.
        actual: usize,
    },
    /// More stands in it than may be looked at.
    #[error("the batch holds more than looks_max of {max} messages and values")]
    TooMuch {
        /// The limit.
        max: usize,
    },
    /// It is not what its signal's schema says.
    #[error("the batch of {signal} is malformed")]
    Malformed {
        /// The signal that it was said to be.
        signal: Signal,
        /// Where and how.
        #[source]
        source: WireError,
    },
    /// A plugin failed, and its policy is to drop the batch.
    #[error("plugin {plugin} failed and its policy is to drop the batch")]
    Fault {
        /// The plugin.
        plugin: Arc<str>,
        /// How it failed.
        #[source]
        source: Fault,
    },
    /// Every worker is in work.
    #[error("all {max} workers of the chain are busy")]
    Busy {
        /// The limit.
        max: usize,
    },
}

impl Refusal {
    /// Whether the same batch may get through when it is sent again later.
    #[must_use]
    pub fn may_retry(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::TooMuch { .. } | Self::Malformed { .. } => false,
            Self::Fault { source, .. } => !source.repeats(),
            Self::Busy { .. } => true,
        }
    }
}

/// What happened to a batch.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// One line for each edit, in the order in which they were made, up to a limit. Records in a row that
    /// are dropped for the same reason have one line.
    pub lines: Vec<ReportLine>,
    /// Lines that found no room.
    pub lines_left_out: usize,
    /// Records that plugins dropped.
    pub records_dropped: usize,
    /// Faults of plugins whose policy let the batch go on.
    pub faults: Vec<(Arc<str>, Fault)>,
}

/// One edit, without what was there before or stands there now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportLine {
    /// The plugin that asked for it.
    pub plugin: Arc<str>,
    /// What the plugin is for.
    pub role: Role,
    /// Its detector, if it named one.
    pub detector: Option<Arc<str>>,
    /// Why: at the plugin's request or because it failed.
    pub cause: Cause,
    /// What was done.
    pub operation: Operation,
    /// Ordinal of the record in the batch; none for resources and scopes.
    pub record: Option<u32>,
    /// How many records in a row are dropped, from that one on; 1 for all other edits.
    pub records: u32,
    /// Where the value stands.
    pub place: Place,
    /// The value's key as it stands after the scrub.
    pub key: Option<String>,
    /// Range in the value as the plugin saw it, in bytes.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// Why an edit was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The plugin asked for it.
    Asked,
    /// The plugin failed, and its policy is to mask what it was shown.
    Failed,
}

impl Cause {
    /// Its name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
