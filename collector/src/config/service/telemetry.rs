//! `service.telemetry`: the daemon's own logs and metrics.

use super::super::fields::Foreign;
use super::super::finding::Finding;
use super::super::node::Value;
use super::super::section::Section;
use super::{Address, LogEncoding, LogLevel, LogSettings, TelemetrySettings, endpoint};

pub(crate) const LOGS_KEYS: &[&str] = &["level", "encoding"];
pub(crate) const METRICS_KEYS: &[&str] = &["level", "address", "readers"];
pub(crate) const PROMETHEUS_KEYS: &[&str] = &["host", "port"];

const LOGS_FOREIGN: &[Foreign] = &[
    Foreign::idle("development", "there is one way to log"),
    Foreign::idle(
        "disable_caller",
        "lines do not say where in the code they come from",
    ),
    Foreign::idle("disable_stacktrace", "lines have no stack traces"),
    Foreign::idle("initial_fields", "lines have no fields of their own"),
    Foreign::idle("sampling", "lines about the same mistake are rate-limited"),
    Foreign::idle("output_paths", "logs go to standard error"),
    Foreign::idle("error_output_paths", "logs go to standard error"),
    Foreign::idle("processors", "logs go to standard error"),
];

const FOREIGN: &[Foreign] = &[
    Foreign::idle("traces", "Tamis makes no spans of its own"),
    Foreign::idle("resource", "own metrics carry no resource"),
];

const PROMETHEUS_FOREIGN: &[Foreign] = &[
    Foreign::idle(
        "without_type_suffix",
        "names are as docs/config.md has them",
    ),
    Foreign::idle("without_units", "names are as docs/config.md has them"),
    Foreign::idle("without_scope_info", "there are no scopes"),
    Foreign::idle(
        "with_resource_constant_labels",
        "own metrics carry no resource",
    ),
    Foreign::idle(
        "translation_strategy",
        "names are as docs/config.md has them",
    ),
];

/// Reads `telemetry` of the service.
pub(super) fn read(service: &Section<'_>, findings: &mut Vec<Finding>) -> TelemetrySettings {
    let Some(telemetry) = service.section("telemetry", findings) else {
        return TelemetrySettings::default();
    };
    telemetry.keys(&["logs", "metrics"], FOREIGN, findings);
    TelemetrySettings {
        logs: logs(&telemetry, findings),
        metrics: metrics(&telemetry, findings),
    }
}

fn logs(telemetry: &Section<'_>, findings: &mut Vec<Finding>) -> LogSettings {
    let Some(logs) = telemetry.section("logs", findings) else {
        return LogSettings::default();
    };
    logs.keys(LOGS_KEYS, LOGS_FOREIGN, findings);
    let levels = [
        ("debug", LogLevel::Debug),
        ("info", LogLevel::Info),
        ("warn", LogLevel::Warn),
        ("error", LogLevel::Error),
    ];
    let encodings = [
        ("console", LogEncoding::Console),
        ("json", LogEncoding::Json),
    ];
    LogSettings {
        level: logs.choice("level", &levels, findings).unwrap_or_default(),
        encoding: logs
            .choice("encoding", &encodings, findings)
            .unwrap_or_default(),
    }
}

fn metrics(telemetry: &Section<'_>, findings: &mut Vec<Finding>) -> Option<Address> {
    let default = TelemetrySettings::default().metrics;
    let Some(metrics) = telemetry.section("metrics", findings) else {
        return default;
    };
    let views = Foreign::idle("views", "all metrics are served as they are");
    metrics.keys(METRICS_KEYS, &[views], findings);
    let levels = [
        ("none", false),
        ("basic", true),
        ("normal", true),
        ("detailed", true),
    ];
    let served = metrics.choice("level", &levels, findings).unwrap_or(true);
    let address = match readers(&metrics, findings) {
        Some(address) => Some(address),
        None if metrics.has("address") => Some(Address {
            endpoint: endpoint::listen_once(&metrics, "address", "127.0.0.1:8888", findings),
            setting: metrics.path_of("address"),
        }),
        None => default,
    };
    address.filter(|_| served)
}

/// Where the first reader that Prometheus pulls from stands.
fn readers(metrics: &Section<'_>, findings: &mut Vec<Finding>) -> Option<Address> {
    let items = match &metrics.get("readers")?.node.value {
        Value::Null => return None,
        Value::List(items) => items,
        other => {
            let message = format!("expected a list, found {}", other.kind());
            findings.push(metrics.error("readers", message));
            return None;
        }
    };
    let mut found = None;
    for (index, item) in items.iter().enumerate() {
        let path = format!("{}[{index}]", metrics.path_of("readers"));
        let Some(reader) = Section::new(item, path, findings) else {
            continue;
        };
        let push = "own metrics are not sent: have Prometheus, or a Collector, read them";
        reader.keys(&["pull"], &[Foreign::idle("periodic", push)], findings);
        let exporter = reader
            .section("pull", findings)
            .and_then(|pull| pull.section("exporter", findings));
        let prometheus = exporter.and_then(|exporter| {
            exporter.known(&["prometheus"], findings);
            exporter.section("prometheus", findings)
        });
        let Some(prometheus) = prometheus else {
            continue;
        };
        prometheus.keys(PROMETHEUS_KEYS, PROMETHEUS_FOREIGN, findings);
        let host = prometheus.string("host", findings).unwrap_or("127.0.0.1");
        let port = prometheus.whole::<u16>("port", findings).unwrap_or(8888);
        let host = match host.contains(':') {
            true => format!("[{host}]"),
            false => host.to_owned(),
        };
        let endpoint = format!("{host}:{port}");
        if let Err(wrong) = endpoint::split(&endpoint) {
            findings.push(prometheus.error("host", wrong));
        }
        if found.is_some() {
            findings.push(prometheus.note("", "without effect: there is one address to read from"));
            continue;
        }
        let setting = prometheus.path.clone();
        found = Some(Address { endpoint, setting });
    }
    found
}
