//! The worst inputs that the default limits let in: each gets an answer, the process stays below
//! 512 MiB, and the next good batch is served and scrubbed.

use bytes::Bytes;
use tamis::Signal;

use crate::fan_out::log;
use crate::process::{Daemon, config};
use crate::send::{Form, Sender, post};
use crate::sink::Sink;

const SECRET: &str = "key AKIAIOSFODNN7EXAMPLE";

/// A length-delimited field.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 127 {
        field.push(length as u8 | 128);
        length >>= 7;
    }
    field.push(length as u8);
    field.extend_from_slice(bytes);
    field
}

/// A batch of logs whose only scope has this inside.
fn scope(records: &[u8]) -> Bytes {
    field(1, &field(2, records)).into()
}

/// A record with this body.
fn record(body: &[u8]) -> Vec<u8> {
    field(2, &field(5, &field(1, body)))
}

fn attributes(count: usize) -> Bytes {
    let attribute = |number: usize| {
        let key = field(1, format!("key{number}").as_bytes());
        let value = field(2, &field(1, SECRET.as_bytes()));
        field(6, &[key, value].concat())
    };
    let all: Vec<u8> = (0..count).flat_map(attribute).collect();
    scope(&field(2, &all))
}

/// JSON with so many times the same within a list of records.
fn json(unit: &str, times: usize) -> Bytes {
    let list = vec![unit; times].join(",");
    format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{list}]}}]}}]}}").into()
}

fn inputs() -> Vec<(&'static str, Form, Bytes)> {
    let mut empty_and_one = [0x12, 0x00].repeat(1_000_000);
    empty_and_one.extend(record(SECRET.as_bytes()));
    let long =
        |unit: &str, bytes: usize| scope(&record(unit.repeat(bytes / unit.len()).as_bytes()));
    vec![
        (
            "empty resources",
            Form::Protobuf,
            [0x0a, 0x00].repeat(10 << 20).into(),
        ),
        (
            "empty records",
            Form::Protobuf,
            scope(&[0x12, 0x00].repeat(1_000_000)),
        ),
        (
            "empty records and a secret",
            Form::Protobuf,
            scope(&empty_and_one),
        ),
        (
            "one long value",
            Form::Protobuf,
            long("nothing to see here ", 10 << 20),
        ),
        (
            "a long value of secrets",
            Form::Protobuf,
            long(SECRET, 10 << 20),
        ),
        (
            "a long value of beginnings",
            Form::Protobuf,
            long("sk-", 10 << 20),
        ),
        (
            "a secret in every record",
            Form::Protobuf,
            scope(&record(SECRET.as_bytes()).repeat(100_000)),
        ),
        ("attributes", Form::Protobuf, attributes(100_000)),
        ("empty resources in JSON", Form::Json, {
            let list = vec!["{}"; 6 << 20].join(",");
            format!("{{\"resourceLogs\":[{list}]}}").into()
        }),
        ("empty records in JSON", Form::Json, json("{}", 1_000_000)),
        (
            "records in JSON",
            Form::Json,
            json(
                "{\"body\":{\"stringValue\":\"key AKIAIOSFODNN7EXAMPLE\"}}",
                300_000,
            ),
        ),
        ("brackets", Form::Json, "[".repeat(10 << 20).into()),
        (
            "a long string in JSON",
            Form::Json,
            json(
                &format!(
                    "{{\"body\":{{\"stringValue\":\"{}\"}}}}",
                    "\\u0041".repeat(3 << 20)
                ),
                1,
            ),
        ),
    ]
}

/// The most memory that a process ever had resident, in bytes.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() << 10
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_takes_much_memory() {
    let sink = Sink::start().await;
    let text = config(&sink.http("otlp_http", ", compression: none"), "otlp_http");
    for (what, form, body) in inputs() {
        // A process of its own each, so that the peak is of this input.
        let daemon = Daemon::start(&text);
        let before = peak(daemon.pid());
        let began = std::time::Instant::now();
        let mut sender = Sender::http(daemon.http()).await;
        let status = sender.send(Signal::Logs, form, body).await;
        let took = began.elapsed();
        assert!([200, 400, 413, 503].contains(&status), "{what}: {status}");
        assert_eq!(
            post(daemon.http(), Signal::Logs, log(SECRET)).await,
            200,
            "{what}"
        );
        let pid = daemon.pid();
        let after = peak(pid);
        let end = daemon.stop();
        assert_eq!(end.code, Some(0), "{what}: {}", end.said);
        let mib = |bytes: u64| bytes >> 20;
        println!(
            "{what}: {status} in {took:?}, {} MiB, {} before",
            mib(after),
            mib(before)
        );
        assert!(after < 512 << 20, "{what}: {} MiB", mib(after));
    }
    let planted = |(_, bytes): &(Signal, Bytes)| {
        bytes
            .windows(20)
            .any(|part| part == b"AKIAIOSFODNN7EXAMPLE")
    };
    assert!(!sink.recorded().iter().any(planted));
}
