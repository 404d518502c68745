//! One door of an `otlp` receiver: `grpc` or `http` under `protocols`.

use std::path::Path;

use tamis_receiver::{DoorLimits, DoorSettings, InvalidUtf8};

use super::super::fields::Foreign;
use super::super::finding::Finding;
use super::super::section::Section;
use super::extensions::Extensions;
use super::{endpoint, tls};

/// The two kinds of door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Grpc,
    Http,
}

/// Where `in_flight_bytes_max` comes from: only its default grows with the bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InFlight {
    Default,
    Said,
}

/// What both doors of a receiver share.
pub(super) struct Shared<'s> {
    pub(super) folder: &'s Path,
    pub(super) extensions: &'s Extensions,
    pub(super) limits: DoorLimits,
    pub(super) in_flight: InFlight,
    pub(super) invalid_utf8: InvalidUtf8,
}

pub(crate) const GRPC_KEYS: &[&str] = &[
    "endpoint",
    "transport",
    "tls",
    "auth",
    "max_recv_msg_size_mib",
    "max_concurrent_streams",
    "keepalive",
];

pub(crate) const HTTP_KEYS: &[&str] = &[
    "endpoint",
    "transport",
    "tls",
    "auth",
    "max_request_body_size",
    "read_timeout",
    "read_header_timeout",
    "idle_timeout",
    "traces_url_path",
    "metrics_url_path",
    "logs_url_path",
];

const METADATA: Foreign = Foreign::idle(
    "include_metadata",
    "nothing behind the door sees the headers of a request",
);

const GRPC_FOREIGN: &[Foreign] = &[
    METADATA,
    Foreign::idle("read_buffer_size", "buffers have a size of their own"),
    Foreign::idle("write_buffer_size", "buffers have a size of their own"),
    Foreign::refused("middlewares", "keep it in the Collector, or take it out"),
    Foreign::refused("dialer", "take it out"),
];

const HTTP_FOREIGN: &[Foreign] = &[
    METADATA,
    Foreign::idle(
        "cors",
        "pages in a browser are not answered; let them send to the Collector",
    ),
    Foreign::idle(
        "response_headers",
        "answers have the headers that OTLP asks for",
    ),
    Foreign::idle("compression_algorithms", "none, gzip and zstd are taken"),
    Foreign::idle("write_timeout", "`limits.request_timeout` bounds a request"),
    Foreign::idle(
        "keep_alives_enabled",
        "connections stay open until `idle_timeout`",
    ),
    Foreign::idle("profiles_url_path", "profiles are not taken"),
    Foreign::refused("middlewares", "keep it in the Collector, or take it out"),
];

/// The door under this key of `protocols`, if the key is there.
pub(super) fn read(
    protocols: &Section<'_>,
    transport: Transport,
    shared: &Shared<'_>,
    findings: &mut Vec<Finding>,
) -> Option<DoorSettings> {
    let (key, default) = match transport {
        Transport::Grpc => ("grpc", "127.0.0.1:4317"),
        Transport::Http => ("http", "127.0.0.1:4318"),
    };
    let door = protocols.section(key, findings)?;
    match transport {
        Transport::Grpc => door.keys(GRPC_KEYS, GRPC_FOREIGN, findings),
        Transport::Http => door.keys(HTTP_KEYS, HTTP_FOREIGN, findings),
    }
    if door
        .string("transport", findings)
        .is_some_and(|transport| transport != "tcp")
    {
        findings.push(door.error("transport", "only tcp is served"));
    }
    let endpoint = endpoint::listen(&door, "endpoint", default, findings);
    let mut limits = shared.limits.clone();
    match transport {
        Transport::Grpc => grpc_limits(&door, &mut limits, findings),
        Transport::Http => {
            http_limits(&door, &mut limits, findings);
            paths(&door, findings);
        }
    }
    if limits.in_flight_bytes_max < limits.body_bytes_max {
        match shared.in_flight {
            InFlight::Default => limits.in_flight_bytes_max = limits.body_bytes_max,
            InFlight::Said => {
                let message = "a body as large as it may be could never come in: in_flight_bytes_max is less than body_bytes_max";
                let fix = "raise `limits.in_flight_bytes_max`";
                findings.push(door.error("", message).with_fix(fix));
            }
        }
    }
    let settings = DoorSettings {
        setting: format!("{}.endpoint", door.path),
        tls: tls::server(&door, shared.folder, findings),
        authenticator: shared.extensions.authenticator(&door, findings),
        limits,
        invalid_utf8: shared.invalid_utf8,
        endpoint,
    };
    exposed(&door, &settings, findings);
    Some(settings)
}

/// Says what it means that others than this machine's programs reach a door.
fn exposed(door: &Section<'_>, settings: &DoorSettings, findings: &mut Vec<Finding>) {
    let host = endpoint::split(&settings.endpoint).map_or("", |(host, _)| host);
    if endpoint::is_loopback(host) {
        return;
    }
    let known = settings.authenticator.is_some()
        || settings
            .tls
            .as_ref()
            .is_some_and(|tls| tls.client_ca_file.is_some());
    let message = match (&settings.tls, known) {
        (Some(_), true) => return,
        (Some(_), false) => "other machines reach it, and anybody may send",
        (None, true) => {
            "other machines reach it in plain text: credentials and all that is not scrubbed yet can be read on the way"
        }
        (None, false) => {
            "other machines reach it in plain text: anybody may send, and what is not scrubbed yet can be read on the way"
        }
    };
    let fix = "listen on 127.0.0.1 for agents on this machine; for others set `tls`, and `auth` or `tls.client_ca_file`";
    findings.push(door.note("endpoint", message).with_fix(fix));
}

fn grpc_limits(door: &Section<'_>, limits: &mut DoorLimits, findings: &mut Vec<Finding>) {
    // 0 stands for the default, as in the Collector.
    let mib = door.whole::<u32>("max_recv_msg_size_mib", findings);
    if let Some(mib) = mib.filter(|mib| *mib > 0) {
        body(limits, u64::from(mib) << 20);
    }
    if let Some(streams) = door.count("max_concurrent_streams", findings) {
        limits.streams_max = streams;
    }
    let Some(keepalive) = door.section("keepalive", findings) else {
        return;
    };
    keepalive.keys(
        &["server_parameters"],
        &[Foreign::idle(
            "enforcement_policy",
            "pings are bounded by HTTP/2 itself",
        )],
        findings,
    );
    let Some(server) = keepalive.section("server_parameters", findings) else {
        return;
    };
    const AGE: &str = "connections end when they are idle";
    const PINGS: &str = "idle connections are ended, not pinged";
    server.keys(
        &["max_connection_idle"],
        &[
            Foreign::idle("max_connection_age", AGE),
            Foreign::idle("max_connection_age_grace", AGE),
            Foreign::idle("time", PINGS),
            Foreign::idle("timeout", PINGS),
        ],
        findings,
    );
    if let Some(idle) = server.span("max_connection_idle", findings) {
        limits.idle_timeout = idle;
    }
}

fn http_limits(door: &Section<'_>, limits: &mut DoorLimits, findings: &mut Vec<Finding>) {
    let bytes = door.whole::<u64>("max_request_body_size", findings);
    if let Some(bytes) = bytes.filter(|bytes| *bytes > 0) {
        body(limits, bytes);
    }
    let times = [
        ("read_timeout", &mut limits.body_timeout),
        ("read_header_timeout", &mut limits.header_timeout),
        ("idle_timeout", &mut limits.idle_timeout),
    ];
    for (key, limit) in times {
        match door.duration(key, findings) {
            None => {}
            Some(time) if time.is_zero() => {
                let message = format!("0 is no limit in the Collector; here {limit:?} holds");
                findings.push(door.note(key, message));
            }
            Some(time) => *limit = time,
        }
    }
}

/// The Collector's limit of a body holds as it comes and decompressed, so this does.
fn body(limits: &mut DoorLimits, bytes: u64) {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    limits.body_bytes_max = bytes;
    limits.decoded_bytes_max = bytes;
}

fn paths(door: &Section<'_>, findings: &mut Vec<Finding>) {
    for signal in tamis::Signal::ALL {
        let (key, only) = (format!("{signal}_url_path"), format!("/v1/{signal}"));
        if door.string(&key, findings).is_some_and(|path| path != only) {
            let message = format!("{signal} are taken at {only} only");
            findings.push(
                door.error(&key, message)
                    .with_fix(format!("take it out, and let senders use {only}")),
            );
        }
    }
}
