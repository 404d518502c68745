//! Generated bindings of `wit/plugin.wit`, and the host's side of its imports.
//!
//! Typed calls only: the untyped ones cost a hundred times as much.

use tamis_contract::{Algorithm, Imports as _, LogLevel};
use wasmtime::component::{HasSelf, Linker};

use crate::imports::Grant;
use crate::wasm::instance::State;

mod generated {
    wasmtime::component::bindgen!({ path: "../wit", world: "plugin" });
}

use generated::tamis::plugin::{clock, digest, log, lookup};
pub(crate) use generated::{Plugin, PluginPre};

/// Version of the contract that these bindings speak, as it stands in import names.
pub(crate) const VERSION: &str = tamis_contract::CONTRACT_VERSION;

/// Links what every plugin may have, and what this one is granted.
pub(crate) fn link(linker: &mut Linker<State>, grants: &[Grant]) -> wasmtime::Result<()> {
    log::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    digest::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    if grants.contains(&Grant::Lookup) {
        lookup::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    }
    if grants.contains(&Grant::Clock) {
        clock::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    }
    Ok(())
}

impl log::Host for State {
    fn log(&mut self, level: u8, message: String) {
        self.imports.log(LogLevel::from_u8(level), &message);
    }
}

impl digest::Host for State {
    fn hash(&mut self, algorithm: String, data: Vec<u8>) -> Result<Vec<u8>, String> {
        Ok(self.imports.digest(known(&algorithm)?, None, &data))
    }

    fn hmac(&mut self, algorithm: String, key: Vec<u8>, data: Vec<u8>) -> Result<Vec<u8>, String> {
        Ok(self.imports.digest(known(&algorithm)?, Some(&key), &data))
    }
}

impl lookup::Host for State {
    fn get(&mut self, table: String, keys: String) -> Result<String, String> {
        self.imports.lookup(&table, &keys)
    }
}

impl clock::Host for State {
    fn now_unix_nano(&mut self) -> u64 {
        self.imports.now_unix_nano().unwrap_or(0)
    }
}

fn known(algorithm: &str) -> Result<Algorithm, String> {
    Algorithm::parse(algorithm).ok_or_else(|| "there is no digest of that name".to_owned())
}
