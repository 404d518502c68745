//! The HTTP client of a backend: connections are kept and used again.
//!
//! Must never: follow a redirect, use a proxy, or answer a failed TLS handshake with plain text.

use std::time::Duration;

use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::body::Body;
use super::tls::Config;
use crate::settings::{OtlpSettings, OtlpTransport};

/// A client of one backend.
pub(super) type Client = legacy::Client<HttpsConnector<HttpConnector>, Body>;

/// Time after which a connection without a request is closed; shorter than that of common servers,
/// so that they do not close it while a request is on its way.
const IDLE: Duration = Duration::from_secs(30);

/// Time without a byte after which a server is asked whether it lives.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// Bytes of the headers of an answer.
const HEADER_BYTES_MAX: usize = 64 << 10;

pub(super) fn build(settings: &OtlpSettings, config: Config) -> Client {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(settings.timeout));
    let grpc = settings.transport == OtlpTransport::Grpc;
    legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .http1_max_buf_size(HEADER_BYTES_MAX)
        .http2_max_header_list_size(HEADER_BYTES_MAX as u32)
        .http2_keep_alive_interval(PING_INTERVAL)
        .http2_keep_alive_timeout(PING_INTERVAL)
        .http2_only(grpc)
        .build(connector(tcp, config, grpc))
}

fn connector(tcp: HttpConnector, config: Config, grpc: bool) -> HttpsConnector<HttpConnector> {
    let Config { client, name } = config;
    let mut builder = HttpsConnectorBuilder::new()
        .with_tls_config(client)
        .https_or_http();
    if let Some(name) = name {
        let resolver = FixedServerNameResolver::new(name);
        builder = builder.with_server_name_resolver(resolver);
    }
    if grpc {
        builder.enable_http2().wrap_connector(tcp)
    } else {
        builder.enable_all_versions().wrap_connector(tcp)
    }
}
