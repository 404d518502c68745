//! What the answer of a backend means, by the rules of OTLP.
//!
//! Must never: call a success a failure because of what follows it, or try again what OTLP calls
//! permanent.

mod details;
mod partial;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use crate::sink::Outcome;
use crate::why::Why;

/// Bytes of an answer that are read at all; OTLP's own number.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Bytes of an answer that are kept.
const KEPT_BYTES_MAX: usize = 64 << 10;

/// How the body of an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    TooLarge,
    Broken,
    Late,
}

/// What follows the head of an answer.
pub(super) struct Rest {
    kept: Vec<u8>,
    trailers: HeaderMap,
    end: End,
}

/// Reads a body to its end, or to the bound, or until the time is over.
pub(super) async fn read(mut body: Incoming, until: Instant) -> Rest {
    let mut rest = Rest {
        kept: Vec::new(),
        trailers: HeaderMap::new(),
        end: End::Whole,
    };
    let mut size = 0_usize;
    rest.end = loop {
        match timeout_at(until, body.frame()).await {
            Err(_) => break End::Late,
            Ok(None) => break End::Whole,
            Ok(Some(Err(_))) => break End::Broken,
            Ok(Some(Ok(frame))) => {
                size = size.saturating_add(frame.data_ref().map_or(0, Bytes::len));
                if size > ANSWER_BYTES_MAX {
                    break End::TooLarge;
                }
                rest.keep(frame);
            }
        }
    };
    rest
}

impl Rest {
    fn keep(&mut self, frame: hyper::body::Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) => {
                let room = KEPT_BYTES_MAX - self.kept.len();
                let kept = data.get(..room).unwrap_or(&data);
                self.kept.extend_from_slice(kept);
            }
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    self.trailers = trailers;
                }
            }
        }
    }
}

/// An answer over HTTP.
pub(super) fn http(status: StatusCode, headers: &HeaderMap, rest: &Rest) -> Outcome {
    if status.is_success() {
        let kind = headers
            .get(CONTENT_TYPE)
            .map_or(&b""[..], |kind| kind.as_bytes());
        let rejected = if kind.starts_with(b"application/json") {
            partial::in_json(&rest.kept)
        } else {
            partial::in_protobuf(&rest.kept)
        };
        return Outcome::Accepted { rejected };
    }
    let why = Why::Http(status.as_u16());
    match status.as_u16() {
        429 | 502 | 503 | 504 => Outcome::Again {
            after: retry_after(headers, SystemTime::now()),
            why,
        },
        413 => Outcome::TooLarge(why),
        _ => Outcome::Refused(why),
    }
}

/// An answer over gRPC. The status stands in the trailers, or in the headers if nothing else comes.
pub(super) fn grpc(status: StatusCode, headers: &HeaderMap, rest: &Rest) -> Outcome {
    let found = [headers, &rest.trailers]
        .into_iter()
        .find_map(|map| map.get("grpc-status").map(|status| (map, status)));
    if let Some((map, code)) = found {
        let code = code.to_str().ok().and_then(|code| code.parse().ok());
        return grpc_status(code.unwrap_or(2), map, &rest.kept);
    }
    let again = |why| Outcome::Again { after: None, why };
    let is_grpc = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    match (status.as_u16(), rest.end) {
        (200, _) if !is_grpc => Outcome::Refused(Why::NotGrpc),
        (200, End::Late) => again(Why::Timeout),
        (200, End::Broken) => again(Why::Disconnected),
        (200, End::TooLarge) => Outcome::Refused(Why::AnswerTooLarge),
        (200, End::Whole) => Outcome::Refused(Why::Grpc(2)),
        (code @ (429 | 502 | 503 | 504), _) => Outcome::Again {
            after: retry_after(headers, SystemTime::now()),
            why: Why::Http(code),
        },
        (code, _) => Outcome::Refused(Why::Http(code)),
    }
}

fn grpc_status(code: u8, trailers: &HeaderMap, body: &[u8]) -> Outcome {
    let why = Why::grpc(code);
    match code {
        0 => {
            let rejected = match body {
                [0, _, _, _, _, message @ ..] => partial::in_protobuf(message),
                _ => None,
            };
            Outcome::Accepted { rejected }
        }
        8 | 11 if details::is_about_size(trailers) => Outcome::TooLarge(why),
        1 | 4 | 10 | 11 | 14 | 15 => Outcome::Again {
            after: details::retry_delay(trailers),
            why,
        },
        8 => match details::retry_delay(trailers) {
            after @ Some(_) => Outcome::Again { after, why },
            None => Outcome::Refused(why),
        },
        _ => Outcome::Refused(why),
    }
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
#[path = "answer/tests.rs"]
mod tests;
