//! Slow, silent and rude peers: each is cut by its own timer while others are served.
//!
//! The timers are set short; the tests wait for the cut itself, not for a time.

use std::time::Duration;

use otlp_wire::Signal;
use tamis_receiver::DoorSettings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{Client, Running, framed, sample, service, soon, start, start_with};
use crate::raw::{Answer, JSON, PREFACE, PROTOBUF, ended, exchange, frame, grpc_headers, post};

const SHORT: Duration = Duration::from_millis(100);

/// All timers at a length that no test reaches, but for one.
async fn with_timer(shorten: impl Fn(&mut DoorSettings)) -> Running {
    start_with(|door| {
        let limits = &mut door.limits;
        for timer in [
            &mut limits.handshake_timeout,
            &mut limits.header_timeout,
            &mut limits.body_timeout,
            &mut limits.idle_timeout,
            &mut limits.request_timeout,
            &mut limits.reply_timeout,
        ] {
            *timer = Duration::from_secs(600);
        }
        shorten(door);
    })
    .await
}

async fn connect(running: &Running, first: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(running.http).await.unwrap();
    stream.write_all(first).await.unwrap();
    stream
}

/// The next good request is served; with timers this short, on a busy machine, maybe a later one.
async fn still_serves(running: &Running) {
    let over_http = async {
        let request = post("/v1/logs", &[JSON], b"{}");
        while exchange(running.http, &request).await.status != 200 {}
    };
    soon(over_http).await;
    let over_grpc = async {
        loop {
            let client = Client::connect(running.grpc).await;
            let body = framed(0, &sample(Signal::Logs));
            let called = client.try_call(service(Signal::Logs), &[], body).await;
            if called.is_ok_and(|called| called.code == Some(0)) {
                break;
            }
        }
    };
    soon(over_grpc).await;
}

#[tokio::test]
async fn heads_that_do_not_come() {
    let running = with_timer(|door| door.limits.header_timeout = SHORT).await;
    for begin in [
        "",
        "P",
        "POST /v1/logs HT",
        "POST /v1/logs HTTP/1.1\r\nHost:",
        "PRI * HTTP",
    ] {
        let stream = connect(&running, begin.as_bytes()).await;
        ended(stream).await;
    }
    // A connection of HTTP/2 on which nothing is asked, and one with half a header block.
    let half = frame(1, 0, 1, &grpc_headers("/")[..20]);
    for more in [&b""[..], &half] {
        let first = [PREFACE, &frame(4, 0, 0, b""), more].concat();
        ended(connect(&running, &first).await).await;
    }
    still_serves(&running).await;
}

/// The head of a second request has the time of a head as well, not that of an idle connection.
#[tokio::test]
async fn a_second_head_that_does_not_come() {
    let running = with_timer(|door| door.limits.header_timeout = SHORT).await;
    let request = String::from_utf8(post("/v1/logs", &[JSON], b"{}")).unwrap();
    let request = request.replace("Connection: close\r\n", "");
    let mut stream = connect(&running, request.as_bytes()).await;
    let mut seen = Vec::new();
    while !seen.ends_with(b"{}") {
        assert_ne!(soon(stream.read_buf(&mut seen)).await.unwrap(), 0);
    }
    stream.write_all(b"POST /v1/lo").await.unwrap();
    ended(stream).await;
    still_serves(&running).await;
}

#[tokio::test]
async fn bodies_that_do_not_come() {
    let running = with_timer(|door| door.limits.body_timeout = SHORT).await;
    let whole = post("/v1/logs", &[PROTOBUF], &sample(Signal::Logs));
    let stream = connect(&running, &whole[..whole.len() - 3]).await;
    let answer = Answer::parse(&ended(stream).await);
    assert_eq!(answer.status, 408, "{answer:?}");
    // gRPC: the headers, and no data.
    let begin = frame(1, 4, 1, &grpc_headers(service(Signal::Logs)));
    let first = [PREFACE, &frame(4, 0, 0, b""), &begin].concat();
    let mut stream = TcpStream::connect(running.grpc).await.unwrap();
    stream.write_all(&first).await.unwrap();
    let labels = r#"{receiver="otlp",transport="grpc",reason="slow"}"#;
    let slow = format!("tamis_receiver_refused_requests_total{labels}");
    let counted = async {
        while running.metric(&slow) != Some(1) {
            tokio::time::sleep(SHORT / 10).await;
        }
    };
    soon(counted).await;
    assert_eq!(running.recorder.count(), 0);
    still_serves(&running).await;
}

#[tokio::test]
async fn idle_connections() {
    let running = with_timer(|door| door.limits.idle_timeout = SHORT).await;
    let request = String::from_utf8(post("/v1/logs", &[JSON], b"{}")).unwrap();
    let request = request.replace("Connection: close\r\n", "");
    let stream = connect(&running, request.as_bytes()).await;
    assert_eq!(Answer::parse(&ended(stream).await).status, 200);
    let client = Client::connect(running.grpc).await;
    client.accepted(Signal::Logs, &sample(Signal::Logs)).await;
    // The client library notices the end by itself.
    let gone = async {
        let body = framed(0, &sample(Signal::Logs));
        while client
            .try_call(service(Signal::Logs), &[], body.clone())
            .await
            .is_ok()
        {
            tokio::time::sleep(SHORT * 2).await;
        }
    };
    soon(gone).await;
    still_serves(&running).await;
}

/// A peer that never reads: its replies fill the socket, then it is cut off.
#[tokio::test]
async fn replies_that_nobody_takes() {
    let running = with_timer(|door| door.limits.reply_timeout = SHORT).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let mut stream = socket.connect(running.http).await.unwrap();
    let request = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
    let flooded = async { while stream.write_all(&request).await.is_ok() {} };
    soon(flooded).await;
    still_serves(&running).await;
}

/// A reply on HTTP/2 that the peer gives no window for.
#[tokio::test]
async fn replies_without_a_window() {
    let running = with_timer(|door| {
        let limits = &mut door.limits;
        limits.body_timeout = SHORT / 2;
        limits.admission_timeout = SHORT / 2;
        limits.request_timeout = SHORT / 2;
        limits.reply_timeout = SHORT / 2;
    })
    .await;
    let no_window = frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let head = frame(1, 4, 1, &grpc_headers(service(Signal::Logs)));
    let data = frame(0, 1, 1, &framed(0, &sample(Signal::Logs)));
    let first = [PREFACE, &no_window, &head, &data].concat();
    let mut stream = TcpStream::connect(running.grpc).await.unwrap();
    stream.write_all(&first).await.unwrap();
    ended(stream).await;
    still_serves(&running).await;
}

/// Frames that cost the sender nothing, without end: the connection is ended, not followed.
#[tokio::test]
async fn floods_of_frames() {
    let running = start().await;
    let settings = frame(4, 0, 0, b"");
    let ping = frame(6, 0, 0, &[0; 8]);
    let head = frame(1, 4, 1, &grpc_headers(service(Signal::Logs)));
    let open = frame(1, 0, 1, &grpc_headers(service(Signal::Logs)));
    let continued = frame(9, 0, 1, b"\0\x01x\x01y");
    let floods = [
        ("pings", Vec::new(), ping),
        ("settings", Vec::new(), settings.clone()),
        ("continuations", open, continued),
        ("empty data", head, frame(0, 0, 1, b"")),
        ("priorities", Vec::new(), frame(2, 0, 1, &[0, 0, 0, 3, 1])),
        ("unknown frames", Vec::new(), frame(0x42, 0, 0, b"x")),
    ];
    for (name, begin, flood) in floods {
        let first = [PREFACE, &settings, &begin].concat();
        let mut stream = TcpStream::connect(running.grpc).await.unwrap();
        stream.write_all(&first).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let flood = flood.repeat(1_000);
        let flooded = async { while writer.write_all(&flood).await.is_ok() {} };
        // Reading on, so that the flood is not stopped by what it asks for.
        let read = async {
            let mut sink = vec![0; 64 << 10];
            while reader.read(&mut sink).await.is_ok_and(|read| read > 0) {}
        };
        let ended = async {
            tokio::select! { () = flooded => {} () = read => {} }
        };
        let waited = tokio::time::timeout(crate::harness::LONG, ended).await;
        assert!(waited.is_ok(), "{name}");
    }
    still_serves(&running).await;
}

/// Requests that are taken back at once, on and on.
#[tokio::test]
async fn rapid_resets() {
    let running = start().await;
    running.recorder.hold();
    let mut stream = TcpStream::connect(running.grpc).await.unwrap();
    stream
        .write_all(&[PREFACE, &frame(4, 0, 0, b"")].concat())
        .await
        .unwrap();
    let block = grpc_headers(service(Signal::Logs));
    let resets = async {
        for index in 0_u32.. {
            let id = index * 2 + 1;
            let pair = [frame(1, 4, id, &block), frame(3, 0, id, &[0, 0, 0, 8])].concat();
            if stream.write_all(&pair).await.is_err() {
                break;
            }
        }
    };
    soon(resets).await;
    *running.recorder.hold.lock().unwrap() = None;
    still_serves(&running).await;
}

/// Header lists over the limit are refused, and the connection is not kept busy by them.
#[tokio::test]
async fn huge_header_lists() {
    let running = start_with(|door| door.limits.header_bytes_max = 4 << 10).await;
    let client = Client::connect(running.grpc).await;
    let big = "x".repeat(12 << 10);
    let body = framed(0, &sample(Signal::Logs));
    let called = client
        .try_call(service(Signal::Logs), &[("x-big", &big)], body)
        .await;
    assert!(called.is_err() || called.is_ok_and(|called| called.http == 431));
    assert_eq!(running.recorder.count(), 0);
    still_serves(&running).await;
}

#[tokio::test]
async fn connections_over_the_limit_wait() {
    let running = start_with(|door| door.limits.connections_max = 2).await;
    let held = [connect(&running, b"P").await, connect(&running, b"P").await];
    let waiting = tokio::spawn({
        let http = running.http;
        async move { exchange(http, &post("/v1/logs", &[JSON], b"{}")).await }
    });
    let labels = r#"{receiver="otlp",transport="http"}"#;
    let gauge = format!("tamis_receiver_connections{labels}");
    let both = async {
        while running.metric(&gauge) != Some(2) {
            tokio::task::yield_now().await;
        }
    };
    soon(both).await;
    assert!(!waiting.is_finished());
    drop(held);
    assert_eq!(soon(waiting).await.unwrap().status, 200);
}
