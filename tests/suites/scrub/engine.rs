//! Chains of the one plugin, in every way in which it runs.

use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::Value as Json;
use tamis_host::{
    Cache, Chain, ChainBuilder, ChainError, Code, Component, Context, Engine, EngineOptions,
    NativePlugin, Outcome, PluginLimits, PluginSpec, Report, Signal,
};
use tamis_plugins::Shipped;

/// Builds the chain of `scrub` alone, natively.
pub(crate) fn native(settings: Json) -> Result<Chain, ChainError> {
    build(Code::Native(plugin()), settings)
}

/// The plugin, linked natively.
pub(crate) fn plugin() -> NativePlugin {
    Shipped::find("scrub").and_then(Shipped::native).unwrap()
}

/// The chain natively and as Wasm, each with its name.
pub(crate) fn chains(settings: &Json) -> Vec<(&'static str, Chain)> {
    static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
        let engine = Engine::new(&EngineOptions::default()).unwrap();
        let limits = PluginLimits::default();
        Component::load(
            &engine,
            &Cache::none(),
            &tamis_plugins::SCRUB,
            None,
            &[],
            &limits,
        )
        .unwrap()
    });
    let wasm = build(Code::Wasm(COMPONENT.clone()), settings.clone());
    vec![
        ("native", native(settings.clone()).unwrap()),
        ("wasm", wasm.unwrap()),
    ]
}

fn build(code: Code, settings: Json) -> Result<Chain, ChainError> {
    let spec = PluginSpec::new("scrub", code).with_settings(settings);
    ChainBuilder::new().plugin(spec).build()
}

/// What a chain makes of a batch: the bytes, and the report.
pub(crate) fn run(chain: &Chain, signal: Signal, batch: &Bytes) -> (Bytes, Report) {
    match chain.process(signal, batch.clone(), &Context::default()) {
        Outcome::Unchanged { bytes, report } => {
            assert_eq!(
                bytes.as_ptr(),
                batch.as_ptr(),
                "unchanged bytes were copied"
            );
            (bytes, report)
        }
        Outcome::Edited { bytes, report } => (bytes, report),
        other => panic!("the batch did not get through: {other:?}"),
    }
}
