//! What is sent: paths, headers, encodings, parts; on how many connections.

use otlp_wire::Signal;
use tamis_exporter::{Compression, Header, OtlpSettings, OtlpTransport, StartError, check};

use crate::bench::{Bench, HTTP, JSON, empty, logs, otlp, times};
use crate::server::{Reply, Server, Speaks, ok};

const ALL: [Compression; 3] = [Compression::Gzip, Compression::Zstd, Compression::None];

#[tokio::test]
async fn http_with_every_compression() {
    for compression in ALL {
        let server = Server::start(Speaks::Http1, |_, _| ok()).await;
        let mut settings = OtlpSettings::to(HTTP, server.url());
        settings.compression = compression;
        settings.headers.push(Header {
            name: "X-Tenant".into(),
            value: "one two".into(),
        });
        let bench = Bench::start(otlp(settings));
        let batch = logs(5, 100_000);
        bench.put(batch.clone()).await.unwrap();
        let done = bench.stop().await;
        assert_eq!((done.sent(), done.left.items), (5, 0));
        let seen = server.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].message, batch.bytes);
        assert_eq!(seen[0].path, "/v1/logs");
        assert_eq!(seen[0].headers["x-tenant"], "one two");
        assert_eq!(seen[0].headers["content-type"], "application/x-protobuf");
        let encoding = seen[0].headers.get("content-encoding");
        let expected = match compression {
            Compression::Gzip => Some("gzip"),
            Compression::Zstd => Some("zstd"),
            Compression::None => None,
        };
        assert_eq!(encoding.map(|value| value.to_str().unwrap()), expected);
        assert_eq!(done.count("queue_bytes", ""), 0);
    }
}

#[tokio::test]
async fn grpc_with_every_compression() {
    for compression in ALL {
        let server = Server::start(Speaks::Http2, |_, _| Reply::Grpc(0, "")).await;
        let mut settings = OtlpSettings::to(OtlpTransport::Grpc, server.address.to_string());
        settings.compression = compression;
        settings.tls.insecure = true;
        let bench = Bench::start(otlp(settings));
        let batch = logs(5, 100_000);
        bench.put(batch.clone()).await.unwrap();
        bench.put(empty(Signal::Traces)).await.unwrap();
        bench.put(empty(Signal::Metrics)).await.unwrap();
        let done = bench.stop().await;
        assert_eq!((done.sent(), done.left.items), (7, 0));
        let mut seen = server.seen();
        seen.sort_by(|one, other| one.path.cmp(&other.path));
        let service = |name: &str| format!("/opentelemetry.proto.collector.{name}/Export");
        assert_eq!(seen[0].path, service("logs.v1.LogsService"));
        assert_eq!(seen[1].path, service("metrics.v1.MetricsService"));
        assert_eq!(seen[2].path, service("trace.v1.TraceService"));
        assert_eq!(seen[0].message, batch.bytes);
        assert_eq!(seen[0].headers["te"], "trailers");
        assert!(seen[0].is_http2);
    }
}

#[tokio::test]
async fn json_on_request() {
    let server = Server::start(Speaks::Http1, |_, _| ok()).await;
    let bench = Bench::start(otlp(OtlpSettings::to(JSON, server.url())));
    let batch = logs(2, 10);
    bench.put(batch.clone()).await.unwrap();
    assert_eq!(bench.stop().await.sent(), 2);
    let seen = server.seen();
    assert_eq!(seen[0].headers["content-type"], "application/json");
    let mut back = Vec::new();
    otlp_json::to_protobuf(Signal::Logs, &seen[0].message, &mut back).unwrap();
    assert_eq!(times([back]), times([batch.bytes.to_vec()]));
}

#[tokio::test]
async fn each_signal_to_its_own_endpoint() {
    let server = Server::start(Speaks::Http1, |_, _| ok()).await;
    let mut settings = OtlpSettings::to(HTTP, server.url());
    settings.endpoint = None;
    settings.logs_endpoint = Some(format!("{}/insert/logs?stream=a", server.url()));
    let bench = Bench::start(otlp(settings));
    bench.put(logs(3, 1)).await.unwrap();
    bench.put(empty(Signal::Traces)).await.unwrap();
    let done = bench.stop().await;
    assert_eq!((done.sent(), done.failed("no_endpoint")), (3, 1));
    assert_eq!(server.seen()[0].path, "/insert/logs?stream=a");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::start(Speaks::Http1, |_, _| ok()).await;
    let mut settings = otlp(OtlpSettings::to(HTTP, server.url()));
    settings.queue.consumers = 1;
    let bench = Bench::start(settings);
    for _ in 0..20 {
        bench.put(logs(1, 1)).await.unwrap();
    }
    assert_eq!(bench.stop().await.sent(), 20);
    let connections = server.seen().iter().map(|seen| seen.connection).max();
    assert!(connections < Some(5), "{connections:?}");
}

/// A batch beyond the limit is sent in parts, each of them within it, with nothing lost or doubled.
#[tokio::test]
async fn large_batches_go_in_parts() {
    for transport in [HTTP, JSON] {
        let server = Server::start(Speaks::Http1, |_, _| ok()).await;
        let mut settings = OtlpSettings::to(transport, server.url());
        settings.request_bytes_max = 10_000;
        let bench = Bench::start(otlp(settings));
        bench.put(logs(300, 200)).await.unwrap();
        assert_eq!(bench.stop().await.sent(), 300);
        let messages = server.seen().into_iter().map(|seen| {
            assert!(seen.message.len() <= 10_000);
            if transport == HTTP {
                return seen.message;
            }
            let mut back = Vec::new();
            otlp_json::to_protobuf(Signal::Logs, &seen.message, &mut back).unwrap();
            back
        });
        assert_eq!(times(messages), (1..=300).collect::<Vec<_>>());
    }
}

/// What the backend calls too large goes in halves, and what it took does not go again.
#[tokio::test]
async fn what_is_refused_as_too_large_goes_in_halves() {
    let over = |limit: usize, size: usize| size > limit;
    let http = Server::start(Speaks::Http1, move |_, seen| {
        Reply::Http(
            if over(5_000, seen.message.len()) {
                413
            } else {
                200
            },
            vec![],
            vec![],
        )
    });
    let grpc = Server::start(Speaks::Http2, move |_, seen| {
        match over(5_000, seen.message.len()) {
            true => Reply::Grpc(8, "grpc: received message larger than max (9 vs. 5)"),
            false => Reply::Grpc(0, ""),
        }
    });
    for (server, transport) in [(http.await, HTTP), (grpc.await, OtlpTransport::Grpc)] {
        let bench = Bench::start(otlp(OtlpSettings::to(transport, server.url())));
        bench.put(logs(100, 200)).await.unwrap();
        let done = bench.stop().await;
        assert_eq!(
            (done.sent(), done.count("failed_items_total", "")),
            (100, 0)
        );
        let taken = server
            .seen()
            .into_iter()
            .map(|seen| seen.message)
            .filter(|message| message.len() <= 5_000);
        assert_eq!(times(taken), (1..=100).collect::<Vec<_>>());
    }
}

#[test]
fn headers_that_cannot_be_sent_are_found_before_the_start() {
    for (name, value) in [
        ("a b", "x"),
        ("", "x"),
        ("x", "line\r\nx-evil: 1"),
        ("x", "nul\0"),
        ("Content-Type", "text/plain"),
        ("te", "x"),
    ] {
        let mut settings = OtlpSettings::to(HTTP, "http://127.0.0.1:1");
        settings.headers.push(Header {
            name: name.into(),
            value: format!("{value}hunter2"),
        });
        let error = check(&otlp(settings)).remove(0);
        let text = format!("{error} {error:?}");
        assert!(text.contains("exporters.otlp.headers"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        assert!(matches!(error, StartError::Setting { .. }));
    }
}

#[test]
fn a_queue_without_room_is_found_before_the_start() {
    let mut settings = otlp(OtlpSettings::to(HTTP, "http://127.0.0.1:1"));
    assert!(check(&settings).is_empty());
    settings.queue.items_max = 0;
    settings.queue.consumers = 0;
    let faults: Vec<_> = check(&settings).iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "exporters.otlp.sending_queue.num_consumers: expected at least 1",
            "exporters.otlp.sending_queue.queue_size: expected at least 1"
        ]
    );
}
