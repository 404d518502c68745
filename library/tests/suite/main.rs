//! The library from outside: what a program that embeds it relies on.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod build;
mod dependencies;
mod process;
mod words;
