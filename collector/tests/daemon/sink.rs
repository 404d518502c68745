//! A backend that records what it gets, byte for byte, over HTTP and gRPC, and answers as told.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tamis::Signal;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;

use crate::process::LONG;
use crate::send::Stream;

type Answer = Response<BoxBody<Bytes, Infallible>>;

/// One request that was taken.
pub(crate) type Recorded = (Signal, Bytes);

/// A backend.
#[derive(Clone)]
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    recorded: Mutex<Vec<Recorded>>,
    /// Status codes for the next requests; then 200.
    script: Mutex<VecDeque<u16>>,
    /// The credentials without which nothing is taken.
    wanted: Mutex<Option<String>>,
    changed: Notify,
    stalled: watch::Sender<bool>,
}

impl Sink {
    pub(crate) async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// One that speaks TLS and nothing else.
    pub(crate) async fn secured(tls: TlsAcceptor) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listen(listener, Some(tls))
    }

    pub(crate) fn on(listener: TcpListener) -> Self {
        Self::listen(listener, None)
    }

    fn listen(listener: TcpListener, tls: Option<TlsAcceptor>) -> Self {
        let sink = Self {
            address: listener.local_addr().unwrap(),
            shared: Arc::default(),
        };
        let shared = Arc::clone(&sink.shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(shared, stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(shared, stream).await;
                            }
                        }
                    }
                });
            }
        });
        sink
    }

    /// The exporter that sends here over HTTP, as a member of `exporters`.
    pub(crate) fn http(&self, name: &str, more: &str) -> String {
        format!(
            "  {name}: {{endpoint: \"http://{}\"{more}}}\n",
            self.address
        )
    }

    /// The same over gRPC.
    pub(crate) fn grpc(&self, name: &str, more: &str) -> String {
        let endpoint = self.address;
        format!("  {name}: {{endpoint: \"{endpoint}\", tls: {{insecure: true}}{more}}}\n")
    }

    /// Answers the next requests with these codes and does not record what it refuses.
    pub(crate) fn will_say(&self, codes: &[u16]) {
        self.shared.script.lock().unwrap().extend(codes);
    }

    /// From now on only requests with this `authorization` are taken.
    pub(crate) fn wants(&self, authorization: &str) {
        *self.shared.wanted.lock().unwrap() = Some(authorization.to_owned());
    }

    /// From now on no request gets an answer...
    pub(crate) fn stall(&self) {
        self.shared.stalled.send_replace(true);
    }

    /// ... until now.
    pub(crate) fn go_on(&self) {
        self.shared.stalled.send_replace(false);
    }

    /// What was taken so far.
    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        self.shared.recorded.lock().unwrap().clone()
    }

    /// Waits until so many requests were taken, and gives them all.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Recorded> {
        let enough = async {
            loop {
                let changed = self.shared.changed.notified();
                if self.shared.recorded.lock().unwrap().len() >= count {
                    return;
                }
                changed.await;
            }
        };
        let waited = tokio::time::timeout(LONG, enough).await;
        let recorded = self.recorded();
        assert!(waited.is_ok(), "{} of {count} came", recorded.len());
        recorded
    }
}

async fn serve(shared: Arc<Shared>, stream: impl Stream) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(shared.answer(request).await) }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

impl Shared {
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let wanted = self.wanted.lock().unwrap();
        let shown = headers.get(AUTHORIZATION);
        wanted
            .as_deref()
            .is_none_or(|wanted| shown.is_some_and(|shown| shown == wanted))
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let grpc = request.version() == Version::HTTP_2;
        let signal = signal_of(request.uri().path());
        let lets_in = self.lets_in(request.headers());
        let packed = request.headers().get(CONTENT_ENCODING).is_some();
        let Ok(body) = request.into_body().collect().await else {
            return Response::new(Full::default().boxed());
        };
        let body = body.to_bytes();
        let body = match (grpc, packed) {
            // The frame: a byte that says whether it is packed, and four for the length.
            (true, _) if body.first() == Some(&1) => unpack(&body[5..]),
            (true, _) => body.slice(5..),
            (false, true) => unpack(&body),
            (false, false) => body,
        };
        let mut stalled = self.stalled.subscribe();
        let _ = stalled.wait_for(|stalled| !*stalled).await;
        let code = match lets_in {
            true => self.script.lock().unwrap().pop_front().unwrap_or(200),
            false => 401,
        };
        if code == 200 {
            self.recorded.lock().unwrap().push((signal.unwrap(), body));
            self.changed.notify_waiters();
        }
        match grpc {
            true => grpc_answer(code),
            false => {
                let response = Response::builder().status(code);
                response.body(Full::default().boxed()).unwrap()
            }
        }
    }
}

fn signal_of(path: &str) -> Option<Signal> {
    let has = |part: &str| path.to_ascii_lowercase().contains(part);
    Signal::ALL.iter().copied().find(|signal| {
        let name = signal.as_str();
        has(name) || has(name.trim_end_matches('s'))
    })
}

/// 200 is OK, everything else stands for UNAVAILABLE.
fn grpc_answer(code: u16) -> Answer {
    let mut trailers = HeaderMap::new();
    let status = if code == 200 { "0" } else { "14" };
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    let message = match code {
        200 => Full::from(vec![0_u8; 5]),
        _ => Full::default(),
    };
    let body = message.with_trailers(async move { Some(Ok(trailers)) });
    let response = Response::builder().header(CONTENT_TYPE, "application/grpc");
    response.body(body.boxed()).unwrap()
}

fn unpack(bytes: &[u8]) -> Bytes {
    let mut unpacked = Vec::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(bytes);
    decoder.read_to_end(&mut unpacked).unwrap();
    unpacked.into()
}
