//! A plugin that is linked natively, behind the same contract as one in Wasm.
//!
//! Must never: let a plugin's panic reach the host, or one plugin's imports serve another.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tamis_contract::{Guest, Imports, NativePlugin};

use crate::Plugin;
use crate::host::with_imports;
use crate::instance::{Instance, describe};

/// The plugin `P`, to be linked into a host.
#[must_use]
pub const fn native<P: Plugin>() -> NativePlugin {
    NativePlugin {
        describe: describe::<P>,
        start: start::<P>,
    }
}

fn start<P: Plugin>(imports: Arc<dyn Imports>) -> Box<dyn Guest> {
    Box::new(Native::<P> {
        imports,
        instance: Some(Instance::default()),
    })
}

/// An instance with its imports; none after a panic, as a trapped Wasm instance is gone for good.
struct Native<P> {
    imports: Arc<dyn Imports>,
    instance: Option<Instance<P>>,
}

impl<P: Plugin> Native<P> {
    fn call<T>(
        &mut self,
        call: impl FnOnce(&mut Instance<P>) -> Result<T, String>,
    ) -> Result<T, String> {
        let mut instance = self.instance.take().ok_or("the plugin panicked before")?;
        let imports = Arc::clone(&self.imports);
        let run = AssertUnwindSafe(|| with_imports(imports, || call(&mut instance)));
        let answer = catch_unwind(run).map_err(|_| "the plugin panicked")?;
        self.instance = Some(instance);
        answer
    }
}

impl<P: Plugin> Guest for Native<P> {
    fn configure(&mut self, settings: &str) -> Result<String, String> {
        self.call(|instance| instance.configure(settings))
    }

    fn process(&mut self, frame: &[u8]) -> Result<Vec<u8>, String> {
        self.call(|instance| instance.process(frame))
    }
}
