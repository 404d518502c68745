//! Components of the Collector that stay there, and what to do instead.

use super::super::finding::Finding;
use super::super::node::{Member, Pos};

/// The part of a component's name before the slash, if the name is one.
pub(super) fn kind<'m>(
    member: &'m Member,
    path: &str,
    findings: &mut Vec<Finding>,
) -> Option<&'m str> {
    let name = member.key.as_str();
    let (kind, rest) = name.split_once('/').unwrap_or((name, "unnamed"));
    if kind.is_empty() || rest.is_empty() {
        let message = "a name is `type` or `type/name`";
        findings.push(Finding::error(member.at, path, message));
        return None;
    }
    Some(kind)
}

const RECEIVERS: &[&str] = &[
    "awsxray",
    "docker_stats",
    "datadog",
    "filelog",
    "file_log",
    "fluentforward",
    "hostmetrics",
    "host_metrics",
    "jaeger",
    "journald",
    "k8s_cluster",
    "k8s_events",
    "k8sobjects",
    "kafka",
    "kubeletstats",
    "loki",
    "nop",
    "opencensus",
    "otelarrow",
    "otlpjsonfile",
    "postgresql",
    "prometheus",
    "prometheusremotewrite",
    "redis",
    "skywalking",
    "splunk_hec",
    "statsd",
    "syslog",
    "tcplog",
    "udplog",
    "zipkin",
];

/// What is to be said about a receiver that is not `otlp`.
pub(super) fn receiver(kind: &str, at: Pos, path: &str) -> Finding {
    if RECEIVERS.contains(&kind) {
        let message = format!("{kind} is a receiver of the Collector and stays there");
        let fix = "keep it in a Collector that sends to Tamis with its exporter `otlp`, and take it out here and out of the pipelines";
        return Finding::error(at, path, message).with_fix(fix);
    }
    let finding = Finding::error(
        at,
        path,
        format!("there is no receiver {kind}; there is otlp"),
    );
    finding.did_you_mean(kind, ["otlp"])
}

/// Exporters whose backend takes OTLP itself, and how to say so.
const SPEAK_OTLP: &[(&str, &str)] = &[
    (
        "jaeger",
        "Jaeger takes OTLP: use the exporter `otlp` with its endpoint for that, such as jaeger:4317",
    ),
    (
        "prometheus",
        "keep it in the Collector and send to that with `otlp`; or push with `otlp_http` and the endpoint http://HOST:9090/api/v1/otlp (Prometheus started with --web.enable-otlp-receiver)",
    ),
    (
        "prometheusremotewrite",
        "push with `otlp_http` and the endpoint http://HOST:9090/api/v1/otlp (Prometheus started with --web.enable-otlp-receiver), or keep it in the Collector",
    ),
    (
        "loki",
        "Loki takes OTLP: use the exporter `otlp_http` with the endpoint http://HOST:3100/otlp",
    ),
    ("logging", "the Collector calls it `debug` by now: use that"),
    (
        "elasticsearch",
        "Elastic takes OTLP: use the exporter `otlp_http` with its OTLP endpoint, or keep it in the Collector",
    ),
    (
        "datadog",
        "use the exporter `otlp_http` with Datadog's OTLP endpoint, or keep it in the Collector",
    ),
    (
        "zipkin",
        "keep it in the Collector and send to that with `otlp`",
    ),
];

const EXPORTERS: &[&str] = &[
    "alertmanager",
    "awscloudwatchlogs",
    "awsemf",
    "awss3",
    "awsxray",
    "azuremonitor",
    "cassandra",
    "clickhouse",
    "coralogix",
    "doris",
    "googlecloud",
    "googlecloudpubsub",
    "googlemanagedprometheus",
    "honeycombmarker",
    "influxdb",
    "kafka",
    "loadbalancing",
    "load_balancing",
    "logicmonitor",
    "mezmo",
    "nop",
    "opensearch",
    "otelarrow",
    "pulsar",
    "rabbitmq",
    "sentry",
    "signalfx",
    "splunk_hec",
    "sumologic",
    "syslog",
    "tinybird",
];

const OWN: [&str; 5] = ["otlp", "otlp_grpc", "otlp_http", "file", "debug"];

/// What is to be said about an exporter that is not one of ours.
pub(super) fn exporter(kind: &str, at: Pos, path: &str) -> Finding {
    let stays = format!("{kind} is an exporter of the Collector that Tamis does not have");
    if let Some((_, fix)) = SPEAK_OTLP.iter().find(|(name, _)| *name == kind) {
        return Finding::error(at, path, stays).with_fix(*fix);
    }
    if EXPORTERS.contains(&kind) {
        let fix = "keep it in the Collector, and send to that with the exporter `otlp`";
        return Finding::error(at, path, stays).with_fix(fix);
    }
    let message = format!("there is no exporter {kind}; there are {}", OWN.join(", "));
    Finding::error(at, path, message).did_you_mean(kind, OWN)
}

/// Extensions that nothing is lost without.
const EXTENSIONS: &[(&str, &str)] = &[
    ("pprof", "it serves profiles of the Collector itself"),
    ("zpages", "it shows the Collector's own traces"),
    ("memory_ballast", "there is no garbage collector to calm"),
    (
        "memory_limiter",
        "the limits of receivers and queues bound the memory",
    ),
    (
        "file_storage",
        "queues are in memory for now, and what names it says so",
    ),
    ("opamp", "Tamis takes its config from the file alone"),
];

const AUTHENTICATORS: &[&str] = &[
    "asapclient",
    "azureauth",
    "azure_auth",
    "googleclientauth",
    "headers_setter",
    "jaegerremotesampling",
    "oauth2client",
    "oidc",
    "sigv4auth",
];

/// What is to be said about an extension that is not one of ours.
pub(super) fn extension(kind: &str, at: Pos, path: &str) -> Finding {
    if let Some((_, why)) = EXTENSIONS.iter().find(|(name, _)| *name == kind) {
        return Finding::note(at, path, format!("without effect: {why}"));
    }
    if AUTHENTICATORS.contains(&kind) {
        let message = format!("{kind} is an extension of the Collector that Tamis does not have");
        let fix = "use bearertokenauth or basicauth, or send through a Collector that has it";
        return Finding::error(at, path, message).with_fix(fix);
    }
    let own = ["health_check", "bearertokenauth", "basicauth"];
    let message = format!("there is no extension {kind}; there are {}", own.join(", "));
    Finding::error(at, path, message).did_you_mean(kind, own)
}

/// What is to be said about connectors.
pub(super) fn connector(name: &str, at: Pos) -> Finding {
    let message = "connectors stay in the Collector";
    let fix =
        "keep it in the Collector behind Tamis, and take it out here and out of the pipelines";
    Finding::error(at, format!("connectors.{name}"), message).with_fix(fix)
}
