//! Makes the graph of a service: which pipelines a receiver feeds, and where they lead.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use tamis::Tamis;
use tamis_exporter::Exporter;
use tamis_seldom::Seldom;

use super::StartError;
use super::audit::Audit;
use super::consume::{Feed, Graph, Pipeline, Watcher};
use super::lanes::{Lanes, Pace};
use super::telemetry::Metrics;
use crate::config::{Chains, Service};

/// Time between two lines about the faults of one pipeline.
const FAULTS_PAUSE: Duration = Duration::from_secs(10);

impl Graph {
    /// Joins the parts of a service. The doors stay shut until [`Graph::open`].
    ///
    /// # Errors
    /// A pipeline has no chain.
    pub(super) fn new(
        service: &Service,
        chains: Chains,
        exporters: Vec<Arc<Exporter>>,
        audit: Option<Audit>,
        watcher: Watcher,
        metrics: &Metrics,
    ) -> Result<Self, StartError> {
        let mut chains: HashMap<String, Tamis> = chains.into_iter().collect();
        let mut pipelines = Vec::new();
        let mut feeds: Vec<Feed> = Vec::new();
        for route in &service.pipelines {
            let chain = chains.remove(&route.name);
            let none = || StartError::NoChain(route.name.clone());
            for receiver in &route.receivers {
                let is_it =
                    |feed: &&mut Feed| feed.signal == route.signal && feed.receiver == *receiver;
                match feeds.iter_mut().find(is_it) {
                    Some(feed) => feed.pipelines.push(pipelines.len()),
                    None => feeds.push(Feed {
                        signal: route.signal,
                        receiver: Arc::clone(receiver),
                        pipelines: vec![pipelines.len()],
                    }),
                }
            }
            let place = |name: &Arc<str>| {
                let mut all = service.exporters.iter();
                all.position(|exporter| exporter.name == *name)
            };
            pipelines.push(Pipeline {
                name: route.name.as_str().into(),
                chain: Arc::new(chain.ok_or_else(none)?),
                exits: route.exporters.iter().filter_map(place).collect(),
                metrics: metrics.of(&route.name),
                pace: Pace::default(),
                faults: Seldom::new(FAULTS_PAUSE),
            });
        }
        Ok(Self {
            pipelines,
            feeds,
            exporters,
            lanes: Lanes::new(lanes()),
            audit,
            watcher,
            batches: AtomicU64::new(0),
            open: AtomicBool::new(false),
        })
    }

    /// Takes batches from now on.
    pub(super) fn open(&self) {
        self.open.store(true, Ordering::Release);
    }

    /// The chains, each with the name of its pipeline.
    pub(super) fn chains(&self) -> Vec<(Arc<str>, Arc<Tamis>)> {
        let named = |pipeline: &Pipeline| (Arc::clone(&pipeline.name), Arc::clone(&pipeline.chain));
        self.pipelines.iter().map(named).collect()
    }
}

/// One for each core.
pub(crate) fn lanes() -> usize {
    available_parallelism().map_or(1, usize::from)
}
