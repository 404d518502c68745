//! The door of the daemon: OTLP over gRPC and HTTP in, checked batches of protobuf out.
//!
//! A [`Consumer`] gets every batch and says what became of it; the receiver turns that into the
//! answer that the OTLP specification wants for the transport. It knows nothing of chains.
//!
//! The framing of gRPC is our own, on hyper: what a generated server answers before anybody is
//! asked (a code that OTLP retries for ever, a buffer of the size that five bytes claim) is wrong
//! here, and a batch needs no decoding to be handed on.
//!
//! Must never: hand on a batch whose structure was not checked to the leaves, hold more bytes than
//! its limits say, or put anything of a body into an answer, a log line or a metric.

mod accept;
mod admit;
mod body;
mod budget;
mod coding;
mod connection;
mod consumer;
mod door;
mod frame;
mod grpc;
mod guard;
mod http;
mod listen;
mod metrics;
mod notice;
mod pulse;
mod receiver;
mod refusal;
mod reply;
mod settings;
mod status;
mod stream;
mod tls;
mod watched;

pub use consumer::{Batch, Consumer, Verdict};
pub use guard::AuthError;
pub use metrics::Metrics;
pub use receiver::{Addresses, BindError, Receiver, check};
pub use settings::{
    Authenticator, Credentials, DoorLimits, DoorSettings, InvalidUtf8, ReceiverSettings, ServerTls,
};
pub use tls::TlsError;
