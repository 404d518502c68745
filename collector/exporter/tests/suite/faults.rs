//! Backends that refuse, stall, break off, talk nonsense or never end; and queues that are full.

use std::time::Duration;

use tamis_exporter::{Left, NoRoom, OnFull, OtlpSettings, OtlpTransport};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::bench::{Bench, HTTP, logs, otlp};
use crate::server::{Reply, Server, Speaks, ok};

/// Every status that a server can give: sent once, or again until it is taken.
#[tokio::test]
async fn every_http_status() {
    for status in 200..=599_u16 {
        let server = Server::start(Speaks::Http1, move |number, _| {
            Reply::Http(if number == 0 { status } else { 200 }, vec![], vec![])
        });
        let server = server.await;
        let mut settings = otlp(OtlpSettings::to(HTTP, server.url()));
        settings.retry.initial_interval = Duration::from_millis(1);
        let bench = Bench::start(settings);
        bench.put(logs(1, 1)).await.unwrap();
        let done = bench.stop().await;
        let (attempts, sent) = match status {
            200..=299 => (1, 1),
            429 | 502 | 503 | 504 => (2, 1),
            _ => (1, 0),
        };
        assert_eq!(
            (server.seen().len(), done.sent()),
            (attempts, sent),
            "{status}"
        );
        assert_eq!(done.failed(&format!("http_{status}")), 1 - sent, "{status}");
        assert_eq!(done.left, Left::default());
    }
}

#[tokio::test]
async fn every_grpc_code() {
    for code in 0..=16_u8 {
        let server = Server::start(Speaks::Http2, move |number, _| {
            Reply::Grpc(if number == 0 { code } else { 0 }, "")
        });
        let server = server.await;
        let bench = Bench::start(otlp(OtlpSettings::to(OtlpTransport::Grpc, server.url())));
        bench.put(logs(1, 1)).await.unwrap();
        let done = bench.stop().await;
        let (attempts, sent) = match code {
            0 => (1, 1),
            1 | 4 | 10 | 11 | 14 | 15 => (2, 1),
            _ => (1, 0),
        };
        assert_eq!(
            (server.seen().len(), done.sent()),
            (attempts, sent),
            "{code}"
        );
    }
}

/// A redirect is not followed: the headers would go to whoever it names.
#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(Speaks::Http1, |_, _| ok()).await;
    for status in [301, 302, 307, 308] {
        let target = format!("{}/v1/logs", other.url());
        let server = Server::start(Speaks::Http1, move |_, _| {
            Reply::Http(status, vec![("location", target.clone())], vec![])
        });
        let bench = Bench::start(otlp(OtlpSettings::to(HTTP, server.await.url())));
        bench.put(logs(1, 1)).await.unwrap();
        assert_eq!(bench.stop().await.failed(&format!("http_{status}")), 1);
    }
    assert_eq!(other.seen().len(), 0);
}

/// Success counts from the head on: a body without end, or without a byte, is not waited for.
#[tokio::test]
async fn a_success_is_one_whatever_follows() {
    for reply in [|| Reply::Endless, || Reply::HeadOnly] {
        let server = Server::start(Speaks::Http1, move |_, _| reply()).await;
        let mut settings = OtlpSettings::to(HTTP, server.url());
        settings.timeout = Duration::from_millis(500);
        let bench = Bench::start(otlp(settings));
        bench.put(logs(2, 1)).await.unwrap();
        let done = bench.stop().await;
        assert_eq!((done.sent(), server.seen().len()), (2, 1));
    }
}

#[tokio::test]
async fn partial_success_is_counted_and_not_repeated() {
    let rejected = vec![10, 7, 8, 3, 18, 3, b'w', b'h', b'y'];
    let server = Server::start(Speaks::Http1, move |_, _| {
        Reply::Http(200, vec![], rejected.clone())
    });
    let server = server.await;
    let bench = Bench::start(otlp(OtlpSettings::to(HTTP, server.url())));
    bench.put(logs(10, 1)).await.unwrap();
    let done = bench.stop().await;
    assert_eq!((done.sent(), done.failed("rejected_by_backend")), (7, 3));
    assert_eq!(server.seen().len(), 1);
}

/// A stalled request ends with its time, and the next one is taken.
#[tokio::test]
async fn a_stall_ends_with_the_timeout() {
    for (speaks, transport) in [(Speaks::Http1, HTTP), (Speaks::Http2, OtlpTransport::Grpc)] {
        let server = Server::start(speaks, move |number, _| match (number, transport) {
            (0, _) => Reply::Stall,
            (_, OtlpTransport::Grpc) => Reply::Grpc(0, ""),
            _ => ok(),
        });
        let server = server.await;
        let mut settings = OtlpSettings::to(transport, server.url());
        settings.timeout = Duration::from_millis(300);
        let bench = Bench::start(otlp(settings));
        bench.put(logs(2, 1)).await.unwrap();
        let done = bench.stop().await;
        assert_eq!((done.sent(), server.seen().len()), (2, 2));
        assert_eq!(done.count("retries_total", "reason=\"timeout\""), 1);
    }
}

#[tokio::test]
async fn a_connection_that_ends_is_made_again() {
    for (speaks, transport) in [(Speaks::Http1, HTTP), (Speaks::Http2, OtlpTransport::Grpc)] {
        let server = Server::start(speaks, move |number, _| match (number, transport) {
            (0 | 1, _) => Reply::Close,
            (_, OtlpTransport::Grpc) => Reply::Grpc(0, ""),
            _ => ok(),
        });
        let server = server.await;
        let bench = Bench::start(otlp(OtlpSettings::to(transport, server.url())));
        bench.put(logs(2, 1)).await.unwrap();
        let done = bench.stop().await;
        assert_eq!((done.sent(), server.seen().len()), (2, 3));
    }
}

/// A server that ends each connection behind its answer, as one that is redeployed: no batch is
/// lost, and none that was taken goes again.
#[tokio::test]
async fn a_go_away_loses_and_doubles_nothing() {
    let server = Server::start(Speaks::Http2, |_, _| Reply::GoAway).await;
    let mut settings = otlp(OtlpSettings::to(OtlpTransport::Grpc, server.url()));
    settings.queue.consumers = 3;
    let bench = Bench::start(settings);
    for _ in 0..30 {
        bench.put(logs(1, 1)).await.unwrap();
    }
    let done = bench.stop().await;
    assert_eq!((done.sent(), done.left), (30, Left::default()));
    assert_eq!(server.seen().len(), 30);
    let connections = server.seen().iter().map(|seen| seen.connection).max();
    assert!(connections > Some(0), "all on one connection");
}

/// Whatever a server writes, nothing is counted as sent, and nothing hangs.
#[tokio::test]
async fn nonsense_is_not_success() {
    let nonsense: [&[u8]; 8] = [
        b"",
        b"\x15\x03\x03\x00\x02\x02\x46",
        b"hello\r\n\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 503 No\r\ncontent-length: 100\r\n\r\nshort",
        b"\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    ];
    for (number, bytes) in nonsense.into_iter().enumerate() {
        let address = Server::raw(bytes).await;
        for transport in [HTTP, OtlpTransport::Grpc] {
            let settings = OtlpSettings::to(transport, format!("http://{address}"));
            let mut settings = otlp(settings);
            settings.retry.max_elapsed_time = Duration::from_millis(50);
            let bench = Bench::start(settings);
            bench.put(logs(2, 1)).await.unwrap();
            let done = bench.stop_in(Duration::from_secs(20)).await;
            assert_eq!(
                (done.sent(), done.count("failed_items_total", "")),
                (0, 2),
                "{number}"
            );
            assert!(done.count("retries_total", "") > 0, "{number}");
        }
    }
}

/// Cut off behind the status: over HTTP a success is one, over gRPC there is no status yet.
#[tokio::test]
async fn cut_off_in_the_body() {
    let address = Server::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort").await;
    let bench = Bench::start(otlp(OtlpSettings::to(HTTP, format!("http://{address}"))));
    bench.put(logs(2, 1)).await.unwrap();
    assert_eq!(bench.stop().await.sent(), 2);
}

#[tokio::test]
async fn a_backend_that_is_down_gets_the_batch_when_it_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut settings = otlp(OtlpSettings::to(HTTP, format!("http://{address}")));
    settings.retry.max_elapsed_time = Duration::from_millis(100);
    let bench = Bench::start(settings);
    bench.put(logs(2, 1)).await.unwrap();
    let done = bench.stop().await;
    assert_eq!(done.failed("connect"), 2);
    assert!(done.count("retries_total", "reason=\"connect\"") > 1);
}

fn stalled(on_full: OnFull, address: &str) -> tamis_exporter::ExporterSettings {
    let mut otlp_settings = OtlpSettings::to(HTTP, address);
    otlp_settings.timeout = Duration::from_secs(60);
    let mut settings = otlp(otlp_settings);
    settings.queue.items_max = 10;
    settings.on_full = on_full;
    settings
}

#[tokio::test]
async fn a_full_queue_refuses_or_drops() {
    let server = Server::start(Speaks::Http1, |_, _| Reply::Stall).await;
    let wait = Duration::from_millis(20);
    let bench = Bench::start(stalled(OnFull::Refuse { wait }, &server.url()));
    bench.put(logs(10, 1)).await.unwrap();
    let exporter = "otlp".into();
    assert_eq!(bench.put(logs(1, 1)).await, Err(NoRoom::Full { exporter }));
    let never = bench.put(logs(11, 1)).await.unwrap_err();
    assert!(
        matches!(
            never,
            NoRoom::TooLarge {
                items: 11,
                items_max: 10,
                ..
            }
        ),
        "{never}"
    );
    let done = bench.stop_in(Duration::from_millis(50)).await;
    assert_eq!(
        done.left,
        Left {
            batches: 1,
            items: 10
        }
    );
    assert_eq!((done.failed("stopped"), done.sent()), (10, 0));

    let bench = Bench::start(stalled(OnFull::Drop, &server.url()));
    for records in [10, 1, 11] {
        bench.put(logs(records, 1)).await.unwrap();
    }
    let done = bench.stop_in(Duration::from_millis(50)).await;
    assert_eq!(done.count("dropped_items_total", ""), 12);
    assert_eq!(
        done.left,
        Left {
            batches: 1,
            items: 10
        }
    );
    assert_eq!(
        (done.count("queue_items", ""), done.count("queue_bytes", "")),
        (0, 0)
    );
}

/// Room that is given back is room for the next; a sender who goes away leaves none behind.
#[tokio::test]
async fn room_comes_back() {
    let server = Server::start(Speaks::Http1, |_, _| ok()).await;
    let wait = Duration::from_secs(60);
    let bench = Bench::start(stalled(OnFull::Refuse { wait }, &server.url()));
    let batch = logs(10, 1);
    let reserve = || bench.exporter.reserve(batch.signal, 10, batch.bytes.len());
    let first = reserve().await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_millis(10), reserve()).await;
    assert!(waiting.is_err());
    drop(first);
    reserve().await.unwrap().put(batch.clone());
    reserve().await.unwrap().put(batch.clone());
    assert_eq!(bench.stop().await.sent(), 20);
}

#[tokio::test]
async fn nobody_gets_room_after_the_stop() {
    let server = Server::start(Speaks::Http1, |_, _| Reply::Stall).await;
    let wait = Duration::from_secs(60);
    let bench = Bench::start(stalled(OnFull::Refuse { wait }, &server.url()));
    bench.put(logs(10, 1)).await.unwrap();
    let room = bench.exporter.reserve(otlp_wire::Signal::Logs, 1, 1);
    let begin = Instant::now();
    let stopping = async {
        tokio::task::yield_now().await;
    };
    let (room, ()) = tokio::join!(
        tokio::time::timeout(Duration::from_millis(20), room),
        stopping
    );
    assert!(room.is_err());
    let done = bench.stop_in(Duration::from_millis(20)).await;
    assert_eq!(done.left.items, 10);
    assert!(begin.elapsed() < Duration::from_secs(30));
}
