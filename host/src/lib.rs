//! Runs chains of sandboxed plugins over OTLP batches: bytes in, bytes out.
//!
//! **The host scans, the guest decides, the host edits.** A plugin says at load what it asks to be
//! shown; the host compiles that of all plugins into one scan over the raw bytes, shows a plugin
//! the values that it meant in one flat frame, checks every edit that comes back as hostile input,
//! and splices. A batch that nobody changes leaves as the very same [`bytes::Bytes`].
//!
//! - [`ChainBuilder`] makes a [`Chain`] of [`PluginSpec`]s; [`Chain::process`] is synchronous,
//!   `Send + Sync`, and never touches network, runtime or YAML.
//! - A plugin is a Wasm component (feature `wasm`, on by default) or linked natively.
//! - Everything has a limit with a name: [`Limits`], [`PluginLimits`].
//! - A plugin that fails costs an error and a counter; its [`Policy`] decides about the batch.

#![warn(missing_docs)]

mod absent;
mod approved;
mod builder;
mod chain;
mod change;
mod companions;
mod counters;
mod edit_fault;
mod edits;
mod evidence;
mod fault;
mod found;
mod imports;
mod interest;
mod judge;
mod keys;
mod limits;
mod names;
mod outcome;
mod plan;
mod plugin;
mod present;
mod records;
mod report;
mod run;
mod select;
mod show;
mod sieve;
mod size;
mod step;
mod steps;
mod text;
#[cfg(feature = "wasm")]
mod wasm;
mod workers;

pub use builder::{ChainBuilder, ChainError};
pub use chain::{Chain, PluginInfo};
pub use counters::{CALL_BOUNDS_NS, PluginCounters};
pub use edit_fault::EditFault;
pub use fault::Fault;
pub use imports::{Grant, LogLine, Table, Tables};
pub use interest::InterestError;
pub use limits::{Limits, PluginLimits};
pub use otlp_wire::{Place, Signal, WireError};
pub use outcome::{Cause, Context, Outcome, Refusal, Report, ReportLine};
pub use plugin::{Code, PluginError, PluginSpec, Policy};
pub use tamis_contract::{
    ConfigError, ConfigFault, Description, LogLevel, NativePlugin, Operation, Role,
};
pub use tamis_scan::{Engine as ScanEngine, Gate};
pub use text::Text;
#[cfg(feature = "wasm")]
pub use wasm::{
    Allocation, Cache, CacheWarning, Component, ComponentError, Engine, EngineError, EngineOptions,
    FaultHandling,
};
