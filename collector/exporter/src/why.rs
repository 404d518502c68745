//! Why something was not sent: a closed set, so that it can be counted, said once, and explained.
//!
//! What a backend or the system says in words is not kept: a backend may quote what it was sent.
//!
//! Must never: hold text from outside.

use std::borrow::Cow;
use std::fmt;
use std::io;

/// A reason. Numbers come from outside, but from a small range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Why {
    /// An HTTP status.
    Http(u16),
    /// A gRPC status code; 2 (UNKNOWN) also for those that do not exist.
    Grpc(u8),
    /// No connection: refused, no such host, unreachable.
    Connect,
    /// No connection, for a reason of TLS.
    Tls(TlsFault),
    /// The attempt took longer than `timeout`.
    Timeout,
    /// The connection ended before the answer.
    Disconnected,
    /// What came back is not HTTP of the version spoken.
    NotHttp,
    /// An answer of HTTP/2 that is not one of gRPC.
    NotGrpc,
    /// An answer larger than we read.
    AnswerTooLarge,
    /// There is no endpoint for this signal.
    NoEndpoint,
    /// One record that is larger than the backend takes, or than fits into a request.
    TooLarge,
    /// Records that the backend refused in an answer of success.
    Rejected,
    /// The bytes are no batch of their signal.
    Malformed,
    /// The file could not be written.
    Write(io::ErrorKind),
    /// The daemon stopped.
    Stopped,
    /// A fault of our own.
    Internal,
}

/// What is wrong with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TlsFault {
    /// The server does not speak TLS.
    PlainText,
    /// The server's certificate is signed by nobody we trust.
    Untrusted,
    /// It is for another name.
    Name,
    /// It has expired, or is not valid yet.
    Expired,
    /// The server refused us: it wants a certificate, or another one, or another version.
    Alert,
    /// Anything else.
    Other,
}

/// The names of gRPC's status codes, in their order.
const GRPC: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

impl Why {
    /// A gRPC status of this number.
    pub(crate) fn grpc(code: u8) -> Self {
        Self::Grpc(if usize::from(code) < GRPC.len() {
            code
        } else {
            2
        })
    }

    /// The value of the label `reason`.
    pub(crate) fn label(self) -> Cow<'static, str> {
        let fixed = match self {
            Self::Http(status) => return format!("http_{status}").into(),
            Self::Grpc(code) => {
                return format!("grpc_{}", grpc_name(code).to_ascii_lowercase()).into();
            }
            Self::Connect => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout => "timeout",
            Self::Disconnected => "disconnected",
            Self::NotHttp => "not_http",
            Self::NotGrpc => "not_grpc",
            Self::AnswerTooLarge => "answer_too_large",
            Self::NoEndpoint => "no_endpoint",
            Self::TooLarge => "too_large",
            Self::Rejected => "rejected_by_backend",
            Self::Malformed => "malformed",
            Self::Write(_) => "write",
            Self::Stopped => "stopped",
            Self::Internal => "internal",
        };
        fixed.into()
    }
}

fn grpc_name(code: u8) -> &'static str {
    GRPC.get(usize::from(code)).copied().unwrap_or("UNKNOWN")
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Http(status) => return write!(f, "HTTP status {status}"),
            Self::Grpc(code) => return write!(f, "gRPC status {}", grpc_name(*code)),
            Self::Write(kind) => return write!(f, "cannot write the file: {kind}"),
            Self::Tls(fault) => return write!(f, "no TLS connection: {fault}"),
            Self::Connect => "no connection",
            Self::Timeout => "no answer in time",
            Self::Disconnected => "connection closed without an answer",
            Self::NotHttp => "what answers does not speak the expected version of HTTP",
            Self::NotGrpc => "what answers does not speak gRPC",
            Self::AnswerTooLarge => "the answer is too large",
            Self::NoEndpoint => "no endpoint for this signal",
            Self::TooLarge => "too large for the backend",
            Self::Rejected => "rejected by the backend",
            Self::Malformed => "not a batch of its signal",
            Self::Stopped => "stopped before it was sent",
            Self::Internal => "internal error",
        };
        f.write_str(text)
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PlainText => "the server does not speak TLS",
            Self::Untrusted => "the server's certificate is not trusted",
            Self::Name => "the server's certificate is for another name",
            Self::Expired => "the server's certificate is not valid at this time",
            Self::Alert => "the server ended the handshake",
            Self::Other => "the handshake failed",
        })
    }
}
