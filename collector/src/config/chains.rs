//! The chain of every pipeline of a config; when one cannot be built, none is.
//!
//! A chain stops at its first faulty plugin, but a config is to be mended in one go: when a chain
//! fails, each of its plugins is tried alone, and what each says of its settings is traced back to
//! the place in the file.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Context as _;
use tamis::{
    BuildError, Cache, ChainError, ComponentError, Engine, EngineOptions, Limits, Plugin,
    PluginError, Tamis,
};

use super::Config;
use super::clusters::{self, Cluster};
use super::finding::{Finding, is_faulty};
use super::pipelines::Pipeline;
use super::processors::{Processor, ProcessorKind};

/// The chains of a config.
#[derive(Debug)]
pub struct Chains {
    chains: Vec<(String, Tamis)>,
    clusters: Vec<Cluster>,
}

impl Chains {
    /// Loads every plugin that a pipeline uses and builds the pipelines' chains. With an error among
    /// the findings, there is a chain too few.
    pub(super) fn build(
        config: &Config,
        clusters: Vec<Cluster>,
        cache: &Arc<Cache>,
        findings: &mut Vec<Finding>,
    ) -> anyhow::Result<Self> {
        let loader = Loader::new(config, &clusters, cache)?;
        let (mut chains, mut tried) = (Vec::new(), BTreeSet::new());
        for pipeline in &config.pipelines {
            let processors = used(config, pipeline);
            let built = match pipeline.unscrubbed {
                true => Tamis::builder().unscrubbed().build(),
                false => loader.build(&processors),
            };
            let error = match built {
                Ok(tamis) => {
                    warnings(&processors, &tamis, findings);
                    chains.push((pipeline.name.clone(), tamis));
                    continue;
                }
                Err(error) => error,
            };
            for processor in &processors {
                if tried.insert(processor.name.as_str()) {
                    loader.try_alone(processor, findings);
                }
            }
            if !processors
                .iter()
                .any(|processor| is_faulty(findings, &below(processor, "")))
            {
                // Nothing is wrong with the plugins themselves: it is how they stand together.
                let path = format!("service.pipelines.{}.processors", pipeline.name);
                findings.push(Finding::error(pipeline.at, path, words(&error)));
            }
        }
        Ok(Self { chains, clusters })
    }

    /// The tables of pods that the chains look up, for who fills them; once.
    #[must_use]
    pub fn take_clusters(&mut self) -> Vec<Cluster> {
        std::mem::take(&mut self.clusters)
    }

    /// The chain of the pipeline of this name.
    #[must_use]
    pub fn of(&self, pipeline: &str) -> Option<&Tamis> {
        let mut chains = self.chains.iter();
        chains.find_map(|(name, tamis)| (name == pipeline).then_some(tamis))
    }
}

/// Each chain with the name of its pipeline.
impl IntoIterator for Chains {
    type Item = (String, Tamis);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.chains.into_iter()
    }
}

/// Finds what is wrong with the plugins of a config that is faulty anyway.
pub(super) fn try_each(
    config: &Config,
    clusters: &[Cluster],
    cache: &Arc<Cache>,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<()> {
    let loader = Loader::new(config, clusters, cache)?;
    for processor in &config.processors {
        loader.try_alone(processor, findings);
    }
    Ok(())
}

/// What all chains of a config share.
struct Loader<'c> {
    engine: Engine,
    cache: Arc<Cache>,
    clusters: &'c [Cluster],
}

impl<'c> Loader<'c> {
    fn new(config: &Config, clusters: &'c [Cluster], cache: &Arc<Cache>) -> anyhow::Result<Self> {
        let mut options = EngineOptions::default();
        for plugin in config.processors.iter().filter_map(plugin) {
            options.memory_bytes_max = options.memory_bytes_max.max(plugin.memory_bytes_max());
        }
        Ok(Self {
            engine: Engine::new(&options).context("plugins cannot run on this machine")?,
            cache: Arc::clone(cache),
            clusters,
        })
    }

    fn build(&self, processors: &[&Processor]) -> Result<Tamis, BuildError> {
        let mut limits = Limits::default();
        limits.workers_max = available_parallelism().map_or(limits.workers_max, usize::from);
        let mut builder = Tamis::builder()
            .engine(self.engine.clone())
            .limits(limits)
            .cache(Arc::clone(&self.cache));
        for processor in processors {
            let Some(plugin) = plugin(processor).cloned() else {
                continue;
            };
            builder = builder.plugin(match clusters::of(self.clusters, processor) {
                Some(cluster) => plugin.table(tamis_kubernetes::TABLE, cluster.table()),
                None => plugin,
            });
        }
        builder.build()
    }

    fn try_alone(&self, processor: &Processor, findings: &mut Vec<Finding>) {
        if plugin(processor).is_none() {
            return;
        }
        if let Err(error) = self.build(&[processor]) {
            explain(processor, &error, findings);
        }
    }
}

/// What plugins say about their settings although they are valid: `path: what`.
fn warnings(processors: &[&Processor], tamis: &Tamis, findings: &mut Vec<Finding>) {
    for info in tamis.chain().plugins() {
        let named = |processor: &&&Processor| processor.name == info.name;
        let Some(processor) = processors.iter().find(named) else {
            continue;
        };
        for warning in info.warnings {
            let (path, message) = warning.split_once(": ").unwrap_or(("", warning.as_str()));
            let at = processor.node.find(path).unwrap_or(processor.at);
            findings.push(Finding::note(at, below(processor, path), message));
        }
    }
}

fn plugin(processor: &Processor) -> Option<&Plugin> {
    match &processor.kind {
        ProcessorKind::Plugin(plugin) => Some(plugin),
        ProcessorKind::Idle | ProcessorKind::Faulty => None,
    }
}

fn used<'c>(config: &'c Config, pipeline: &Pipeline) -> Vec<&'c Processor> {
    let named = |name: &String| {
        let mut processors = config.processors.iter();
        processors.find(|processor| processor.name == *name)
    };
    pipeline.names.iter().filter_map(named).collect()
}

/// The path from the root of what stands at this path of a processor.
fn below(processor: &Processor, path: &str) -> String {
    let dot = if path.is_empty() || path.starts_with('[') {
        ""
    } else {
        "."
    };
    format!("processors.{}{dot}{path}", processor.name)
}

fn explain(processor: &Processor, error: &BuildError, findings: &mut Vec<Finding>) {
    let at = |path: &str| processor.node.find(path).unwrap_or(processor.at);
    let mut find = |key: &str, message: String| {
        findings.push(Finding::error(at(key), below(processor, key), message));
    };
    match error {
        BuildError::Chain(ChainError::Plugin { source, .. }) => match source.as_ref() {
            PluginError::Config(config) => {
                for fault in &config.faults {
                    find(&fault.path, fault.message.clone());
                }
            }
            // Its own causes quote the patterns, and a pattern may be a secret.
            PluginError::Interest(interest) => find("", format!("{source}: {interest}")),
            other => find("", words(other)),
        },
        BuildError::File { path, source, .. } => {
            let message = format!("{} cannot be read: {source}", path.display());
            find("plugin.path", message);
        }
        BuildError::Component { source, .. } => {
            let (key, fix) = match source {
                ComponentError::Digest { .. } => ("plugin.sha256", None),
                ComponentError::NotGranted { grant, .. } => ("plugin.grants", Some(grant)),
                ComponentError::TooLarge { .. } => ("plugin.limits", None),
                _ => ("plugin.path", None),
            };
            let finding = Finding::error(at(key), below(processor, key), words(source));
            findings.push(match fix {
                Some(grant) => finding.with_fix(format!("add `grants: [{grant}]` to `plugin:`")),
                None => finding,
            });
        }
        other => find("", words(other)),
    }
}

/// An error with its causes. They hold no content; see `explain` for the one that quotes a setting.
pub(super) fn words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.ends_with(&cause_words) {
            words.push_str(": ");
            words.push_str(&cause_words);
        }
        source = cause.source();
    }
    // Some compilers' messages have many lines.
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
