//! `tamis run` from outside: the real binary between senders and sinks on loopback.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it skips"
)]

mod authority;
mod captures;
mod chain;
mod ends;
mod fan_out;
mod faults;
mod guest;
mod process;
mod says;
mod secure;
mod send;
mod sink;
mod start;
mod worst;
