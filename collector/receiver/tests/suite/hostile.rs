//! Bodies that mean harm: the right class of answer, and the next good request is served.

use std::time::Duration;

use otlp_wire::{Signal, write_len_field};
use tamis_receiver::InvalidUtf8;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Client, batch, framed, gzip, sample, service, soon, start, start_with, zstd};
use crate::raw::{Answer, JSON, PROTOBUF, exchange, post};

/// Wraps a payload in the same field many times.
fn nested(levels: usize, tags: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for level in 0..levels {
        let tag = tags[level % tags.len()];
        let mut next = vec![tag];
        otlp_wire::varint::write(out.len() as u64, &mut next);
        next.extend_from_slice(&out);
        out = next;
    }
    out
}

#[tokio::test]
async fn a_batch_cut_at_every_byte() {
    let running = start().await;
    let client = Client::connect(running.grpc).await;
    for signal in Signal::ALL {
        let whole = sample(*signal);
        for cut in 0..whole.len() {
            let body = framed(0, &whole[..cut]);
            let called = client.call(service(*signal), &[], body).await;
            let expected = if cut == 0 { 0 } else { 3 };
            assert_eq!(called.code, Some(expected), "{signal} {cut}: {called:?}");
        }
        client.accepted(*signal, &whole).await;
    }
}

#[tokio::test]
async fn nesting() {
    let running = start().await;
    // An array in an array ..., as the body of a log record; each level is two messages.
    for (levels, status) in [(91, 200), (101, 400), (5_001, 400)] {
        let value = nested(levels, &[0x2a, 0x0a]);
        let body = batch(&[&[0x2a][..], &length(&value), &value].concat());
        let answer = exchange(running.http, &post("/v1/logs", &[PROTOBUF], &body)).await;
        assert_eq!(answer.status, status, "{levels}: {}", answer.text());
    }
    let json = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{}"#,
        r#"{"arrayValue":{"values":["#.repeat(100_000)
    );
    let groups = vec![0x7b_u8; 100_000];
    let lists = "[".repeat(100_000);
    for (kind, body) in [
        (JSON, json.as_bytes()),
        (JSON, lists.as_bytes()),
        (PROTOBUF, &groups[..]),
    ] {
        let answer = exchange(running.http, &post("/v1/logs", &[kind], body)).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    assert_eq!(running.recorder.count(), 1);
}

fn length(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    otlp_wire::varint::write(bytes.len() as u64, &mut out);
    out
}

#[tokio::test]
async fn lengths_and_numbers_that_lie() {
    let running = start().await;
    let client = Client::connect(running.grpc).await;
    let bodies: [&[u8]; 9] = [
        b"\x0a\xff\xff\xff\xff\x07",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x00\x00",
        b"\x07",
        b"\x0c",
        b"\x08\x01",
        b"\xff\xff\xff\xff\xff\x01\x00",
    ];
    for body in bodies {
        for signal in Signal::ALL {
            let called = client.call(service(*signal), &[], framed(0, body)).await;
            assert_eq!(called.code, Some(3), "{body:?}: {called:?}");
        }
    }
    client.accepted(Signal::Logs, &sample(Signal::Logs)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_and_masses() {
    let running = start().await;
    let client = Client::connect(running.grpc).await;
    let zeros = vec![0; 64 << 20];
    for (coding, bomb) in [("gzip", gzip(&zeros)), ("zstd", zstd(&zeros))] {
        let request = post("/v1/logs", &[PROTOBUF, ("Content-Encoding", coding)], &bomb);
        assert_eq!(
            exchange(running.http, &request).await.status,
            413,
            "{coding}"
        );
        let headers = [("grpc-encoding", coding)];
        let called = client
            .call(service(Signal::Logs), &headers, framed(1, &bomb))
            .await;
        assert_eq!(called.code, Some(8), "{coding}: {called:?}");
    }
    // As many empty messages as fit, and a million empty records.
    let messages = [0x0a, 0].repeat(10 << 20);
    let called = client
        .call(service(Signal::Logs), &[], framed(0, &messages))
        .await;
    assert_eq!(called.code, Some(0), "{called:?}");
    let mut records = Vec::new();
    let mut scope = Vec::new();
    write_len_field(2, &[0x12, 0].repeat(1_000_000), &mut scope);
    write_len_field(1, &scope, &mut records);
    client.accepted(Signal::Traces, &records).await;
    let items: Vec<_> = running
        .recorder
        .take()
        .iter()
        .map(|batch| batch.items)
        .collect();
    assert_eq!(items, [0, 1_000_000]);
}

/// JSON that is four times as long in protobuf.
#[tokio::test]
async fn json_that_grows() {
    let running = start().await;
    let point = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"explicitBounds":["#;
    for (numbers, status) in [(2 << 20, 200), (9 << 20, 413)] {
        let body = format!("{point}0{}]}}]}}}}]}}]}}]}}", ",0".repeat(numbers));
        let answer = exchange(running.http, &post("/v1/metrics", &[JSON], body.as_bytes())).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

/// A frame whose header asks for a window of 128 MiB is not worth the memory.
#[tokio::test]
async fn a_huge_window() {
    let running = start().await;
    // Magic number, a frame header without content size, a window of 2^27, an empty last block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00];
    let request = post(
        "/v1/logs",
        &[PROTOBUF, ("Content-Encoding", "zstd")],
        &frame,
    );
    let answer = exchange(running.http, &request).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let small = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3, 0x01, 0x00, 0x00];
    let request = post(
        "/v1/logs",
        &[PROTOBUF, ("Content-Encoding", "zstd")],
        &small,
    );
    assert_eq!(exchange(running.http, &request).await.status, 200);
}

#[tokio::test]
async fn text_that_is_not_utf8_passes_where_it_may() {
    let body = batch(b"\x1a\x01\xff");
    for (invalid_utf8, status) in [(InvalidUtf8::Refuse, 400), (InvalidUtf8::Pass, 200)] {
        let running = start_with(|door| door.invalid_utf8 = invalid_utf8).await;
        let answer = exchange(running.http, &post("/v1/logs", &[PROTOBUF], &body)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

/// Good and bad bodies of many senders at one time: everybody gets back what is his.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decoders_carry_nothing_over() {
    let running = start().await;
    let client = std::sync::Arc::new(Client::connect(running.grpc).await);
    let body = |index: usize| {
        let text = format!("sender {index} ").repeat(50);
        let mut record = Vec::new();
        write_len_field(3, text.as_bytes(), &mut record);
        batch(&record)
    };
    let calls = (0..1_000).map(|index| {
        let client = std::sync::Arc::clone(&client);
        tokio::spawn(async move {
            let coding = if index % 2 == 0 { "gzip" } else { "zstd" };
            let mut packed = match index % 2 {
                0 => gzip(&body(index)),
                _ => zstd(&body(index)),
            };
            let is_bad = index % 5 == 0;
            if is_bad {
                packed.truncate(packed.len() / 2);
            }
            let headers = [("grpc-encoding", coding)];
            let called = client
                .call(service(Signal::Logs), &headers, framed(1, &packed))
                .await;
            assert_eq!(called.code, Some(if is_bad { 3 } else { 0 }), "{called:?}");
        })
    });
    for call in calls.collect::<Vec<_>>() {
        soon(call).await.unwrap();
    }
    let mut came: Vec<_> = running
        .recorder
        .take()
        .into_iter()
        .map(|one| one.bytes)
        .collect();
    let mut sent: Vec<_> = (0..1_000)
        .filter(|index| index % 5 != 0)
        .map(body)
        .collect();
    came.sort();
    sent.sort();
    assert!(came == sent);
}

/// Four senders that claim 20 MiB each and send nothing leave room for one that sends 20 MiB.
#[tokio::test]
async fn liars_do_not_starve_the_others() {
    let running = start_with(|door| {
        door.limits.in_flight_bytes_max = 21 << 20;
        door.limits.admission_timeout = Duration::from_millis(200);
    })
    .await;
    let claim = format!(
        "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n\
         Content-Length: {}\r\n\r\n",
        20 << 20
    );
    let mut liars = Vec::new();
    for _ in 0..4 {
        let mut liar = TcpStream::connect(running.http).await.unwrap();
        liar.write_all(claim.as_bytes()).await.unwrap();
        liars.push(liar);
    }
    let mut body = Vec::new();
    write_len_field(15, &vec![b'x'; (20 << 20) - 5], &mut body);
    assert_eq!(body.len(), 20 << 20);
    let answer = exchange(running.http, &post("/v1/logs", &[PROTOBUF], &body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// When the room is taken, the answer is to come again, and it is free once the work is done.
#[tokio::test]
async fn no_room_is_said_and_comes_back() {
    let running = start_with(|door| {
        door.limits.in_flight_bytes_max = 64 << 10;
        door.limits.admission_timeout = Duration::from_millis(50);
    })
    .await;
    let release = running.recorder.hold();
    let mut body = Vec::new();
    write_len_field(15, &[b'x'; 60 << 10], &mut body);
    let request = post("/v1/logs", &[PROTOBUF], &body);
    let first = tokio::spawn({
        let (http, request) = (running.http, request.clone());
        async move { exchange(http, &request).await }
    });
    soon(running.recorder.came.notified()).await;
    let answer = exchange(running.http, &request).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.head.contains("retry-after: 1"), "{answer:?}");
    let client = Client::connect(running.grpc).await;
    *running.recorder.hold.lock().unwrap() = None;
    client.accepted(Signal::Logs, &sample(Signal::Logs)).await;
    release.notify_one();
    assert_eq!(soon(first).await.unwrap().status, 200);
    assert_eq!(exchange(running.http, &request).await.status, 200);
}

/// Requests that are not HTTP, or not quite.
#[tokio::test]
async fn heads_that_are_wrong() {
    let running = start_with(|door| door.limits.header_bytes_max = 4 << 10).await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(8 << 10));
    let big = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(8 << 10));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200));
    let lengths = "POST /v1/logs HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n";
    let negative = "POST /v1/logs HTTP/1.1\r\nContent-Length: -1\r\n\r\n";
    let chunk = "POST /v1/logs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: \
                 application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    for request in [
        &long,
        &big,
        &many,
        lengths,
        negative,
        chunk,
        "\0\0\0\0\r\n\r\n",
    ] {
        let answer = exchange(running.http, request.as_bytes()).await;
        assert!(
            (400..500).contains(&answer.status),
            "{request:.60}: {answer:?}"
        );
    }
    let good = exchange(running.http, &post("/v1/logs", &[JSON], b"{}")).await;
    assert_eq!(good.status, 200);
}

/// One connection for many requests, the good and the bad mixed; and a half-closed one.
#[tokio::test]
async fn connections_are_kept_and_half_closed_ones_answered() {
    let running = start().await;
    let mut stream = TcpStream::connect(running.http).await.unwrap();
    for (body, status) in [("{}", 200), ("{", 400), ("[]", 400), ("{}", 200)] {
        let request = String::from_utf8(post("/v1/logs", &[JSON], body.as_bytes())).unwrap();
        let request = request.replace("Connection: close\r\n", "");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"}") {
            let read = soon(stream.read_buf(&mut seen)).await.unwrap();
            assert_ne!(read, 0, "{seen:?}");
        }
        assert_eq!(Answer::parse(&seen).status, status);
    }
    stream
        .write_all(&post("/v1/logs", &[JSON], b"{}"))
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    soon(stream.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(Answer::parse(&rest).status, 200);
}
