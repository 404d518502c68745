//! One connection: find out what it speaks, say so if that is wrong here, serve it, end it.
//!
//! Every wait has its own time. Must never: outlive the accept loop that it belongs to, nor let a
//! request do so.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;

use crate::consumer::Consumer;
use crate::door::{Door, Transport};
use crate::notice::Mistake;
use crate::pulse::Pulse;
use crate::refusal::Reason;
use crate::reply::Reply;
use crate::status::status_json;
use crate::stream::{Stream, Version, sniff};
use crate::{grpc, http as http_door};

/// The first byte of a TLS handshake; no request of HTTP begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// How long a connection that is ended politely may take for it.
const LINGER: Duration = Duration::from_secs(1);

/// What a sender is read on at most when its connection is ended politely.
const LINGER_BYTES: u64 = 1 << 20;

/// Bytes in flight on an HTTP/2 connection, and on each of its streams.
const WINDOW: u32 = 256 << 10;

/// Bytes that are read or written ahead.
const BUFFER: usize = 64 << 10;

/// Says when the door closes.
#[derive(Clone)]
pub(crate) struct Closing(pub(crate) watch::Receiver<bool>);

impl Closing {
    /// Waits until it does.
    pub(crate) async fn begun(&mut self) {
        // An error means that the receiver is gone, and its doors with it.
        drop(self.0.wait_for(|closing| *closing).await);
    }
}

/// Serves a connection until it ends.
pub(crate) async fn serve<C: Consumer>(
    door: Arc<Door<C>>,
    tcp: TcpStream,
    peer: SocketAddr,
    mut closing: Closing,
) {
    let _counted = door.metrics.connection();
    // Replies are small; without it they would wait for more.
    drop(tcp.set_nodelay(true));
    let mut first = [0];
    let header_timeout = door.limits().header_timeout;
    let Some(1) = within(header_timeout, &mut closing, tcp.peek(&mut first)).await else {
        return;
    };
    match (&door.tls, first == [TLS_HANDSHAKE]) {
        (None, false) => speak(door, tcp, peer, closing).await,
        (Some(tls), true) => {
            let acceptor = TlsAcceptor::from(tls.config());
            let shaken = async { Ok(acceptor.accept(tcp).await) };
            let handshake_timeout = door.limits().handshake_timeout;
            match within(handshake_timeout, &mut closing, shaken).await {
                Some(Ok(stream)) => speak(door, stream, peer, closing).await,
                Some(Err(error)) => shake_failed(&door, &error),
                None => {}
            }
        }
        (None, true) => door.notices.say(
            Mistake::TlsOnPlain,
            "TLS came to a door without it: give this door `tls`, or let the sender use http://",
        ),
        (Some(_), false) => {
            let text = "plain text came to a door with TLS: let the sender use https://, or take \
                        `tls` from this door";
            door.notices.say(Mistake::PlainOnTls, text);
            turn_away(tcp, text).await;
        }
    }
}

/// Waits for something, but neither too long nor when the door closes.
async fn within<T>(
    time: Duration,
    closing: &mut Closing,
    wanted: impl Future<Output = io::Result<T>>,
) -> Option<T> {
    tokio::select! {
        done = timeout(time, wanted) => done.ok()?.ok(),
        () = closing.begun() => None,
    }
}

fn shake_failed<C: Consumer>(door: &Door<C>, error: &io::Error) {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let words = match cause {
        Some(rustls::Error::NoApplicationProtocol) => {
            let text = grpc::other_words(&door.other);
            door.notices.say(Mistake::HttpOnGrpc, &text);
            return;
        }
        Some(rustls::Error::NoCertificatesPresented) => {
            "the sender shows no certificate, which client_ca_file asks for"
        }
        Some(rustls::Error::InvalidCertificate(_)) => {
            "the sender's certificate is not accepted by client_ca_file"
        }
        Some(rustls::Error::AlertReceived(_)) => {
            "the sender does not accept this door's certificate (cert_file)"
        }
        Some(rustls::Error::PeerIncompatible(_)) => "the sender has no version of TLS in common",
        Some(_) => "what came is not TLS as it should be",
        None => return,
    };
    let text = format!("a TLS handshake failed: {words}");
    door.notices.say(Mistake::Handshake, &text);
}

async fn speak<C, S>(door: Arc<Door<C>>, mut io: S, peer: SocketAddr, mut closing: Closing)
where
    C: Consumer,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let header_timeout = door.limits().header_timeout;
    let sniffed = within(header_timeout, &mut closing, sniff(&mut io)).await;
    let Some((version, first)) = sniffed else {
        return;
    };
    if door.transport == Transport::Grpc && version == Version::Http1 {
        let text = grpc::other_words(&door.other);
        door.notices.say(Mistake::HttpOnGrpc, &text);
        return turn_away(io, &text).await;
    }
    let limits = door.limits().clone();
    let pulse = Pulse::new(&limits, version);
    let io = Stream::new(io, first, Arc::clone(&pulse), limits.reply_timeout);
    let io = TokioIo::new(io);
    let beats = Arc::clone(&pulse);
    let service = service_fn(move |request| answer(door.clone(), peer, request, beats.clone()));
    match version {
        Version::Http1 => {
            let connection = http1::Builder::new()
                .half_close(true)
                .timer(TokioTimer::new())
                // The pulse has this time, and another one for connections that are kept.
                .header_read_timeout(None)
                .max_header_size(limits.header_bytes_max)
                .max_buf_size(BUFFER.max(limits.header_bytes_max))
                .serve_connection(io, service);
            run(connection, &pulse, closing).await;
        }
        Version::Http2 => {
            // Its receivers learn from this one's end that the connection has ended.
            let (_ended, end) = watch::channel(());
            let connection = http2::Builder::new(Requests { end })
                .timer(TokioTimer::new())
                .max_concurrent_streams(limits.streams_max)
                .max_header_list_size(u32::try_from(limits.header_bytes_max).unwrap_or(u32::MAX))
                .initial_stream_window_size(WINDOW)
                .initial_connection_window_size(WINDOW)
                .max_send_buf_size(BUFFER)
                .serve_connection(io, service);
            run(connection, &pulse, closing).await;
        }
    }
}

async fn answer<C: Consumer>(
    door: Arc<Door<C>>,
    peer: SocketAddr,
    request: Request<Incoming>,
    pulse: Arc<Pulse>,
) -> Result<Response<Reply>, Infallible> {
    let beat = pulse.begin(door.metrics.request());
    Ok(match door.transport {
        Transport::Grpc => grpc::answer(&door, peer, request, beat).await,
        Transport::Http => http_door::answer(&door, peer, request, beat).await,
    })
}

/// Runs a connection to its end: its own, that of its time, or that of the door.
async fn run(connection: impl GracefulConnection, pulse: &Pulse, mut closing: Closing) {
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = pulse.expired() => {
            connection.as_mut().graceful_shutdown();
            drop(timeout(LINGER, connection).await);
            return;
        }
        () = closing.begun() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection.as_mut() => {}
        () = pulse.expired() => {}
    }
}

/// Runs the requests of one HTTP/2 connection, and ends them with it.
#[derive(Clone)]
struct Requests {
    end: watch::Receiver<()>,
}

impl<F> Executor<F> for Requests
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, request: F) {
        let mut end = self.end.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = request => {}
                _ = end.changed() => {}
            }
        });
    }
}

/// Answers those that do not speak what is served here, in the words of HTTP/1, and reads on for a
/// moment so that they can read it.
async fn turn_away(mut io: impl AsyncRead + AsyncWrite + Unpin, text: &str) {
    let deadline = Instant::now() + LINGER;
    let body =
        String::from_utf8_lossy(&status_json(Reason::Malformed.grpc(), text, None)).into_owned();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    let told = async {
        io.write_all(answer.as_bytes()).await?;
        io.shutdown().await?;
        tokio::io::copy(&mut io.take(LINGER_BYTES), &mut tokio::io::sink()).await
    };
    drop(timeout_at(deadline, told).await);
}
