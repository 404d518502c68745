//! `docs/config.md` names every setting that is read, no other, and the defaults of limits.

use std::fmt::Write as _;

use tamis::PluginLimits;
use tamis_receiver::DoorLimits;

use super::super::limits::{Limited, Slot};
use super::super::{SECTIONS, SERVICE};
use super::{auth, door, exporters, extensions, otlp, queue, receivers, telemetry, tls};

const DOCS: &str = include_str!("../../../../docs/config.md");

/// The rows, key and default, of the first table behind this line.
fn table(line: &str) -> Vec<(String, String)> {
    let (_, behind) = DOCS
        .split_once(&format!("\n{line}\n"))
        .unwrap_or_else(|| panic!("docs/config.md has no line {line}"));
    let rows = behind
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let key = cells.first().map(|cell| cell.trim_matches('`'));
        let default = cells.last().copied();
        (
            key.unwrap_or_default().to_owned(),
            default.unwrap_or_default().to_owned(),
        )
    };
    rows.map(row).collect()
}

#[test]
fn every_setting_is_documented_and_no_other() {
    let tables: &[(&str, &[&str])] = &[
        (
            "nothing behind it counts as not there. Paths are relative to the config's folder.",
            &SECTIONS,
        ),
        ("## Receivers", receivers::KEYS),
        ("### The door for gRPC", door::GRPC_KEYS),
        ("### The door for HTTP", door::HTTP_KEYS),
        ("### `tls` of a door", tls::SERVER_KEYS),
        ("## Exporters", exporters::SHARED_KEYS),
        ("### `sending_queue`", queue::QUEUE_KEYS),
        ("### `retry_on_failure`", queue::RETRY_KEYS),
        ("### `otlp` and `otlp_http`", otlp::OTLP_KEYS),
        ("`otlp_http` alone:", otlp::HTTP_KEYS),
        ("### `tls` of an exporter", tls::CLIENT_KEYS),
        ("### `file`", exporters::FILE_KEYS),
        ("### `debug`", exporters::DEBUG_KEYS),
        ("### `health_check`", extensions::HEALTH_KEYS),
        ("### `bearertokenauth`", auth::BEARER_KEYS),
        ("### `basicauth`", auth::BASIC_KEYS),
        ("## `service`", &SERVICE),
        ("### `telemetry.logs`", telemetry::LOGS_KEYS),
        ("### `telemetry.metrics`", telemetry::METRICS_KEYS),
    ];
    let mut wrong = String::new();
    for (line, keys) in tables {
        let mut documented: Vec<_> = table(line).into_iter().map(|(key, _)| key).collect();
        let mut read: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
        documented.sort();
        read.sort();
        if documented != read {
            let _ = writeln!(wrong, "{line}: documented {documented:?}, read {read:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Whether a table has all names of these limits, in order, with their defaults.
fn limits<L: Limited>(line: &str, mut limits: L) {
    let table = table(line);
    let documented: Vec<_> = table.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(documented, L::NAMES, "{line}");
    for (key, documented) in &table {
        let default = match limits.slot(key).unwrap() {
            Slot::Count(count) => count.to_string(),
            Slot::Number(number) => number.to_string(),
            Slot::Time(time) => format!("{time:?}"),
        };
        let said = documented.split([',', ' ']).next();
        assert_eq!(said, Some(default.as_str()), "{key}");
    }
}

#[test]
fn limits_are_documented_with_their_defaults() {
    limits("### Limits of a plugin", PluginLimits::default());
    limits("### Limits of a door", DoorLimits::default());
}

#[test]
fn every_limit_of_a_door_can_be_set() {
    // A new limit does not compile here until it has a name.
    let DoorLimits {
        body_bytes_max: _,
        decoded_bytes_max: _,
        in_flight_bytes_max: _,
        connections_max: _,
        streams_max: _,
        header_bytes_max: _,
        handshake_timeout: _,
        header_timeout: _,
        body_timeout: _,
        idle_timeout: _,
        admission_timeout: _,
        request_timeout: _,
        reply_timeout: _,
    } = DoorLimits::default();
    assert_eq!(DoorLimits::NAMES.len(), 13);
}
