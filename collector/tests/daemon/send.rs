//! A sender: batches over HTTP and gRPC, and plain GETs.

use std::net::SocketAddr;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{CONTENT_TYPE, TE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tamis::Signal;
use tokio::io::{AsyncRead, AsyncWrite};
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

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Of HTTP.
    pub(crate) status: u16,
    /// Of gRPC.
    pub(crate) code: Option<u8>,
    /// Headers and, if there are any, trailers.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What a connection can run over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

impl Sender {
    pub(crate) async fn http(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.unwrap();
        Self::over(stream, Form::Protobuf).await.unwrap()
    }

    pub(crate) async fn grpc(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.unwrap();
        Self::over(stream, Form::Grpc).await.unwrap()
    }

    /// A sender of this form over a stream that stands.
    ///
    /// # Errors
    /// The other side ended it.
    pub(crate) async fn over(stream: impl Stream, form: Form) -> hyper::Result<Self> {
        let io = TokioIo::new(stream);
        Ok(if form == Form::Grpc {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
            tokio::spawn(connection);
            Self::Grpc(sender)
        } else {
            let (sender, connection) = http1::handshake(io).await?;
            tokio::spawn(connection);
            Self::Http(sender)
        })
    }

    /// Sends a batch with these headers.
    ///
    /// # Errors
    /// No answer came.
    pub(crate) async fn ask(
        &mut self,
        signal: Signal,
        form: Form,
        body: Bytes,
        headers: &[(&'static str, &str)],
    ) -> hyper::Result<Answer> {
        let mut request = match self {
            Self::Http(_) => http_request(signal, form, body),
            Self::Grpc(_) => grpc_request(signal, &body),
        };
        for (name, value) in headers {
            let value = value.parse().unwrap();
            request.headers_mut().insert(*name, value);
        }
        let response = match self {
            Self::Http(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
            Self::Grpc(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
        };
        let (head, body) = response.into_parts();
        let body = body.collect().await?;
        let mut headers = head.headers;
        headers.extend(body.trailers().cloned().unwrap_or_default());
        let code = headers.get("grpc-status");
        Ok(Answer {
            status: head.status.as_u16(),
            code: code.map(|code| code.to_str().unwrap().parse().unwrap()),
            headers,
            body: body.to_bytes(),
        })
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
        let answer = self.ask(signal, form, body, &[]).await?;
        Ok(match (&self, answer.code) {
            (Self::Http(_), _) => answer.status,
            (Self::Grpc(_), Some(0)) => 200,
            (Self::Grpc(_), Some(14)) => 503,
            (Self::Grpc(_), _) => 500,
        })
    }

    pub(crate) async fn send(&mut self, signal: Signal, form: Form, body: Bytes) -> u16 {
        self.try_send(signal, form, body).await.unwrap()
    }
}

fn http_request(signal: Signal, form: Form, body: Bytes) -> Request<Full<Bytes>> {
    let kind = match form {
        Form::Json => "application/json",
        _ => "application/x-protobuf",
    };
    Request::post(format!("/v1/{}", signal.as_str()))
        .header("host", "tamis")
        .header(CONTENT_TYPE, kind)
        .body(Full::from(body))
        .unwrap()
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
