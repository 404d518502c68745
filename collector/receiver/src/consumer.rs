//! What a receiver hands on, and what it wants to hear about it.
//!
//! Must never: show the bytes of a batch in `Debug`.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use otlp_wire::Signal;

/// A batch that came through the door: decompressed, protobuf, checked.
pub struct Batch {
    /// Its signal.
    pub signal: Signal,
    /// The serialized `Export...ServiceRequest`.
    pub bytes: Bytes,
    /// Records in it: spans, log records, data points.
    pub items: u64,
    /// The receiver's name in the config, such as `otlp` or `otlp/agents`.
    pub receiver: Arc<str>,
    /// Who sent it.
    pub peer: SocketAddr,
    /// As whom the sender authenticated, if it had to.
    pub principal: Option<Arc<str>>,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("signal", &self.signal)
            .field("bytes", &self.bytes.len())
            .field("items", &self.items)
            .field("receiver", &self.receiver)
            .finish_non_exhaustive()
    }
}

/// What became of a batch. The messages are shown to the sender: they hold no scanned content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every exporter that it goes to has it or has queued it.
    Accepted,
    /// The same, but so many of its records were refused for good; sending again is of no use.
    Partial {
        /// Records that were refused.
        rejected: u64,
        /// Why.
        message: String,
    },
    /// It is faulty (400, `INVALID_ARGUMENT`).
    Refused {
        /// How.
        message: String,
    },
    /// It is too large (413, `RESOURCE_EXHAUSTED` without `RetryInfo`).
    TooLarge {
        /// The limit and the size.
        message: String,
    },
    /// Not now (503 with `Retry-After`, `UNAVAILABLE` with `RetryInfo`).
    Unavailable {
        /// Why.
        message: String,
        /// When to try again.
        retry_after: Duration,
    },
}

/// Takes the batches of receivers.
pub trait Consumer: Send + Sync + 'static {
    /// Whether a pipeline takes this signal from this receiver. What none takes is refused at the
    /// door with a word about it.
    fn takes(&self, receiver: &str, signal: Signal) -> bool;

    /// Takes a batch. The future may be dropped when the sender goes away; what was handed on by
    /// then counts as accepted, and nothing may be left half done.
    fn consume(&self, batch: Batch) -> impl Future<Output = Verdict> + Send;
}
