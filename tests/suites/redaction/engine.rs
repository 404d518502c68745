//! Chains of the one plugin, in both ways in which it runs.

use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::Value as Json;
use tamis_host::{
    Cache, Chain, ChainBuilder, ChainError, Code, Component, Context, Engine, EngineOptions,
    Outcome, PluginLimits, PluginSpec, Report, Signal,
};
use tamis_plugins::Shipped;

/// The plugin natively and as Wasm, each with its name.
pub(crate) fn forms() -> Vec<(&'static str, Code)> {
    static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
        let engine = Engine::new(&EngineOptions::default()).unwrap();
        let limits = PluginLimits::default();
        let component = Shipped::find("redaction").unwrap().component().unwrap();
        Component::load(&engine, &Cache::none(), component, None, &[], &limits).unwrap()
    });
    let native = Shipped::find("redaction").unwrap().native().unwrap();
    vec![
        ("native", Code::Native(native)),
        ("wasm", Code::Wasm(COMPONENT.clone())),
    ]
}

/// The chain natively and as Wasm, each with its name.
pub(crate) fn chains(settings: &Json) -> Vec<(&'static str, Chain)> {
    let chain = |(name, code)| (name, build(code, settings.clone()).unwrap());
    forms().into_iter().map(chain).collect()
}

/// The chain of this form.
pub(crate) fn build(code: Code, settings: Json) -> Result<Chain, ChainError> {
    let spec = PluginSpec::new("redaction", code).with_settings(settings);
    ChainBuilder::new().plugin(spec).build()
}

/// What a chain makes of a batch: the bytes, none if nothing is left, and the report.
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
        Outcome::Dropped { report } => (Bytes::new(), report),
        other => panic!("the batch did not get through: {other:?}"),
    }
}
