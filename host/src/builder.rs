//! Builds a chain: starts each plugin once, learns what it asks for, and refuses what could leak.

use std::collections::HashSet;
use std::sync::Arc;

use tamis_contract::Role;
use tamis_scan::Engine as ScanEngine;

use crate::chain::Chain;
use crate::imports::{Table, Tables};
use crate::interest::{self, InterestError};
use crate::limits::Limits;
use crate::plan::Needs;
use crate::plugin::{Plugin, PluginError, PluginSpec, Starter};
use crate::workers::Workers;

/// Why a chain cannot be built. Then nothing may be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// A plugin cannot be part of it.
    #[error("plugin {plugin} cannot be loaded")]
    Plugin {
        /// The plugin.
        plugin: String,
        /// Why.
        #[source]
        source: Box<PluginError>,
    },
    /// Two plugins of one name.
    #[error("two plugins are named {plugin}")]
    Name {
        /// The name.
        plugin: String,
    },
    /// A protector stands behind a reducer, which may have cut a secret in half or hidden it.
    #[error(
        "plugin {protector} protects and must stand before {reducer}, which reduces: a secret that was cut in half is no longer found"
    )]
    Order {
        /// The protector.
        protector: String,
        /// The reducer before it.
        reducer: String,
    },
    /// The gate for all plugins together cannot be made.
    #[error("the scan for all plugins together cannot be made")]
    Gate(#[source] InterestError),
    /// There is no such scan engine, or not on this machine.
    #[error("TAMIS_SCAN names {name}, which is no scan engine")]
    Engine {
        /// The name.
        name: String,
    },
}

/// Gathers the plugins of a chain.
#[derive(Default)]
pub struct ChainBuilder {
    plugins: Vec<PluginSpec>,
    tables: Tables,
    limits: Limits,
    engine: Option<ScanEngine>,
}

impl std::fmt::Debug for ChainBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChainBuilder")
            .field("plugins", &self.plugins)
            .finish_non_exhaustive()
    }
}

impl ChainBuilder {
    /// A chain without plugins yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a plugin behind those that are there.
    #[must_use]
    pub fn plugin(mut self, plugin: PluginSpec) -> Self {
        self.plugins.push(plugin);
        self
    }

    /// Gives plugins that are granted `lookup` a table.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>, table: Arc<dyn Table>) -> Self {
        self.tables.insert(name.into(), table);
        self
    }

    /// Sets the chain's limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the engine of the scan; otherwise `TAMIS_SCAN` or a cost model names it.
    #[must_use]
    pub fn scan_engine(mut self, engine: ScanEngine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Starts every plugin once and compiles the scan for all of them.
    ///
    /// # Errors
    /// [`ChainError`], which names the plugin. Nothing may then be sent unscrubbed.
    pub fn build(self) -> Result<Chain, ChainError> {
        let engine = self
            .engine
            .map_or_else(engine_from_environment, |engine| Ok(Some(engine)))?;
        let tables = Arc::new(self.tables);
        let (mut needs, mut walked) = (Needs::default(), Vec::new());
        let (mut plugins, mut runs): (Vec<Plugin>, Vec<_>) = (Vec::new(), Vec::new());
        let mut names = HashSet::new();
        for spec in &self.plugins {
            if !names.insert(spec.name.as_str()) {
                return Err(ChainError::Name {
                    plugin: spec.name.clone(),
                });
            }
            let failed = |source| ChainError::Plugin {
                plugin: spec.name.clone(),
                source: Box::new(source),
            };
            let starter = Starter::new(spec, &tables).map_err(failed)?;
            let (run, description, json) = starter.first().map_err(failed)?;
            let interest =
                interest::read(&json, &spec.limits).map_err(|error| failed(error.into()))?;
            let plan = needs
                .add(&interest, &spec.limits)
                .map_err(|error| failed(error.into()))?;
            let plugin = Plugin::new(spec, starter, description, json, &interest, plan);
            walked.extend(
                needs
                    .walked
                    .drain(..)
                    .map(|path| (Arc::clone(&plugin.name), path)),
            );
            plugins.push(plugin);
            runs.push(Some(run));
        }
        in_order(&plugins)?;
        let plans = plugins.iter_mut().map(|plugin| &mut plugin.plan);
        let sieve = needs.sieve();
        let gate = needs.gate(engine, plans).map_err(ChainError::Gate)?;
        let workers = Workers::new(runs, self.limits.workers_max, self.limits.gate_hits_max);
        Ok(Chain {
            plugins,
            gate,
            sieve,
            walked,
            workers,
            limits: self.limits,
        })
    }
}

/// Protectors stand before reducers.
fn in_order(plugins: &[Plugin]) -> Result<(), ChainError> {
    let Some(first) = plugins
        .iter()
        .position(|plugin| plugin.role == Role::Reduce)
    else {
        return Ok(());
    };
    let (_, behind) = plugins.split_at(first);
    match behind.iter().find(|plugin| plugin.role == Role::Protect) {
        None => Ok(()),
        Some(protector) => Err(ChainError::Order {
            protector: protector.name.to_string(),
            reducer: behind
                .first()
                .map_or_else(String::new, |plugin| plugin.name.to_string()),
        }),
    }
}

/// `TAMIS_SCAN` forces one engine, for tests that hold them against each other.
fn engine_from_environment() -> Result<Option<ScanEngine>, ChainError> {
    match std::env::var("TAMIS_SCAN") {
        Ok(name) if !name.is_empty() => {
            let engine = ScanEngine::from_name(&name).ok_or(ChainError::Engine { name })?;
            Ok(Some(engine))
        }
        _ => Ok(None),
    }
}
