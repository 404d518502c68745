//! The load: some connections that each send the same body again as soon as it is answered.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::work::{Transport, Work};

/// A subject whose queue is full says so; then a sender waits a little. What was refused is not counted.
const PAUSE: Duration = Duration::from_millis(2);

/// What a load saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Time of each request, in order of length.
    pub(crate) times: Vec<Duration>,
}

impl Seen {
    /// The time that this share of the requests did not exceed.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.times.get(index).copied().unwrap_or_default()
    }
}

/// Sends over so many connections for so long.
pub(crate) async fn run(
    work: &Work,
    port: u16,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Seen> {
    let end = Instant::now() + time;
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let (body, path) = (message(work), path(work));
        match work.transport {
            Transport::Http => tasks.spawn(over_http(port, path, body, end)),
            Transport::Grpc => tasks.spawn(over_grpc(port, path, body, end)),
        };
    }
    let mut seen = Seen::default();
    while let Some(times) = tasks.join_next().await {
        seen.times.extend(times??);
    }
    seen.times.sort_unstable();
    Ok(seen)
}

fn path(work: &Work) -> String {
    let service = match work.signal {
        "traces" => "trace.v1.TraceService",
        _ => "logs.v1.LogsService",
    };
    match work.transport {
        Transport::Http => format!("/v1/{}", work.signal),
        Transport::Grpc => format!("/opentelemetry.proto.collector.{service}/Export"),
    }
}

fn message(work: &Work) -> Bytes {
    if work.transport == Transport::Http {
        return work.body.clone();
    }
    let mut framed = BytesMut::with_capacity(work.body.len() + 5);
    framed.put_u8(0);
    framed.put_u32(work.body.len() as u32);
    framed.put_slice(&work.body);
    framed.freeze()
}

async fn stream(port: u16) -> anyhow::Result<TokioIo<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    Ok(TokioIo::new(stream))
}

async fn over_http(
    port: u16,
    path: String,
    body: Bytes,
    end: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let (mut sender, connection) = http1::handshake(stream(port).await?).await?;
    tokio::spawn(connection);
    let mut times = Vec::new();
    while Instant::now() < end {
        let request = Request::post(path.as_str())
            .header("host", "127.0.0.1")
            .header(CONTENT_TYPE, "application/x-protobuf")
            .body(Full::new(body.clone()))?;
        let start = Instant::now();
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            answer.into_body().collect().await?;
            sleep(PAUSE).await;
            continue;
        }
        ensure!(
            answer.status().is_success(),
            "it answered {}",
            answer.status()
        );
        answer.into_body().collect().await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

async fn over_grpc(
    port: u16,
    path: String,
    body: Bytes,
    end: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), stream(port).await?).await?;
    tokio::spawn(connection);
    let mut times = Vec::new();
    while Instant::now() < end {
        let request = Request::post(format!("http://127.0.0.1:{port}{path}"))
            .header(CONTENT_TYPE, "application/grpc")
            .header("te", "trailers")
            .body(Full::new(body.clone()))?;
        let start = Instant::now();
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let early = answer.headers().get("grpc-status").cloned();
        let whole = answer.into_body().collect().await?;
        let late = whole
            .trailers()
            .and_then(|trailers| trailers.get("grpc-status"));
        let status = early.as_ref().or(late).context("no grpc-status")?;
        if status == "14" {
            sleep(PAUSE).await;
            continue;
        }
        ensure!(status == "0", "it answered grpc-status {status:?}");
        times.push(start.elapsed());
    }
    Ok(times)
}
