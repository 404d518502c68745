//! The binary from outside: what people and scripts rely on.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod cases;
mod demo;
mod deploy;
mod hostile_yaml;
mod plugin;
mod program;
mod scrub_captures;
mod scrub_files;
mod scrub_json;
