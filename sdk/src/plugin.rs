//! The trait that a plugin is, and what it returns when it cannot go on.
//!
//! Must never: hold state of its own.

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use tamis_contract::{ConfigError, Interest, View};

use crate::Edits;

/// A plugin.
///
/// An instance serves one worker of one chain: it is configured once and then called batch by
/// batch, never from two threads at once.
pub trait Plugin: Sized + Send + 'static {
    /// Its name: lower-case letters, digits and dashes.
    const NAME: &'static str;
    /// Its version, as a rule `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// Its settings. A key that the type does not know is an error without any attribute; give keys
    /// that may be left out a `#[serde(default)]`. The comments on the fields become the schema's.
    type Settings: DeserializeOwned + JsonSchema;

    /// Makes an instance and says what it asks to be shown.
    ///
    /// # Errors
    /// What is wrong with the settings, with the path of each offending key and never its value.
    fn configure(settings: Self::Settings) -> Result<(Self, Interest), ConfigError>;

    /// Looks at what was found in one batch and asks for changes.
    ///
    /// # Errors
    /// [`Fault`]: the host then acts by the plugin's failure policy.
    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault>;
}

/// Why a plugin gives up on a batch.
///
/// Every error becomes one by `?`. The words are content to the host: it shows them in the test
/// runner only.
#[derive(Debug)]
pub struct Fault(String);

impl Fault {
    /// A fault in the plugin's own words.
    #[must_use]
    pub fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Self(message)
    }
}
