//! A server of HTTP/1 or HTTP/2, with or without TLS, that keeps what it gets and answers by a
//! script; and one that writes bytes.

use std::convert::Infallible;
use std::io::Read;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// A request.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    /// Decompressed, and for gRPC without its frame.
    pub(crate) message: Vec<u8>,
    pub(crate) is_http2: bool,
    /// The number of its connection.
    pub(crate) connection: usize,
}

/// What to do with a request.
pub(crate) enum Reply {
    /// Status, headers, body.
    Http(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// A code in the trailers, with a message.
    Grpc(u8, &'static str),
    /// Success over gRPC, and then the end of the connection as HTTP/2 has it.
    GoAway,
    /// Success, and then a body without end.
    Endless,
    /// Success, and then nothing.
    HeadOnly,
    /// Nothing, for ever.
    Stall,
    /// The end of the connection.
    Close,
}

pub(crate) fn ok() -> Reply {
    Reply::Http(200, vec![], vec![])
}

/// A running server; it ends with the runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Clone)]
pub(crate) enum Speaks {
    Http1,
    Http2,
    Tls(Arc<rustls::ServerConfig>),
}

type Script = dyn Fn(usize, &Seen) -> Reply + Send + Sync;

impl Server {
    /// Starts; the script is told the number of the request.
    pub(crate) async fn start(
        speaks: Speaks,
        script: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let kept = Arc::clone(&seen);
        let script: Arc<Script> = Arc::new(script);
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                let speaks = speaks.clone();
                tokio::spawn(async move {
                    match speaks {
                        Speaks::Http1 => serve(stream, false, connection, kept, script).await,
                        Speaks::Http2 => serve(stream, true, connection, kept, script).await,
                        Speaks::Tls(config) => {
                            let acceptor = TlsAcceptor::from(config);
                            let Ok(stream) = acceptor.accept(stream).await else {
                                return;
                            };
                            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                            serve(stream, is_http2, connection, kept, script).await;
                        }
                    }
                });
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A server that reads something, writes these bytes and closes.
    pub(crate) async fn raw(bytes: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut some = [0; 16 << 10];
                    let _ = stream.read(&mut some).await;
                    let _ = stream.write_all(bytes).await;
                    let _ = stream.shutdown().await;
                    while stream.read(&mut some).await.is_ok_and(|read| read > 0) {}
                });
            }
        });
        address
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    is_http2: bool,
    connection: usize,
    kept: Arc<Mutex<Vec<Seen>>>,
    script: Arc<Script>,
) {
    let enough = Arc::new(Notify::new());
    let end = Arc::clone(&enough);
    let service = service_fn(move |request: Request<Incoming>| {
        let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
        let enough = Arc::clone(&enough);
        async move {
            let seen = read(request, connection).await?;
            let reply = {
                let mut kept = kept.lock().unwrap();
                kept.push(seen.clone());
                script(kept.len() - 1, &seen)
            };
            if matches!(reply, Reply::GoAway) {
                enough.notify_one();
            }
            respond(reply).await
        }
    });
    let io = TokioIo::new(stream);
    if is_http2 {
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let mut connection = std::pin::pin!(server.serve_connection(io, service));
        tokio::select! {
            _ = &mut connection => return,
            () = end.notified() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    } else {
        let server = hyper::server::conn::http1::Builder::new();
        let _ = server.serve_connection(io, service).await;
    }
}

async fn read(request: Request<Incoming>, connection: usize) -> Result<Seen, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(std::io::Error::other)?
        .to_bytes();
    let is_grpc = head.headers["content-type"] == "application/grpc";
    let (payload, encoding) = if is_grpc {
        let length = u32::from_be_bytes(body[1..5].try_into().unwrap());
        assert_eq!(length as usize, body.len() - 5);
        let encoding = head.headers.get("grpc-encoding").filter(|_| body[0] == 1);
        (body.slice(5..), encoding)
    } else {
        (body, head.headers.get("content-encoding"))
    };
    let mut message = Vec::new();
    match encoding.map(|encoding| encoding.to_str().unwrap()) {
        None => message = payload.to_vec(),
        Some("gzip") => {
            let mut decoder = flate2::read::GzDecoder::new(&payload[..]);
            decoder.read_to_end(&mut message)?;
        }
        Some("zstd") => message = zstd::stream::decode_all(&payload[..])?,
        Some(other) => assert_eq!(other, "gzip or zstd"),
    }
    Ok(Seen {
        path: head.uri.path_and_query().unwrap().to_string(),
        headers: head.headers,
        message,
        is_http2: head.version == Version::HTTP_2,
        connection,
    })
}

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

async fn respond(reply: Reply) -> Result<Answer, std::io::Error> {
    let full = |bytes: Vec<u8>| Full::new(Bytes::from(bytes));
    Ok(match reply {
        Reply::Http(status, headers, body) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(full(body).boxed_unsync()).unwrap()
        }
        Reply::GoAway => grpc(0, ""),
        Reply::Grpc(code, message) => grpc(code, message),
        Reply::Endless => Response::new(Pour(Some(Bytes::from(vec![10; 64 << 10]))).boxed_unsync()),
        Reply::HeadOnly => Response::new(Pour(None).boxed_unsync()),
        Reply::Stall => std::future::pending().await,
        Reply::Close => return Err(std::io::Error::other("as planned")),
    })
}

fn grpc(code: u8, message: &'static str) -> Answer {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", u16::from(code).into());
    if !message.is_empty() {
        trailers.insert("grpc-message", message.parse().unwrap());
    }
    let body = Full::new(Bytes::from(vec![0; 5])).with_trailers(async { Some(Ok(trailers)) });
    let response = Response::builder().header("content-type", "application/grpc");
    response.body(body.boxed_unsync()).unwrap()
}

/// A body that never ends: of these bytes again and again, or of none.
struct Pour(Option<Bytes>);

impl Body for Pour {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &self.0 {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes.clone())))),
            None => Poll::Pending,
        }
    }
}
