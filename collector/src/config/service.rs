//! What `tamis run` does beside its chains: doors, exits, and what leads from one to the other.
//!
//! These are settings only: nothing here opens a port or a connection.

mod auth;
mod check;
#[cfg(test)]
mod documented;
mod door;
mod elsewhere;
mod endpoint;
mod exporters;
mod extensions;
mod headers;
#[cfg(test)]
mod hostile;
mod memory;
mod named;
mod otlp;
mod queue;
mod receivers;
mod routes;
mod sockets;
mod telemetry;
mod tls;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tamis::Signal;
use tamis_exporter::ExporterSettings;
use tamis_receiver::ReceiverSettings;

use super::finding::Finding;
use super::node::Node;
use super::pipelines::{Pipeline, Reference};
use super::processors::Processor;
use super::section::Section;
use extensions::Extensions;

/// Everything that the daemon runs.
#[derive(Debug, Clone)]
pub struct Service {
    /// The `receivers` that a pipeline names.
    pub receivers: Vec<ReceiverSettings>,
    /// The `exporters` that a pipeline names.
    pub exporters: Vec<ExporterSettings>,
    /// What leads from one to the other, as in the config.
    pub pipelines: Vec<Route>,
    /// `service.telemetry`
    pub telemetry: TelemetrySettings,
    /// The extension `health_check`, if `service.extensions` names it.
    pub health: Option<HealthSettings>,
    /// `report`: the file that gets a line for each edit.
    pub report: Option<PathBuf>,
    /// `service.shutdown_timeout`: the time for what is in work and in queues when it ends.
    pub shutdown_timeout: Duration,
}

/// The time that a daemon has to end, when its config does not say.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the batches of one pipeline come from and go to. All names are among the service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The pipeline's name, which is also that of its chain.
    pub name: String,
    /// What it carries.
    pub signal: Signal,
    /// The names of its receivers; at least one.
    pub receivers: Vec<Arc<str>>,
    /// The names of its exporters; at least one.
    pub exporters: Vec<Arc<str>>,
}

/// A socket to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Host and port; a port of 0 is chosen by the system.
    pub endpoint: String,
    /// The setting's path in the config, named in errors.
    pub setting: String,
}

/// `service.telemetry`: what the daemon says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetrySettings {
    /// `logs`
    pub logs: LogSettings,
    /// `metrics`: where Prometheus can read them; none with `level: none`.
    pub metrics: Option<Address>,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            logs: LogSettings::default(),
            metrics: Some(Address {
                endpoint: "127.0.0.1:8888".to_owned(),
                setting: "service.telemetry.metrics".to_owned(),
            }),
        }
    }
}

/// `service.telemetry.logs`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogSettings {
    /// `level`
    pub level: LogLevel,
    /// `encoding`
    pub encoding: LogEncoding,
}

/// The least that is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// `debug`
    Debug,
    /// `info`
    #[default]
    Info,
    /// `warn`
    Warn,
    /// `error`
    Error,
}

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogEncoding {
    /// `console`: for people.
    #[default]
    Console,
    /// `json`: an object a line.
    Json,
}

/// The extension `health_check`: answers 200 while batches are taken, else 503.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthSettings {
    /// `endpoint`
    pub address: Address,
    /// `path`
    pub path: String,
}

/// A config's file while it is read.
pub(super) struct File<'f> {
    /// All of it.
    pub(super) node: &'f Node,
    /// The same as a section.
    pub(super) root: &'f Section<'f>,
    /// Its section `service`.
    pub(super) service: Option<&'f Section<'f>>,
    /// The folder to which paths in it are relative.
    pub(super) folder: &'f Path,
}

/// Reads what the daemon runs; none, with a note, for a file that has only chains.
pub(super) fn read(
    file: &File<'_>,
    processors: &[Processor],
    pipelines: &[Pipeline],
    findings: &mut Vec<Finding>,
) -> Option<Service> {
    let File { root, folder, .. } = *file;
    let none = |of: fn(&Pipeline) -> &[Reference]| pipelines.iter().all(|one| of(one).is_empty());
    if !root.has("receivers")
        && !root.has("exporters")
        && none(|pipeline| &pipeline.receivers)
        && none(|pipeline| &pipeline.exporters)
    {
        let message = "there are no receivers and exporters: of use for `tamis scrub` only";
        findings.push(Finding::note(root.at, "", message));
        return None;
    }
    if let Some(connectors) = root.section("connectors", findings) {
        for member in connectors.members {
            findings.push(elsewhere::connector(&member.key, member.at));
        }
    }
    let service = file.service;
    let extensions = Extensions::read(root, service, folder, findings);
    let receivers = receivers::read(root, folder, &extensions, findings);
    let exporters = exporters::read(root, folder, &extensions, findings);
    let routes = routes::read(pipelines, &receivers, &exporters, findings);
    let used = |name: &Arc<str>, of: fn(&Route) -> &[Arc<str>]| {
        routes.iter().any(|route| of(route).contains(name))
    };
    let mut receivers: Vec<_> = receivers
        .into_iter()
        .filter(|receiver| used(&receiver.name, |route| &route.receivers))
        .filter_map(|receiver| receiver.settings)
        .collect();
    let exporters: Vec<_> = exporters
        .into_iter()
        .filter(|exporter| used(&exporter.name, |route| &route.exporters))
        .filter_map(|exporter| exporter.settings)
        .collect();
    memory::lower(processors, pipelines, &routes, &mut receivers, findings);
    let read = Service {
        receivers,
        exporters,
        pipelines: routes,
        telemetry: service.map_or_else(TelemetrySettings::default, |service| {
            telemetry::read(service, findings)
        }),
        health: extensions.health(findings),
        report: report(root, folder, findings),
        shutdown_timeout: service
            .and_then(|service| service.span("shutdown_timeout", findings))
            .unwrap_or(SHUTDOWN_TIMEOUT),
    };
    sockets::check(&read, file.node, findings);
    check::check(&read, file.node, findings);
    Some(read)
}

/// The file for the report, whose folder must be there.
fn report(root: &Section<'_>, folder: &Path, findings: &mut Vec<Finding>) -> Option<PathBuf> {
    let report = root.file("report", folder, findings)?;
    let parent = report
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if parent.is_some_and(|parent| !parent.is_dir()) {
        findings.push(root.error("report", "its folder does not exist"));
    } else if report.is_dir() {
        findings.push(root.error("report", "is a folder, not a file"));
    }
    Some(report)
}
