//! Tables of pods: one for each processor `k8sattributes`, shared by the pipelines that use it.
//!
//! A file of pods is read with the config; an API server is followed by the daemon alone, which takes
//! the feeds that stay empty until then.
//!
//! Must never: open a connection.

use std::sync::Arc;

use tamis_kubernetes::{Feed, Pods, Settings, SettingsError, Source};

use super::Config;
use super::Purpose;
use super::finding::Finding;
use super::processors::{Processor, ProcessorKind};

/// Names of the plugin that looks pods up.
const NAMES: [&str; 3] = ["k8sattributes", "k8s_attributes", "k8s-attributes"];

/// The one key that the plugin does not judge.
const OWN: &str = "wait_for_metadata_timeout";

/// The table of one processor, and what fills it.
#[derive(Debug)]
pub struct Cluster {
    /// The processor.
    pub processor: String,
    /// Where pods come from, and which.
    pub settings: Settings,
    /// What fills the table.
    pub feed: Feed,
}

impl Cluster {
    /// The table.
    pub(super) fn table(&self) -> Arc<Pods> {
        self.feed.table()
    }
}

/// Whether a processor is the plugin that looks pods up, and not one of the user's own by its name.
fn looks_up(processor: &Processor) -> bool {
    let kind = processor.name.split('/').next().unwrap_or_default();
    let own = processor.node.member("plugin");
    let own = own.is_some_and(|plugin| plugin.node.member("path").is_some());
    NAMES.contains(&kind) && !own && matches!(processor.kind, ProcessorKind::Plugin(_))
}

/// Makes the tables of a config.
pub(super) fn open(config: &Config, purpose: Purpose, findings: &mut Vec<Finding>) -> Vec<Cluster> {
    let mut clusters = Vec::new();
    for processor in config.processors.iter().filter(|one| looks_up(one)) {
        let settings = match Settings::from_json(&processor.node.to_json()) {
            Ok(settings) => settings.within(&config.folder),
            // The plugin itself says what else is wrong.
            Err(SettingsError::Key { path, message }) if path == OWN => {
                let at = processor.node.find(&path).unwrap_or(processor.at);
                let path = format!("processors.{}.{path}", processor.name);
                findings.push(Finding::error(at, path, message));
                Settings::default()
            }
            Err(_) => Settings::default(),
        };
        if purpose == Purpose::Chains
            && !matches!(settings.source(), Source::File(_) | Source::Nothing)
        {
            let path = format!("processors.{}", processor.name);
            let message = "pods are looked up by `tamis run` only; nothing is added here";
            let fix = "with `snapshot_file: FILE` pods come from a file, here too";
            findings.push(Finding::note(processor.at, path, message).with_fix(fix));
        }
        match Feed::open(&settings) {
            Ok(feed) => clusters.push(Cluster {
                processor: processor.name.clone(),
                settings,
                feed,
            }),
            Err(error) => {
                let at = processor.node.find("snapshot_file").unwrap_or(processor.at);
                let path = format!("processors.{}.snapshot_file", processor.name);
                findings.push(Finding::error(at, path, super::chains::words(&error)));
            }
        }
    }
    clusters
}

/// The table of a processor, if it looks pods up.
pub(super) fn of<'c>(clusters: &'c [Cluster], processor: &Processor) -> Option<&'c Cluster> {
    clusters
        .iter()
        .find(|cluster| cluster.processor == processor.name)
}
