//! What the gRPC door answers, as a table.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use otlp_wire::Signal;
use prost::Message;
use tamis_receiver::Verdict;

use crate::answers::Status;
use crate::harness::{Client, batch, framed, gzip, sample, service, soon, start, start_with, zstd};

const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

type Row = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    Vec<u8>,
    u16,
    &'static str,
);

/// Name, path, headers, body, code and a part of the message.
#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let logs = sample(Signal::Logs);
    let gz = &[("grpc-encoding", "gzip")];
    let zs = &[("grpc-encoding", "zstd")];
    let huge = [&[0, 0xff, 0xff, 0xff, 0xff][..], &logs].concat();
    let mut short = framed(0, &logs);
    short.pop();
    vec![
        ("plain", LOGS, &[], framed(0, &logs), 0, ""),
        ("identity", LOGS, &[("grpc-encoding", "identity")], framed(0, &logs), 0, ""),
        ("empty", LOGS, &[], framed(0, b""), 0, ""),
        ("gzip", LOGS, gz, framed(1, &gzip(&logs)), 0, ""),
        ("zstd", LOGS, zs, framed(1, &zstd(&logs)), 0, ""),
        ("gzip announced and not used", LOGS, gz, framed(0, &logs), 0, ""),
        ("with a deadline", LOGS, &[("grpc-timeout", "20S")], framed(0, &logs), 0, ""),
        ("+proto", LOGS, &[("content-type", "application/grpc+proto")], framed(0, &logs), 0, ""),
        ("no message", LOGS, &[], Vec::new(), 3, "no message"),
        ("half a header", LOGS, &[], vec![0, 0, 0], 3, "truncated"),
        ("half a message", LOGS, &[], short, 3, "truncated"),
        ("two messages", LOGS, &[], [framed(0, &logs), framed(0, &logs)].concat(), 3, "more than one"),
        ("a byte behind", LOGS, &[], [&framed(0, &logs)[..], b"x"].concat(), 3, "more than one"),
        ("unknown flag", LOGS, &[], framed(2, &logs), 3, "unknown flag"),
        ("a huge claim", LOGS, &[], huge, 8, "larger than"),
        ("flag without encoding", LOGS, &[], framed(1, &gzip(&logs)), 3, "grpc-encoding"),
        ("flag with identity", LOGS, &[("grpc-encoding", "identity")], framed(1, &logs), 3, "grpc-encoding"),
        ("unknown encoding", LOGS, &[("grpc-encoding", "snappy")], framed(1, &logs), 12, "compression"),
        ("not gzip", LOGS, gz, framed(1, &logs), 3, "can't be decompressed"),
        ("truncated gzip", LOGS, gz, framed(1, &gzip(&logs)[..9]), 3, "truncated"),
        ("truncated zstd", LOGS, zs, framed(1, &zstd(&logs)[..7]), 3, "truncated"),
        ("garbage", LOGS, &[], framed(0, b"\x0a\x05"), 3, "ExportLogsServiceRequest at byte 0"),
        ("not UTF-8", LOGS, &[], framed(0, &batch(b"\x1a\x01\xff")), 3, "severityText"),
        ("spans", LOGS, &[], framed(0, &sample(Signal::Traces)), 3, "seems to be a batch of traces"),
        ("unknown method", "/opentelemetry.proto.collector.logs.v1.LogsService/Import", &[], framed(0, &logs), 12, "no such method"),
        ("unknown service", "/grpc.health.v1.Health/Check", &[], framed(0, b""), 12, "no such method"),
        ("root", "/", &[], framed(0, b""), 12, "no such method"),
        ("no deadline", LOGS, &[("grpc-timeout", "soon")], framed(0, &logs), 3, "grpc-timeout"),
        ("a deadline of a nanosecond", LOGS, &[("grpc-timeout", "1n")], framed(0, &logs), 4, ""),
    ]
}

#[tokio::test]
async fn every_row() {
    let running = start().await;
    let client = Client::connect(running.grpc).await;
    let mut accepted = 0;
    for (name, path, headers, body, code, message) in rows() {
        let called = client.call(path, headers, body).await;
        assert_eq!(
            (called.http, called.code),
            (200, Some(code)),
            "{name}: {called:?}"
        );
        assert!(called.message.contains(message), "{name}: {called:?}");
        assert_eq!(called.body.is_empty(), code != 0, "{name}");
        assert!(
            !called.headers.contains_key("grpc-status-details-bin"),
            "{name}"
        );
        let says = called.headers.contains_key("grpc-accept-encoding");
        assert_eq!(says, name == "unknown encoding");
        accepted += usize::from(code == 0);
        // A call cut by its own deadline may have been handed on in that nanosecond or not.
        let count = running.recorder.count();
        assert!(count == accepted || code == 4, "{name}: {count}");
    }
    client
        .accepted(Signal::Metrics, &sample(Signal::Metrics))
        .await;
}

#[tokio::test]
async fn other_kinds_of_grpc_are_not_served() {
    let running = start().await;
    let client = Client::connect(running.grpc).await;
    for kind in [
        "application/grpc-web",
        "application/grpc+json",
        "text/plain",
    ] {
        let called = client
            .call(LOGS, &[("content-type", kind)], framed(0, b""))
            .await;
        assert_eq!(
            (called.http, called.code),
            (415, None),
            "{kind}: {called:?}"
        );
    }
}

#[tokio::test]
async fn verdicts() {
    let running = start().await;
    let client = Client::connect(running.grpc).await;
    let call = || {
        client.call(
            service(Signal::Traces),
            &[],
            framed(0, &sample(Signal::Traces)),
        )
    };
    let set = |verdict| running.recorder.answer(verdict);

    set(Verdict::Partial {
        rejected: 1,
        message: "why".into(),
    });
    let called = call().await;
    assert_eq!(called.code, Some(0));
    let response = ExportTraceServiceResponse::decode(&called.body[5..]).unwrap();
    let partial = response.partial_success.unwrap();
    assert_eq!(
        (partial.rejected_spans, &*partial.error_message),
        (1, "why")
    );

    set(Verdict::Refused {
        message: "50% \u{e9}".into(),
    });
    let called = call().await;
    assert_eq!((called.code, &*called.message), (Some(3), "50%25 %C3%A9"));

    set(Verdict::TooLarge {
        message: "big".into(),
    });
    let called = call().await;
    assert_eq!((called.code, &*called.message), (Some(8), "big"));
    assert!(!called.headers.contains_key("grpc-status-details-bin"));

    let retry_after = Duration::from_millis(1_500);
    set(Verdict::Unavailable {
        message: "later".into(),
        retry_after,
    });
    let called = call().await;
    assert_eq!((called.code, &*called.message), (Some(14), "later"));
    let details = called.headers["grpc-status-details-bin"].as_bytes();
    let status = Status::decode(&STANDARD_NO_PAD.decode(details).unwrap()[..]).unwrap();
    assert_eq!((status.code, &*status.message), (14, "later"));
    let detail = &status.details[0];
    assert_eq!(detail.kind, "type.googleapis.com/google.rpc.RetryInfo");
    // RetryInfo { retry_delay: Duration { seconds: 1, nanos: 500,000,000 } }
    assert_eq!(detail.value, b"\x0a\x08\x08\x01\x10\x80\xca\xb5\xee\x01");
}

#[tokio::test]
async fn a_deadline_cuts_the_work_and_is_counted() {
    let running = start().await;
    running.recorder.hold();
    let client = Client::connect(running.grpc).await;
    let body = framed(0, &sample(Signal::Logs));
    let called = client.call(LOGS, &[("grpc-timeout", "50m")], body).await;
    assert_eq!(called.code, Some(4), "{called:?}");
    soon(running.recorder.drops.notified()).await;
    assert_eq!(running.recorder.count(), 0);
    let labels = r#"{receiver="otlp",transport="grpc",reason="deadline"}"#;
    let refused = format!("tamis_receiver_refused_requests_total{labels}");
    assert_eq!(running.metric(&refused), Some(1));
}

#[tokio::test]
async fn work_that_takes_too_long_is_to_be_tried_again() {
    let running = start_with(|door| door.limits.request_timeout = Duration::from_millis(50)).await;
    running.recorder.hold();
    let client = Client::connect(running.grpc).await;
    let called = client
        .call(LOGS, &[], framed(0, &sample(Signal::Logs)))
        .await;
    assert_eq!(called.code, Some(14), "{called:?}");
    assert!(called.headers.contains_key("grpc-status-details-bin"));
}
