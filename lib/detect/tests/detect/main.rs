//! What the detectors promise, checked from outside: samples, carriers, masks, gate, cost.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod kinds;
mod samples;
