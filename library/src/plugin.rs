//! One plugin of a chain: where its code is, and what it is told and allowed.

#[cfg(feature = "wasm")]
use std::path::PathBuf;
use std::sync::Arc;

#[cfg(feature = "wasm")]
use bytes::Bytes;
use tamis_host::{Grant, NativePlugin, PluginLimits, Policy, Table};
use tamis_plugins::Shipped;

/// A plugin for a [`Builder`](crate::Builder).
#[derive(Debug, Clone)]
pub struct Plugin {
    pub(crate) name: String,
    pub(crate) source: Source,
    pub(crate) settings: serde_json::Value,
    pub(crate) policy: Option<Policy>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) limits: PluginLimits,
    pub(crate) sha256: Option<String>,
    pub(crate) tables: Vec<(String, Arc<dyn Table>)>,
}

/// Where a plugin's code is.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Shipped(String),
    #[cfg(feature = "wasm")]
    File(PathBuf),
    #[cfg(feature = "wasm")]
    Component(Bytes),
    Linked(NativePlugin),
}

impl Plugin {
    /// A plugin that comes with Tamis, by name or alias, such as `scrub` or `redaction`. What it needs
    /// of the host is granted.
    pub fn shipped(name: impl Into<String>) -> Self {
        let name = name.into();
        let shipped = Shipped::find(&name);
        let granted = shipped.map_or(&[][..], |shipped| shipped.grants);
        Self {
            grants: granted
                .iter()
                .filter_map(|name| Grant::parse(name))
                .collect(),
            ..Self::new(name.clone(), Source::Shipped(name))
        }
    }

    /// The names and aliases of the plugins that come with Tamis.
    pub fn shipped_names() -> impl Iterator<Item = &'static str> {
        let names =
            |shipped: &'static Shipped| std::iter::once(&shipped.name).chain(shipped.aliases);
        tamis_plugins::shipped().iter().flat_map(names).copied()
    }

    /// A component in a file, named like the file until [`Plugin::named`] says otherwise. It is
    /// read when the chain is built.
    #[cfg(feature = "wasm")]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::new(name.into_owned(), Source::File(path))
    }

    /// A component as bytes.
    #[cfg(feature = "wasm")]
    pub fn component(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::new(name.into(), Source::Component(bytes.into()))
    }

    /// A plugin that is linked into the program: fast, and without a sandbox.
    pub fn linked(name: impl Into<String>, plugin: NativePlugin) -> Self {
        Self::new(name.into(), Source::Linked(plugin))
    }

    fn new(name: String, source: Source) -> Self {
        Self {
            name,
            source,
            settings: serde_json::Value::Object(serde_json::Map::new()),
            policy: None,
            grants: Vec::new(),
            limits: PluginLimits::default(),
            sha256: None,
            tables: Vec::new(),
        }
    }

    /// The same under this name, which is what errors, reports and counters call it; unique in a
    /// chain.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same with these settings.
    #[must_use]
    pub fn settings(mut self, settings: serde_json::Value) -> Self {
        self.settings = settings;
        self
    }

    /// The same with this answer to faults instead of the one that its role implies.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The same, which may also use this of the host.
    #[must_use]
    pub fn grant(mut self, grant: Grant) -> Self {
        self.grants.push(grant);
        self
    }

    /// The same with a table of its own, which it sees instead of the chain's of this name.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>, table: Arc<dyn Table>) -> Self {
        self.tables.push((name.into(), table));
        self
    }

    /// The same with these limits.
    #[must_use]
    pub fn limits(mut self, limits: PluginLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The largest linear memory that an instance may have: what [`EngineOptions`] must allow when
    /// the plugin gets an engine from outside.
    ///
    /// [`EngineOptions`]: crate::EngineOptions
    #[must_use]
    pub fn memory_bytes_max(&self) -> usize {
        self.limits.memory_bytes_max
    }

    /// The same, which is only loaded when the component has this SHA-256, in hex.
    #[must_use]
    pub fn sha256(mut self, digest: impl Into<String>) -> Self {
        self.sha256 = Some(digest.into());
        self
    }
}
