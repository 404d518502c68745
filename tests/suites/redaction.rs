//! The plugin `redaction` in a chain, natively and as Wasm: what the Collector makes of its own
//! settings, and no blocked value anywhere in what leaves.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "redaction/cases.rs"]
mod cases;
#[path = "redaction/collector.rs"]
mod collector;
#[path = "redaction/engine.rs"]
mod engine;
#[path = "redaction/everywhere.rs"]
mod everywhere;
#[path = "redaction/hostile.rs"]
mod hostile;
#[path = "redaction/load.rs"]
mod load;
#[path = "redaction/order.rs"]
mod order;
