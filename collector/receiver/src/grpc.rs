//! The gRPC door: the three `Export` methods, unary, framed by us over HTTP/2.
//!
//! Codes as OTLP reads them: what a sender did wrong is never one that it tries again.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use otlp_wire::Signal;
use tokio::time::{Instant, timeout_at};

use crate::admit::Form;
use crate::body::read;
use crate::coding::Coding;
use crate::consumer::Consumer;
use crate::door::{Call, Door};
use crate::frame::FrameReader;
use crate::notice::Mistake;
use crate::pulse::Beat;
use crate::refusal::{Reason, Refusal};
use crate::reply::Reply;
use crate::status::{Partial, export_protobuf, status_json, status_protobuf};

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// Answers a request.
pub(crate) async fn answer<C: Consumer>(
    door: &Door<C>,
    peer: SocketAddr,
    request: Request<Incoming>,
    beat: Beat,
) -> Response<Reply> {
    let visit = door.visit();
    let (head, mut body) = request.into_parts();
    if !is_grpc(&head.headers) {
        visit.end();
        return other_came(door, beat);
    }
    let taken = take(door, peer, &head, &mut body).await;
    visit.end();
    match taken {
        Ok(partial) => success(partial.as_ref(), beat),
        Err(refusal) => {
            door.refused(&refusal);
            refused(&refusal, beat)
        }
    }
}

/// Whether a request is gRPC with protobuf.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let given = headers.get(CONTENT_TYPE).map_or(&b""[..], |v| v.as_bytes());
    let kind = given.split(|byte| *byte == b';').next().unwrap_or_default();
    let kind = kind.trim_ascii();
    kind.eq_ignore_ascii_case(b"application/grpc")
        || kind.eq_ignore_ascii_case(b"application/grpc+proto")
}

async fn take<C: Consumer>(
    door: &Door<C>,
    peer: SocketAddr,
    head: &Parts,
    body: &mut Incoming,
) -> Result<Option<Partial>, Refusal> {
    let now = Instant::now();
    let theirs = timeout(&head.headers)?.map(|timeout| now + timeout);
    let principal = door.enter(&head.headers).await?;
    let signal = signal(head.uri.path()).ok_or_else(|| {
        Refusal::new(
            Reason::Unknown,
            "no such method; served are the Export methods of OTLP's services for traces, logs \
             and metrics",
        )
    })?;
    door.serves(signal)?;
    let coding = match head.headers.get(ENCODING) {
        None => None,
        Some(name) => Some(Coding::parse(name.to_str().unwrap_or("?"))?),
    };
    let mut share = door.budget.share();
    let mut frame = FrameReader::new(door.limits().body_bytes_max);
    let ours = now + door.limits().body_timeout;
    let deadline = theirs.map_or(ours, |theirs| theirs.min(ours));
    read(body, &mut frame, &mut share, deadline).await?;
    let message = frame.finish()?;
    let coding = match (message.compressed, coding) {
        (false, _) => Coding::Identity,
        (true, Some(coding @ (Coding::Gzip | Coding::Zstd))) => coding,
        (true, _) => {
            return Err(Refusal::malformed(
                "the message is marked as compressed, but grpc-encoding does not say how",
            ));
        }
    };
    let call = Call {
        peer,
        principal,
        signal,
        form: Form::Protobuf,
        coding,
        deadline: theirs,
    };
    let taken = door.take(call, message.bytes, &mut share);
    match theirs {
        None => taken.await,
        Some(deadline) => timeout_at(deadline, taken)
            .await
            .unwrap_or_else(|_| Err(Refusal::new(Reason::Deadline, "the deadline has passed"))),
    }
}

fn signal(path: &str) -> Option<Signal> {
    match path.strip_prefix("/opentelemetry.proto.collector.")? {
        "trace.v1.TraceService/Export" => Some(Signal::Traces),
        "logs.v1.LogsService/Export" => Some(Signal::Logs),
        "metrics.v1.MetricsService/Export" => Some(Signal::Metrics),
        _ => None,
    }
}

/// How long the sender waits: up to eight digits and a unit.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Refusal> {
    let Some(given) = headers.get(TIMEOUT) else {
        return Ok(None);
    };
    parse_timeout(given.as_bytes())
        .map(Some)
        .ok_or_else(|| Refusal::malformed("grpc-timeout is not a number and a unit"))
}

fn parse_timeout(given: &[u8]) -> Option<Duration> {
    let (unit, digits) = given.split_last()?;
    if !(1..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(match unit {
        b'H' => Duration::from_secs(number * 3_600),
        b'M' => Duration::from_secs(number * 60),
        b'S' => Duration::from_secs(number),
        b'm' => Duration::from_millis(number),
        b'u' => Duration::from_micros(number),
        b'n' => Duration::from_nanos(number),
        _ => return None,
    })
}

fn success(partial: Option<&Partial>, beat: Beat) -> Response<Reply> {
    let message = export_protobuf(partial);
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let frame = [&[0], &length.to_be_bytes()[..], &message].concat();
    let mut trailers = HeaderMap::new();
    trailers.insert(STATUS, HeaderValue::from_static("0"));
    with_type(Reply::new(frame, Some(trailers), beat))
}

/// A refusal, all of it in the headers.
pub(crate) fn refused(refusal: &Refusal, beat: Beat) -> Response<Reply> {
    let mut response = with_type(Reply::new(Vec::new(), None, beat));
    let headers = response.headers_mut();
    let code = refusal.reason.grpc();
    headers.insert(STATUS, HeaderValue::from(u16::from(code)));
    let message = HeaderValue::try_from(percent_encoded(&refusal.message));
    headers.extend(message.ok().map(|message| (MESSAGE, message)));
    if refusal.reason == Reason::Encoding {
        let taken = HeaderValue::from_static("identity,gzip,zstd");
        headers.insert(ACCEPT_ENCODING, taken);
    }
    if refusal.retry_after.is_some() {
        let status = status_protobuf(code, &refusal.message, refusal.retry_after);
        let details = HeaderValue::try_from(STANDARD_NO_PAD.encode(status));
        headers.extend(details.ok().map(|details| (DETAILS, details)));
    }
    response
}

fn with_type(reply: Reply) -> Response<Reply> {
    let mut response = Response::new(reply);
    let kind = HeaderValue::from_static("application/grpc");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// As `grpc-message` wants it.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' => out.push_str("%25"),
            b' '..=b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Another content type over HTTP/2: OTLP/HTTP at the wrong door, or gRPC in a form that is not
/// served.
fn other_came<C: Consumer>(door: &Door<C>, beat: Beat) -> Response<Reply> {
    let text = other_words(&door.other);
    door.notices.say(Mistake::HttpOnGrpc, &text);
    door.metrics.refused_request(Reason::MediaType);
    let body = status_json(Reason::MediaType.grpc(), &text, None);
    let mut response = Response::new(Reply::new(body, None, beat));
    *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// What is said to those who do not speak gRPC here.
pub(crate) fn other_words(other: &str) -> String {
    format!("HTTP came to a door for gRPC; {other}, or set the sender's protocol to grpc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(parse_timeout(b"1S"), second);
        assert_eq!(parse_timeout(b"1000m"), second);
        assert_eq!(parse_timeout(b"00000001S"), second);
        for wrong in [&b""[..], b"S", b"1", b"000000001S", b"-1S", b"1s", b"1 S"] {
            assert_eq!(parse_timeout(wrong), None, "{wrong:?}");
        }
        assert!(parse_timeout(b"99999999H").is_some());
    }

    #[test]
    fn messages_are_encoded() {
        assert_eq!(percent_encoded("100% \u{e9}\n"), "100%25 %C3%A9%0A");
    }
}
