//! The host of a natively linked plugin: the imports of the call that runs on this thread.
//!
//! Must never: keep imports past their call.

use std::cell::RefCell;
use std::sync::Arc;

use tamis_contract::{Algorithm, Imports, LogLevel};

const NO_HOST: &str = "there is no host outside of a call";

thread_local! {
    static IMPORTS: RefCell<Option<Arc<dyn Imports>>> = const { RefCell::new(None) };
}

/// Puts the imports of the call around this one back, also after a panic.
struct Restore(Option<Arc<dyn Imports>>);

impl Drop for Restore {
    fn drop(&mut self) {
        IMPORTS.set(self.0.take());
    }
}

pub(crate) fn with_imports<T>(imports: Arc<dyn Imports>, call: impl FnOnce() -> T) -> T {
    let _restore = Restore(IMPORTS.replace(Some(imports)));
    call()
}

fn current() -> Result<Arc<dyn Imports>, String> {
    IMPORTS
        .with_borrow(Clone::clone)
        .ok_or_else(|| NO_HOST.to_owned())
}

pub(super) fn log(level: LogLevel, message: &str) {
    if let Ok(imports) = current() {
        imports.log(level, message);
    }
}

pub(super) fn digest(
    algorithm: Algorithm,
    key: Option<&[u8]>,
    data: &[u8],
) -> Result<Vec<u8>, String> {
    Ok(current()?.digest(algorithm, key, data))
}

pub(super) fn lookup(table: &str, keys: &str) -> Result<String, String> {
    current()?.lookup(table, keys)
}

pub(super) fn now_unix_nano() -> Result<u64, String> {
    current()?.now_unix_nano()
}
