//! A service that exports traces, logs and metrics with `opentelemetry-otlp`, scrubbed on the way
//! out: `cargo run -p tamis --features otlp-exporter --example otlp_service [http://HOST:4318]`.
//!
//! The line that makes the difference is the one with `Scrubbing`.

use std::error::Error;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    Compression, LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig as _,
    WithHttpConfig as _,
};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tamis::{BuildError, Scrubbing, Tamis};
use tokio::runtime::{Handle, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = std::env::args().nth(1);
    let endpoint = endpoint.as_deref().unwrap_or("http://127.0.0.1:4318");
    work(endpoint, Tamis::new())
}

/// Works for a moment and exports what there is to say about it.
pub(crate) fn work(endpoint: &str, chain: Result<Tamis, BuildError>) -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let client = OnRuntime {
        runtime: runtime.handle().clone(),
        client: HyperClient::with_default_connector(Duration::from_secs(10), None),
    };
    // Without Tamis the exporters below get `client` itself.
    let client = Scrubbing::or_nothing(chain, client);

    let spans = SpanExporter::builder()
        .with_http()
        .with_http_client(client.clone())
        .with_protocol(Protocol::HttpBinary)
        .with_compression(Compression::Gzip)
        .with_endpoint(format!("{endpoint}/v1/traces"))
        .build()?;
    let logs = LogExporter::builder()
        .with_http()
        .with_http_client(client.clone())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{endpoint}/v1/logs"))
        .build()?;
    let metrics = MetricExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{endpoint}/v1/metrics"))
        .build()?;
    let tracing = SdkTracerProvider::builder()
        .with_batch_exporter(spans)
        .build();
    let logging = SdkLoggerProvider::builder()
        .with_batch_exporter(logs)
        .build();
    let metering = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(metrics).build())
        .build();

    let mut span = tracing.tracer("shop").start("checkout");
    span.set_attribute(KeyValue::new("request", "upload with AKIAIOSFODNN7EXAMPLE"));
    span.end();
    let logger = logging.logger("shop");
    let mut record = logger.create_log_record();
    record.set_body("the upload used AKIAIOSFODNN7EXAMPLE".into());
    logger.emit(record);
    let orders = metering.meter("shop").u64_counter("orders").build();
    orders.add(1, &[KeyValue::new("account", "AKIAIOSFODNN7EXAMPLE")]);

    let flushed = [tracing.shutdown(), logging.shutdown(), metering.shutdown()];
    for flushed in flushed {
        flushed?;
    }
    Ok(())
}

/// The SDK exports on threads of its own; Hyper wants those of a runtime.
#[derive(Debug, Clone)]
struct OnRuntime {
    runtime: Handle,
    client: HyperClient,
}

#[async_trait::async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self
            .runtime
            .spawn(async move { client.send_bytes(request).await });
        sent.await?
    }
}
