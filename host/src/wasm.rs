//! Plugins as Wasm components: engine, compiled-code cache, bindings, instances.
//!
//! Everything that knows wasmtime stands below this module; the rest of the host sees [`crate::run::Run`].

mod bindings;
mod cache;
mod component;
mod engine;
mod instance;

pub use cache::{Cache, CacheWarning};
pub use component::{Component, ComponentError};
pub use engine::{Allocation, Engine, EngineError, EngineOptions, FaultHandling};
pub(crate) use instance::Instance;
