//! The plugin `scrub` in a chain, natively and as Wasm: no planted secret leaves, nothing else
//! changes, a second run changes nothing.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it skipped"
)]

#[path = "scrub/batch.rs"]
mod batch;
#[path = "scrub/captures.rs"]
mod captures;
#[path = "scrub/cases.rs"]
mod cases;
#[path = "scrub/compare.rs"]
mod compare;
#[path = "scrub/engine.rs"]
mod engine;
#[path = "scrub/masks.rs"]
mod masks;
#[path = "scrub/samples.rs"]
mod samples;
