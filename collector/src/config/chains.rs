//! The chain of every pipeline of a config; when one cannot be built, none is.
//!
//! A chain stops at its first faulty plugin, but a config is to be mended in one go: when a chain
//! fails, each of its plugins is tried alone, and what each says of its settings is traced back to
//! the place in the file.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use anyhow::Context as _;
use tamis::{
    BuildError, Cache, ChainError, ComponentError, Engine, EngineOptions, Plugin, PluginError,
    Tamis,
};

use super::Config;
use super::finding::Finding;
use super::pipelines::Pipeline;
use super::processors::{Processor, ProcessorKind};

/// The chains of a config.
#[derive(Debug)]
pub struct Chains {
    chains: Vec<(String, Tamis)>,
}

impl Chains {
    /// Loads every plugin that a pipeline uses and builds the pipelines' chains.
    ///
    /// # Errors
    /// [`Findings`](super::Findings): every fault of every plugin.
    pub fn build(config: &Config, cache: &Arc<Cache>) -> anyhow::Result<Self> {
        let mut options = EngineOptions::default();
        for plugin in config.processors.iter().filter_map(plugin) {
            options.memory_bytes_max = options.memory_bytes_max.max(plugin.memory_bytes_max());
        }
        let engine = Engine::new(&options).context("plugins cannot run on this machine")?;
        let build = |plugins: Vec<Plugin>| {
            let builder = Tamis::builder()
                .engine(engine.clone())
                .cache(Arc::clone(cache));
            plugins
                .into_iter()
                .fold(builder, tamis::Builder::plugin)
                .build()
        };
        let (mut chains, mut findings, mut tried) = (Vec::new(), Vec::new(), BTreeSet::new());
        for pipeline in &config.pipelines {
            let processors = used(config, pipeline);
            let plugins = processors
                .iter()
                .copied()
                .filter_map(plugin)
                .cloned()
                .collect();
            let error = match build(plugins) {
                Ok(tamis) => {
                    chains.push((pipeline.name.clone(), tamis));
                    continue;
                }
                Err(error) => error,
            };
            let known = findings.len();
            for processor in processors {
                let Some(plugin) = plugin(processor) else {
                    continue;
                };
                if !tried.insert(processor.name.as_str()) {
                    continue;
                }
                if let Err(error) = build(vec![plugin.clone()]) {
                    explain(processor, &error, &mut findings);
                }
            }
            // Nothing is wrong with the plugins themselves: it is how they stand together.
            if findings.len() == known && !faulty(&findings, config, pipeline) {
                let path = format!("service.pipelines.{}.processors", pipeline.name);
                findings.push(Finding::error(pipeline.at, path, words(&error)));
            }
        }
        match findings.is_empty() {
            true => Ok(Self { chains }),
            false => Err(config.findings(findings).into()),
        }
    }

    /// The chain of the pipeline of this name.
    #[must_use]
    pub fn of(&self, pipeline: &str) -> Option<&Tamis> {
        let mut chains = self.chains.iter();
        chains.find_map(|(name, tamis)| (name == pipeline).then_some(tamis))
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

/// Whether a processor of the pipeline was found faulty already.
fn faulty(findings: &[Finding], config: &Config, pipeline: &Pipeline) -> bool {
    used(config, pipeline).iter().any(|processor| {
        let path = format!("processors.{}", processor.name);
        let below = |finding: &Finding| {
            let rest = finding.path.strip_prefix(&path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        findings.iter().any(below)
    })
}

fn explain(processor: &Processor, error: &BuildError, findings: &mut Vec<Finding>) {
    let root = format!("processors.{}", processor.name);
    let at = |path: &str| processor.node.find(path).unwrap_or(processor.at);
    if let BuildError::Chain(ChainError::Plugin { source, .. }) = error
        && let PluginError::Config(config) = source.as_ref()
    {
        for fault in &config.faults {
            let path = match fault.path.as_str() {
                "" => root.clone(),
                path if path.starts_with('[') => format!("{root}{path}"),
                path => format!("{root}.{path}"),
            };
            findings.push(Finding::error(at(&fault.path), path, fault.message.clone()));
        }
        return;
    }
    let (key, fix) = match error {
        BuildError::File { .. } => ("plugin.path", None),
        BuildError::Component { source, .. } => match source {
            ComponentError::Digest { .. } => ("plugin.sha256", None),
            ComponentError::NotGranted { grant, .. } => (
                "plugin.grants",
                Some(format!("add `grants: [{grant}]` to `plugin:`")),
            ),
            ComponentError::TooLarge { .. } => ("plugin.limits", None),
            _ => ("plugin.path", None),
        },
        _ => ("", None),
    };
    let finding = Finding::error(at(key), root, words(error));
    findings.push(match fix {
        Some(fix) => finding.with_fix(fix),
        None => finding,
    });
}

/// An error with its causes. They hold no content: see the host.
fn words(error: &dyn Error) -> String {
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
    words
}
