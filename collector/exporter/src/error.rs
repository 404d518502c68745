//! Why an exporter does not start, or has no room.
//!
//! Must never: show the value of a setting that may hold a credential, such as a URL or a header.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// Why an exporter does not start. `setting` is the path of the setting in the config.
#[derive(Debug, Error)]
pub enum StartError {
    /// A setting's value is of no use.
    #[error("{setting}: {problem}")]
    Setting {
        /// Which setting.
        setting: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A file cannot be read or written.
    #[error("{setting}: cannot use {}", path.display())]
    File {
        /// Which setting.
        setting: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{setting}: {} holds {problem}", path.display())]
    Content {
        /// Which setting.
        setting: String,
        /// The file.
        path: PathBuf,
        /// What it holds, and what it should.
        problem: &'static str,
    },
}

/// Why there is no room for a batch.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoRoom {
    /// The queue stayed full for as long as `on_full` waits. Trying again later may help.
    #[error("the queue of exporter {exporter} is full")]
    Full {
        /// The exporter.
        exporter: Arc<str>,
    },
    /// The batch is larger than the whole queue; it never fits.
    #[error(
        "{items} records in {bytes} bytes are more than the queue of exporter {exporter} can hold \
         ({items_max} records, {bytes_max} bytes)"
    )]
    TooLarge {
        /// The exporter.
        exporter: Arc<str>,
        /// Records of the batch.
        items: u64,
        /// Bytes of the batch.
        bytes: usize,
        /// `queue_size` with `sizer: items`.
        items_max: u64,
        /// `queue_size` with `sizer: bytes`.
        bytes_max: u64,
    },
    /// The exporter is being stopped.
    #[error("exporter {exporter} is stopping")]
    Stopping {
        /// The exporter.
        exporter: Arc<str>,
    },
}
