//! What the HTTP door answers, as a table.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use otlp_wire::Signal;
use prost::Message;
use tamis_receiver::Verdict;

use crate::harness::{gzip, sample, start, start_with, zstd};
use crate::raw::{JSON, PROTOBUF, exchange, post};

/// `google.rpc.Status`, as far as it matters here.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Status {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<Detail>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Detail {
    #[prost(string, tag = "1")]
    pub(crate) kind: String,
    #[prost(bytes, tag = "2")]
    pub(crate) value: Vec<u8>,
}

struct Row {
    name: &'static str,
    request: Vec<u8>,
    status: u16,
    /// In the head of the answer.
    head: &'static str,
    /// In the message of the `Status`; empty if the batch is accepted.
    message: &'static str,
}

fn row(
    name: &'static str,
    request: Vec<u8>,
    status: u16,
    head: &'static str,
    message: &'static str,
) -> Row {
    Row {
        name,
        request,
        status,
        head,
        message,
    }
}

const AS_PROTOBUF: &str = "content-type: application/x-protobuf";
const AS_JSON: &str = "content-type: application/json";

#[rustfmt::skip]
fn paths_and_methods() -> Vec<Row> {
    let logs = sample(Signal::Logs);
    let to = |path: &str| post(path, &[PROTOBUF], &logs);
    let as_method = |method: &str| {
        let request = String::from_utf8(post("/v1/logs", &[PROTOBUF], b"")).unwrap();
        request.replacen("POST", method, 1).into_bytes()
    };
    vec![
        row("logs", to("/v1/logs"), 200, AS_PROTOBUF, ""),
        row("trailing slash", to("/v1/logs/"), 200, AS_PROTOBUF, ""),
        row("double slash", to("//v1/logs"), 200, AS_PROTOBUF, ""),
        row("query", to("/v1/logs?a=/v1/traces"), 200, AS_PROTOBUF, ""),
        row("bare", to("/"), 200, AS_PROTOBUF, ""),
        row("absolute", to("http://x/v1/logs"), 200, AS_PROTOBUF, ""),
        row("traces", post("/v1/traces", &[PROTOBUF], &sample(Signal::Traces)), 200, AS_PROTOBUF, ""),
        row("metrics", post("/v1/metrics", &[PROTOBUF], &sample(Signal::Metrics)), 200, AS_PROTOBUF, ""),
        row("profiles", to("/v1development/profiles"), 404, AS_PROTOBUF, "only /v1/traces"),
        row("dots", to("/v1/%2e%2e/logs"), 404, AS_PROTOBUF, "only /v1/traces"),
        row("more", to("/v1/logs/x"), 404, AS_PROTOBUF, "only /v1/traces"),
        row("GET", as_method("GET"), 405, "allow: post", "only POST"),
        row("PUT", as_method("PUT"), 405, "allow: post", "only POST"),
        row("OPTIONS", as_method("OPTIONS"), 405, "allow: post", "only POST"),
        row("spans at the logs", post("/v1/logs", &[PROTOBUF], &sample(Signal::Traces)), 400, AS_PROTOBUF, "seems to be a batch of traces"),
        row("metrics at the root", post("/", &[PROTOBUF], &sample(Signal::Metrics)), 400, AS_PROTOBUF, "seems to be a batch of metrics"),
        row("JSON spans at the root", post("/", &[JSON], br#"{"resourceSpans":[{}]}"#), 400, AS_JSON, "seems to be a batch of traces"),
    ]
}

#[rustfmt::skip]
fn types_and_codings() -> Vec<Row> {
    let logs = sample(Signal::Logs);
    let typed = |kind: &str| post("/v1/logs", &[("content-type", kind)], &logs);
    let coded = |coding: &str, body: &[u8]| {
        post("/v1/logs", &[PROTOBUF, ("Content-Encoding", coding)], body)
    };
    let json =
        |kind: &str, body: &str| post("/v1/logs", &[("Content-Type", kind)], body.as_bytes());
    let packed = gzip(&logs);
    let twice = [packed.clone(), packed.clone()].concat();
    let mut wrong_sum = packed.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 1;
    let supported = "must be application/x-protobuf";
    let broken = "can't be decompressed";
    vec![
        row("upper case", typed("Application/X-Protobuf"), 200, AS_PROTOBUF, ""),
        row("parameter", typed("application/x-protobuf; charset=utf-8"), 200, AS_PROTOBUF, ""),
        row("no type", post("/v1/logs", &[], &logs), 415, AS_JSON, supported),
        row("empty type", typed(""), 415, AS_JSON, supported),
        row("text", typed("text/plain"), 415, AS_JSON, supported),
        row("foreign type", typed("\u{e9}"), 415, AS_JSON, supported),
        row("list of types", typed("application/json, application/x-protobuf"), 415, AS_JSON, supported),
        row("two types", post("/v1/logs", &[PROTOBUF, JSON], &logs), 415, AS_JSON, supported),
        row("identity", coded("identity", &logs), 200, AS_PROTOBUF, ""),
        row("gzip", coded("gzip", &packed), 200, AS_PROTOBUF, ""),
        row("GZIP", coded("GZIP", &packed), 200, AS_PROTOBUF, ""),
        row("zstd", coded("zstd", &zstd(&logs)), 200, AS_PROTOBUF, ""),
        row("brotli", coded("br", &logs), 415, "accept-encoding: gzip, zstd", "compression"),
        row("deflate", coded("deflate", &logs), 415, "accept-encoding: gzip, zstd", "compression"),
        row("stacked", coded("gzip, gzip", &gzip(&packed)), 415, AS_PROTOBUF, "compression"),
        row("two codings", post("/v1/logs", &[PROTOBUF, ("Content-Encoding", "gzip"), ("Content-Encoding", "zstd")], &packed), 415, AS_PROTOBUF, "compression"),
        row("two members", coded("gzip", &twice), 400, AS_PROTOBUF, "after its end"),
        row("junk behind", coded("gzip", &[&packed[..], b"x"].concat()), 400, AS_PROTOBUF, "after its end"),
        row("truncated gzip", coded("gzip", &packed[..packed.len() - 3]), 400, AS_PROTOBUF, "truncated"),
        row("wrong sum", coded("gzip", &wrong_sum), 400, AS_PROTOBUF, broken),
        row("not gzip", coded("gzip", &logs), 400, AS_PROTOBUF, broken),
        row("nothing as gzip", coded("gzip", b""), 400, AS_PROTOBUF, "truncated"),
        row("empty gzip", coded("gzip", &gzip(b"")), 200, AS_PROTOBUF, ""),
        row("truncated zstd", coded("zstd", &zstd(&logs)[..8]), 400, AS_PROTOBUF, "truncated"),
        row("two frames", coded("zstd", &[zstd(&logs), zstd(&logs)].concat()), 400, AS_PROTOBUF, "after its end"),
        row("not zstd", coded("zstd", &logs), 400, AS_PROTOBUF, broken),
        row("empty", post("/v1/logs", &[PROTOBUF], b""), 200, AS_PROTOBUF, ""),
        row("empty JSON", post("/v1/logs", &[JSON], b""), 200, AS_JSON, ""),
        row("JSON", json("application/json; charset=utf-8", r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#), 200, AS_JSON, ""),
        row("JSON null", json("application/json", "null"), 400, AS_JSON, "expected an object"),
        row("JSON list", json("application/json", "[]"), 400, AS_JSON, "expected an object"),
        row("JSON twice", json("application/json", "{} {}"), 400, AS_JSON, "goes on"),
        row("JSON cut", json("application/json", r#"{"resourceLogs":["#), 400, AS_JSON, "ends within"),
        row("gzipped JSON", post("/v1/logs", &[JSON, ("Content-Encoding", "gzip")], &gzip(b"{}")), 200, AS_JSON, ""),
        row("protobuf as JSON", json("application/json", "\n\u{5}"), 400, AS_JSON, "line "),
        row("garbage", post("/v1/logs", &[PROTOBUF], b"\x0a\xff"), 400, AS_PROTOBUF, "ExportLogsServiceRequest"),
        row("not UTF-8", post("/v1/logs", &[PROTOBUF], &crate::harness::batch(b"\x1a\x01\xff")), 400, AS_PROTOBUF, "severityText"),
    ]
}

#[tokio::test]
async fn every_row() {
    let running = start().await;
    let mut accepted = 0;
    for row in paths_and_methods().into_iter().chain(types_and_codings()) {
        let name = row.name;
        let answer = exchange(running.http, &row.request).await;
        assert_eq!(answer.status, row.status, "{name}: {answer:?}");
        assert!(answer.head.contains(row.head), "{name}: {answer:?}");
        let as_json = answer.head.contains(AS_JSON);
        if row.message.is_empty() {
            accepted += 1;
            let expected = if as_json { "{}" } else { "" };
            assert_eq!(answer.text(), expected, "{name}");
        } else {
            let said = match as_json {
                true => {
                    let status: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
                    status["message"].as_str().unwrap().to_owned()
                }
                false => Status::decode(&answer.body[..]).unwrap().message,
            };
            assert!(said.contains(row.message), "{name}: {said}");
        }
        assert_eq!(running.recorder.count(), accepted, "{name}");
    }
}

#[tokio::test]
async fn verdicts_in_protobuf_and_json() {
    let running = start().await;
    let verdicts = [
        Verdict::Partial {
            rejected: 3,
            message: "\"no\"".into(),
        },
        Verdict::Partial {
            rejected: 0,
            message: "hm".into(),
        },
        Verdict::Refused {
            message: "bad".into(),
        },
        Verdict::TooLarge {
            message: "big".into(),
        },
        Verdict::Unavailable {
            message: "later".into(),
            retry_after: Duration::from_millis(2_500),
        },
    ];
    let json = [
        (
            200,
            r#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"\"no\""}}"#,
        ),
        (
            200,
            r#"{"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"hm"}}"#,
        ),
        (400, r#"{"code":3,"message":"bad"}"#),
        (413, r#"{"code":8,"message":"big"}"#),
        (
            503,
            r#"{"code":14,"message":"later","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.5s"}]}"#,
        ),
    ];
    for (verdict, (status, text)) in verdicts.into_iter().zip(json) {
        running.recorder.answer(verdict.clone());
        let answer = exchange(running.http, &post("/v1/logs", &[JSON], b"{}")).await;
        assert_eq!((answer.status, answer.text().as_str()), (status, text));
        let answer = exchange(running.http, &post("/v1/logs", &[PROTOBUF], b"")).await;
        assert_eq!(answer.status, status);
        assert_eq!(
            answer.head.contains("retry-after: 3"),
            status == 503,
            "{answer:?}"
        );
        if let Verdict::Partial { rejected, message } = verdict {
            let response = ExportLogsServiceResponse::decode(&answer.body[..]).unwrap();
            let partial = response.partial_success.unwrap();
            assert_eq!(
                u64::try_from(partial.rejected_log_records).unwrap(),
                rejected
            );
            assert_eq!(partial.error_message, message);
            continue;
        }
        let said = Status::decode(&answer.body[..]).unwrap();
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(json["code"], said.code);
        assert_eq!(json["message"], said.message);
        assert_eq!(said.details.len(), usize::from(status == 503));
    }
}

#[tokio::test]
async fn sizes_at_and_around_the_limits() {
    let running = start_with(|door| {
        door.limits.body_bytes_max = 1_000;
        door.limits.decoded_bytes_max = 2_000;
    })
    .await;
    // A batch of so many bytes: an unknown field of bytes.
    let sized = |size: usize| {
        let mut batch = Vec::new();
        otlp_wire::write_len_field(15, &vec![b'x'; size - 3], &mut batch);
        assert_eq!(batch.len(), size);
        batch
    };
    let coded =
        |coding, body: &[u8]| post("/v1/logs", &[PROTOBUF, ("Content-Encoding", coding)], body);
    for (size, status) in [(999, 200), (1_000, 200), (1_001, 413)] {
        let answer = exchange(running.http, &coded("", &sized(size))).await;
        assert_eq!(answer.status, status, "{size}: {answer:?}");
    }
    for (size, status) in [(1_999, 200), (2_000, 200), (2_001, 413), (16_000, 413)] {
        for packed in [("gzip", gzip(&sized(size))), ("zstd", zstd(&sized(size)))] {
            let request = match packed.1.len() > 1_000 {
                true => continue,
                false => coded(packed.0, &packed.1),
            };
            let answer = exchange(running.http, &request).await;
            assert_eq!(answer.status, status, "{size} {}: {answer:?}", packed.0);
        }
    }
    let chunked = |chunks: usize| {
        let head = "POST /v1/logs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: \
                    application/x-protobuf\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunk = format!("64\r\n{}\r\n", "\n\0".repeat(50));
        format!("{head}{}0\r\n\r\n", chunk.repeat(chunks)).into_bytes()
    };
    for (chunks, status) in [(10, 200), (11, 413)] {
        let answer = exchange(running.http, &chunked(chunks)).await;
        assert_eq!(answer.status, status, "{chunks}: {answer:?}");
    }
}

#[tokio::test]
async fn what_nothing_takes_is_said() {
    let running = start().await;
    running.recorder.deaf.lock().unwrap().push(Signal::Metrics);
    let answer = exchange(running.http, &post("/v1/metrics", &[JSON], b"{}")).await;
    assert_eq!(answer.status, 404);
    assert!(
        answer
            .text()
            .contains("no pipeline takes metrics from the receiver otlp")
    );
}

#[tokio::test]
async fn a_batch_says_what_it_is_and_is_counted() {
    let running = start().await;
    let two = [sample(Signal::Traces), sample(Signal::Traces)].concat();
    exchange(running.http, &post("/v1/traces", &[PROTOBUF], &two)).await;
    let batch = running.recorder.take().pop().unwrap();
    assert_eq!(batch.bytes, two);
    assert_eq!((batch.signal, batch.items), (Signal::Traces, 2));
    assert_eq!((&*batch.receiver, batch.principal), ("otlp", None));
    assert!(batch.peer.ip().is_loopback());
    let labels = r#"{receiver="otlp",transport="http",signal="traces"}"#;
    let metric = |name: &str| running.metric(&format!("tamis_receiver_{name}_total{labels}"));
    assert_eq!(metric("accepted_items"), Some(2));
    assert_eq!(metric("bytes"), Some(two.len() as u64));
    running.recorder.answer(Verdict::Refused {
        message: "no".into(),
    });
    exchange(running.http, &post("/v1/traces", &[PROTOBUF], &two)).await;
    let labels = r#"{receiver="otlp",transport="http",signal="traces",reason="malformed"}"#;
    let refused = format!("tamis_receiver_refused_items_total{labels}");
    assert_eq!(running.metric(&refused), Some(2));
}
