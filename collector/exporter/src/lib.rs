//! The exits of the daemon: every exporter with its queue.
//!
//! Whoever has a batch for several exporters reserves room in all of them first and hands it over
//! when all have some; so a batch is in every queue or in none, and a sender that tries again
//! doubles nothing.
//!
//! Must never: send anything that it was not handed as a whole batch, lose a batch that it took
//! without counting it, or put anything of a batch into a log line or a metric.

mod backoff;
mod debug;
mod deliver;
mod error;
mod exporter;
mod file;
mod metrics;
mod notice;
mod otlp;
mod payload;
mod proto;
mod queue;
mod settings;
mod sink;
mod why;

pub use error::{NoRoom, StartError};
pub use exporter::{Exporter, Left, Room, check};
pub use metrics::Metrics;
pub use payload::Payload;
pub use settings::{
    ClientTls, Compression, DebugSettings, Encoding, ExporterKind, ExporterSettings, FileSettings,
    Header, OnFull, OtlpSettings, OtlpTransport, QueueSettings, RetrySettings, Verbosity,
};
