//! Where doors and exits of one file would get in each other's way.

use tamis_exporter::{ExporterKind, OtlpTransport};

use super::super::finding::Finding;
use super::super::node::Node;
use super::Service;
use super::endpoint::{is_loopback, overlap, split, target};

/// Finds a port that is asked for twice, and an exporter that sends to one of the file's own doors.
pub(super) fn check(service: &Service, root: &Node, findings: &mut Vec<Finding>) {
    let mut taken: Vec<(&str, u16, &str)> = Vec::new();
    for (endpoint, setting) in listening(service) {
        let Ok((host, port)) = split(endpoint) else {
            continue;
        };
        let other = taken.iter().find(|(known, known_port, _)| {
            port != 0 && *known_port == port && overlap(known, host)
        });
        if let Some((_, _, other)) = other {
            let message = format!("the port is that of {other} too");
            let at = root.find(setting).unwrap_or_default();
            findings.push(
                Finding::error(at, setting, message).with_fix("give one of them another port"),
            );
        }
        taken.push((host, port, setting));
    }
    circles(service, root, findings);
}

/// Every address that is listened on, with its setting.
fn listening(service: &Service) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    for receiver in &service.receivers {
        for door in [&receiver.grpc, &receiver.http].into_iter().flatten() {
            all.push((door.endpoint.as_str(), door.setting.as_str()));
        }
    }
    let health = service.health.as_ref().map(|health| &health.address);
    for address in [service.telemetry.metrics.as_ref(), health]
        .into_iter()
        .flatten()
    {
        all.push((address.endpoint.as_str(), address.setting.as_str()));
    }
    all
}

fn circles(service: &Service, root: &Node, findings: &mut Vec<Finding>) {
    for exporter in &service.exporters {
        let ExporterKind::Otlp(otlp) = &exporter.kind else {
            continue;
        };
        let endpoints = [
            ("endpoint", &otlp.endpoint),
            ("traces_endpoint", &otlp.traces_endpoint),
            ("metrics_endpoint", &otlp.metrics_endpoint),
            ("logs_endpoint", &otlp.logs_endpoint),
        ];
        for (key, endpoint) in endpoints {
            let Some(found) = endpoint.as_deref().and_then(|text| target(text).ok()) else {
                continue;
            };
            let own = service.receivers.iter().find_map(|receiver| {
                let door = match otlp.transport {
                    OtlpTransport::Grpc => receiver.grpc.as_ref(),
                    OtlpTransport::Http(_) => receiver.http.as_ref(),
                }?;
                let (host, port) = split(&door.endpoint).ok()?;
                let here = is_loopback(&found.host) && overlap(host, &found.host);
                (here && port != 0 && found.port == Some(port)).then_some(&door.setting)
            });
            if let Some(setting) = own {
                let path = format!("exporters.{}.{key}", exporter.name);
                let at = root.find(&path).unwrap_or_default();
                let message = format!("leads back to {setting}: batches would go in circles");
                let fix = "give the receiver another port, or the backend's host here";
                findings.push(Finding::error(at, path, message).with_fix(fix));
            }
        }
    }
}
