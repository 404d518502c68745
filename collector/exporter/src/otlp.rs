//! An OTLP backend, over gRPC or HTTP.
//!
//! Both are requests of one HTTP client; gRPC is HTTP/2 with five bytes in front of each message
//! and a status in the trailers, which is less than a library for it would ask for, and leaves the
//! bytes alone. Proxies and redirects are not followed, so credentials go to the named host only.
//!
//! Must never: go from TLS to plain text, retry what OTLP calls permanent, read an answer beyond
//! its bounds, or keep words of a backend.

mod answer;
mod body;
mod client;
mod endpoint;
mod fault;
mod header;
mod hint;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, Method, Request};
use otlp_wire::Signal;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use crate::error::StartError;
use crate::settings::{Compression, Encoding, OtlpSettings, OtlpTransport};
use crate::sink::{Outcome, Sink};
use crate::why::Why;
use answer::read;
use client::Client;
use endpoint::Endpoints;
use tls::Reload;

/// JSON is larger than protobuf by about this factor: batches are cut that much smaller.
const JSON_FACTOR: usize = 4;

/// A backend that is sent to.
pub(crate) struct Backend {
    name: Arc<str>,
    transport: OtlpTransport,
    compression: Compression,
    timeout: Duration,
    request_bytes_max: usize,
    endpoints: Endpoints,
    /// Of each signal, by its number.
    headers: [HeaderMap; Signal::ALL.len()],
    client: Arc<ArcSwap<Client>>,
    _reload: Option<Reload>,
}

impl Backend {
    /// Reads the settings and files; on a runtime.
    pub(crate) fn open(name: &Arc<str>, settings: &OtlpSettings) -> Result<Self, StartError> {
        let endpoints = Endpoints::new(name, settings)?;
        let headers = header::headers(name, settings)?;
        let headers = [Signal::Traces, Signal::Logs, Signal::Metrics].map(|signal| {
            let host = endpoints.host(signal, settings.transport);
            let mut headers = headers.clone();
            headers.extend(host.map(|host| (HOST, host)));
            headers
        });
        let material = tls::Material::read(name, &settings.tls, endpoints.any_tls())?;
        let config = material.config(name, &settings.tls)?;
        let client = client::build(settings, config);
        let client = Arc::new(ArcSwap::from_pointee(client));
        if settings.tls.insecure_skip_verify && endpoints.any_tls() {
            warn!(
                exporter = %name,
                "exporters.{name}.tls.insecure_skip_verify: the backend's certificate is not \
                 checked, anybody on the way can read what is sent",
            );
        }
        let reload = endpoints
            .any_tls()
            .then(|| Reload::start(name, settings, material, &client))
            .flatten();
        Ok(Self {
            name: Arc::clone(name),
            transport: settings.transport,
            compression: settings.compression,
            timeout: settings.timeout,
            request_bytes_max: settings.request_bytes_max,
            endpoints,
            headers,
            client,
            _reload: reload,
        })
    }

    /// All that `open` would find, one after the other.
    pub(crate) fn check(name: &Arc<str>, settings: &OtlpSettings) -> Vec<StartError> {
        let endpoints = Endpoints::new(name, settings);
        let any_tls = endpoints.as_ref().is_ok_and(Endpoints::any_tls);
        let mut faults: Vec<_> = endpoints.err().into_iter().collect();
        faults.extend(header::headers(name, settings).err());
        faults.extend(tls::Material::faults(name, &settings.tls, any_tls));
        faults
    }

    /// Sends a request and judges the answer. A status of success counts as soon as it is there,
    /// whatever comes after it.
    async fn exchange(&self, request: Request<body::Body>) -> Outcome {
        let end = Instant::now() + self.timeout;
        let client = self.client.load_full();
        let again = |why| Outcome::Again { after: None, why };
        let response = match timeout_at(end, client.request(request)).await {
            Err(_) => return again(Why::Timeout),
            Ok(Err(error)) => return again(fault::of(&error)),
            Ok(Ok(response)) => response,
        };
        let (head, body) = response.into_parts();
        let rest = read(body, end).await;
        match self.transport {
            OtlpTransport::Grpc => answer::grpc(head.status, &head.headers, &rest),
            OtlpTransport::Http(_) => answer::http(head.status, &head.headers, &rest),
        }
    }
}

impl Sink for Backend {
    fn part_bytes_max(&self) -> usize {
        match self.transport {
            OtlpTransport::Http(Encoding::Json) => self.request_bytes_max / JSON_FACTOR,
            _ => self.request_bytes_max,
        }
    }

    async fn encode(&self, signal: Signal, batch: Bytes) -> Result<Bytes, Why> {
        let form = body::Form {
            transport: self.transport,
            compression: self.compression,
            bytes_max: self.request_bytes_max,
        };
        body::encode(signal, batch, form).await
    }

    async fn attempt(&self, signal: Signal, body: Bytes) -> Outcome {
        let Some(uri) = self.endpoints.of(signal) else {
            return Outcome::Refused(Why::NoEndpoint);
        };
        let mut request = Request::new(body::framed(body, self.transport, self.compression));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.clone();
        let headers = self.headers.get(signal as usize);
        *request.headers_mut() = headers.cloned().unwrap_or_default();
        self.exchange(request).await
    }

    fn hint(&self, signal: Signal, why: Why) -> Option<String> {
        let asked = hint::Asked {
            exporter: &self.name,
            transport: self.transport,
            compression: self.compression,
            is_tls: self.endpoints.is_tls(signal),
            signal,
        };
        asked.hint(why)
    }

    async fn finish(&self) {}
}
