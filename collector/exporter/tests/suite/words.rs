//! What is said about failures: the setting to look at, once, and nothing of what was sent, of a
//! header, or of what the backend said.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use otlp_wire::Signal;
use tamis_exporter::{Compression, Header, OtlpSettings, OtlpTransport};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::bench::{Bench, HTTP, JSON, empty, logs, otlp};
use crate::server::{Reply, Server, Speaks};

/// Keeps lines from warnings up.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tamis") && *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Sends two batches and lists what was said.
async fn said(settings: OtlpSettings, signal: Signal) -> Vec<String> {
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    let mut settings = settings;
    settings.headers.push(Header {
        name: "authorization".into(),
        value: "Bearer hunter2".into(),
    });
    let mut settings = otlp(settings);
    settings.retry.max_elapsed_time = Duration::from_millis(30);
    settings.queue.consumers = 1;
    let bench = Bench::start(settings);
    for _ in 0..2 {
        let batch = match signal {
            Signal::Logs => logs(1, 50),
            other => empty(other),
        };
        bench.put(batch).await.unwrap();
    }
    bench.stop().await;
    drop(guard);
    let lines = lines.0.lock().unwrap().clone();
    for line in &lines {
        let leaks = ["hunter2", "bbbb", "backend says"];
        assert!(leaks.iter().all(|leak| !line.contains(leak)), "{line}");
    }
    lines
}

async fn answers(status: u16) -> String {
    let server = Server::start(Speaks::Http1, move |_, _| {
        Reply::Http(status, vec![], b"backend says: bbbb".into())
    });
    server.await.url()
}

/// The last line, which tells of the loss; there is one for both batches.
fn loss(lines: &[String]) -> &str {
    let lost = lines.iter().filter(|line| line.contains("are not sent"));
    let lost: Vec<_> = lost.collect();
    assert_eq!(lost.len(), 1, "{lines:?}");
    lost[0]
}

#[tokio::test]
async fn a_refusal_names_the_setting_once() {
    for (status, signal, transport, words) in [
        (400, Signal::Logs, JSON, "exporters.otlp.encoding"),
        (415, Signal::Logs, JSON, "exporters.otlp.encoding"),
        (401, Signal::Logs, HTTP, "exporters.otlp.headers"),
        (403, Signal::Logs, HTTP, "exporters.otlp.headers"),
        (404, Signal::Traces, HTTP, "exporters.otlp.traces_endpoint"),
        (307, Signal::Logs, HTTP, "redirects are not followed"),
        (413, Signal::Logs, HTTP, "single records are larger"),
        (500, Signal::Metrics, HTTP, "otlp-deltatocumulative"),
    ] {
        let settings = OtlpSettings::to(transport, answers(status).await);
        let lines = said(settings, signal).await;
        assert!(loss(&lines).contains(words), "{status}: {lines:?}");
    }
    let mut settings = OtlpSettings::to(HTTP, answers(400).await);
    settings.compression = Compression::Zstd;
    let lines = said(settings, Signal::Logs).await;
    assert!(
        loss(&lines).contains("exporters.otlp.compression"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn the_wrong_port_is_named() {
    let http = Server::start(Speaks::Http1, |_, _| Reply::Close)
        .await
        .url();
    let grpc = Server::start(Speaks::Http2, |_, _| Reply::Close)
        .await
        .url();
    let tls = format!(
        "http://{}",
        Server::raw(b"\x15\x03\x03\x00\x02\x02\x46").await
    );
    let secure = http.replace("http://", "https://");
    for (endpoint, transport, words) in [
        (&http, OtlpTransport::Grpc, "gRPC is often on 4317"),
        (&grpc, HTTP, "HTTP is often on 4318"),
        (
            &tls,
            OtlpTransport::Grpc,
            "leave out exporters.otlp.tls.insecure",
        ),
        (&tls, HTTP, "write https:// in exporters.otlp.endpoint"),
        (&secure, HTTP, "write http:// in exporters.otlp.endpoint"),
    ] {
        let mut settings = OtlpSettings::to(transport, endpoint.as_str());
        settings.tls.insecure_skip_verify = true;
        let lines = said(settings, Signal::Logs).await;
        assert!(loss(&lines).contains(words), "{words}: {lines:?}");
        let warned = lines
            .iter()
            .any(|line| line.contains("insecure_skip_verify"));
        assert_eq!(warned, endpoint.starts_with("https"), "{lines:?}");
    }
}
