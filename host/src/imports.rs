//! What a plugin may ask of the host, and the host's answers.
//!
//! The same object serves plugins in Wasm and those that are linked natively. Log lines are content:
//! they are kept for a test runner, up to a limit, and never printed by the host.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{KeyInit as _, Mac as _};
use sha2::Digest as _;
use tamis_contract::{Algorithm, Imports, LogLevel};

use crate::limits::PluginLimits;

/// What a plugin may be granted by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Grant {
    /// Tables that the host keeps.
    Lookup,
    /// The time of day.
    Clock,
}

impl Grant {
    /// Every grant there is.
    pub const ALL: [Self; 2] = [Self::Lookup, Self::Clock];

    /// Its name in a config and in the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lookup => "lookup",
            Self::Clock => "clock",
        }
    }

    /// The grant of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == name)
    }
}

/// A table that plugins look keys up in, such as the pods of a cluster.
pub trait Table: Send + Sync {
    /// Looks keys up. Keys and answer are JSON, as the plugin and the table agree.
    ///
    /// # Errors
    /// Why the table cannot be read.
    fn get(&self, keys: &str) -> Result<String, String>;
}

/// Shows that there is one, and nothing of it.
impl fmt::Debug for dyn Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("table")
    }
}

/// Tables by name.
pub type Tables = HashMap<String, Arc<dyn Table>>;

/// One line that a guest logged: content, for a test runner only.
#[derive(Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// The guest's words.
    pub words: String,
}

/// Shows that there is a line, never its words.
impl fmt::Debug for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogLine")
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// What one plugin is granted, and what it logged.
pub(crate) struct HostImports {
    grants: Vec<Grant>,
    tables: Arc<Tables>,
    lines_max: usize,
    line_bytes_max: usize,
    lines: Mutex<Vec<LogLine>>,
}

impl HostImports {
    pub(crate) fn new(grants: &[Grant], tables: Arc<Tables>, limits: &PluginLimits) -> Arc<Self> {
        Arc::new(Self {
            grants: grants.to_vec(),
            tables,
            lines_max: limits.log_lines_max,
            line_bytes_max: limits.log_line_bytes_max,
            lines: Mutex::default(),
        })
    }

    /// Takes the lines logged since the last time.
    pub(crate) fn take_lines(&self) -> Vec<LogLine> {
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn granted(&self, grant: Grant) -> Result<(), String> {
        if self.grants.contains(&grant) {
            return Ok(());
        }
        Err(format!("{} is not granted", grant.as_str()))
    }
}

impl Imports for HostImports {
    fn log(&self, level: LogLevel, message: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // The last words of a panic are what a test runner is for: they find room.
        if lines.len() < self.lines_max
            || level == LogLevel::Panic && lines.len() < self.lines_max * 2
        {
            let end = message.floor_char_boundary(self.line_bytes_max);
            lines.push(LogLine {
                level,
                words: message[..end].to_owned(),
            });
        }
    }

    fn lookup(&self, table: &str, keys: &str) -> Result<String, String> {
        self.granted(Grant::Lookup)?;
        let table = self.tables.get(table).ok_or("there is no such table")?;
        table.get(keys)
    }

    fn now_unix_nano(&self) -> Result<u64, String> {
        self.granted(Grant::Clock)?;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|error| error.to_string())?;
        Ok(now.as_nanos() as u64)
    }

    fn digest(&self, algorithm: Algorithm, key: Option<&[u8]>, data: &[u8]) -> Vec<u8> {
        match key {
            None => hash(algorithm, data),
            Some(key) => keyed(algorithm, key, data),
        }
    }
}

fn hash(algorithm: Algorithm, data: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Md5 => md5::Md5::digest(data).to_vec(),
        Algorithm::Sha1 => sha1::Sha1::digest(data).to_vec(),
        Algorithm::Sha256 => sha2::Sha256::digest(data).to_vec(),
        Algorithm::Sha512 => sha2::Sha512::digest(data).to_vec(),
        Algorithm::Sha3 => sha3::Sha3_256::digest(data).to_vec(),
    }
}

fn keyed(algorithm: Algorithm, key: &[u8], data: &[u8]) -> Vec<u8> {
    macro_rules! mac {
        ($digest:ty) => {
            match hmac::SimpleHmac::<$digest>::new_from_slice(key) {
                Ok(mac) => mac.chain_update(data).finalize().into_bytes().to_vec(),
                // An HMAC takes a key of any length.
                Err(_) => Vec::new(),
            }
        };
    }
    match algorithm {
        Algorithm::Md5 => mac!(md5::Md5),
        Algorithm::Sha1 => mac!(sha1::Sha1),
        Algorithm::Sha256 => mac!(sha2::Sha256),
        Algorithm::Sha512 => mac!(sha2::Sha512),
        Algorithm::Sha3 => mac!(sha3::Sha3_256),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_the_published_ones() {
        assert_eq!(
            hex(&hash(Algorithm::Md5, b"abc")),
            "900150983cd24fb0d6963f7d28e17f72"
        );
        assert_eq!(
            hex(&hash(Algorithm::Sha1, b"abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert_eq!(
            hex(&hash(Algorithm::Sha3, b"abc")),
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"
        );
        assert_eq!(
            hex(&keyed(
                Algorithm::Sha256,
                b"Jefe",
                b"what do ya want for nothing?"
            )),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn nothing_is_granted_unasked() {
        let imports = HostImports::new(&[], Arc::default(), &PluginLimits::default());
        assert_eq!(imports.now_unix_nano().unwrap_err(), "clock is not granted");
        assert_eq!(
            imports.lookup("pods", "[]").unwrap_err(),
            "lookup is not granted"
        );
    }

    #[test]
    fn log_lines_are_counted_and_cut() {
        let limits = PluginLimits {
            log_lines_max: 2,
            log_line_bytes_max: 3,
            ..PluginLimits::default()
        };
        let imports = HostImports::new(&[], Arc::default(), &limits);
        for _ in 0..5 {
            imports.log(LogLevel::Info, "a\u{e9}\u{e9}");
        }
        let lines = imports.take_lines();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].words, "a\u{e9}");
    }
}
