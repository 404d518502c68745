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

type Input = (&'static str, Form, Bytes);

/// Those that hold memory little longer than they take to read.
fn light() -> Vec<Input> {
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
        ("empty resources in JSON", Form::Json, {
            let list = vec!["{}"; 6 << 20].join(",");
            format!("{{\"resourceLogs\":[{list}]}}").into()
        }),
        ("empty records in JSON", Form::Json, json("{}", 1_000_000)),
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

/// Those with so many hits that a guest's memory grows with them.
fn heavy() -> Vec<Input> {
    vec![
        (
            "a secret in every record",
            Form::Protobuf,
            scope(&record(SECRET.as_bytes()).repeat(100_000)),
        ),
        ("attributes", Form::Protobuf, attributes(100_000)),
        (
            "records in JSON",
            Form::Json,
            json(
                "{\"body\":{\"stringValue\":\"key AKIAIOSFODNN7EXAMPLE\"}}",
                300_000,
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

/// Sends them into one process, so that what one leaves behind counts for the next.
async fn survives(inputs: Vec<Input>) {
    let sink = Sink::start().await;
    let text = config(&sink.http("otlp_http", ", compression: none"), "otlp_http");
    let daemon = Daemon::start(&text);
    let mib = || peak(daemon.pid()) >> 20;
    println!("{} MiB before", mib());
    for (what, form, body) in inputs {
        let began = std::time::Instant::now();
        let mut sender = Sender::http(daemon.http()).await;
        let status = sender.send(Signal::Logs, form, body).await;
        println!("{what}: {status} in {:?}, {} MiB", began.elapsed(), mib());
        assert!([200, 400, 413, 503].contains(&status), "{what}: {status}");
        let good = post(daemon.http(), Signal::Logs, log(SECRET)).await;
        assert_eq!(good, 200, "{what}");
        assert!(mib() < 512, "{what}: {} MiB", mib());
    }
    let end = daemon.stop();
    assert_eq!(end.code, Some(0), "{}", end.said);
    let planted = |(_, bytes): &(Signal, Bytes)| {
        bytes
            .windows(20)
            .any(|part| part == b"AKIAIOSFODNN7EXAMPLE")
    };
    assert!(!sink.recorded().iter().any(planted));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_takes_much_memory() {
    survives(light()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_of_hits_takes_much_memory() {
    for input in heavy() {
        // A process of its own each, so that the peak is of this input.
        survives(vec![input]).await;
    }
}
