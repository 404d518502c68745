//! Protocols at the wrong door: each gets an answer, and one log line that names the setting.

use std::sync::Arc;

use otlp_wire::Signal;
use prometheus_client::registry::Registry;
use tamis_receiver::{BindError, Metrics, Receiver, ReceiverSettings, check};

use crate::harness::{Client, Lines, Recorder, door, framed, sample, service, start};
use crate::raw::{JSON, PROTOBUF, ended, exchange, post};

const GRPC_DOOR: &str = "receivers.otlp.protocols.grpc";
const HTTP_DOOR: &str = "receivers.otlp.protocols.http";

#[tokio::test]
async fn http1_at_the_grpc_door() {
    let (lines, _guard) = Lines::collect();
    let running = start().await;
    for _ in 0..3 {
        let answer = exchange(running.grpc, &post("/v1/logs", &[PROTOBUF], b"")).await;
        assert_eq!(answer.status, 400);
        let way = format!("OTLP/HTTP is served on port {}", running.http.port());
        assert!(answer.text().contains(&way), "{answer:?}");
    }
    let text = lines.text();
    assert_eq!(
        text.matches("HTTP came to a door for gRPC").count(),
        1,
        "{text}"
    );
    assert!(text.contains(GRPC_DOOR), "{text}");
}

#[tokio::test]
async fn http2_at_the_grpc_door() {
    let (lines, _guard) = Lines::collect();
    let running = start().await;
    let client = Client::connect(running.grpc).await;
    let called = client
        .call("/v1/logs", &[("content-type", "application/json")], "{}")
        .await;
    assert_eq!(called.http, 415);
    lines.wait_for("HTTP came to a door for gRPC").await;
}

#[tokio::test]
async fn grpc_at_the_http_door() {
    let (lines, _guard) = Lines::collect();
    let running = start().await;
    let client = Client::connect(running.http).await;
    let body = framed(0, &sample(Signal::Logs));
    let called = client.call(service(Signal::Logs), &[], body).await;
    assert_eq!((called.http, called.code), (200, Some(12)), "{called:?}");
    let way = format!("gRPC is served on port {}", running.grpc.port());
    assert!(called.message.contains(&way), "{called:?}");
    lines.wait_for("gRPC came to a door for OTLP/HTTP").await;
    assert!(lines.text().contains(HTTP_DOOR));
    assert_eq!(running.recorder.count(), 0);
}

#[tokio::test]
async fn http2_without_tls_at_the_http_door_is_served() {
    let running = start().await;
    let client = Client::connect(running.http).await;
    let called = client
        .call("/v1/logs", &[("content-type", "application/json")], "{}")
        .await;
    assert_eq!(
        (called.http, &called.body[..]),
        (200, &b"{}"[..]),
        "{called:?}"
    );
}

#[tokio::test]
async fn tls_at_a_plain_door() {
    let (lines, _guard) = Lines::collect();
    let running = start().await;
    for address in [running.grpc, running.http] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let hello = [0x16, 3, 1, 0, 1, 0];
        tokio::io::AsyncWriteExt::write_all(&mut stream, &hello)
            .await
            .unwrap();
        assert!(ended(stream).await.is_empty());
    }
    let text = lines.text();
    assert_eq!(
        text.matches("TLS came to a door without it").count(),
        2,
        "{text}"
    );
    assert!(
        text.contains(GRPC_DOOR) && text.contains(HTTP_DOOR),
        "{text}"
    );
}

#[tokio::test]
async fn another_signal_is_named_once() {
    let (lines, _guard) = Lines::collect();
    let running = start().await;
    for _ in 0..3 {
        exchange(
            running.http,
            &post("/", &[PROTOBUF], &sample(Signal::Traces)),
        )
        .await;
    }
    let text = lines.text();
    assert_eq!(
        text.matches("a batch of traces came to where logs belong")
            .count(),
        1,
        "{text}"
    );
    assert!(text.contains("/v1/traces"), "{text}");
}

#[tokio::test]
async fn unknown_members_are_left_out_counted_and_said_once() {
    let (lines, _guard) = Lines::collect();
    let running = start().await;
    let body = br#"{"resourceLogs":[{"planted":"hunter2","resource":{"b":1}}]}"#;
    for _ in 0..2 {
        let answer = exchange(running.http, &post("/v1/logs", &[JSON], body)).await;
        assert_eq!(answer.status, 200);
    }
    let labels = r#"{receiver="otlp",transport="http"}"#;
    let counter = format!("tamis_receiver_unknown_json_members_total{labels}");
    assert_eq!(running.metric(&counter), Some(4));
    let text = lines.text();
    assert_eq!(
        text.matches("members that OTLP does not know").count(),
        1,
        "{text}"
    );
    assert!(
        !text.contains("planted") && !text.contains("hunter2"),
        "{text}"
    );
}

async fn bind(settings: ReceiverSettings) -> Result<Receiver, BindError> {
    let metrics = Metrics::new(&mut Registry::default());
    Receiver::bind(settings, Recorder::new(), &metrics).await
}

fn with_endpoint(endpoint: &str) -> ReceiverSettings {
    let mut door = door(GRPC_DOOR);
    door.endpoint = endpoint.to_owned();
    ReceiverSettings {
        name: Arc::from("otlp"),
        grpc: Some(door),
        http: None,
    }
}

#[tokio::test]
async fn a_taken_port_names_its_setting() {
    let running = start().await;
    let error = bind(with_endpoint(&running.http.to_string()))
        .await
        .unwrap_err();
    let text = error.to_string();
    let begin = format!("{GRPC_DOOR}: {} is taken already", running.http);
    assert!(text.starts_with(&begin), "{text}");
}

#[tokio::test]
async fn a_wrong_endpoint_is_found_without_a_socket() {
    let settings = with_endpoint("http://localhost:4317");
    let text = check(&settings)[0].to_string();
    assert_eq!(
        text,
        format!("{GRPC_DOOR}: `http://localhost:4317` is not host:port")
    );
    assert!(bind(settings).await.is_err());
}

#[tokio::test]
async fn localhost_is_both_families() {
    let receiver = bind(with_endpoint("localhost:0")).await.unwrap();
    let grpc = receiver.addresses().grpc.clone();
    assert!(grpc.iter().all(|address| address.ip().is_loopback()));
    assert!(grpc.iter().all(|address| address.port() == grpc[0].port()));
    let has_v6 = tokio::net::TcpListener::bind("[::1]:0").await.is_ok();
    assert_eq!(grpc.len(), if has_v6 { 2 } else { 1 });
}
