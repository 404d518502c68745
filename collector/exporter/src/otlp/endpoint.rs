//! Where the requests for each signal go.
//!
//! Must never: show an endpoint in an error, since it may hold a password.

use std::sync::Arc;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use otlp_wire::Signal;

use crate::error::StartError;
use crate::settings::{OtlpSettings, OtlpTransport};

/// The URIs of the signals.
pub(super) struct Endpoints {
    traces: Option<Uri>,
    metrics: Option<Uri>,
    logs: Option<Uri>,
}

impl Endpoints {
    pub(super) fn new(name: &Arc<str>, settings: &OtlpSettings) -> Result<Self, StartError> {
        let of = |signal, own: &Option<String>| {
            let setting = format!("exporters.{name}.{signal}_endpoint");
            match (settings.transport, own, &settings.endpoint) {
                (OtlpTransport::Http(_), Some(own), _) => url(own, "").map(Some),
                (OtlpTransport::Grpc, Some(_), _) => {
                    Err("expected no such setting: gRPC has one endpoint for all signals")
                }
                (_, None, None) => Ok(None),
                (OtlpTransport::Http(_), None, Some(base)) => {
                    return url(base, &format!("/v1/{signal}"))
                        .map(Some)
                        .map_err(|problem| wrong(&format!("exporters.{name}.endpoint"), problem));
                }
                (OtlpTransport::Grpc, None, Some(base)) => {
                    return grpc(base, settings.tls.insecure, signal)
                        .map(Some)
                        .map_err(|problem| wrong(&format!("exporters.{name}.endpoint"), problem));
                }
            }
            .map_err(|problem| wrong(&setting, problem))
        };
        let endpoints = Self {
            traces: of(Signal::Traces, &settings.traces_endpoint)?,
            metrics: of(Signal::Metrics, &settings.metrics_endpoint)?,
            logs: of(Signal::Logs, &settings.logs_endpoint)?,
        };
        if Signal::ALL
            .iter()
            .all(|&signal| endpoints.of(signal).is_none())
        {
            let setting = format!("exporters.{name}.endpoint");
            return Err(wrong(&setting, "missing"));
        }
        Ok(endpoints)
    }

    pub(super) fn of(&self, signal: Signal) -> Option<&Uri> {
        match signal {
            Signal::Traces => self.traces.as_ref(),
            Signal::Metrics => self.metrics.as_ref(),
            Signal::Logs => self.logs.as_ref(),
        }
    }

    /// What every request over HTTP/1 says of its host, where it is certain that it goes over that: the client
    /// would write it anew each time.
    pub(super) fn host(&self, signal: Signal, transport: OtlpTransport) -> Option<HeaderValue> {
        let uri = self.of(signal)?;
        if transport == OtlpTransport::Grpc || uri.scheme() != Some(&Scheme::HTTP) {
            return None;
        }
        let host = match uri.port_u16() {
            None | Some(80) => uri.host()?.to_owned(),
            Some(port) => format!("{}:{port}", uri.host()?),
        };
        host.try_into().ok()
    }

    pub(super) fn is_tls(&self, signal: Signal) -> bool {
        self.of(signal).and_then(Uri::scheme) == Some(&Scheme::HTTPS)
    }

    pub(super) fn any_tls(&self) -> bool {
        Signal::ALL.iter().any(|&signal| self.is_tls(signal))
    }
}

fn wrong(setting: &str, problem: &str) -> StartError {
    StartError::Setting {
        setting: setting.into(),
        problem: problem.into(),
    }
}

/// A URL of HTTP, with a path appended unless that is empty.
fn url(text: &str, path: &str) -> Result<Uri, &'static str> {
    const EXPECTED: &str = "expected a URL such as http://127.0.0.1:4318";
    let base = if path.is_empty() {
        text
    } else {
        text.trim_end_matches('/')
    };
    let uri: Uri = format!("{base}{path}").parse().map_err(|_| EXPECTED)?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(EXPECTED);
    }
    if !path.is_empty() && text.contains(['?', '#']) {
        return Err("expected a URL without '?' and '#': /v1/traces and so on are appended to it");
    }
    host(&uri, EXPECTED)?;
    Ok(uri)
}

/// The method of a signal at `host:port` or a URL without a path.
fn grpc(text: &str, insecure: bool, signal: Signal) -> Result<Uri, &'static str> {
    const EXPECTED: &str =
        "expected host:port, or a URL of http:// or https:// with a host and a port alone";
    let scheme = if insecure { "http" } else { "https" };
    let full = match text.split_once("://") {
        Some(("http" | "https", _)) => text.to_owned(),
        Some(_) => return Err(EXPECTED),
        None => format!("{scheme}://{text}"),
    };
    let full = full.strip_suffix('/').unwrap_or(&full);
    let base: Uri = full.parse().map_err(|_| EXPECTED)?;
    let has_port = base.port_u16().is_some() || text.contains("://");
    if !has_port
        || base
            .path_and_query()
            .is_some_and(|path| path.as_str() != "/")
    {
        return Err(EXPECTED);
    }
    host(&base, EXPECTED)?;
    let service = match signal {
        Signal::Traces => "trace.v1.TraceService",
        Signal::Metrics => "metrics.v1.MetricsService",
        Signal::Logs => "logs.v1.LogsService",
    };
    let uri = format!("{full}/opentelemetry.proto.collector.{service}/Export");
    uri.parse().map_err(|_| EXPECTED)
}

fn host(uri: &Uri, expected: &'static str) -> Result<(), &'static str> {
    let authority = uri.authority().ok_or(expected)?;
    if authority.as_str().contains('@') {
        return Err("expected no user and password here: put them into headers, as Authorization");
    }
    if authority.host().is_empty() || (authority.port().is_some() && uri.port_u16().is_none()) {
        return Err(expected);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(settings: &OtlpSettings) -> Result<String, String> {
        let endpoints = Endpoints::new(&"otlp".into(), settings);
        let uri = |endpoints: Endpoints| endpoints.of(Signal::Logs).unwrap().to_string();
        endpoints.map(uri).map_err(|error| error.to_string())
    }

    #[test]
    fn grpc_endpoints() {
        const PATH: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
        for (text, insecure, expected) in [
            ("a:1", false, Some("https://a:1")),
            ("a:1", true, Some("http://a:1")),
            ("http://a:1", false, Some("http://a:1")),
            ("https://a:1/", true, Some("https://a:1")),
            ("[::1]:4317", true, Some("http://[::1]:4317")),
            ("https://a", false, Some("https://a")),
            ("a", false, None),
            ("a:1/path", false, None),
            ("a:99999", false, None),
            ("dns:///a:1", false, None),
            ("unix:///x", false, None),
            ("http://u:p@a:1", false, None),
            ("", false, None),
            (":4317", false, None),
        ] {
            let mut settings = OtlpSettings::to(OtlpTransport::Grpc, text);
            settings.tls.insecure = insecure;
            let expected = expected.map(|base| format!("{base}{PATH}"));
            assert_eq!(uri(&settings).ok(), expected, "{text}");
        }
    }

    #[test]
    fn http_endpoints() {
        let http = OtlpTransport::Http(crate::Encoding::Protobuf);
        for (text, expected) in [
            ("http://a:1", Some("http://a:1/v1/logs")),
            ("https://a/b/", Some("https://a/b/v1/logs")),
            ("a:1", None),
            ("127.0.0.1:4318", None),
            ("http://a:1?x=y", None),
            ("http://u:p@a:1", None),
            ("http://a b", None),
            ("ftp://a", None),
        ] {
            let settings = OtlpSettings::to(http, text);
            assert_eq!(uri(&settings).ok(), expected.map(Into::into), "{text}");
        }
        let mut own = OtlpSettings::to(http, "http://a:1");
        own.logs_endpoint = Some("http://b:2/insert/logs?x=y".into());
        assert_eq!(uri(&own).unwrap(), "http://b:2/insert/logs?x=y");
        own.endpoint = None;
        own.logs_endpoint = None;
        assert_eq!(uri(&own).unwrap_err(), "exporters.otlp.endpoint: missing");
    }

    #[test]
    fn the_host_is_said_where_it_is_certain_to_go_over_http_1() {
        let http = OtlpTransport::Http(crate::Encoding::Protobuf);
        for (text, transport, expected) in [
            ("http://a:4318", http, Some("a:4318")),
            ("http://a:80/b", http, Some("a")),
            ("http://a", http, Some("a")),
            ("http://[::1]:1", http, Some("[::1]:1")),
            ("https://a:1", http, None),
            ("http://a:1", OtlpTransport::Grpc, None),
        ] {
            let settings = OtlpSettings::to(transport, text);
            let endpoints = Endpoints::new(&"otlp".into(), &settings).unwrap();
            let host = endpoints.host(Signal::Logs, transport);
            assert_eq!(
                host.as_ref().map(|host| host.to_str().unwrap()),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn an_error_does_not_show_the_password() {
        let http = OtlpTransport::Http(crate::Encoding::Protobuf);
        let error = uri(&OtlpSettings::to(http, "http://u:hunter2@a:1")).unwrap_err();
        assert!(
            !error.contains("hunter2") && error.contains("headers"),
            "{error}"
        );
    }
}
