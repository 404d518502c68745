//! What stops the start: nothing runs unscrubbed, and one clear line says why.

use std::net::TcpListener;

use crate::process::{config, run, write};
use crate::sink::Sink;

/// Runs `tamis run` with a config that must not start.
fn refused(text: &str) -> (Option<i32>, String) {
    let file = write(text);
    let end = run(&["run", "--config", file.path().to_str().unwrap()]);
    (end.code, end.said)
}

#[tokio::test]
async fn a_chain_that_does_not_load() {
    let sink = Sink::start().await;
    let text = config(&sink.http("otlp_http", ""), "otlp_http");
    for (broken, wanted) in [
        ("scrub: {mask: 7}", "processors.scrub.mask"),
        ("scrub: {plugin: {path: gone.wasm}}", "gone.wasm"),
    ] {
        let (code, said) = refused(&text.replace("scrub: {}", broken));
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains(wanted), "{said}");
        assert!(!said.contains("listening"), "{said}");
    }
    assert!(sink.recorded().is_empty());
}

#[tokio::test]
async fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().map(|address| (taken, address)).unwrap();
    let sink = Sink::start().await;
    let text = config(&sink.http("otlp_http", ""), "otlp_http");
    let address = taken.1.to_string();
    for (part, setting) in [
        (
            "http: {endpoint: \"127.0.0.1:0\"}",
            "receivers.otlp.protocols.http",
        ),
        (
            "metrics: {address: \"127.0.0.1:0\"}",
            "service.telemetry.metrics",
        ),
    ] {
        let (code, said) = refused(&text.replace(part, &part.replace("127.0.0.1:0", &address)));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(setting) && said.contains(&address), "{said}");
        let errors = said.lines().filter(|line| line.starts_with("error:"));
        assert_eq!(errors.count(), 1, "{said}");
    }
}

#[tokio::test]
async fn an_exporter_that_leads_back() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let exporter = format!(
        "  otlp_http: {{endpoint: \"http://localhost:{}\"}}\n",
        address.port()
    );
    let text = config(&exporter, "otlp_http");
    let text = text.replace(
        "http: {endpoint: \"127.0.0.1:0\"}",
        &format!("http: {{endpoint: \"{address}\"}}"),
    );
    let (code, said) = refused(&text);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("go in circles"), "{said}");
}

#[test]
fn wrong_use() {
    for (arguments, wanted) in [
        (&["run"][..], "--config"),
        (
            &["run", "--config", "a", "--to", "b"],
            "cannot be used with",
        ),
        (
            &["run", "--config", "a", "--header", "b"],
            "cannot be used with",
        ),
        (
            &["run", "--to", "http://127.0.0.1:1", "--header", "b"],
            "name: value",
        ),
    ] {
        let end = run(arguments);
        assert_eq!(end.code, Some(2), "{arguments:?}: {}", end.said);
        assert!(end.said.contains(wanted), "{}", end.said);
    }
}
