//! What `tamis run` does beside its chains: doors, exits, and what leads from one to the other.
//!
//! These are settings only: nothing here opens a port or a connection.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tamis::Signal;
use tamis_exporter::ExporterSettings;
use tamis_receiver::ReceiverSettings;

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
