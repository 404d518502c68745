//! What an exporter is handed.
//!
//! Must never: show its bytes in `Debug`.

use std::fmt;

use bytes::Bytes;
use otlp_wire::Signal;

/// A batch on its way out. Cheap to clone: the bytes are shared.
#[derive(Clone)]
pub struct Payload {
    /// Its signal.
    pub signal: Signal,
    /// The serialized `Export...ServiceRequest`.
    pub bytes: Bytes,
    /// Records in it: spans, log records, data points.
    pub items: u64,
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            signal,
            bytes,
            items,
        } = self;
        write!(f, "{signal}: {items} items in {} bytes", bytes.len())
    }
}
