//! The exporters `otlp` and `otlp_http`.

use std::path::Path;

use tamis_exporter::{Compression, Encoding, ExporterKind, OtlpSettings, OtlpTransport};

use super::super::fields::Foreign;
use super::super::finding::{Finding, is_faulty};
use super::super::section::Section;
use super::endpoint::{Scheme, Target, is_loopback, target};
use super::exporters::SHARED_KEYS;
use super::extensions::Extensions;
use super::{headers, tls};

/// Keys of both transports.
pub(crate) const OTLP_KEYS: &[&str] = &[
    "endpoint",
    "headers",
    "auth",
    "tls",
    "compression",
    "timeout",
    "request_bytes_max",
];

/// Keys of `otlp_http` alone.
pub(crate) const HTTP_KEYS: &[&str] = &[
    "traces_endpoint",
    "metrics_endpoint",
    "logs_endpoint",
    "encoding",
];

const CONNECTIONS: &str = "connections are shared and kept as long as they are of use";

const GRPC_FOREIGN: &[Foreign] = &[
    Foreign::idle("keepalive", CONNECTIONS),
    Foreign::idle("read_buffer_size", CONNECTIONS),
    Foreign::idle("write_buffer_size", CONNECTIONS),
    Foreign::idle("wait_for_ready", "what cannot be sent is retried"),
    Foreign::idle("balancer_name", CONNECTIONS),
    Foreign::refused("authority", "use `tls.server_name_override`"),
    Foreign::refused(
        "middlewares",
        "take it out, or send through a Collector that has it",
    ),
    Foreign::idle(
        "batcher",
        "batches stay as they come; those too large for the backend are split",
    ),
];

const HTTP_FOREIGN: &[Foreign] = &[
    Foreign::refused(
        "proxy_url",
        "send to the proxy's other side, or through a Collector",
    ),
    Foreign::refused(
        "middlewares",
        "take it out, or send through a Collector that has it",
    ),
    Foreign::refused("profiles_endpoint", "take it out: profiles are not carried"),
    Foreign::idle("compression_params", "a fast level is used"),
    Foreign::idle("read_buffer_size", CONNECTIONS),
    Foreign::idle("write_buffer_size", CONNECTIONS),
    Foreign::idle("max_idle_conns", CONNECTIONS),
    Foreign::idle("max_idle_conns_per_host", CONNECTIONS),
    Foreign::idle(
        "max_conns_per_host",
        "`sending_queue.num_consumers` bounds them",
    ),
    Foreign::idle("idle_conn_timeout", CONNECTIONS),
    Foreign::idle("disable_keep_alives", CONNECTIONS),
    Foreign::idle("http2_read_idle_timeout", CONNECTIONS),
    Foreign::idle("http2_ping_timeout", CONNECTIONS),
    Foreign::idle("force_attempt_http2", CONNECTIONS),
    Foreign::idle("cookies", "cookies are not kept"),
    Foreign::idle(
        "batcher",
        "batches stay as they come; those too large for the backend are split",
    ),
];

/// Reads `encoding`.
pub(super) fn encoding(section: &Section<'_>, findings: &mut Vec<Finding>) -> Encoding {
    let choices = [("proto", Encoding::Protobuf), ("json", Encoding::Json)];
    section
        .choice("encoding", &choices, findings)
        .unwrap_or_default()
}

/// Reads an exporter; none without an endpoint that leads somewhere.
pub(super) fn read(
    section: &Section<'_>,
    transport: OtlpTransport,
    folder: &Path,
    extensions: &Extensions,
    findings: &mut Vec<Finding>,
) -> Option<ExporterKind> {
    match transport {
        OtlpTransport::Grpc => {
            let known = [OTLP_KEYS, SHARED_KEYS].concat();
            section.keys(&known, GRPC_FOREIGN, findings);
        }
        OtlpTransport::Http(_) => {
            let known = [OTLP_KEYS, HTTP_KEYS, SHARED_KEYS].concat();
            section.keys(&known, HTTP_FOREIGN, findings);
        }
    }
    let mut settings = OtlpSettings::to(transport, String::new());
    settings.endpoint = None;
    settings.tls = tls::client(section, folder, findings);
    settings.headers = headers::read(section, findings);
    settings
        .headers
        .extend(extensions.header(section, findings));
    let choices = [
        ("gzip", Compression::Gzip),
        ("zstd", Compression::Zstd),
        ("none", Compression::None),
        ("", Compression::None),
    ];
    if let Some(compression) = section.choice("compression", &choices, findings) {
        settings.compression = compression;
    }
    if let Some(timeout) = section.span("timeout", findings) {
        settings.timeout = timeout;
    }
    if let Some(bytes) = section.count("request_bytes_max", findings) {
        settings.request_bytes_max = bytes;
    }
    match transport {
        OtlpTransport::Grpc => grpc(section, &mut settings, findings)?,
        OtlpTransport::Http(_) => http(section, &mut settings, findings)?,
    }
    Some(ExporterKind::Otlp(Box::new(settings)))
}

fn grpc(
    section: &Section<'_>,
    settings: &mut OtlpSettings,
    findings: &mut Vec<Finding>,
) -> Option<()> {
    const FIX: &str = "write HOST:4317; with `tls: {insecure: true}` for plain text";
    let Some(text) = section.string("endpoint", findings) else {
        if !section.has("endpoint") {
            let message = "is missing: it says where to send to";
            findings.push(section.error("endpoint", message).with_fix(FIX));
        }
        return None;
    };
    let found = match target(text) {
        Ok(found) if found.path.is_empty() => found,
        Ok(_) => {
            let message = "gRPC has no path";
            let fix = "write HOST:4317, or use `otlp_http` for this backend";
            findings.push(section.error("endpoint", message).with_fix(fix));
            return None;
        }
        Err(wrong) => {
            findings.push(section.error("endpoint", wrong).with_fix(FIX));
            return None;
        }
    };
    match found.scheme {
        Some(Scheme::Http) if !settings.tls.insecure => {
            let message = "http:// is taken for `tls: {insecure: true}`: plain text";
            findings.push(section.note("endpoint", message));
            settings.tls.insecure = true;
        }
        Some(Scheme::Https) if settings.tls.insecure => {
            let message = "https:// goes before `tls.insecure`, as in the Collector: TLS is spoken";
            findings.push(section.note("endpoint", message));
            settings.tls.insecure = false;
        }
        _ => {}
    }
    if found.port == Some(4318) {
        let message = "4318 is the port for HTTP by custom, and this exporter speaks gRPC";
        let fix = "use port 4317, or the exporter `otlp_http`";
        findings.push(section.note("endpoint", message).with_fix(fix));
    }
    unspecified(section, "endpoint", &found, findings);
    plain_credentials(section, settings, &found, findings);
    settings.endpoint = Some(text.to_owned());
    Some(())
}

fn http(
    section: &Section<'_>,
    settings: &mut OtlpSettings,
    findings: &mut Vec<Finding>,
) -> Option<()> {
    let before = findings.len();
    let keys = [
        "endpoint",
        "traces_endpoint",
        "metrics_endpoint",
        "logs_endpoint",
    ];
    if !keys.iter().any(|key| section.has(key)) {
        let message = "is missing: it says where to send to";
        let fix = "write http://HOST:4318, to which /v1/traces and so on are appended";
        findings.push(section.error("endpoint", message).with_fix(fix));
        return None;
    }
    settings.endpoint = url(section, "endpoint", settings, findings);
    settings.traces_endpoint = url(section, "traces_endpoint", settings, findings);
    settings.metrics_endpoint = url(section, "metrics_endpoint", settings, findings);
    settings.logs_endpoint = url(section, "logs_endpoint", settings, findings);
    let new = findings.get(before..).unwrap_or_default();
    (!is_faulty(new, &section.path)).then_some(())
}

fn url(
    section: &Section<'_>,
    key: &str,
    settings: &OtlpSettings,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let text = section.string(key, findings)?;
    let found = match target(text) {
        Ok(found) if found.scheme.is_some() => found,
        Ok(_) => {
            let fix = "write http://HOST:PORT or https://HOST:PORT";
            findings.push(section.error(key, "the scheme is missing").with_fix(fix));
            return None;
        }
        Err(wrong) => {
            let fix = "write a URL such as http://HOST:4318";
            findings.push(section.error(key, wrong).with_fix(fix));
            return None;
        }
    };
    let own = tamis::Signal::ALL
        .iter()
        .find(|signal| key == "endpoint" && found.path.ends_with(&format!("/v1/{signal}")));
    if let Some(signal) = own {
        let message = format!("/v1/{signal} is appended to it, and stands there already");
        let fix = format!("take /v1/{signal} out, or call the setting `{signal}_endpoint`");
        findings.push(section.error(key, message).with_fix(fix));
        return None;
    }
    if found.port == Some(4317) {
        let message = "4317 is the port for gRPC by custom, and this exporter speaks HTTP";
        let fix = "use port 4318, or the exporter `otlp`";
        findings.push(section.note(key, message).with_fix(fix));
    }
    unspecified(section, key, &found, findings);
    plain_credentials(section, settings, &found, findings);
    Some(text.to_owned())
}

/// Says that an address to listen on is none to send to.
fn unspecified(section: &Section<'_>, key: &str, found: &Target, findings: &mut Vec<Finding>) {
    if matches!(found.host.as_str(), "0.0.0.0" | "::") {
        let message = "is an address to listen on: what is sent there stays on this machine";
        let fix = "write the backend's host, or 127.0.0.1";
        findings.push(section.note(key, message).with_fix(fix));
    }
}

/// Says that credentials go over a network in plain text.
fn plain_credentials(
    section: &Section<'_>,
    settings: &OtlpSettings,
    found: &Target,
    findings: &mut Vec<Finding>,
) {
    let plain = match found.scheme {
        Some(scheme) => scheme == Scheme::Http,
        None => settings.tls.insecure,
    };
    let secret = |name: &str| name.eq_ignore_ascii_case("authorization") || name.ends_with("key");
    if plain
        && !is_loopback(&found.host)
        && settings.headers.iter().any(|header| secret(&header.name))
    {
        let message = "credentials go there in plain text and can be read on the way";
        findings.push(section.note("endpoint", message).with_fix("use TLS"));
    }
}
