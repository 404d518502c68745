//! Every capture of real agents, over the transport that it was captured on, to a sink that records
//! raw bytes: what arrives is what the library makes of each, nothing lost and nothing doubled.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tamis::{Outcome, Signal, Tamis};

use crate::process::{Daemon, config};
use crate::send::{Form, Sender, get, total};
use crate::sink::{Recorded, Sink};

/// What the planted secrets are recognised by.
pub(crate) const PLANTED: [&str; 5] = [
    "hunter2-dummy",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG",
    "sk-test-DUMMY",
    "4111 1111 1111 1111",
];

/// A recorded body, and what it is as protobuf.
pub(crate) struct Capture {
    form: Form,
    pub(crate) signal: Signal,
    pub(crate) body: Bytes,
    pub(crate) protobuf: Bytes,
}

/// All captures; none when they are not here.
pub(crate) fn captures() -> Vec<Capture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures");
    let Ok(clients) = fs::read_dir(&folder) else {
        println!("skipped: ../shared/captures is not here");
        return Vec::new();
    };
    let mut files: Vec<_> = clients
        .filter_map(|client| fs::read_dir(client.unwrap().path()).ok())
        .flatten()
        .map(|file| file.unwrap().path())
        .filter(|file| file.extension().is_some_and(|kind| kind == "bin"))
        .collect();
    files.sort();
    files.iter().map(|file| capture(file)).collect()
}

pub(crate) fn capture(file: &Path) -> Capture {
    let body = Bytes::from(fs::read(file).unwrap());
    let name = file.file_stem().unwrap().to_str().unwrap();
    let signal = Signal::parse(name.rsplit_once('-').unwrap().1).unwrap();
    let form = match file.display().to_string() {
        path if path.contains("grpc") => Form::Grpc,
        path if path.contains("json") => Form::Json,
        _ => Form::Protobuf,
    };
    let protobuf = match form {
        Form::Json => {
            let mut protobuf = Vec::new();
            otlp_json::to_protobuf(signal, &body, &mut protobuf).unwrap();
            protobuf.into()
        }
        _ => body.clone(),
    };
    Capture {
        form,
        signal,
        body,
        protobuf,
    }
}

/// What the library makes of each, sorted.
fn expected(captures: &[Capture], times: usize) -> Vec<Recorded> {
    let tamis = Tamis::new().unwrap();
    let scrubbed = |capture: &Capture| {
        let outcome = tamis.process(capture.signal, capture.protobuf.clone());
        let (Outcome::Unchanged { bytes, .. } | Outcome::Edited { bytes, .. }) = outcome else {
            panic!("refused")
        };
        vec![(capture.signal, bytes); times]
    };
    let mut expected: Vec<_> = captures.iter().flat_map(scrubbed).collect();
    expected.sort();
    expected
}

pub(crate) async fn send_all(captures: &[Capture], http: &mut Sender, grpc: &mut Sender) {
    for capture in captures {
        let sender = match capture.form {
            Form::Grpc => &mut *grpc,
            _ => &mut *http,
        };
        let body = capture.body.clone();
        let status = sender.send(capture.signal, capture.form, body).await;
        assert_eq!(status, 200);
    }
}

fn assert_same(mut recorded: Vec<Recorded>, expected: &[Recorded]) {
    recorded.sort();
    let only_in = |one: &[Recorded], other: &[Recorded]| -> Vec<(Signal, usize)> {
        let mut left = other.to_vec();
        let mut missing = Vec::new();
        for wanted in one {
            match left.iter().position(|candidate| candidate == wanted) {
                Some(place) => drop(left.swap_remove(place)),
                // Shown by its size alone: it is large.
                None => missing.push((wanted.0, wanted.1.len())),
            }
        }
        missing
    };
    if recorded != expected {
        let (more, fewer) = (only_in(&recorded, expected), only_in(expected, &recorded));
        panic!("came and should not: {more:?}; should and did not: {fewer:?}");
    }
    for (_, bytes) in &recorded {
        for planted in PLANTED {
            let mut parts = bytes.windows(planted.len());
            assert!(!parts.any(|part| part == planted.as_bytes()), "{planted}");
        }
    }
}

async fn through(exporter: impl Fn(&Sink) -> String, name: &str) {
    let captures = Arc::new(captures());
    if captures.is_empty() {
        return;
    }
    let sink = Sink::start().await;
    let daemon = Daemon::start(&config(&exporter(&sink), name));
    let (mut http, mut grpc) = (
        Sender::http(daemon.http()).await,
        Sender::grpc(daemon.grpc()).await,
    );
    send_all(&captures, &mut http, &mut grpc).await;
    assert_same(sink.wait_for(captures.len()).await, &expected(&captures, 1));

    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let captures = Arc::clone(&captures);
        let (to_http, to_grpc) = (daemon.http(), daemon.grpc());
        clients.spawn(async move {
            let mut http = Sender::http(to_http).await;
            let mut grpc = Sender::grpc(to_grpc).await;
            send_all(&captures, &mut http, &mut grpc).await;
        });
    }
    clients.join_all().await;
    let (_, page) = get(daemon.metrics(), "/metrics").await;
    let end = daemon.stop();
    assert_eq!(end.code, Some(0), "{}", end.said);
    assert!(!end.said.contains("a plugin failed"), "{}", end.said);
    assert_same(sink.recorded(), &expected(&captures, 9));
    let accepted = total(&page, "tamis_receiver_accepted_items_total", &[]);
    assert_eq!(
        accepted,
        total(&page, "tamis_pipeline_outgoing_items_total", &[])
    );
    assert!(
        total(
            &page,
            "tamis_plugin_detections_total",
            &["aws-access-key-id"]
        ) > 0.0
    );
    for planted in PLANTED {
        assert!(
            !end.said.contains(planted) && !page.contains(planted),
            "{planted}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn to_a_backend_over_http() {
    through(|sink| sink.http("otlp_http", ""), "otlp_http").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn to_a_backend_over_grpc() {
    through(|sink| sink.grpc("otlp", ", compression: none"), "otlp").await;
}
