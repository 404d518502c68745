//! What a plugin may ask of the host.
//!
//! In Wasm these are the contract's imports; natively they go to the `Imports` of the call that is
//! running, and outside of any call (in a plugin's own unit tests) there is no host. An import that
//! a plugin never uses does not stand in its component, so it needs no grant.
//!
//! Must never: do anything by itself.

#[cfg(not(target_family = "wasm"))]
#[path = "host/native.rs"]
mod backend;
#[cfg(target_family = "wasm")]
#[path = "host/wasm.rs"]
mod backend;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
pub use tamis_contract::{Algorithm, LogLevel};

#[cfg(not(target_family = "wasm"))]
pub(crate) use backend::with_imports;

/// Why the host does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostError(String);

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HostError {}

/// Says something. The host takes it for content: `tamis plugin test` shows it, nothing else does.
pub fn log(level: LogLevel, message: impl fmt::Display) {
    backend::log(level, &message.to_string());
}

/// A digest, which the host computes several times faster than a guest can.
///
/// # Errors
/// [`HostError`] when there is no host.
pub fn hash(algorithm: Algorithm, data: &[u8]) -> Result<Vec<u8>, HostError> {
    backend::digest(algorithm, None, data).map_err(HostError)
}

/// An HMAC under `key`.
///
/// # Errors
/// [`HostError`] when there is no host.
pub fn hmac(algorithm: Algorithm, key: &[u8], data: &[u8]) -> Result<Vec<u8>, HostError> {
    backend::digest(algorithm, Some(key), data).map_err(HostError)
}

/// Looks keys up in a table that the host keeps, such as pods. Needs the grant `lookup`.
///
/// # Errors
/// [`HostError`] when the table cannot be read or holds something else than a `T`.
pub fn lookup<T: DeserializeOwned>(table: &str, keys: &impl Serialize) -> Result<T, HostError> {
    let keys = serde_json::to_string(keys).map_err(|error| HostError(error.to_string()))?;
    let answer = lookup_json(table, &keys)?;
    serde_json::from_str(&answer).map_err(|error| HostError(error.to_string()))
}

/// The same with the JSON of the keys as it is and of the answer as it comes, for a plugin that asks the
/// same again and again.
///
/// # Errors
/// [`HostError`] when the table cannot be read.
pub fn lookup_json(table: &str, keys: &str) -> Result<String, HostError> {
    backend::lookup(table, keys).map_err(HostError)
}

/// Nanoseconds since the Unix epoch. Needs the grant `clock`.
///
/// # Errors
/// [`HostError`] when there is no host, or it does not grant the time.
pub fn now_unix_nano() -> Result<u64, HostError> {
    backend::now_unix_nano().map_err(HostError)
}
