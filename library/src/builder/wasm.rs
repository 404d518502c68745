//! Components for a chain: the engine that runs them, the cache of their code, and their files.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use tamis_host::{Cache, Code, Component, Engine, EngineOptions};

use crate::builder::{BuildError, Builder};
use crate::plugin::Plugin;

/// Loads components, for all plugins of a chain with the same engine.
#[derive(Debug, Default)]
pub(super) struct Loader {
    engine: Option<Engine>,
    options: EngineOptions,
    cache: Option<Arc<Cache>>,
}

impl Builder {
    /// Sets where compiled code is kept; otherwise in [`Cache::user`]. Keep a clone of the `Arc` to
    /// hear its warnings.
    #[must_use]
    pub fn cache(mut self, cache: impl Into<Arc<Cache>>) -> Self {
        self.loader.cache = Some(cache.into());
        self
    }

    /// Sets how the Wasm engine works, such as [`EngineOptions::modest`] for neither signal handlers
    /// nor large reservations of address space.
    #[must_use]
    pub fn engine_options(mut self, options: EngineOptions) -> Self {
        self.loader.options = options;
        self
    }

    /// Shares an engine with other chains, which saves its thread and its reservations.
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.loader.engine = Some(engine);
        self
    }
}

impl Loader {
    pub(super) fn file(&mut self, plugin: &Plugin, path: &Path) -> Result<Code, BuildError> {
        // One byte more than it may have, so that the limit is seen and `/dev/zero` has an end.
        let most = plugin.limits.component_bytes_max as u64 + 1;
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(most).read_to_end(&mut bytes))
            .map_err(|source| BuildError::File {
                plugin: plugin.name.clone(),
                path: path.to_owned(),
                source,
            })?;
        self.component(plugin, &bytes)
    }

    pub(super) fn component(&mut self, plugin: &Plugin, wasm: &[u8]) -> Result<Code, BuildError> {
        let engine = match &self.engine {
            Some(engine) => engine.clone(),
            None => self.engine.insert(Engine::new(&self.options)?).clone(),
        };
        let cache = self.cache.get_or_insert_with(|| Arc::new(Cache::user()));
        let component = Component::load(
            &engine,
            cache,
            wasm,
            plugin.sha256.as_deref(),
            &plugin.grants,
            &plugin.limits,
        );
        component
            .map(Code::Wasm)
            .map_err(|source| BuildError::Component {
                plugin: plugin.name.clone(),
                source,
            })
    }
}
