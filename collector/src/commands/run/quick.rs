//! `tamis run --to URL`: the config that needs no file.
//!
//! It is written as a config would be and read as one, so that what `--to` does can be written down
//! and changed later, and every fault is found by the same code.

use std::fmt::Write as _;

use crate::exit::UsageError;

/// What stands on the command line instead of a config.
#[derive(Debug, clap::Args)]
pub(super) struct Quick {
    /// Backend: http(s)://host:4318, or host:4317 or grpc(s)://host:port for gRPC
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Header for the backend, `name: value`; may stand several times
    #[arg(long = "header", value_name = "HEADER", conflicts_with = "config")]
    headers: Vec<String>,
    /// Where OTLP over gRPC comes in
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:4317",
        conflicts_with = "config"
    )]
    grpc: String,
    /// Where OTLP over HTTP comes in
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:4318",
        conflicts_with = "config"
    )]
    http: String,
    /// Where Prometheus may read metrics; none by default
    #[arg(long, value_name = "ADDRESS", conflicts_with = "config")]
    metrics: Option<String>,
}

impl Quick {
    /// The text of the config; none without `--to`.
    pub(super) fn config(&self) -> Result<Option<String>, UsageError> {
        let Some(to) = &self.to else {
            return Ok(None);
        };
        let (exporter, endpoint) = target(to);
        let mut headers = String::new();
        for header in &self.headers {
            let Some((name, value)) = header.split_once([':', '=']) else {
                let message = "--header takes `name: value`".to_owned();
                return Err(UsageError(message));
            };
            let _ = write!(headers, "{}: {}, ", text(name.trim()), text(value.trim()));
        }
        let metrics = match &self.metrics {
            None => "level: none".to_owned(),
            Some(address) => format!("address: {}", text(address)),
        };
        let (grpc, http, endpoint) = (text(&self.grpc), text(&self.http), text(&endpoint));
        let pipeline =
            format!("{{receivers: [otlp], processors: [scrub], exporters: [{exporter}]}}");
        Ok(Some(format!(
            "receivers: {{otlp: {{protocols: {{grpc: {{endpoint: {grpc}}}, http: {{endpoint: {http}}}}}}}}}
processors: {{scrub: {{}}}}
exporters: {{{exporter}: {{endpoint: {endpoint}, headers: {{{headers}}}}}}}
service:
  telemetry: {{metrics: {{{metrics}}}}}
  pipelines:
    traces: {pipeline}
    logs: {pipeline}
    metrics: {pipeline}
"
        )))
    }
}

/// The exporter that a URL means, and its endpoint.
fn target(to: &str) -> (&'static str, String) {
    let (scheme, rest) = to.split_once("://").unwrap_or(("http", to));
    let authority = rest.split('/').next().unwrap_or_default();
    match scheme {
        "grpc" => ("otlp", format!("http://{rest}")),
        "grpcs" => ("otlp", format!("https://{rest}")),
        "http" | "https" if authority.ends_with(":4317") => ("otlp", format!("{scheme}://{rest}")),
        _ => ("otlp_http", format!("{scheme}://{rest}")),
    }
}

/// A text as a scalar: JSON is YAML, and a dollar sign stands for itself.
fn text(text: &str) -> String {
    serde_json::Value::from(text.replace('$', "$$")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_their_exporter() {
        for (to, exporter, endpoint) in [
            ("http://c:4318", "otlp_http", "http://c:4318"),
            ("https://c", "otlp_http", "https://c"),
            ("c:4318", "otlp_http", "http://c:4318"),
            (
                "http://p:9090/api/v1/otlp",
                "otlp_http",
                "http://p:9090/api/v1/otlp",
            ),
            ("c:4317", "otlp", "http://c:4317"),
            ("https://c:4317", "otlp", "https://c:4317"),
            ("grpc://c:9", "otlp", "http://c:9"),
            ("grpcs://c:9", "otlp", "https://c:9"),
        ] {
            assert_eq!(target(to), (exporter, endpoint.to_owned()), "{to}");
        }
    }
}
