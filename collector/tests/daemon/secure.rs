//! TLS and credentials, as a config sets them up: who is trusted is served and scrubbed, everybody
//! else is told so and nothing of theirs goes anywhere.

use std::net::SocketAddr;

use tamis::Signal;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::authority::{Authority, Wire};
use crate::fan_out::log;
use crate::process::{Daemon, LONG, QUIET, doors};
use crate::send::{Answer, Form, Sender, get, post, total};
use crate::sink::Sink;

const SECRET: &str = "AKIAIOSFODNN7EXAMPLE";
const FORMS: [(Form, &str, &str); 2] = [
    (Form::Protobuf, "http", "http/1.1"),
    (Form::Grpc, "grpc", "h2"),
];

/// Logs from these receivers through the default chain into these exporters.
fn logs(receivers: &str, extensions: &str, exporters: &str) -> String {
    let names = |members: &str| {
        let names = members
            .lines()
            .filter_map(|line| line.trim().split_once(": "));
        let names: Vec<_> = names.map(|(name, _)| name.to_owned()).collect();
        names.join(", ")
    };
    format!(
        "receivers:\n{receivers}extensions:\n{extensions}exporters:\n{exporters}
processors: {{scrub: {{}}}}
service:
  extensions: [{}]
  pipelines: {{logs: {{receivers: [{}], processors: [scrub], exporters: [{}]}}}}{QUIET}",
        names(extensions),
        names(receivers),
        names(exporters)
    )
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// One batch over a connection of its own; None if TLS or the connection failed.
async fn attempt(
    tls: Option<TlsConnector>,
    to: SocketAddr,
    form: Form,
    headers: &[(&'static str, &str)],
) -> Option<Answer> {
    let sent = async {
        let stream = TcpStream::connect(to).await.unwrap();
        let mut sender = match tls {
            None => Sender::over(stream, form).await.ok()?,
            Some(tls) => {
                let stream = tls.connect("localhost".try_into().unwrap(), stream).await;
                Sender::over(stream.ok()?, form).await.ok()?
            }
        };
        let batch = log(&format!("key {SECRET}"));
        sender.ask(Signal::Logs, form, batch, headers).await.ok()
    };
    tokio::time::timeout(LONG, sent).await.unwrap()
}

fn is_taken(answer: Option<&Answer>) -> bool {
    answer.is_some_and(|answer| answer.status == 200 && answer.code.is_none_or(|code| code == 0))
}

/// Ends it, and wants exactly so many batches there, all scrubbed.
async fn ends_with(daemon: Daemon, count: usize, sinks: &[&Sink]) {
    for sink in sinks {
        sink.wait_for(count).await;
    }
    let end = tokio::task::spawn_blocking(|| daemon.stop()).await.unwrap();
    assert_eq!(end.code, Some(0), "{}", end.said);
    assert!(!end.said.contains(SECRET), "{}", end.said);
    for sink in sinks {
        let recorded = sink.recorded();
        assert_eq!(recorded.len(), count);
        assert!(recorded.iter().all(|(_, bytes)| !has(bytes, SECRET)));
        assert!(recorded.iter().all(|(_, bytes)| has(bytes, "key ")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_trusted_comes_in() {
    let (ours, stranger) = (Authority::new(), Authority::new());
    let sink = Sink::secured(ours.acceptor()).await;
    let pair = format!(
        "cert_file: \"{}\", key_file: \"{}\"",
        ours.file("cert.pem"),
        ours.file("key.pem")
    );
    let clients = ours.file("ca.pem");
    let receivers = doors("otlp/open", &format!(", tls: {{{pair}}}"))
        + &doors(
            "otlp/mutual",
            &format!(", tls: {{{pair}, client_ca_file: \"{clients}\"}}"),
        );
    let exporter = format!(
        "  otlp_http: {{endpoint: \"https://{}\", compression: none, tls: {{ca_file: \"{clients}\"}}}}\n",
        sink.address
    );
    let health = "  health_check: {endpoint: \"127.0.0.1:0\"}\n";
    let daemon = Daemon::start(&logs(&receivers, health, &exporter));
    let mut good = 0;
    for (form, door, protocol) in FORMS {
        let door = |receiver: &str| daemon.address(&format!("{receiver}.protocols.{door}"));
        let (open, mutual) = (door("otlp/open"), door("otlp/mutual"));
        let ours_shows = |shows| Some(ours.connector(shows, protocol));
        for (tls, to, taken) in [
            (ours_shows(None), open, true),
            (ours_shows(Some(&ours)), mutual, true),
            (None, open, false),
            (None, mutual, false),
            (ours_shows(None), mutual, false),
            (ours_shows(Some(&stranger)), mutual, false),
            (Some(stranger.connector(None, protocol)), open, false),
        ] {
            let answer = attempt(tls, to, form, &[]).await;
            assert_eq!(is_taken(answer.as_ref()), taken, "{form:?} {answer:?}");
            good += usize::from(taken);
        }
    }
    ends_with(daemon, good, &[&sink]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_shows_credentials_comes_in_and_goes_out() {
    let (bearer, basic) = (Sink::start().await, Sink::start().await);
    bearer.wants("Bearer outward-token");
    basic.wants("Basic b3V0OndhcmQ=");
    let auth = |name: &str| format!(", auth: {{authenticator: {name}}}");
    let receivers = doors("otlp/bearer", &auth("bearertokenauth/in"))
        + &doors("otlp/basic", &auth("basicauth/in"));
    let extensions = "  bearertokenauth/in: {tokens: [first-token, second-token]}
  bearertokenauth/out: {token: outward-token}
  basicauth/in: {htpasswd: {inline: \"agent:open-sesame\"}}
  basicauth/out: {client_auth: {username: out, password: ward}}\n";
    let exporters = bearer.http("otlp_http/bearer", &auth("bearertokenauth/out"))
        + &basic.grpc("otlp/basic", &auth("basicauth/out"));
    let daemon = Daemon::start(&logs(&receivers, extensions, &exporters));
    let (mut good, mut bad) = (0, 0);
    for (form, door, _) in FORMS {
        for (receiver, shown, taken) in [
            ("otlp/bearer", Some("Bearer first-token"), true),
            ("otlp/bearer", Some("Bearer second-token"), true),
            ("otlp/bearer", Some("Bearer outward-token"), false),
            ("otlp/bearer", Some("Basic YWdlbnQ6b3Blbi1zZXNhbWU="), false),
            ("otlp/bearer", None, false),
            ("otlp/basic", Some("Basic YWdlbnQ6b3Blbi1zZXNhbWU="), true),
            ("otlp/basic", Some("Basic b3V0OndhcmQ="), false),
            ("otlp/basic", Some("Bearer first-token"), false),
            ("otlp/basic", None, false),
        ] {
            let to = daemon.address(&format!("{receiver}.protocols.{door}"));
            let headers: Vec<_> = shown
                .map(|shown| ("authorization", shown))
                .into_iter()
                .collect();
            let answer = attempt(None, to, form, &headers).await.unwrap();
            let expected = match (form, taken) {
                (Form::Grpc, true) => (200, Some(0)),
                (Form::Grpc, false) => (200, Some(16)),
                (_, true) => (200, None),
                (_, false) => (401, None),
            };
            assert_eq!(
                (answer.status, answer.code),
                expected,
                "{receiver} {shown:?}"
            );
            match taken {
                true => good += 1,
                false => bad += 1,
            }
        }
    }
    let (_, page) = get(daemon.metrics(), "/metrics").await;
    let refused = total(
        &page,
        "tamis_receiver_refused_requests_total",
        &["unauthenticated"],
    );
    assert_eq!(refused as usize, bad);
    ends_with(daemon, good, &[&bearer, &basic]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_is_not_trusted_gets_nothing() {
    const WORDS: &str = "plain words";
    let (ours, stranger) = (Authority::new(), Authority::new());
    let (secured, plain) = (Sink::secured(ours.acceptor()).await, Sink::start().await);
    let wires = [
        Wire::to(secured.address).await,
        Wire::to(secured.address).await,
        Wire::to(secured.address).await,
        Wire::to(plain.address).await,
    ];
    let exporter = |name: &str, wire: &Wire, trusts: &Authority| {
        format!(
            "  {name}: {{endpoint: \"https://{}\", compression: none, tls: {{ca_file: \"{}\"}}, \
             retry_on_failure: {{initial_interval: 1ms, max_elapsed_time: 20ms}}}}\n",
            wire.address,
            trusts.file("ca.pem")
        )
    };
    let exporters = exporter("otlp_http/bad", &wires[0], &stranger)
        + &exporter("otlp/bad", &wires[1], &stranger)
        + &exporter("otlp/good", &wires[2], &ours)
        + &exporter("otlp_http/plain", &wires[3], &ours).replace("https", "http");
    let health = "  health_check: {endpoint: \"127.0.0.1:0\"}\n";
    let daemon = Daemon::start(&logs(&doors("otlp", ""), health, &exporters));
    assert_eq!(post(daemon.http(), Signal::Logs, log(WORDS)).await, 200);
    for sink in [&secured, &plain] {
        sink.wait_for(1).await;
    }
    let failed = async || {
        let (_, page) = get(daemon.metrics(), "/metrics").await;
        ["otlp_http/bad", "otlp/bad"]
            .map(|name| total(&page, "tamis_exporter_failed_items_total", &[name, "tls"]) as u64)
    };
    let settled = async {
        while failed().await != [1, 1] {
            tokio::task::yield_now().await;
        }
    };
    let settled = tokio::time::timeout(LONG, settled).await;
    assert!(settled.is_ok(), "{:?}", failed().await);
    assert_eq!(daemon.stop().code, Some(0));
    assert_eq!((secured.recorded().len(), plain.recorded().len()), (1, 1));
    // The last one shows that words in plain text would be seen.
    let readable = wires.map(|wire| has(&wire.sent(), WORDS));
    assert_eq!(readable, [false, false, false, true]);
}
