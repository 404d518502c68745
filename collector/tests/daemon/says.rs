//! What the daemon says of itself: metrics, the audit, and a line for each batch on a terminal.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use rustix::process::{Pid, Signal as Kill, kill_process};
use tamis::Signal;

use crate::fan_out::log;
use crate::process::{Daemon, command, config, wait, warm, write};
use crate::send::{get, post, total};
use crate::sink::Sink;

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_audit() {
    let sink = Sink::start().await;
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("audit.jsonl");
    let text = config(&sink.http("otlp_http", ""), "otlp_http");
    let daemon = Daemon::start(&format!("{text}report: \"{}\"\n", report.display()));
    for body in ["clean", "key AKIAIOSFODNN7EXAMPLE", "clean again"] {
        assert_eq!(post(daemon.http(), Signal::Logs, log(body)).await, 200);
    }
    sink.wait_for(3).await;
    let (status, page) = get(daemon.metrics(), "/metrics").await;
    assert_eq!(status, 200);
    for (name, labels, expected) in [
        (
            "tamis_pipeline_incoming_items_total",
            &["pipeline=\"logs\""][..],
            3.0,
        ),
        (
            "tamis_pipeline_outgoing_items_total",
            &["pipeline=\"logs\""],
            3.0,
        ),
        (
            "tamis_pipeline_chain_seconds_count",
            &["pipeline=\"logs\""],
            3.0,
        ),
        (
            "tamis_plugin_calls_total",
            &["plugin=\"scrub\"", "\"logs\""],
            1.0,
        ),
        (
            "tamis_plugin_edits_total",
            &["plugin=\"scrub\"", "\"logs\""],
            1.0,
        ),
        (
            "tamis_plugin_call_seconds_count",
            &["plugin=\"scrub\"", "\"logs\""],
            1.0,
        ),
        (
            "tamis_plugin_detections_total",
            &["detector=\"aws-access-key-id\""],
            1.0,
        ),
        (
            "tamis_receiver_accepted_items_total",
            &["receiver=\"otlp\"", "logs"],
            3.0,
        ),
        ("tamis_audit_lines_total", &[], 1.0),
    ] {
        assert_eq!(total(&page, name, labels), expected, "{name}\n{page}");
    }
    assert!(
        total(&page, "process_resident_memory_bytes", &[]) > 1e6,
        "{page}"
    );
    assert_eq!(get(daemon.metrics(), "/").await.0, 404);
    let end = daemon.stop();
    assert_eq!(end.code, Some(0), "{}", end.said);
    let audit = fs::read_to_string(report).unwrap();
    assert_is_the_edit(&audit);
    for text in [&audit, &page, &end.said] {
        assert!(!text.contains("AKIAIOSFODNN7EXAMPLE"));
    }
}

/// The audit of one edit, of the second batch.
fn assert_is_the_edit(audit: &str) {
    let line: serde_json::Value = serde_json::from_str(audit.trim()).unwrap();
    assert_eq!(line["path"], "logs");
    assert_eq!((&line["batch"], &line["record"]), (&1.into(), &0.into()));
    assert_eq!(
        (&line["plugin"], &line["place"]),
        (&"scrub".into(), &"body".into())
    );
    assert_eq!(line["detector"], "aws-access-key-id");
    assert!(line["time_unix_ms"].as_u64() > Some(1_700_000_000_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_sees_a_line_for_each_batch() {
    warm();
    let sink = Sink::start().await;
    let text = config(&sink.http("otlp_http", ""), "otlp_http").replace("encoding: json", "");
    let file = write(&text);
    let terminal = nix::pty::openpty(None, None).unwrap();
    let (terminal, other_end) = (File::from(terminal.master), terminal.slave);
    let mut child = command(&["run", "--config", file.path().to_str().unwrap()])
        .stderr(Stdio::from(other_end))
        .spawn()
        .unwrap();
    let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(terminal).lines();
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let mut until = async |wanted: &str| loop {
        let line = lines.recv().await.unwrap();
        if line.contains(wanted) {
            return line;
        }
    };
    let listening = until("protocols.http").await;
    let address = listening.split("listening on ").nth(1).unwrap();
    let address = address.split(char::is_whitespace).next().unwrap();
    let address = address.trim_end_matches(|c: char| !c.is_ascii_digit());
    until("ready").await;
    let batch = log("key AKIAIOSFODNN7EXAMPLE");
    assert_eq!(
        post(address.parse().unwrap(), Signal::Logs, batch).await,
        200
    );
    let line = until("masked").await;
    assert_eq!(line.trim(), "logs: 1 logs, 1 masked: aws-access-key-id 1");
    kill_process(Pid::from_child(&child), Kill::TERM).unwrap();
    let status = tokio::task::spawn_blocking(move || wait(&mut child)).await;
    assert!(status.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_file() {
    let sink = Sink::start().await;
    let to = format!("http://{}", sink.address);
    // Nothing but defaults would need fixed ports.
    let daemon = Daemon::spawn(&[
        "run",
        "--to",
        &to,
        "--grpc",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
    ]);
    let daemon = daemon.ready();
    let batch = log("key AKIAIOSFODNN7EXAMPLE");
    assert_eq!(post(daemon.http(), Signal::Logs, batch.clone()).await, 200);
    assert!(sink.wait_for(1).await[0].1 != batch);
    assert_eq!(daemon.stop().code, Some(0));
}
