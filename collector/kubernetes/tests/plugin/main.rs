//! The plugin `k8s-attributes`, linked natively, over the table of a whole cluster: association,
//! extraction, what protectors before and behind it see, and a real batch.
//!
//! That it does the same as Wasm is what its case files show, in `tests/suites/k8s.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod associate;
mod capture;
mod engine;
mod extract;
mod order;
