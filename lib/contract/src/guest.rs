//! What the host sees of a plugin, whether it runs in Wasm or is linked natively, and what a plugin
//! sees of the host.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One live plugin. Not shared: a chain keeps one per worker.
pub trait Guest: Send {
    /// Takes the settings as JSON and answers with an [`Interest`](crate::Interest) as JSON.
    ///
    /// # Errors
    /// A [`ConfigError`] as JSON, or any text when the plugin cannot even write one.
    fn configure(&mut self, settings: &str) -> Result<String, String>;

    /// Takes a view's frame and answers with an edits frame.
    ///
    /// # Errors
    /// The plugin's own words, which are content.
    fn process(&mut self, frame: &[u8]) -> Result<Vec<u8>, String>;
}

/// A plugin that is linked natively.
#[derive(Clone, Copy)]
pub struct NativePlugin {
    /// What it says of itself: a [`Description`] as JSON.
    pub describe: fn() -> String,
    /// Makes an instance that is not configured yet.
    pub start: fn(Arc<dyn Imports>) -> Box<dyn Guest>,
}

impl fmt::Debug for NativePlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NativePlugin")
    }
}

/// What a plugin may ask of the host. The host decides what each plugin is granted.
pub trait Imports: Send + Sync {
    /// Takes the plugin's own words, which are content: shown by a test runner only.
    fn log(&self, level: LogLevel, message: &str);

    /// Looks keys up in a table that the host keeps, such as pods. Keys and answer are JSON.
    ///
    /// # Errors
    /// Why the table cannot be read.
    fn lookup(&self, table: &str, keys: &str) -> Result<String, String>;

    /// Nanoseconds since the Unix epoch.
    ///
    /// # Errors
    /// Why the plugin cannot have them.
    fn now_unix_nano(&self) -> Result<u64, String>;

    /// A digest; with a key, an HMAC.
    fn digest(&self, algorithm: Algorithm, key: Option<&[u8]>, data: &[u8]) -> Vec<u8>;
}

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LogLevel {
    /// Step by step.
    Trace = 0,
    /// For finding faults.
    Debug = 1,
    /// Worth a line.
    Info = 2,
    /// Something is off.
    Warn = 3,
    /// Something failed.
    Error = 4,
    /// The last words of a plugin that panicked.
    Panic = 5,
}

impl LogLevel {
    /// The level with this code; a code that is not known counts as an error.
    #[must_use]
    pub fn from_u8(code: u8) -> Self {
        match code {
            0 => Self::Trace,
            1 => Self::Debug,
            2 => Self::Info,
            3 => Self::Warn,
            5 => Self::Panic,
            _ => Self::Error,
        }
    }
}

/// A digest that the host computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// MD5, for the Collector's settings only.
    Md5,
    /// SHA-1, for the Collector's settings only.
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-512
    Sha512,
    /// SHA3-256
    Sha3,
}

impl Algorithm {
    /// Its name in the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Sha3 => "sha3-256",
        }
    }

    /// The algorithm of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Md5,
            Self::Sha1,
            Self::Sha256,
            Self::Sha512,
            Self::Sha3,
        ]
        .into_iter()
        .find(|algorithm| algorithm.as_str() == name)
    }
}

/// What a plugin says of itself, before any settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Version of the contract that it was built for.
    pub contract: String,
    /// JSON Schema of its settings.
    pub schema: Option<serde_json::Value>,
}

/// What is wrong with a plugin's settings: every fault that could be found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigError {
    /// The faults.
    pub faults: Vec<ConfigFault>,
}

/// One fault of a plugin's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigFault {
    /// Path of the offending key, such as `custom[0].pattern`; empty for the whole.
    pub path: String,
    /// What is wrong, never the value itself.
    pub message: String,
}

impl ConfigError {
    /// One fault.
    #[must_use]
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            faults: vec![ConfigFault {
                path: path.into(),
                message: message.into(),
            }],
        }
    }

    /// One fault more. A plugin gathers all that it finds, so that settings are mended in one go.
    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.faults.push(ConfigFault {
            path: path.into(),
            message: message.into(),
        });
    }

    /// Nothing, if nothing is wrong.
    ///
    /// # Errors
    /// Itself, if there is a fault.
    pub fn done(self) -> Result<(), Self> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.faults.iter().enumerate() {
            let comma = if number == 0 { "" } else { "; " };
            match fault.path.as_str() {
                "" => write!(f, "{comma}{}", fault.message)?,
                path => write!(f, "{comma}{path}: {}", fault.message)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
