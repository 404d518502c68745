//! A plugin that fails within the daemon: what the sender hears under every policy, over both doors,
//! and that what the plugin was shown goes nowhere.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tamis::Signal;

use crate::fan_out::log;
use crate::process::{Daemon, QUIET, command, doors};
use crate::send::{Answer, Form, Sender, get, total};
use crate::sink::Sink;

const SHOWN: &str = "needle-hunter2";
const DOORS: [(Form, &str); 3] = [
    (Form::Protobuf, "http"),
    (Form::Json, "http"),
    (Form::Grpc, "grpc"),
];

/// The guest that does what its settings say, as a component in a file.
fn scripted() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/guests/scripted");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scripted.wasm");
        let status = command(&["plugin", "build", folder, "--out", file.to_str().unwrap()])
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success());
        file
    })
}

/// A receiver, a plugin and a pipeline for each of these names, scripts and host settings.
fn config(sink: &Sink, plugins: &[(&str, &str, &str)]) -> String {
    let path = scripted().to_str().unwrap();
    let (mut receivers, mut processors, mut pipelines) = Default::default();
    let add = |to: &mut String, text: String| to.push_str(&text);
    for (name, script, host) in plugins {
        let limits = "limits: {body_bytes_max: 4096, decoded_bytes_max: 4096}";
        let doors = doors(&format!("otlp/{name}"), "");
        add(
            &mut receivers,
            doors.replace("{protocols:", &format!("{{{limits}, protocols:")),
        );
        add(
            &mut processors,
            format!(
                "  guest/{name}:
    plugin: {{path: \"{path}\", grants: [clock], {host}}}
    script: {script}
    text: cut
    interest: {{detectors: [needle], subscriptions: [{{when: {{holds: {{literals: [{{text: needle}}]}}}}}}]}}\n"
            ),
        );
        add(
            &mut pipelines,
            format!(
                "    logs/{name}: {{receivers: [otlp/{name}], processors: [guest/{name}], exporters: [otlp_http]}}\n"
            ),
        );
    }
    let exporter = sink.http("otlp_http", ", compression: none");
    format!(
        "receivers:\n{receivers}processors:\n{processors}exporters:\n{exporter}
service:
  pipelines:\n{pipelines}{QUIET}"
    )
}

/// One batch with this body to the receiver of this plugin.
async fn send(daemon: &Daemon, name: &str, form: Form, body: &str) -> Answer {
    let bytes = match form {
        Form::Json => format!(
            "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{{\"stringValue\":\"{body}\"}}}}]}}]}}]}}"
        )
        .into(),
        _ => log(body),
    };
    send_bytes(daemon, name, form, bytes).await
}

async fn send_bytes(daemon: &Daemon, name: &str, form: Form, bytes: Bytes) -> Answer {
    let (_, door) = DOORS.iter().find(|(known, _)| *known == form).unwrap();
    let to = daemon.address(&format!("otlp/{name}.protocols.{door}"));
    let mut sender = match form {
        Form::Grpc => Sender::grpc(to).await,
        _ => Sender::http(to).await,
    };
    let answer = sender.ask(Signal::Logs, form, bytes, &[]).await.unwrap();
    let said = [&answer.body[..], format!("{:?}", answer.headers).as_bytes()].concat();
    assert!(!has(&said, "hunter2"), "{answer:?}");
    answer
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// When it says to come again: `Retry-After`, or that there is a `RetryInfo`.
fn comes_again(answer: &Answer) -> bool {
    let header = |name| {
        answer
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    match answer.code {
        None => header("retry-after").is_some_and(|after| after.parse::<u64>().unwrap() > 0),
        Some(_) => header("grpc-status-details-bin").is_some_and(|details| {
            let padding = "=".repeat(details.len().wrapping_neg() % 4);
            let details = STANDARD.decode(format!("{}{padding}", details.trim_end_matches('=')));
            has(&details.unwrap(), "google.rpc.RetryInfo")
        }),
    }
}

/// The HTTP status over HTTP, the code over gRPC.
fn said(answer: &Answer) -> u16 {
    match answer.code {
        None => answer.status,
        Some(code) => {
            assert_eq!(answer.status, 200);
            code.into()
        }
    }
}

/// The records that a partial success counts as rejected.
fn rejected(form: Form, answer: &Answer) -> String {
    let bytes = match form {
        Form::Json => {
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            return body["partialSuccess"]["rejectedLogRecords"].to_string();
        }
        Form::Protobuf => &answer.body[..],
        Form::Grpc => &answer.body[5..],
    };
    // The partial success, its length, the count.
    assert!(matches!(bytes, [0x0a, _, 0x08, ..]), "{bytes:?}");
    format!("\"{}\"", bytes[3])
}

/// Three batches of one record to each of the plugins, as the metrics have them.
async fn counted(daemon: &Daemon) {
    let (_, page) = get(daemon.metrics(), "/metrics").await;
    for (name, labels, count) in [
        (
            "tamis_pipeline_refused_items_total",
            &["logs/again", "plugin_failed"],
            3.0,
        ),
        (
            "tamis_pipeline_refused_items_total",
            &["logs/slow", "plugin_failed"],
            3.0,
        ),
        (
            "tamis_receiver_refused_items_total",
            &["otlp/again", "rejected"],
            3.0,
        ),
        (
            "tamis_receiver_refused_items_total",
            &["otlp/slow", "busy"],
            3.0,
        ),
        (
            "tamis_receiver_accepted_items_total",
            &["otlp/mask", "logs"],
            3.0,
        ),
        (
            "tamis_plugin_faults_total",
            &["guest/again", "\"error\""],
            3.0,
        ),
        (
            "tamis_plugin_faults_total",
            &["guest/slow", "\"deadline\""],
            2.0,
        ),
        (
            "tamis_plugin_faults_total",
            &["guest/slow", "\"backoff\""],
            1.0,
        ),
    ] {
        assert_eq!(
            total(&page, name, labels),
            count,
            "{name} {labels:?}\n{page}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_again_is_said_once_and_what_may_pass_is_for_later() {
    let sink = Sink::start().await;
    let calm = "call_timeout: 60s, faults_before_backoff: 100";
    let again = format!("on_error: drop, limits: {{{calm}}}");
    let mask = format!("on_error: mask, limits: {{{calm}}}");
    let slow = "on_error: drop, limits: {call_timeout: 20ms, call_timeout_per_mib: 1ms, \
                faults_before_backoff: 2, backoff_min: 1h, backoff_max: 1h}";
    let daemon = Daemon::start(&config(
        &sink,
        &[
            ("again", "error", &again),
            ("mask", "error", &mask),
            ("slow", "loop", slow),
        ],
    ));
    for (form, _) in DOORS {
        let fine = if form == Form::Grpc { 0 } else { 200 };
        let answer = send(&daemon, "again", form, SHOWN).await;
        assert_eq!(said(&answer), fine, "{answer:?}");
        assert_eq!(rejected(form, &answer), "\"1\"");
        assert!(!comes_again(&answer));

        let answer = send(&daemon, "mask", form, SHOWN).await;
        assert_eq!(said(&answer), fine, "{answer:?}");

        // Twice the deadline, then nothing is even tried.
        let answer = send(&daemon, "slow", form, SHOWN).await;
        let later = if form == Form::Grpc { 14 } else { 503 };
        assert_eq!(said(&answer), later, "{answer:?}");
        assert!(comes_again(&answer), "{answer:?}");
    }
    // What a plugin is not shown, it cannot hold up.
    for name in ["again", "slow"] {
        let answer = send(&daemon, name, Form::Protobuf, "clean").await;
        assert_eq!(said(&answer), 200, "{answer:?}");
    }
    let mut recorded: Vec<_> = sink.wait_for(5).await;
    recorded.sort();
    let mut expected = [&["REDACTED"; 3][..], &["clean"; 2]]
        .concat()
        .into_iter()
        .map(|body| (Signal::Logs, log(body)))
        .collect::<Vec<_>>();
    expected.sort();
    assert_eq!(recorded, expected);
    counted(&daemon).await;
    let end = daemon.stop();
    assert_eq!(end.code, Some(0), "{}", end.said);
    assert!(!end.said.contains("hunter2"), "{}", end.said);
    assert_eq!(sink.recorded().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_taken_is_not_for_later() {
    let sink = Sink::start().await;
    let daemon = Daemon::start(&config(&sink, &[("fine", "mask", "on_error: drop")]));
    for (form, _) in DOORS {
        let codes = match form {
            Form::Grpc => [3, 8],
            _ => [400, 413],
        };
        let whole = log(SHOWN);
        let malformed = whole.slice(..whole.len() - 1);
        for (bytes, code) in [malformed, vec![b' '; 4097].into()].into_iter().zip(codes) {
            let answer = send_bytes(&daemon, "fine", form, bytes).await;
            assert_eq!(said(&answer), code, "{form:?} {answer:?}");
            assert!(!comes_again(&answer), "{answer:?}");
        }
    }
    let answer = send(&daemon, "fine", Form::Protobuf, SHOWN).await;
    assert_eq!(said(&answer), 200, "{answer:?}");
    assert_eq!(sink.wait_for(1).await[0].1, log("cut-hunter2"));
    assert_eq!(daemon.stop().code, Some(0));
    assert_eq!(sink.recorded().len(), 1);
}
