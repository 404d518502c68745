//! One live plugin as the chain sees it, in Wasm or linked natively.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tamis_contract::Guest;

use crate::fault::Fault;

/// One live plugin. Not shared: a worker keeps its own.
pub(crate) trait Run: Send {
    /// What the plugin says of itself, as JSON.
    fn describe(&mut self) -> Result<String, Fault>;

    /// Hands over the settings. The inner result is the plugin's own answer.
    fn configure(&mut self, settings: &str) -> Result<Result<String, String>, Fault>;

    /// Hands over a view and takes the edits.
    fn process(&mut self, frame: &[u8]) -> Result<Vec<u8>, Fault>;

    /// Whether a fresh instance would be better, since memory never shrinks.
    fn outgrown(&self) -> bool {
        false
    }
}

/// A plugin that is linked natively. A panic ends the instance and nothing else.
pub(crate) struct Native {
    pub(crate) describe: fn() -> String,
    pub(crate) guest: Box<dyn Guest>,
}

impl Run for Native {
    fn describe(&mut self) -> Result<String, Fault> {
        caught(self.describe)
    }

    fn configure(&mut self, settings: &str) -> Result<Result<String, String>, Fault> {
        caught(|| self.guest.configure(settings))
    }

    fn process(&mut self, frame: &[u8]) -> Result<Vec<u8>, Fault> {
        caught(|| self.guest.process(frame))?.map_err(|words| Fault::Said { words })
    }
}

fn caught<T>(call: impl FnOnce() -> T) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
        Fault::Trap {
            kind: "panic".to_owned(),
            at: None,
            words: words.unwrap_or_default(),
        }
    })
}
