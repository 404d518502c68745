//! The end: what was acknowledged has been received exactly once, or is said to be lost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::Signal as Kill;
use tamis::Signal;

use crate::fan_out::log;
use crate::process::{Daemon, config};
use crate::send::{Form, Sender, get, post};
use crate::sink::Sink;

/// How long a client may take to hear that the daemon is gone: where a connection ends at the wrong moment, hyper's
/// may never say so.
const FAREWELL: Duration = Duration::from_secs(10);

/// Sends one batch after the other until the daemon is gone, and notes those that were acknowledged.
async fn keep_sending(mut sender: Sender, client: usize, acknowledged: Arc<Mutex<Vec<String>>>) {
    for number in 0.. {
        let name = format!("client {client} batch {number}");
        match sender
            .try_send(Signal::Logs, Form::Protobuf, log(&name))
            .await
        {
            Ok(200) => acknowledged.lock().unwrap().push(name),
            Ok(503) => {}
            Ok(other) => panic!("{other}"),
            Err(_) => break,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn terminated_under_load_nothing_is_lost_or_doubled() {
    for round in 0..10 {
        let sink = Sink::start().await;
        let daemon = Daemon::start(&config(&sink.http("otlp_http", ""), "otlp_http"));
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let mut clients = tokio::task::JoinSet::new();
        for client in 0..4 {
            let sender = match client % 2 {
                0 => Sender::http(daemon.http()).await,
                _ => Sender::grpc(daemon.grpc()).await,
            };
            clients.spawn(keep_sending(sender, client, Arc::clone(&acknowledged)));
        }
        // Another moment in every round.
        while acknowledged.lock().unwrap().len() < 20 + round * 17 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let end = tokio::task::spawn_blocking(|| daemon.stop()).await.unwrap();
        assert_eq!(end.code, Some(0), "{}", end.said);
        // Who hears of the end too late has no acknowledgement to come.
        drop(tokio::time::timeout(FAREWELL, clients.join_all()).await);
        let mut received: HashMap<_, usize> = HashMap::new();
        for (_, bytes) in sink.recorded() {
            *received.entry(bytes).or_default() += 1;
        }
        for name in acknowledged.lock().unwrap().iter() {
            assert_eq!(
                received.remove(&log(name)),
                Some(1),
                "{name}, round {round}"
            );
        }
        // What was taken while its sender lost the connection may have no acknowledgement.
        assert!(received.values().all(|count| *count == 1));
        assert!(received.len() <= 4, "{}", received.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_said() {
    let sink = Sink::start().await;
    sink.stall();
    let text = config(&sink.http("otlp_http", ""), "otlp_http");
    let daemon = Daemon::start(&(text + "  shutdown_timeout: 100ms\n"));
    for number in 0..3 {
        let batch = log(&format!("batch {number}"));
        assert_eq!(post(daemon.http(), Signal::Logs, batch).await, 200);
    }
    let end = tokio::task::spawn_blocking(|| daemon.stop()).await.unwrap();
    assert_eq!(end.code, Some(1), "{}", end.said);
    assert!(
        end.said
            .contains("3 items were taken and could not be sent"),
        "{}",
        end.said
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_hurries() {
    let sink = Sink::start().await;
    sink.stall();
    let text = config(&sink.http("otlp_http", ""), "otlp_http");
    let daemon = Daemon::start(&(text + "  shutdown_timeout: 1h\n"));
    assert_eq!(post(daemon.http(), Signal::Logs, log("stuck")).await, 200);
    daemon.signal(Kill::TERM);
    while daemon.line()["message"] != "stopping" {}
    daemon.signal(Kill::INT);
    let end = tokio::task::spawn_blocking(|| daemon.end()).await.unwrap();
    assert_eq!(end.code, Some(1), "{}", end.said);
    assert!(end.said.contains("stopping at once"), "{}", end.said);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_goes_first_and_a_hang_up_ends_nothing() {
    let sink = Sink::start().await;
    sink.stall();
    let text = config(&sink.http("otlp_http", ""), "otlp_http")
        .replace("service:\n", "extensions: {health_check: {endpoint: \"127.0.0.1:0\"}}\nservice:\n  extensions: [health_check]\n");
    let daemon = Daemon::start(&(text + "  shutdown_timeout: 1h\n"));
    let health = daemon.address("health");
    let status = async || get(health, "/").await.0.as_u16();
    assert_eq!(status().await, 200);
    daemon.signal(Kill::HUP);
    while !daemon.line()["message"]
        .as_str()
        .unwrap_or_default()
        .starts_with("SIGHUP")
    {}
    assert_eq!(status().await, 200);
    assert_eq!(post(daemon.http(), Signal::Logs, log("waits")).await, 200);
    daemon.signal(Kill::TERM);
    while daemon.line()["message"] != "stopping" {}
    let closing = async {
        while status().await != 503 {
            tokio::task::yield_now().await;
        }
    };
    assert!(
        tokio::time::timeout(crate::process::LONG, closing)
            .await
            .is_ok()
    );
    sink.go_on();
    let end = tokio::task::spawn_blocking(|| daemon.end()).await.unwrap();
    assert_eq!(end.code, Some(0), "{}", end.said);
    assert_eq!(sink.recorded().len(), 1);
}
