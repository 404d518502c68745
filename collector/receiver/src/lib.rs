//! The door of the daemon: OTLP over gRPC and HTTP in, checked batches of protobuf out.
//!
//! A [`Consumer`] gets every batch and says what became of it; the receiver turns that into the
//! answer that the OTLP specification wants for the transport. It knows nothing of chains.
//!
//! Must never: hand on a batch whose structure was not checked to the leaves, hold more bytes than
//! its limits say, or put anything of a body into an answer, a log line or a metric.

mod consumer;
mod settings;

pub use consumer::{Batch, Consumer, Verdict};
pub use settings::{
    Authenticator, Credentials, DoorLimits, DoorSettings, InvalidUtf8, ReceiverSettings, ServerTls,
};
