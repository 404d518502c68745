//! The plugin `sample` in a chain, natively, as Wasm and from the cache: the Collector's decisions, and
//! what goes beyond them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "sample/captures.rs"]
mod captures;
#[path = "sample/cases.rs"]
mod cases;
#[path = "sample/chained.rs"]
mod chained;
#[path = "sample/collector.rs"]
mod collector;
#[path = "sample/engine.rs"]
mod engine;
#[path = "sample/hostile.rs"]
mod hostile;
#[path = "sample/load.rs"]
mod load;
#[path = "sample/spans.rs"]
mod spans;
#[path = "sample/totals.rs"]
mod totals;
