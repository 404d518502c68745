//! A component: bytes that were checked, compiled (or found in the cache) and linked.
//!
//! What it imports is held against what it was granted before anything runs, so an import that is
//! not granted is an error at load that names the capability.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::imports::Grant;
use crate::limits::PluginLimits;
use crate::wasm::bindings::{self, PluginPre, VERSION};
use crate::wasm::cache::Cache;
use crate::wasm::engine::Engine;
use crate::wasm::instance::State;

const PACKAGE: &str = "tamis:plugin/";

/// Why a component cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// Larger than its limit.
    #[error("the component has {actual} bytes, more than component_bytes_max of {max}")]
    TooLarge {
        /// The limit.
        max: usize,
        /// Its size.
        actual: usize,
    },
    /// Its digest is not the one that the config pins.
    #[error("the component's sha256 is {actual}, the config pins {pinned}")]
    Digest {
        /// The digest that was asked for.
        pinned: String,
        /// The digest that it has.
        actual: String,
    },
    /// Not a component.
    #[error("the file is a core wasm module, not a component: build it with `tamis plugin build`")]
    Module,
    /// Cannot be compiled.
    #[error("the component cannot be compiled")]
    Compile(#[source] wasmtime::Error),
    /// Needs a capability that it was not granted.
    #[error("the component imports {import}, which needs `grants: [{grant}]`")]
    NotGranted {
        /// The import.
        import: String,
        /// The grant that it needs.
        grant: &'static str,
    },
    /// Imports what no host offers.
    #[error("the component imports {import}, which this host never offers")]
    Import {
        /// The import.
        import: String,
    },
    /// Built for another version of the contract.
    #[error("the component imports {import}, this host speaks version {VERSION} of the contract")]
    Contract {
        /// The import.
        import: String,
    },
    /// Lacks an export of the contract.
    #[error("the component does not export the contract's functions")]
    Exports(#[source] wasmtime::Error),
}

/// A component that is ready to be instantiated. Cheap to clone.
#[derive(Clone)]
pub struct Component {
    engine: Engine,
    pre: PluginPre<State>,
    digest: Arc<str>,
}

impl std::fmt::Debug for Component {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Component")
            .field("sha256", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Component {
    /// Compiles a component, or takes its code from the cache, and links what it was granted.
    ///
    /// # Errors
    /// [`ComponentError`], which says what the file lacks or asks too much of.
    pub fn load(
        engine: &Engine,
        cache: &Cache,
        wasm: &[u8],
        pinned: Option<&str>,
        grants: &[Grant],
        limits: &PluginLimits,
    ) -> Result<Self, ComponentError> {
        let (max, actual) = (limits.component_bytes_max, wasm.len());
        if actual > max {
            return Err(ComponentError::TooLarge { max, actual });
        }
        let digest = hex(&Sha256::digest(wasm));
        if let Some(pinned) = pinned.filter(|pinned| !pinned.eq_ignore_ascii_case(&digest)) {
            return Err(ComponentError::Digest {
                pinned: pinned.to_owned(),
                actual: digest,
            });
        }
        // Version 1 in the layer field of the preamble marks a component, 0 a module.
        if wasm.starts_with(b"\0asm") && wasm.get(6) == Some(&0) {
            return Err(ComponentError::Module);
        }
        let compiled = cache
            .load(engine, &digest, wasm)
            .map_err(ComponentError::Compile)?;
        check_imports(engine, &compiled, grants)?;
        let mut linker = wasmtime::component::Linker::new(engine.wasmtime());
        bindings::link(&mut linker, grants).map_err(ComponentError::Exports)?;
        let pre = linker
            .instantiate_pre(&compiled)
            .and_then(PluginPre::new)
            .map_err(ComponentError::Exports)?;
        Ok(Self {
            engine: engine.clone(),
            pre,
            digest: digest.into(),
        })
    }

    /// SHA-256 of the component's bytes, in hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.digest
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn pre(&self) -> &PluginPre<State> {
        &self.pre
    }
}

fn check_imports(
    engine: &Engine,
    component: &wasmtime::component::Component,
    grants: &[Grant],
) -> Result<(), ComponentError> {
    for (import, _) in component.component_type().imports(engine.wasmtime()) {
        let import = import.to_owned();
        let Some((interface, version)) = import
            .strip_prefix(PACKAGE)
            .and_then(|interface| interface.split_once('@'))
        else {
            return Err(ComponentError::Import { import });
        };
        if version != VERSION {
            return Err(ComponentError::Contract { import });
        }
        let always = matches!(interface, "log" | "digest");
        match Grant::parse(interface) {
            Some(grant) if grants.contains(&grant) => {}
            Some(grant) => {
                return Err(ComponentError::NotGranted {
                    import,
                    grant: grant.as_str(),
                });
            }
            None if always => {}
            None => return Err(ComponentError::Import { import }),
        }
    }
    Ok(())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
