//! Scrubs OpenTelemetry batches: bytes in, scrubbed bytes out. No runtime, no network.
//!
//! ```
//! use tamis::{Outcome, Signal, Tamis};
//!
//! fn scrub(tamis: &Tamis, request: Vec<u8>) -> Option<bytes::Bytes> {
//!     match tamis.process(Signal::Logs, request) {
//!         Outcome::Unchanged { bytes, .. } | Outcome::Edited { bytes, .. } => Some(bytes),
//!         Outcome::Dropped { .. } | Outcome::Refused(_) => None, // Nothing of it may leave.
//!     }
//! }
//! let tamis = Tamis::new()?; // Once: if it fails, nothing may be sent.
//! assert_eq!(scrub(&tamis, Vec::new()).as_deref(), Some(&[][..]));
//! # Ok::<(), tamis::BuildError>(())
//! ```
//!
//! [`Tamis::new`] is the default chain: the plugin `scrub` alone. [`Tamis::builder`] makes others
//! from shipped plugins by name, components by path or bytes, and natively linked ones:
//!
//! ```no_run
//! use tamis::{Plugin, Policy, Tamis};
//!
//! let settings = serde_json::json!({ "mask": "###" });
//! let custom = Plugin::file("house-rules.wasm").settings(settings).policy(Policy::Drop);
//! let tamis = Tamis::builder().plugin(Plugin::shipped("scrub")).plugin(custom).build()?;
//! # Ok::<(), tamis::BuildError>(())
//! ```
//!
//! A batch that no plugin asked to change comes back as the very same [`bytes::Bytes`]. The bytes
//! are taken for what the signal says; [`check`] proves it, for bytes that come from elsewhere.
//!
//! # A service that exports its own telemetry
//!
//! With the feature `otlp-exporter`, `Scrubbing` stands between `opentelemetry-otlp` 0.33 and the
//! HTTP client that it sends with. One line changes in each exporter:
//!
//! ```text
//! SpanExporter::builder().with_http().with_http_client(client)                       // before
//! SpanExporter::builder().with_http().with_http_client(Scrubbing::new(client)?)      // after
//! ```
//!
//! Traces, metrics and logs over HTTP with protobuf are scrubbed, compressed or not. Whatever goes
//! wrong, the request is not sent; with a chain that cannot be built nothing is sent, and
//! `Scrubbing::or_nothing` lets a service go on without telemetry then. `examples/otlp_service.rs` is
//! a whole service.
//!
//! The exporter over gRPC (`with_tonic`) has no such place: it hands out no bytes, and an interceptor
//! sees headers alone. Change it to HTTP (`with_http`, port 4318), or point it at `tamis run`.
//!
//! # What it costs
//!
//! - **Threads.** [`Tamis`] is `Send + Sync`; calls run on the caller's thread, up to
//!   [`Limits::workers_max`] at the same time, more are refused as busy. With `wasm` one thread of
//!   our own keeps time for deadlines; it sleeps while no call is in flight.
//! - **Start.** With `wasm` the first start compiles each plugin, which takes up to seconds and
//!   some 50 MB for that while; later ones take milliseconds, from [`Cache::user`]
//!   (`$XDG_CACHE_HOME/tamis` or `~/.cache/tamis`), unless [`Builder::cache`] says otherwise.
//!   Build it off the path of your requests.
//! - **Memory.** An instance of each plugin for each batch in work at the same time, at most
//!   [`PluginLimits::memory_bytes_max`] each. A whole program that scrubs 6 MB of captures one batch
//!   after the other with the default chain has 23 MB resident. Address space: 4 GiB for each
//!   instance, only reserved, and process-wide handlers for `SIGSEGV`; `EngineOptions::modest()`
//!   needs neither.
//! - **Time.** A chain from the cache starts in 35 ms. A clean batch costs one scan: 6 us for 60
//!   spans of 23 kB, about 0.2 ms a MiB; 33 us for 17 kB of logs with 9 secrets in them (release
//!   build, AVX-512, as `tamis demo` shows them for your machine). `benches/` holds more.
//!
//! # Features
//!
//! `wasm` (default) runs plugins as components. `native` links the shipped plugins instead: without
//! `wasm` there is no wasmtime in the program, no compilation, and no custom components. A native
//! plugin has no sandbox; when it panics the batch goes by its [`Policy`], as with a trap, but the
//! program's panic hook runs first, and the standard one prints the panic's message, which may quote
//! content: set a hook that does not. A program that aborts on panic ends there. With both features
//! the shipped plugins run as components. `prost` adds `Tamis::process_message`,
//! `otlp-exporter` adds `Scrubbing`.
//!
//! The oldest Rust that works is 1.95, which wasmtime 48 asks for.

#![warn(missing_docs)]

mod builder;
#[cfg(feature = "otlp-exporter")]
mod exporter;
#[cfg(feature = "prost")]
mod message;
mod plugin;
mod tamis;
mod text;

pub use builder::{BuildError, Builder};
#[cfg(feature = "otlp-exporter")]
pub use exporter::{ExportError, Scrubbing};
#[cfg(feature = "prost")]
pub use message::MessageError;
pub use otlp_wire::check;
pub use plugin::Plugin;
pub use tamis::Tamis;
#[cfg(feature = "wasm")]
pub use tamis_host::{
    Allocation, Cache, CacheWarning, ComponentError, Engine, EngineError, EngineOptions,
    FaultHandling,
};
pub use tamis_host::{
    CALL_BOUNDS_NS, Cause, Chain, ChainError, ConfigError, ConfigFault, Context, Description,
    EditFault, Fault, Gate, Grant, InterestError, Limits, NativePlugin, Operation, Outcome, Place,
    PluginCounters, PluginError, PluginInfo, PluginLimits, Policy, Refusal, Report, ReportLine,
    Role, ScanEngine, Signal, Table, Text, WireError,
};
