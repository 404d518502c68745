//! `tamis run`: receivers, chains and exporters joined, and what the daemon says of itself.
//!
//! Everything that can fail fails at the start: a chain that does not load, a port that is taken, a
//! file that cannot be written. The doors take batches only when all of it stands. At the end
//! readiness goes first, then the doors close, requests in work end, and the queues drain; what
//! could not be sent by the deadline is counted and said.
//!
//! Must never: let a batch in before every part that it needs is there, or end without saying what
//! was lost.

mod audit;
mod clusters;
mod consume;
mod graph;
mod health;
mod lanes;
mod logs;
mod shutdown;
mod telemetry;
mod verdict;
mod web;

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use prometheus_client::registry::Registry;
use tamis_exporter::Exporter;
use tamis_receiver::Receiver;

use crate::config::{Chains, LogSettings, Service};
use audit::{Audit, AuditError};
use consume::{Graph, Watcher};
use health::Health;
use shutdown::Signals;
use telemetry::{Metrics, MetricsPage, Plugins, Process, Tables};
use web::{ListenError, Served};

pub(crate) use clusters::{Followed, follow};
pub(crate) use shutdown::Lost;

/// Why the daemon cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("exporters.{name} cannot start")]
    Exporter {
        name: Arc<str>,
        source: tamis_exporter::StartError,
    },
    #[error(transparent)]
    Receiver(#[from] tamis_receiver::BindError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error("pipeline {0} has no chain: nothing runs unscrubbed")]
    NoChain(String),
    #[error("signals cannot be heard")]
    Signals(#[source] io::Error),
}

/// A daemon at work.
#[derive(Debug)]
struct Daemon {
    receivers: Vec<Receiver>,
    graph: Arc<Graph>,
    health: Arc<Health>,
    /// Served until the daemon is gone.
    sites: Vec<(String, Served)>,
    /// Kept up to date until then.
    tables: Arc<[Followed]>,
}

/// Starts the log.
pub(crate) fn start_log(settings: LogSettings) {
    logs::start(settings);
}

/// Runs until a signal ends it; `tables` are those that the chains look up.
///
/// # Errors
/// What kept it from starting.
pub(crate) async fn run(
    service: Service,
    chains: Chains,
    tables: Vec<Followed>,
) -> Result<Lost, StartError> {
    let mut signals = Signals::listen().map_err(StartError::Signals)?;
    let daemon = Daemon::start(&service, chains, tables).await?;
    daemon.say(&service);
    let name = signals.end().await;
    let timeout = service.shutdown_timeout;
    tracing::info!(signal = name, timeout_s = timeout.as_secs_f64(), "stopping");
    let lost = daemon.stop(timeout, signals).await;
    tracing::info!(batches = lost.batches, items = lost.items, "stopped");
    Ok(lost)
}

impl Daemon {
    async fn start(
        service: &Service,
        chains: Chains,
        tables: Vec<Followed>,
    ) -> Result<Self, StartError> {
        let tables: Arc<[Followed]> = tables.into();
        let mut registry = Registry::default();
        let metrics = Metrics::new(&mut registry);
        let received = tamis_receiver::Metrics::new(&mut registry);
        let exporters = exporters(service, &mut registry)?;
        let audit = service.report.as_deref();
        let audit = audit.map(|path| Audit::start(path, metrics.audit.clone()));
        let audit = audit.transpose()?;
        let watcher = match io::stderr().is_terminal() {
            true => Watcher::Person,
            false => Watcher::Nobody,
        };
        let graph = Graph::new(service, chains, exporters, audit, watcher, &metrics)?;
        registry.register_collector(Box::new(Plugins(graph.chains())));
        registry.register_collector(Box::new(Tables(Arc::clone(&tables))));
        registry.register_collector(Box::new(Process::new()));
        let graph = Arc::new(graph);
        let health_path = service.health.as_ref().map_or("/", |health| &health.path);
        let health = Arc::new(Health::new(health_path));
        let mut sites = Vec::new();
        if let Some(address) = &service.telemetry.metrics {
            let page = Arc::new(MetricsPage(Arc::new(registry)));
            let setting = address.setting.clone();
            sites.push((setting, web::serve(address, page).await?));
        }
        if let Some(settings) = &service.health {
            let served = web::serve(&settings.address, Arc::clone(&health) as _).await?;
            sites.push((settings.address.setting.clone(), served));
        }
        let mut receivers = Vec::new();
        for settings in &service.receivers {
            let graph = Arc::clone(&graph);
            receivers.push(Receiver::bind(settings.clone(), graph, &received).await?);
        }
        graph.open();
        health.opened();
        Ok(Self {
            receivers,
            graph,
            health,
            sites,
            tables,
        })
    }

    /// Says where it listens and where batches go.
    fn say(&self, service: &Service) {
        for (setting, site) in &self.sites {
            let address = site.address;
            tracing::info!(%address, setting, "listening on {address}");
        }
        for (receiver, settings) in self.receivers.iter().zip(&service.receivers) {
            let addresses = receiver.addresses();
            for (door, addresses) in [
                (&settings.grpc, &addresses.grpc),
                (&settings.http, &addresses.http),
            ] {
                let setting = door.as_ref().map(|door| door.setting.as_str());
                for address in addresses {
                    tracing::info!(%address, setting, "listening on {address}");
                }
            }
        }
        for route in &service.pipelines {
            let (from, to) = (route.receivers.join(", "), route.exporters.join(", "));
            tracing::info!(pipeline = route.name, from, to, "ready");
        }
    }
}

fn exporters(service: &Service, registry: &mut Registry) -> Result<Vec<Arc<Exporter>>, StartError> {
    let metrics = tamis_exporter::Metrics::new(registry);
    let start = |settings: &tamis_exporter::ExporterSettings| {
        let started = Exporter::start(settings.clone(), &metrics);
        started
            .map(Arc::new)
            .map_err(|source| StartError::Exporter {
                name: Arc::clone(&settings.name),
                source,
            })
    };
    service.exporters.iter().map(start).collect()
}
