//! Why a request is refused, in words that no transport owns.
//!
//! One table says what each reason is in HTTP and in gRPC, so the two doors cannot disagree. A
//! sender's fault must never become a code that asks the sender to try again.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;

/// A refused request.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    /// Shown to the sender; holds nothing of the body.
    pub(crate) message: Cow<'static, str>,
    /// When to try again, where that is of use.
    pub(crate) retry_after: Option<Duration>,
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No credentials, or wrong ones.
    Unauthenticated,
    /// Not a batch, or not framed as one.
    Malformed,
    /// Over a limit of size, as it came or decompressed.
    TooLarge,
    /// A content type that is not taken.
    MediaType,
    /// A compression that is not taken.
    Encoding,
    /// A path, service or signal that nobody serves.
    Unknown,
    /// Another HTTP method than POST.
    Method,
    /// The body did not come in time.
    Slow,
    /// Not now.
    Busy,
    /// The sender's own deadline has passed.
    Deadline,
    /// The sender went away.
    Gone,
}

impl Reason {
    /// The status of HTTP.
    pub(crate) fn http(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Malformed | Self::Gone => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType | Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Slow | Self::Deadline => StatusCode::REQUEST_TIMEOUT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The code of gRPC, also in the `google.rpc.Status` of an HTTP answer.
    pub(crate) fn grpc(self) -> u8 {
        match self {
            Self::Unauthenticated => 16,
            Self::Malformed | Self::MediaType => 3,
            Self::TooLarge => 8,
            Self::Encoding | Self::Unknown | Self::Method => 12,
            Self::Slow | Self::Deadline => 4,
            Self::Busy => 14,
            Self::Gone => 1,
        }
    }

    /// The label in metrics.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::MediaType => "media_type",
            Self::Encoding => "encoding",
            Self::Unknown => "unknown",
            Self::Method => "method",
            Self::Slow => "slow",
            Self::Busy => "busy",
            Self::Deadline => "deadline",
            Self::Gone => "gone",
        }
    }
}

impl Refusal {
    pub(crate) fn new(reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(crate) fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Reason::Malformed, message)
    }

    pub(crate) fn too_large(what: &str, limit: usize) -> Self {
        Self::new(
            Reason::TooLarge,
            format!("{what} is larger than {limit} bytes"),
        )
    }

    pub(crate) fn busy(message: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Reason::Busy, message)
        }
    }
}
