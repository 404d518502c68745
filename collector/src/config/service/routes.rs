//! `receivers` and `exporters` of the pipelines: each is there, once, and can do what is asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use tamis::Signal;
use tamis_exporter::{ExporterKind, ExporterSettings};
use tamis_receiver::ReceiverSettings;

use super::super::finding::Finding;
use super::super::node::Pos;
use super::super::pipelines::{Pipeline, Reference};
use super::Route;
use super::named::Named;

/// What leads from receivers to exporters.
pub(super) fn read(
    pipelines: &[Pipeline],
    receivers: &[Named<ReceiverSettings>],
    exporters: &[Named<ExporterSettings>],
    findings: &mut Vec<Finding>,
) -> Vec<Route> {
    let receiver_names: Vec<_> = receivers.iter().map(|receiver| &receiver.name).collect();
    let exporter_names: Vec<_> = exporters.iter().map(|exporter| &exporter.name).collect();
    let mut routes = Vec::new();
    for pipeline in pipelines {
        let mut named = |key, references: &[Reference], known: &[&Arc<str>]| {
            resolve(pipeline, key, references, known, findings)
        };
        let route = Route {
            name: pipeline.name.clone(),
            signal: pipeline.signal,
            receivers: named("receivers", &pipeline.receivers, &receiver_names),
            exporters: named("exporters", &pipeline.exporters, &exporter_names),
        };
        carried(pipeline, exporters, findings);
        doubled(pipeline, &route, &routes, findings);
        routes.push(route);
    }
    let used = |name: &Arc<str>, of: fn(&Route) -> &[Arc<str>]| {
        routes.iter().any(|route| of(route).contains(name))
    };
    let mut unused = |section: &str, name: &str, at: Pos| {
        let path = format!("{section}.{name}");
        findings.push(Finding::note(at, path, "no pipeline uses it"));
    };
    for receiver in receivers
        .iter()
        .filter(|receiver| receiver.settings.is_some())
    {
        if !used(&receiver.name, |route| &route.receivers) {
            unused("receivers", &receiver.name, receiver.at);
        }
    }
    for exporter in exporters
        .iter()
        .filter(|exporter| exporter.settings.is_some())
    {
        if !used(&exporter.name, |route| &route.exporters) {
            unused("exporters", &exporter.name, exporter.at);
        }
    }
    routes
}

/// The names under this key of a pipeline, each of which must be there.
fn resolve(
    pipeline: &Pipeline,
    key: &str,
    references: &[Reference],
    known: &[&Arc<str>],
    findings: &mut Vec<Finding>,
) -> Vec<Arc<str>> {
    let path = format!("service.pipelines.{}.{key}", pipeline.name);
    if references.is_empty() {
        let message = match key {
            "receivers" => "the pipeline has no receivers, so nothing would come in",
            _ => "the pipeline has no exporters, so nothing would go out",
        };
        let fix = match known.first() {
            Some(name) => format!("add `{key}: [{name}]`"),
            None => format!("add `{key}:`, and what they are at the root"),
        };
        findings.push(Finding::error(pipeline.at, path, message).with_fix(fix));
        return Vec::new();
    }
    let mut names: Vec<Arc<str>> = Vec::new();
    for Reference { name, at } in references {
        if names.iter().any(|known| **known == **name) {
            let message = format!("{name} stands in this pipeline twice");
            findings.push(Finding::error(*at, path.clone(), message));
        }
        if !known.iter().any(|known| ***known == **name) {
            let message = format!("{name} is not one of the {key} of this file");
            let near = known.iter().map(|known| &***known);
            findings.push(
                Finding::error(*at, path.clone(), message)
                    .did_you_mean(name, near)
                    .or_fix(format!("add `{name}:` under `{key}:`")),
            );
        }
        names.push(name.as_str().into());
    }
    names
}

/// Finds exporters that have no endpoint for the pipeline's signal.
fn carried(
    pipeline: &Pipeline,
    exporters: &[Named<ExporterSettings>],
    findings: &mut Vec<Finding>,
) {
    for Reference { name, at } in &pipeline.exporters {
        let exporter = exporters.iter().find(|exporter| *exporter.name == **name);
        let Some(settings) = exporter.and_then(|exporter| exporter.settings.as_ref()) else {
            continue;
        };
        let signal = pipeline.signal;
        if !takes(settings, signal) {
            let path = format!("service.pipelines.{}.exporters", pipeline.name);
            let message = format!("{name} has no endpoint for {signal}");
            let fix = format!("add `endpoint` or `{signal}_endpoint` to exporters.{name}");
            findings.push(Finding::error(*at, path, message).with_fix(fix));
        }
    }
}

fn takes(settings: &ExporterSettings, signal: Signal) -> bool {
    let ExporterKind::Otlp(otlp) = &settings.kind else {
        return true;
    };
    let own = match signal {
        Signal::Traces => &otlp.traces_endpoint,
        Signal::Metrics => &otlp.metrics_endpoint,
        Signal::Logs => &otlp.logs_endpoint,
    };
    otlp.endpoint.is_some() || own.is_some()
}

/// Says where an exporter would get the same batches from two pipelines.
fn doubled(pipeline: &Pipeline, route: &Route, before: &[Route], findings: &mut Vec<Finding>) {
    let shared = |one: &[Arc<str>], other: &[Arc<str>]| -> BTreeSet<Arc<str>> {
        let shared = one.iter().filter(|name| other.contains(name));
        shared.cloned().collect()
    };
    for earlier in before
        .iter()
        .filter(|earlier| earlier.signal == route.signal)
    {
        let receivers = shared(&route.receivers, &earlier.receivers);
        for exporter in shared(&route.exporters, &earlier.exporters) {
            let Some(receiver) = receivers.first() else {
                break;
            };
            let path = format!("service.pipelines.{}.exporters", pipeline.name);
            let message = format!(
                "{exporter} gets what {receiver} takes twice: from here and from {}",
                earlier.name
            );
            findings.push(Finding::note(pipeline.at, path, message));
        }
    }
}
