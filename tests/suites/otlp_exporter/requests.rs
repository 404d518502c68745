//! Requests one by one through the wrapper: what is handed on, and what never is.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use prost::Message as _;
use tamis::{ExportError, Scrubbing, Signal, Tamis};

use crate::{PLANTED, stands_in};

/// A client that keeps what it is to send.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<Request<Bytes>>>>);

#[async_trait::async_trait]
impl HttpClient for Kept {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.0.lock().unwrap().push(request);
        Ok(Response::new(Bytes::new()))
    }
}

fn logs(body: &str) -> Vec<u8> {
    tamis_tests::logs(&[body]).encode_to_vec()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn post(path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Request<Bytes> {
    let mut request = Request::post(format!("http://backend{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

const PROTOBUF: (&str, &str) = ("Content-Type", "application/x-protobuf");
const GZIP: (&str, &str) = ("Content-Encoding", "gzip");

/// What is sent of a request, or why it is not.
fn send(
    wrap: impl FnOnce(Kept) -> Scrubbing<Kept>,
    request: Request<Bytes>,
) -> Result<Request<Bytes>, ExportError> {
    let kept = Kept::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(wrap(kept.clone()).send_bytes(request));
    let sent = kept.0.lock().unwrap().pop();
    match answer {
        Ok(_) => Ok(sent.unwrap()),
        Err(error) => {
            assert!(sent.is_none(), "{error}");
            let shown = format!("{error:?} {error}");
            assert!(!shown.contains(PLANTED), "{shown}");
            Err(*error.downcast().unwrap())
        }
    }
}

fn default_chain(client: Kept) -> Scrubbing<Kept> {
    Scrubbing::new(client).unwrap()
}

#[test]
fn a_clean_request_goes_on_as_it_is() {
    let body = gzip(&logs("nothing to hide"));
    let request = post("/v1/logs", &[PROTOBUF, GZIP], body.clone());
    let sent = send(default_chain, request).unwrap();
    assert_eq!(sent.body(), &body);
    assert_eq!(sent.uri().path(), "/v1/logs");
}

#[test]
fn a_changed_request_says_its_length() {
    let body = logs(PLANTED);
    let length = body.len().to_string();
    let headers = [PROTOBUF, ("Content-Length", length.as_str())];
    let sent = send(default_chain, post("/prefix/v1/logs/", &headers, body)).unwrap();
    assert!(!stands_in(PLANTED, sent.body()));
    let length = sent.headers()["content-length"].to_str().unwrap();
    assert_eq!(length, sent.body().len().to_string());
}

#[test]
fn the_signal_can_be_said() {
    let request = || post("/ingest", &[PROTOBUF], logs(PLANTED));
    let refused = send(default_chain, request());
    assert!(matches!(refused, Err(ExportError::Signal)));
    let sent = send(|client| default_chain(client).of(Signal::Logs), request()).unwrap();
    assert!(!stands_in(PLANTED, sent.body()));
}

#[test]
fn what_cannot_be_scrubbed_is_not_sent() {
    let json = ("Content-Type", "application/json");
    let br = ("Content-Encoding", "br");
    let cut = || {
        let mut body = logs(PLANTED);
        body.truncate(body.len() - 3);
        body
    };
    let refused = |headers: &[(&str, &str)], body| {
        send(default_chain, post("/v1/logs", headers, body)).unwrap_err()
    };
    use ExportError::{Compression, ContentType, Encoding, Malformed};
    assert!(matches!(refused(&[json], logs(PLANTED)), ContentType));
    assert!(matches!(refused(&[], logs(PLANTED)), ContentType));
    assert!(matches!(refused(&[PROTOBUF, br], logs(PLANTED)), Encoding));
    assert!(matches!(
        refused(&[PROTOBUF, GZIP, GZIP], logs(PLANTED)),
        Encoding
    ));
    assert!(matches!(
        refused(&[PROTOBUF, GZIP], logs(PLANTED)),
        Compression(_)
    ));
    assert!(matches!(refused(&[PROTOBUF], cut()), Malformed { .. }));
    assert!(matches!(
        refused(&[PROTOBUF, GZIP], gzip(&cut())),
        Malformed { .. }
    ));
}

#[test]
fn a_bomb_is_not_unpacked() {
    let bomb = gzip(&vec![0; 1 << 20]);
    let small = |client| default_chain(client).decoded_bytes_max(1_000);
    let refused = send(small, post("/v1/logs", &[PROTOBUF, GZIP], bomb)).unwrap_err();
    assert!(matches!(refused, ExportError::TooLarge { max: 1_000 }));
}

#[test]
fn without_a_chain_nothing_is_sent() {
    let broken = || {
        Tamis::builder()
            .plugin(tamis::Plugin::shipped("scrubb"))
            .build()
    };
    let closed = |client| Scrubbing::or_nothing(broken(), client);
    let refused = send(closed, post("/v1/logs", &[PROTOBUF], logs("clean"))).unwrap_err();
    assert!(matches!(refused, ExportError::Closed(_)));
}
