//! Makes a chain out of plugins. A chain that cannot be built is an error and never a weaker chain.

use std::path::PathBuf;
use std::sync::Arc;

use tamis_host::{ChainBuilder, ChainError, Code, Limits, PluginSpec, Table};
use tamis_plugins::Shipped;

#[cfg(feature = "wasm")]
use crate::builder::wasm::Loader;
use crate::plugin::{Plugin, Source};
use crate::tamis::Tamis;

#[cfg(feature = "wasm")]
mod wasm;

/// Why a chain cannot be built. Then nothing may be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No plugin of this name ships with Tamis.
    #[error("no plugin named {name} ships with tamis{}", or_meant(.nearest))]
    Unknown {
        /// The name.
        name: String,
        /// A name that is much like it.
        nearest: Option<String>,
    },
    /// The program was built without the plugin's code.
    #[error("plugin {name} is not in this program: build it with feature `wasm` or `native`")]
    LeftOut {
        /// The plugin.
        name: String,
    },
    /// A digest was given for a plugin that is not a component.
    #[error(
        "plugin {plugin} is linked natively and has no component whose sha256 could be checked"
    )]
    NoComponent {
        /// The plugin.
        plugin: String,
    },
    /// A component's file cannot be read.
    #[error("plugin {plugin}: {path} cannot be read")]
    File {
        /// The plugin.
        plugin: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A component cannot be loaded.
    #[cfg(feature = "wasm")]
    #[error("plugin {plugin} cannot be loaded")]
    Component {
        /// The plugin.
        plugin: String,
        /// Why.
        source: tamis_host::ComponentError,
    },
    /// There is no Wasm engine on this machine.
    #[cfg(feature = "wasm")]
    #[error(transparent)]
    Engine(#[from] tamis_host::EngineError),
    /// The plugins do not make a chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

fn or_meant(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map_or_else(String::new, |name| format!(": did you mean {name}?"))
}

/// Gathers what a chain is made of.
#[derive(Debug, Default)]
pub struct Builder {
    plugins: Vec<Plugin>,
    tables: Vec<(String, Arc<dyn Table>)>,
    limits: Limits,
    unscrubbed: bool,
    #[cfg(feature = "wasm")]
    loader: Loader,
}

impl Builder {
    /// Adds a plugin behind those that are there. A chain for which none was named is the default
    /// chain, `scrub`.
    #[must_use]
    pub fn plugin(mut self, plugin: Plugin) -> Self {
        self.plugins.push(plugin);
        self
    }

    /// A chain for which no plugin is named stays without: what goes in comes out, unscrubbed.
    #[must_use]
    pub fn unscrubbed(mut self) -> Self {
        self.unscrubbed = true;
        self
    }

    /// Gives plugins that are granted `lookup` a table.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>, table: Arc<dyn Table>) -> Self {
        self.tables.push((name.into(), table));
        self
    }

    /// Sets the chain's limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Loads every plugin, starts each once and compiles the scan for all of them.
    ///
    /// # Errors
    /// [`BuildError`], which names the plugin. Nothing may then be sent.
    pub fn build(mut self) -> Result<Tamis, BuildError> {
        if self.plugins.is_empty() && !self.unscrubbed {
            self.plugins.push(Plugin::shipped("scrub"));
        }
        let mut chain = ChainBuilder::new().limits(self.limits.clone());
        for (name, table) in std::mem::take(&mut self.tables) {
            chain = chain.table(name, table);
        }
        for plugin in std::mem::take(&mut self.plugins) {
            let code = self.code(&plugin)?;
            let mut spec = PluginSpec::new(plugin.name, code).with_settings(plugin.settings);
            spec.policy = plugin.policy;
            spec.grants = plugin.grants;
            spec.limits = plugin.limits;
            spec.tables = plugin.tables.into_iter().collect();
            chain = chain.plugin(spec);
        }
        Ok(Tamis {
            chain: chain.build()?,
        })
    }

    fn code(&mut self, plugin: &Plugin) -> Result<Code, BuildError> {
        match &plugin.source {
            Source::Shipped(name) => self.shipped(plugin, find(name)?),
            #[cfg(feature = "wasm")]
            Source::File(path) => self.loader.file(plugin, path),
            #[cfg(feature = "wasm")]
            Source::Component(bytes) => self.loader.component(plugin, bytes),
            Source::Linked(native) => linked(plugin, *native),
        }
    }

    fn shipped(&mut self, plugin: &Plugin, shipped: &Shipped) -> Result<Code, BuildError> {
        #[cfg(feature = "wasm")]
        if let Some(component) = shipped.component() {
            return self.loader.component(plugin, component);
        }
        match shipped.native() {
            Some(native) => linked(plugin, native),
            None => Err(BuildError::LeftOut {
                name: shipped.name.to_owned(),
            }),
        }
    }
}

fn linked(plugin: &Plugin, native: tamis_host::NativePlugin) -> Result<Code, BuildError> {
    match plugin.sha256 {
        None => Ok(Code::Native(native)),
        Some(_) => Err(BuildError::NoComponent {
            plugin: plugin.name.clone(),
        }),
    }
}

fn find(name: &str) -> Result<&'static Shipped, BuildError> {
    Shipped::find(name).ok_or_else(|| {
        let distance = |known: &&str| strsim::damerau_levenshtein(known, name);
        let nearest = Plugin::shipped_names()
            .min_by_key(distance)
            .filter(|known| distance(known) <= 2);
        BuildError::Unknown {
            name: name.to_owned(),
            nearest: nearest.map(str::to_owned),
        }
    })
}
