//! A sender: batches over HTTP and gRPC, and plain GETs.

use std::net::SocketAddr;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{CONTENT_TYPE, TE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tamis::Signal;
use tokio::net::TcpStream;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Protobuf,
    Json,
    Grpc,
}

/// A connection that is kept.
pub(crate) enum Sender {
    Http(http1::SendRequest<Full<Bytes>>),
    Grpc(http2::SendRequest<Full<Bytes>>),
}

impl Sender {
    pub(crate) async fn http(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self::Http(sender)
    }

    pub(crate) async fn grpc(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.unwrap();
        let io = TokioIo::new(stream);
        let handshake = http2::handshake(TokioExecutor::new(), io);
        let (sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        Self::Grpc(sender)
    }

    /// Sends a batch. The HTTP status; for gRPC 200 for OK and 503 for UNAVAILABLE, else 500.
    ///
    /// # Errors
    /// No answer came.
    pub(crate) async fn try_send(
        &mut self,
        signal: Signal,
        form: Form,
        body: Bytes,
    ) -> hyper::Result<u16> {
        match self {
            Self::Http(sender) => {
                sender.ready().await?;
                let kind = match form {
                    Form::Json => "application/json",
                    _ => "application/x-protobuf",
                };
                let request = Request::post(format!("/v1/{}", signal.as_str()))
                    .header("host", "tamis")
                    .header(CONTENT_TYPE, kind)
                    .body(Full::from(body))
                    .unwrap();
                let (head, body) = sender.send_request(request).await?.into_parts();
                body.collect().await?;
                Ok(head.status.as_u16())
            }
            Self::Grpc(sender) => {
                sender.ready().await?;
                let response = sender.send_request(grpc_request(signal, &body)).await?;
                grpc_status(response).await
            }
        }
    }

    pub(crate) async fn send(&mut self, signal: Signal, form: Form, body: Bytes) -> u16 {
        self.try_send(signal, form, body).await.unwrap()
    }
}

fn grpc_request(signal: Signal, body: &Bytes) -> Request<Full<Bytes>> {
    let (package, service) = match signal {
        Signal::Traces => ("trace", "TraceService"),
        Signal::Logs => ("logs", "LogsService"),
        Signal::Metrics => ("metrics", "MetricsService"),
    };
    let mut framed = BytesMut::with_capacity(body.len() + 5);
    framed.put_u8(0);
    framed.put_u32(body.len() as u32);
    framed.put_slice(body);
    let path = format!("opentelemetry.proto.collector.{package}.v1.{service}/Export");
    Request::post(format!("http://tamis/{path}"))
        .header(CONTENT_TYPE, "application/grpc")
        .header(TE, "trailers")
        .body(Full::from(framed.freeze()))
        .unwrap()
}

async fn grpc_status(response: Response<Incoming>) -> hyper::Result<u16> {
    let (head, body) = response.into_parts();
    let body = body.collect().await?;
    let trailers = body.trailers();
    let status = trailers.and_then(|trailers| trailers.get("grpc-status"));
    let status = status.or_else(|| head.headers.get("grpc-status")).unwrap();
    Ok(match status.to_str().unwrap() {
        "0" => 200,
        "14" => 503,
        _ => 500,
    })
}

/// One batch over HTTP on a connection of its own.
pub(crate) async fn post(to: SocketAddr, signal: Signal, body: Bytes) -> u16 {
    Sender::http(to)
        .await
        .send(signal, Form::Protobuf, body)
        .await
}

/// A GET: its status and text.
pub(crate) async fn get(from: SocketAddr, path: &str) -> (StatusCode, String) {
    let stream = TcpStream::connect(from).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(path).header("host", "tamis");
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status, String::from_utf8(body.to_vec()).unwrap())
}

/// The sum of a metric over all its series that hold these labels.
pub(crate) fn total(page: &str, name: &str, labels: &[&str]) -> f64 {
    page.lines()
        .filter(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['{', ' ']))
        })
        .filter(|line| labels.iter().all(|label| line.contains(label)))
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum()
}
