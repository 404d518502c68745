//! Chains of the one plugin, in every way in which it runs.

use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::Value as Json;
use tamis_host::{
    Cache, Chain, ChainBuilder, ChainError, Code, Component, Context, Engine, EngineOptions,
    Outcome, PluginLimits, PluginSpec, Report, Signal,
};
use tamis_plugins::Shipped;

/// The plugin natively, as Wasm, and as Wasm from the cache of compiled code, each with its name.
pub(crate) fn forms() -> Vec<(&'static str, Code)> {
    static COMPONENTS: LazyLock<[Component; 2]> = LazyLock::new(|| {
        let engine = Engine::new(&EngineOptions::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("cache"));
        let limits = PluginLimits::default();
        let component = Shipped::find("sample").unwrap().component().unwrap();
        let load = || Component::load(&engine, &cache, component, None, &[], &limits).unwrap();
        let loaded = [load(), load()];
        assert!(cache.take_warnings().is_empty());
        loaded
    });
    let native = Shipped::find("sample").unwrap().native().unwrap();
    let [wasm, cached] = &*COMPONENTS;
    vec![
        ("native", Code::Native(native)),
        ("wasm", Code::Wasm(wasm.clone())),
        ("cache", Code::Wasm(cached.clone())),
    ]
}

/// The chain of this form.
pub(crate) fn build(code: Code, settings: Json) -> Result<Chain, ChainError> {
    let spec = PluginSpec::new("sample", code).with_settings(settings);
    ChainBuilder::new().plugin(spec).build()
}

/// The chain in every form, each with its name.
pub(crate) fn chains(settings: &Json) -> Vec<(&'static str, Chain)> {
    let chain = |(name, code)| (name, build(code, settings.clone()).unwrap());
    forms().into_iter().map(chain).collect()
}

/// The chain natively, for what needs many records.
pub(crate) fn native(settings: Json) -> Chain {
    let (_, code) = forms().into_iter().next().unwrap();
    build(code, settings).unwrap()
}

/// What a chain makes of a batch: the bytes, none if nothing is left, and the report.
pub(crate) fn run(chain: &Chain, signal: Signal, batch: &Bytes) -> (Bytes, Report) {
    let (bytes, report) = match chain.process(signal, batch.clone(), &Context::default()) {
        Outcome::Unchanged { bytes, report } | Outcome::Edited { bytes, report } => (bytes, report),
        Outcome::Dropped { report } => (Bytes::new(), report),
        other => panic!("the batch did not get through: {other:?}"),
    };
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    (bytes, report)
}
