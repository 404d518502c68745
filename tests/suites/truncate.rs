//! The plugin `truncate`, alone and behind `scrub`, natively, as Wasm and from the cache of compiled
//! code: what is cut fits, stays what it was, and brings nothing back.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "truncate/captures.rs"]
mod captures;
#[path = "truncate/cases.rs"]
mod cases;
#[path = "truncate/engine.rs"]
mod engine;
#[path = "truncate/hostile.rs"]
mod hostile;
#[path = "truncate/order.rs"]
mod order;
