//! A service that exports with `opentelemetry-otlp` through the library's wrapper: what arrives is
//! scrubbed, and where anything fails nothing arrives.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "otlp_exporter/requests.rs"]
mod requests;
#[expect(dead_code, reason = "the example's `main` is for people")]
#[path = "../../library/examples/otlp_service.rs"]
mod service;
#[path = "otlp_exporter/sink.rs"]
mod sink;

use otlp_wire::Signal;
use sink::Sink;
use tamis::{Plugin, Tamis};

const PLANTED: &str = "AKIAIOSFODNN7EXAMPLE";

/// Whether this text stands in these bytes.
fn stands_in(text: &str, bytes: &[u8]) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn a_service_exports_scrubbed() {
    let sink = Sink::open();
    service::work(&sink.endpoint, Tamis::new()).unwrap();
    let arrived = sink.close();
    let wanted = [
        (Signal::Traces, "/v1/traces", "checkout", Some("gzip")),
        (Signal::Logs, "/v1/logs", "the upload used", None),
        (Signal::Metrics, "/v1/metrics", "orders", None),
    ];
    for (signal, path, kept, encoding) in wanted {
        let mut requests = arrived.iter().filter(|request| request.path == path);
        let request = requests.next().unwrap_or_else(|| panic!("no {path}"));
        assert_eq!(request.encoding.as_deref(), encoding, "{path}");
        otlp_wire::check(signal, &request.decoded).unwrap();
        assert!(stands_in(kept, &request.decoded), "{path}");
        assert!(!stands_in(PLANTED, &request.decoded), "{path}");
    }
}

#[test]
fn with_a_broken_chain_nothing_arrives() {
    let sink = Sink::open();
    let broken = Tamis::builder().plugin(Plugin::shipped("scrubb")).build();
    assert!(broken.is_err());
    // The exporters hear of it; whether a shutdown tells is the SDK's to say.
    let _ = service::work(&sink.endpoint, broken);
    assert_eq!(sink.close().len(), 0);
}
