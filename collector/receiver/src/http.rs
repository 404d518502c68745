//! The HTTP door: OTLP/HTTP in protobuf and JSON, answered in what the request was written in.
//!
//! Every refusal is a `google.rpc.Status`. Logs are taken at `/` as well, where senders post that
//! were given a bare URL.

use std::net::SocketAddr;

use http::header::{
    ACCEPT_ENCODING, ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT,
    HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use otlp_wire::Signal;
use tokio::time::Instant;

use crate::admit::Form;
use crate::body::{Gather, discard, read};
use crate::coding::Coding;
use crate::consumer::Consumer;
use crate::door::{Call, Door};
use crate::notice::Mistake;
use crate::pulse::Beat;
use crate::refusal::{Reason, Refusal};
use crate::reply::Reply;
use crate::status::{Partial, export_json, export_protobuf, status_json, status_protobuf};

/// Answers a request.
pub(crate) async fn answer<C: Consumer>(
    door: &Door<C>,
    peer: SocketAddr,
    request: Request<Incoming>,
    beat: Beat,
) -> Response<Reply> {
    let visit = door.visit();
    let (head, mut body) = request.into_parts();
    if crate::grpc::is_grpc(&head.headers) {
        visit.end();
        return grpc_came(door, beat);
    }
    let form = form(&head.headers);
    let taken = take(door, peer, &head, &form, &mut body).await;
    visit.end();
    match taken {
        Ok((signal, partial)) => success(signal, form.ok(), partial.as_ref(), beat),
        Err(refusal) => {
            door.refused(&refusal);
            let mut response = refused(form.ok(), &refusal, beat);
            challenge(door, &refusal, response.headers_mut());
            finish(door, &head, &refusal, &mut body, response.headers_mut()).await;
            response
        }
    }
}

async fn take<C: Consumer>(
    door: &Door<C>,
    peer: SocketAddr,
    head: &Parts,
    form: &Result<Form, Refusal>,
    body: &mut Incoming,
) -> Result<(Signal, Option<Partial>), Refusal> {
    let principal = door.enter(&head.headers).await?;
    let signal = signal(head.uri.path()).ok_or_else(|| {
        Refusal::new(
            Reason::Unknown,
            "nothing is served here, only /v1/traces, /v1/logs and /v1/metrics",
        )
    })?;
    if head.method != Method::POST {
        return Err(Refusal::new(Reason::Method, "only POST is served here"));
    }
    door.serves(signal)?;
    let form = match form {
        Ok(form) => *form,
        Err(refusal) => return Err(Refusal::new(refusal.reason, refusal.message.clone())),
    };
    let coding = Coding::parse(single(&head.headers, &CONTENT_ENCODING).ok_or_else(|| {
        Refusal::new(
            Reason::Encoding,
            "more than one compression is not supported",
        )
    })?)?;
    let limit = door.limits().body_bytes_max;
    let declared = declared(&head.headers);
    if declared.is_some_and(|declared| declared > limit) {
        return Err(Refusal::too_large("the body", limit));
    }
    let mut share = door.budget.share();
    let mut gather = Gather::new(limit, declared);
    let deadline = Instant::now() + door.limits().body_timeout;
    read(body, &mut gather, &mut share, deadline).await?;
    let call = Call {
        peer,
        principal,
        signal,
        form,
        coding,
        deadline: None,
    };
    let partial = door.take(call, gather.finish(), &mut share).await?;
    Ok((signal, partial))
}

/// The signal that belongs to a path, however its slashes stand.
fn signal(path: &str) -> Option<Signal> {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    match (segments.next(), segments.next(), segments.next()) {
        (None, ..) => Some(Signal::Logs),
        (Some("v1"), Some(name), None) => Signal::parse(name),
        _ => None,
    }
}

/// What the body is written in.
fn form(headers: &HeaderMap) -> Result<Form, Refusal> {
    let given = single(headers, &CONTENT_TYPE).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim();
    let is = |name: &str| kind.eq_ignore_ascii_case(name);
    if is("application/x-protobuf") || is("application/protobuf") {
        Ok(Form::Protobuf)
    } else if is("application/json") {
        Ok(Form::Json)
    } else {
        Err(Refusal::new(
            Reason::MediaType,
            "the content type must be application/x-protobuf or application/json",
        ))
    }
}

/// The value of a header that may stand once: empty if absent, nothing if it stands more often or
/// is not text.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(""),
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    single(headers, &CONTENT_LENGTH)?.parse().ok()
}

fn success(
    signal: Signal,
    form: Option<Form>,
    partial: Option<&Partial>,
    beat: Beat,
) -> Response<Reply> {
    let form = form.unwrap_or(Form::Protobuf);
    let body = match form {
        Form::Protobuf => export_protobuf(partial),
        Form::Json => export_json(signal, partial),
    };
    response(StatusCode::OK, form, body, beat)
}

/// A refusal; in JSON if nobody knows what the sender reads.
fn refused(form: Option<Form>, refusal: &Refusal, beat: Beat) -> Response<Reply> {
    let form = form.unwrap_or(Form::Json);
    let status = match form {
        Form::Protobuf => status_protobuf,
        Form::Json => status_json,
    };
    let body = status(refusal.reason.grpc(), &refusal.message, refusal.retry_after);
    response(refusal.reason.http(), form, body, beat)
}

fn response(status: StatusCode, form: Form, body: Vec<u8>, beat: Beat) -> Response<Reply> {
    let mut response = Response::new(Reply::new(body, None, beat));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(match form {
        Form::Protobuf => "application/x-protobuf",
        Form::Json => "application/json",
    });
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// The headers that tell a sender what to do about a refusal.
fn challenge<C: Consumer>(door: &Door<C>, refusal: &Refusal, headers: &mut HeaderMap) {
    let fixed = HeaderValue::from_static;
    match refusal.reason {
        Reason::Unauthenticated => {
            let challenge = door.guard.as_ref().map(|guard| guard.challenge());
            headers.extend(challenge.map(|challenge| (WWW_AUTHENTICATE, fixed(challenge))));
        }
        Reason::Method => drop(headers.insert(ALLOW, fixed("POST"))),
        Reason::Encoding => drop(headers.insert(ACCEPT_ENCODING, fixed("gzip, zstd, identity"))),
        _ => {}
    }
    if let Some(delay) = refusal.retry_after {
        let seconds = delay.as_millis().div_ceil(1_000).max(1);
        let seconds = HeaderValue::try_from(seconds.to_string());
        headers.extend(seconds.ok().map(|seconds| (RETRY_AFTER, seconds)));
    }
}

/// Reads on over HTTP/1 so that the sender, which may still be writing, gets to read its answer;
/// one that is too slow is not waited for again.
async fn finish<C: Consumer>(
    door: &Door<C>,
    head: &Parts,
    refusal: &Refusal,
    body: &mut Incoming,
    headers: &mut HeaderMap,
) {
    use hyper::body::Body;
    if head.version >= Version::HTTP_2 || body.is_end_stream() {
        return;
    }
    let waits = head.headers.contains_key(EXPECT);
    if !waits && !matches!(refusal.reason, Reason::Slow | Reason::Gone) {
        let limits = door.limits();
        let deadline = Instant::now() + limits.admission_timeout;
        discard(body, limits.body_bytes_max.saturating_mul(2), deadline).await;
    }
    if !body.is_end_stream() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// gRPC at the HTTP door: said in its own terms.
fn grpc_came<C: Consumer>(door: &Door<C>, beat: Beat) -> Response<Reply> {
    let text = format!(
        "gRPC came to a door for OTLP/HTTP; {}, or set the sender's protocol to http/protobuf",
        door.other
    );
    door.notices.say(Mistake::GrpcOnHttp, &text);
    door.metrics.refused_request(Reason::Unknown);
    crate::grpc::refused(&Refusal::new(Reason::Unknown, text), beat)
}
