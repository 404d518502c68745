//! What the daemon's part of a config means, in words.
//!
//! Must never: show a credential, or what stands behind the `?` of a URL.

use std::io::{self, Write};
use std::time::Duration;

use tamis_exporter::{
    Compression, Encoding, ExporterKind, ExporterSettings, OnFull, OtlpSettings, OtlpTransport,
};
use tamis_receiver::{DoorSettings, InvalidUtf8};

use crate::config::Service;
use crate::terminal::printable;

/// A pipeline's name, with where its batches come from and go to.
pub(super) fn route(out: &mut impl Write, name: &str, service: Option<&Service>) -> io::Result<()> {
    let mut routes = service.into_iter().flat_map(|service| &service.pipelines);
    match routes.find(|route| route.name == name) {
        None => writeln!(out, "{name}"),
        Some(route) => {
            let (from, to) = (route.receivers.join(", "), route.exporters.join(", "));
            writeln!(out, "{name}: {} -> {}", printable(&from), printable(&to))
        }
    }
}

/// Doors, exits, and what the daemon says of itself.
pub(super) fn service(out: &mut impl Write, service: &Service) -> io::Result<()> {
    writeln!(out, "receivers")?;
    for receiver in &service.receivers {
        writeln!(out, "  {}", printable(&receiver.name))?;
        for (protocol, settings) in [("gRPC", &receiver.grpc), ("HTTP", &receiver.http)] {
            if let Some(settings) = settings {
                door(out, protocol, settings)?;
            }
        }
    }
    writeln!(out, "exporters")?;
    for settings in &service.exporters {
        exporter(out, settings)?;
    }
    match &service.telemetry.metrics {
        Some(address) => writeln!(out, "own metrics on {}", printable(&address.endpoint))?,
        None => writeln!(out, "no own metrics")?,
    }
    if let Some(health) = &service.health {
        let (endpoint, path) = (&health.address.endpoint, &health.path);
        writeln!(out, "health on {}{}", printable(endpoint), printable(path))?;
    }
    if let Some(report) = &service.report {
        let report = report.display().to_string();
        writeln!(out, "a line for each edit in {}", printable(&report))?;
    }
    writeln!(out, "ends within {:?}", service.shutdown_timeout)
}

fn door(out: &mut impl Write, protocol: &str, door: &DoorSettings) -> io::Result<()> {
    let security = match &door.tls {
        None => "plain text",
        Some(tls) if tls.client_ca_file.is_some() => "TLS with client certificates",
        Some(_) => "TLS",
    };
    let who = match &door.authenticator {
        None => "anybody".to_owned(),
        Some(authenticator) => format!("only with {}", authenticator.name),
    };
    let endpoint = printable(&door.endpoint).to_string();
    writeln!(
        out,
        "    {protocol} on {endpoint}, {security}, {}",
        printable(&who)
    )?;
    let limits = &door.limits;
    let text = match door.invalid_utf8 {
        InvalidUtf8::Refuse => "refused",
        InvalidUtf8::Pass => "passed on",
    };
    writeln!(
        out,
        "      bodies up to {}, decompressed {}, in work {}; text that is not UTF-8 is {text}",
        size(limits.body_bytes_max as u64),
        size(limits.decoded_bytes_max as u64),
        size(limits.in_flight_bytes_max as u64),
    )
}

fn exporter(out: &mut impl Write, settings: &ExporterSettings) -> io::Result<()> {
    let name = printable(&settings.name).to_string();
    writeln!(out, "  {name}")?;
    match &settings.kind {
        ExporterKind::Otlp(backend) => {
            otlp(out, backend)?;
            let retry = &settings.retry;
            match (retry.enabled, retry.max_elapsed_time) {
                (false, _) => writeln!(out, "    what fails is not tried again")?,
                (true, Duration::ZERO) => writeln!(out, "    tried again without end")?,
                (true, end) => writeln!(out, "    tried again for up to {end:?}")?,
            }
        }
        ExporterKind::File(file) => {
            let path = file.path.display().to_string();
            writeln!(out, "    lines of OTLP/JSON in {}", printable(&path))?;
        }
        ExporterKind::Debug(_) => writeln!(out, "    shown on standard error")?,
    }
    let full = match settings.on_full {
        OnFull::Refuse { wait } => format!("the sender waits up to {wait:?}, then comes again"),
        OnFull::Drop => "batches are dropped and counted".to_owned(),
    };
    let queue = &settings.queue;
    let (items, bytes) = (queue.items_max, size(queue.bytes_max));
    writeln!(
        out,
        "    queue of {items} items and {bytes}; when it is full {full}"
    )
}

fn otlp(out: &mut impl Write, backend: &OtlpSettings) -> io::Result<()> {
    let protocol = match backend.transport {
        OtlpTransport::Grpc => "gRPC",
        OtlpTransport::Http(Encoding::Protobuf) => "HTTP with protobuf",
        OtlpTransport::Http(Encoding::Json) => "HTTP with JSON",
    };
    let compression = match backend.compression {
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
        Compression::None => "not compressed",
    };
    let endpoints = [
        ("", &backend.endpoint),
        ("traces ", &backend.traces_endpoint),
        ("metrics ", &backend.metrics_endpoint),
        ("logs ", &backend.logs_endpoint),
    ];
    for (signal, endpoint) in endpoints {
        let Some(endpoint) = endpoint else {
            continue;
        };
        let shown = endpoint.split(['?', '#']).next().unwrap_or_default();
        let security = match (shown.split_once("://"), backend.tls.insecure) {
            (None, true) => ", plain text",
            (None, false) => ", TLS",
            (Some(_), _) => "",
        };
        let shown = printable(shown).to_string();
        writeln!(
            out,
            "    {signal}over {protocol} to {shown}{security}, {compression}"
        )?;
    }
    let (bytes, time) = (size(backend.request_bytes_max as u64), backend.timeout);
    writeln!(
        out,
        "    requests of up to {bytes}, each for up to {time:?}"
    )
}

/// Bytes, as people write them.
fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let fits = |(shift, _): &&(u32, &str)| bytes >= 1 << shift && bytes.trailing_zeros() >= *shift;
    match units.iter().find(fits) {
        Some((shift, unit)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}
