//! Chains of `truncate`, alone or behind `scrub`, in every way in which they run.

use bytes::Bytes;
use serde_json::Value as Json;
use std::sync::LazyLock;
use tamis_host::{Chain, ChainBuilder, Code, Context, Outcome, PluginSpec, Report, Signal};
use tamis_plugins::Shipped;
use tamis_testing::{Form, forms};

/// The forms of `scrub` and of `truncate`, in the same order.
pub(crate) static FORMS: LazyLock<[Vec<Form>; 2]> = LazyLock::new(|| {
    ["scrub", "truncate"].map(|name| {
        let shipped = Shipped::find(name).unwrap();
        forms(shipped.component().unwrap(), shipped.native()).unwrap()
    })
});

/// A chain of `truncate` alone for each form, with its name.
pub(crate) fn alone(settings: &Json) -> Vec<(&'static str, Chain)> {
    let [_, truncate] = &*FORMS;
    let chain = |form: &Form| (form.label, build([truncate_spec(&form.code, settings)]));
    truncate.iter().map(chain).collect()
}

/// A chain of `scrub` with its defaults and `truncate`, for each form.
pub(crate) fn behind_scrub(settings: &Json) -> Vec<(&'static str, Chain)> {
    let [scrub, truncate] = &*FORMS;
    let chain = |(scrub, truncate): (&Form, &Form)| {
        let specs = [
            PluginSpec::new("scrub", scrub.code.clone()),
            truncate_spec(&truncate.code, settings),
        ];
        (truncate.label, build(specs))
    };
    scrub.iter().zip(truncate).map(chain).collect()
}

/// `scrub` alone, natively.
pub(crate) fn scrub() -> Chain {
    let native = Shipped::find("scrub").and_then(Shipped::native).unwrap();
    build([PluginSpec::new("scrub", Code::Native(native))])
}

fn truncate_spec(code: &Code, settings: &Json) -> PluginSpec {
    PluginSpec::new("truncate", code.clone()).with_settings(settings.clone())
}

fn build<const N: usize>(specs: [PluginSpec; N]) -> Chain {
    let chain = specs
        .into_iter()
        .fold(ChainBuilder::new(), ChainBuilder::plugin);
    chain.build().unwrap()
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
