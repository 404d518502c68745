//! What a user can do about a refusal, where that is known.
//!
//! By the status alone, and by what we sent: the words of backends are not looked at.

use otlp_wire::Signal;

use crate::settings::{Compression, Encoding, OtlpTransport};
use crate::why::{TlsFault, Why};

/// What was sent, and to whom.
pub(super) struct Asked<'a> {
    pub(super) exporter: &'a str,
    pub(super) transport: OtlpTransport,
    pub(super) compression: Compression,
    pub(super) is_tls: bool,
    pub(super) signal: Signal,
}

impl Asked<'_> {
    /// A sentence without an end that names the setting.
    pub(super) fn hint(&self, why: Why) -> Option<String> {
        let at = format!("exporters.{}", self.exporter);
        let signal = self.signal;
        let is_http = matches!(self.transport, OtlpTransport::Http(_));
        let text = match why {
            Why::Http(500) if signal == Signal::Metrics && is_http => {
                "Prometheus answers so to delta metrics unless it is started with \
                 --enable-feature=otlp-deltatocumulative"
                    .into()
            }
            Why::Http(404 | 405) if is_http => format!(
                "/v1/{signal} is appended to {at}.endpoint, {at}.{signal}_endpoint is used as it \
                 stands: compare the path with the backend's documentation"
            ),
            Why::Http(301 | 302 | 303 | 307 | 308) => format!(
                "redirects are not followed, since the headers would go along: name the final URL \
                 in {at}.endpoint"
            ),
            Why::Http(400 | 415) => return self.form(&at),
            Why::Http(401 | 403) | Why::Grpc(7 | 16) => {
                format!("the backend wants other credentials: see {at}.headers")
            }
            Why::Http(413) | Why::TooLarge => format!(
                "single records are larger than the backend takes, or than \
                 {at}.request_bytes_max: shorten them with a processor"
            ),
            Why::Grpc(12) => format!(
                "the backend does not take {signal}, or not {}: see {at}.compression",
                self.compression_name()
            ),
            Why::Tls(fault) => return Some(tls(&at, fault)),
            Why::NotHttp | Why::NotGrpc | Why::Disconnected | Why::Http(_) if !is_http => format!(
                "{at}.endpoint may be that of HTTP (often port 4318): gRPC is often on 4317{}",
                self.plain_text(&at)
            ),
            Why::NotHttp => format!(
                "{at}.endpoint may be that of gRPC (often port 4317): HTTP is often on 4318{}",
                self.plain_text(&at)
            ),
            Why::Disconnected if !self.is_tls => {
                format!("does the server stop or restart?{}", self.plain_text(&at))
            }
            Why::Connect => format!("does the backend run, and is {at}.endpoint right?"),
            Why::NoEndpoint => format!("set {at}.endpoint or {at}.{signal}_endpoint"),
            Why::Timeout => format!("see {at}.timeout"),
            _ => return None,
        };
        Some(text)
    }

    fn form(&self, at: &str) -> Option<String> {
        match (self.transport, self.compression) {
            (OtlpTransport::Http(Encoding::Json), _) => Some(format!(
                "not every backend takes JSON: try {at}.encoding: proto"
            )),
            (_, Compression::Zstd) => Some(format!(
                "not every backend takes zstd: try {at}.compression: gzip"
            )),
            _ => None,
        }
    }

    /// What to look at if the server speaks TLS and we do not.
    fn plain_text(&self, at: &str) -> String {
        match (self.is_tls, self.transport) {
            (true, _) => String::new(),
            (false, OtlpTransport::Grpc) => format!(
                "; if it speaks TLS, leave out {at}.tls.insecure and http:// in {at}.endpoint"
            ),
            (false, OtlpTransport::Http(_)) => {
                format!("; if it speaks TLS, write https:// in {at}.endpoint")
            }
        }
    }

    fn compression_name(&self) -> &'static str {
        match self.compression {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::None => "uncompressed messages",
        }
    }
}

fn tls(at: &str, fault: TlsFault) -> String {
    match fault {
        TlsFault::PlainText => format!(
            "if it is meant to, write http:// in {at}.endpoint, or set {at}.tls.insecure for gRPC"
        ),
        TlsFault::Untrusted => format!("name the file with its CA in {at}.tls.ca_file"),
        TlsFault::Name => format!("see {at}.tls.server_name_override"),
        TlsFault::Expired => "renew it, or set the clock".into(),
        TlsFault::Alert => {
            format!("it may want a certificate: see {at}.tls.cert_file and {at}.tls.key_file")
        }
        TlsFault::Other => format!("see {at}.tls"),
    }
}
