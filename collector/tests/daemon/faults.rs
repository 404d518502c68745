//! Backends that fail, and senders that go away: what was acknowledged arrives once, or is counted.

use tamis::Signal;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::fan_out::log;
use crate::process::{Daemon, config};
use crate::send::{get, post, total};
use crate::sink::Sink;

const EAGER: &str =
    ", compression: none, retry_on_failure: {initial_interval: 10ms, max_interval: 20ms}";

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_sent_again_is() {
    let sink = Sink::start().await;
    sink.will_say(&[503, 429, 502, 504]);
    let daemon = Daemon::start(&config(&sink.http("otlp_http", EAGER), "otlp_http"));
    assert_eq!(post(daemon.http(), Signal::Logs, log("again")).await, 200);
    sink.wait_for(1).await;
    assert_eq!(daemon.stop().code, Some(0));
    assert_eq!(sink.recorded().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_is_sent_or_failed_or_dropped() {
    let sink = Sink::start().await;
    sink.will_say(&[400, 200, 500, 403]);
    let one = format!("{EAGER}, sending_queue: {{num_consumers: 1}}");
    let daemon = Daemon::start(&config(&sink.http("otlp_http", &one), "otlp_http"));
    for number in 0..10 {
        let batch = log(&format!("batch {number}"));
        assert_eq!(post(daemon.http(), Signal::Logs, batch).await, 200);
    }
    sink.wait_for(7).await;
    let counts = async || {
        let (_, page) = get(daemon.metrics(), "/metrics").await;
        ["sent", "failed", "dropped"]
            .map(|what| total(&page, &format!("tamis_exporter_{what}_items_total"), &[]) as u64)
    };
    // The sink has heard of a batch a moment before the exporter hears of the answer.
    let settled = async {
        while counts().await != [7, 3, 0] {
            tokio::task::yield_now().await;
        }
    };
    let settled = tokio::time::timeout(crate::process::LONG, settled).await;
    assert!(settled.is_ok(), "{:?}", counts().await);
    assert_eq!(daemon.stop().code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_comes_late_loses_nothing() {
    let sink = Sink::start().await;
    // A port that nobody listens on yet: the one of a sink that is gone.
    let late = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = late.local_addr().unwrap();
    drop(late);
    let text = sink.http("otlp_http", EAGER);
    let text = text.replace(&sink.address.to_string(), &address.to_string());
    let daemon = Daemon::start(&config(&text, "otlp_http"));
    assert_eq!(post(daemon.http(), Signal::Logs, log("early")).await, 200);
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let sink = Sink::on(listener);
    sink.wait_for(1).await;
    assert_eq!(daemon.stop().code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_that_go_away_leave_nothing_behind() {
    let sink = Sink::start().await;
    let text = sink.http("otlp_http", ", compression: none");
    let daemon = Daemon::start(&config(&text, "otlp_http"));
    let batch = log("whole");
    for cut in [0, 1, batch.len() - 1, batch.len()] {
        let mut stream = TcpStream::connect(daemon.http()).await.unwrap();
        let head = format!(
            "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n\
             content-length: {}\r\n\r\n",
            batch.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&batch[..cut]).await.unwrap();
        stream.set_zero_linger().unwrap();
    }
    assert_eq!(post(daemon.http(), Signal::Logs, batch.clone()).await, 200);
    sink.wait_for(1).await;
    let end = daemon.stop();
    assert_eq!(end.code, Some(0), "{}", end.said);
    // Those that were whole may have been taken; half of one never is.
    assert!(sink.recorded().iter().all(|(_, bytes)| *bytes == batch));
    assert!(sink.recorded().len() <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_batches_are_refused_and_the_next_is_served() {
    let sink = Sink::start().await;
    let text = sink.http("otlp_http", ", compression: none");
    let daemon = Daemon::start(&config(&text, "otlp_http"));
    let whole = log("AKIAIOSFODNN7EXAMPLE");
    for end in 1..whole.len() {
        let cut = whole.slice(..end);
        let status = post(daemon.http(), Signal::Logs, cut).await;
        assert_eq!(status, 400, "cut at {end}");
    }
    assert_eq!(post(daemon.http(), Signal::Logs, whole.clone()).await, 200);
    let recorded = sink.wait_for(1).await;
    assert!(recorded.len() == 1 && recorded[0].1 != whole);
    let end = daemon.stop();
    assert!(end.code == Some(0) && !end.said.contains("AKIAIOSFODNN7EXAMPLE"));
}
