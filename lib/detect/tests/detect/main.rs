//! What the detectors promise, checked from outside: samples, carriers, masks, gate, cost.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod captures;
mod carriers;
mod clean;
mod gate;
mod keyed;
mod kinds;
mod lengths;
mod linear;
mod masked;
mod samples;
mod scanned;
