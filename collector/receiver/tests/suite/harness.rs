//! A receiver on loopback, a consumer that records, and clients for both transports.

use std::collections::HashMap;
use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use otlp_wire::{Signal, write_len_field};
use prometheus_client::registry::Registry;
use tamis_receiver::{Batch, Consumer, DoorSettings, Metrics, Receiver, ReceiverSettings, Verdict};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// What no test takes, unless something hangs.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// Keeps every batch and answers as it is told.
pub(crate) struct Recorder {
    pub(crate) batches: Mutex<Vec<Batch>>,
    pub(crate) verdict: Mutex<Verdict>,
    /// Signals that nothing takes.
    pub(crate) deaf: Mutex<Vec<Signal>>,
    /// A batch has come.
    pub(crate) came: Notify,
    /// With it, a batch waits until this is notified.
    pub(crate) hold: Mutex<Option<Arc<Notify>>>,
    /// Calls that were dropped before they ended.
    pub(crate) dropped: Mutex<usize>,
    pub(crate) drops: Notify,
}

impl Recorder {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            batches: Mutex::default(),
            verdict: Mutex::new(Verdict::Accepted),
            deaf: Mutex::default(),
            came: Notify::new(),
            hold: Mutex::default(),
            dropped: Mutex::default(),
            drops: Notify::new(),
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.batches.lock().unwrap().len()
    }

    pub(crate) fn take(&self) -> Vec<Batch> {
        std::mem::take(&mut *self.batches.lock().unwrap())
    }

    pub(crate) fn answer(&self, verdict: Verdict) {
        *self.verdict.lock().unwrap() = verdict;
    }

    /// Lets every batch wait from now on.
    pub(crate) fn hold(&self) -> Arc<Notify> {
        let release = Arc::new(Notify::new());
        *self.hold.lock().unwrap() = Some(Arc::clone(&release));
        release
    }
}

struct Dropped<'a>(&'a Recorder, bool);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        if !self.1 {
            *self.0.dropped.lock().unwrap() += 1;
            self.0.drops.notify_one();
        }
    }
}

impl Consumer for Recorder {
    fn takes(&self, _: &str, signal: Signal) -> bool {
        !self.deaf.lock().unwrap().contains(&signal)
    }

    async fn consume(&self, batch: Batch) -> Verdict {
        let mut dropped = Dropped(self, false);
        self.came.notify_one();
        let hold = self.hold.lock().unwrap().clone();
        if let Some(hold) = hold {
            hold.notified().await;
        }
        dropped.1 = true;
        self.batches.lock().unwrap().push(batch);
        self.verdict.lock().unwrap().clone()
    }
}

/// A receiver that runs.
pub(crate) struct Running {
    pub(crate) receiver: Receiver,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) registry: Registry,
    pub(crate) http: SocketAddr,
    pub(crate) grpc: SocketAddr,
}

impl Running {
    /// The value of a metric whose line begins so.
    pub(crate) fn metric(&self, line: &str) -> Option<u64> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry).unwrap();
        let found = text.lines().find(|found| found.starts_with(line))?;
        found.rsplit(' ').next()?.parse().ok()
    }
}

pub(crate) fn door(setting: &str) -> DoorSettings {
    DoorSettings::on("127.0.0.1:0", setting)
}

pub(crate) async fn start() -> Running {
    start_with(|_| {}).await
}

/// Starts with settings that differ for both doors.
pub(crate) async fn start_with(change: impl Fn(&mut DoorSettings)) -> Running {
    let mut grpc = door("receivers.otlp.protocols.grpc");
    let mut http = door("receivers.otlp.protocols.http");
    change(&mut grpc);
    change(&mut http);
    let settings = ReceiverSettings {
        name: "otlp".into(),
        grpc: Some(grpc),
        http: Some(http),
    };
    let recorder = Recorder::new();
    let mut registry = Registry::default();
    let metrics = Metrics::new(&mut registry);
    let receiver = Receiver::bind(settings, Arc::clone(&recorder), &metrics)
        .await
        .unwrap();
    let addresses = receiver.addresses().clone();
    Running {
        receiver,
        recorder,
        registry,
        http: addresses.http[0],
        grpc: addresses.grpc[0],
    }
}

/// Fails instead of hanging.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, future).await.unwrap()
}

/// A batch with this record in it.
pub(crate) fn batch(record: &[u8]) -> Vec<u8> {
    let nest = |field, payload: &[u8]| {
        let mut out = Vec::new();
        write_len_field(field, payload, &mut out);
        out
    };
    nest(1, &nest(2, &nest(2, record)))
}

/// One log record, one span, one data point.
pub(crate) fn sample(signal: Signal) -> Vec<u8> {
    match signal {
        Signal::Logs => batch(b"\x1a\x01x"),
        Signal::Traces => batch(b"\x2a\x01x"),
        Signal::Metrics => batch(b"\x0a\x01x\x2a\x0b\x0a\x09\x31\0\0\0\0\0\0\0\0"),
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// A message in its frame.
pub(crate) fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], &length[..], message].concat()
}

pub(crate) fn service(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    }
}

/// What a gRPC call came to.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) http: u16,
    /// `grpc-status`, from the headers or the trailers.
    pub(crate) code: Option<u16>,
    pub(crate) message: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An HTTP/2 connection.
pub(crate) struct Client(http2::SendRequest<Full<Bytes>>);

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap()).await
    }

    pub(crate) async fn over(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        let io = TokioIo::new(io);
        let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    pub(crate) async fn call(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Called {
        soon(self.try_call(path, headers, body)).await.unwrap()
    }

    pub(crate) async fn try_call(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Called, hyper::Error> {
        let headers: HashMap<_, _> = [("content-type", "application/grpc"), ("te", "trailers")]
            .into_iter()
            .chain(headers.iter().copied())
            .collect();
        let mut request = Request::post(format!("http://tamis{path}"));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let response = self.0.clone().send_request(request).await?;
        let (head, body) = response.into_parts();
        let collected = body.collect().await?;
        let mut headers = head.headers;
        headers.extend(collected.trailers().cloned().unwrap_or_default());
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Ok(Called {
            http: head.status.as_u16(),
            code: text("grpc-status").and_then(|code| code.parse().ok()),
            message: text("grpc-message").unwrap_or_default().to_owned(),
            headers: headers.clone(),
            body: collected.to_bytes(),
        })
    }

    /// A call that must be accepted.
    pub(crate) async fn accepted(&self, signal: Signal, message: &[u8]) {
        let called = self.call(service(signal), &[], framed(0, message)).await;
        assert_eq!(called.code, Some(0), "{called:?}");
        assert_eq!(called.body, framed(0, b""));
    }
}

/// Log lines of this thread.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Collects from now on, until the guard is dropped.
    pub(crate) fn collect() -> (Self, tracing::subscriber::DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (lines, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Waits for a line with this in it.
    pub(crate) async fn wait_for(&self, words: &str) {
        let seen = async {
            while !self.text().contains(words) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(LONG, seen).await;
        assert!(waited.is_ok(), "no `{words}` in:\n{}", self.text());
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
