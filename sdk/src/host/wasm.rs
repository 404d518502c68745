//! The host of a plugin in Wasm: the contract's imports.
//!
//! Must never: call more than one import in a function, or a component would need the grant of
//! each for the sake of one.

use tamis_contract::{Algorithm, LogLevel};

use crate::component::bindings::tamis::plugin;

pub(super) fn log(level: LogLevel, message: &str) {
    plugin::log::log(level as u8, message);
}

pub(super) fn digest(
    algorithm: Algorithm,
    key: Option<&[u8]>,
    data: &[u8],
) -> Result<Vec<u8>, String> {
    match key {
        Some(key) => plugin::digest::hmac(algorithm.as_str(), key, data),
        None => plugin::digest::hash(algorithm.as_str(), data),
    }
}

pub(super) fn lookup(table: &str, keys: &str) -> Result<String, String> {
    plugin::lookup::get(table, keys)
}

pub(super) fn now_unix_nano() -> Result<u64, String> {
    Ok(plugin::clock::now_unix_nano())
}
