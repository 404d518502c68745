//! The case format: a TOML file of `[[case]]` tables.
//!
//! ```toml
//! [[case]]
//! name = "a key in a log body"
//! why = "the prefix alone is not a finding"
//! settings = { mask = "***" }
//! input = '''
//! log body="key AKIAIOSFODNN7EXAMPLE" {service.name="web"}
//! '''
//! output = '''
//! log body="key ***" {service.name="web"}
//! '''
//! report = ["0 body 4..24 replace_range aws-access-key-id"]
//! ```
//!
//! The input is one of `input` (the [notation](crate::notation)), `text` (one string, the body of a
//! log record) and `hex` (protobuf, with a `signal`). What is expected: `output` in the form of the
//! input, `outcome` (`unchanged`, `edited`, `dropped`, `refused`), `report` (record, place, key,
//! range, operation, detector), `faults` by name, or `config_errors`. A case that expects nothing
//! expects that nothing changes.
//!
//! What the host would know is told by `peer` (the sender's address) and `lookups` (what a table answers:
//! `{table, keys, answer}`, without `keys` to every other question).
//!
//! Must never: take a key that it does not know for a comment.

use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use otlp_wire::Signal;
use serde::Deserialize;

use crate::notation::{self, NotationError};

/// A file of cases.
#[derive(Debug)]
pub struct CaseFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// The cases, in their order.
    pub cases: Vec<Case>,
    pub(crate) document: toml_edit::DocumentMut,
}

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Case {
    /// What it is about.
    pub name: String,
    /// Why it is as it is.
    #[serde(default)]
    pub why: String,
    /// The plugin's settings.
    #[serde(default = "no_settings")]
    pub settings: serde_json::Value,
    /// What the plugin is granted.
    #[serde(default)]
    pub grants: Vec<String>,
    /// Address of the sender.
    #[serde(default)]
    pub peer: Option<String>,
    /// What tables answer.
    #[serde(default)]
    pub lookups: Vec<Lookup>,
    /// Name of the signal, where the input does not tell.
    #[serde(default)]
    pub signal: Option<String>,
    /// The batch in the notation.
    #[serde(default)]
    pub input: Option<String>,
    /// One string, which becomes the body of a log record.
    #[serde(default)]
    pub text: Option<String>,
    /// The batch as protobuf in hexadecimal digits.
    #[serde(default)]
    pub hex: Option<String>,
    /// What leaves, in the form of the input.
    #[serde(default)]
    pub output: Option<String>,
    /// What becomes of the batch.
    #[serde(default)]
    pub outcome: Option<Ending>,
    /// The report's lines.
    #[serde(default)]
    pub report: Option<Vec<String>>,
    /// Names of the plugin's faults.
    #[serde(default)]
    pub faults: Vec<String>,
    /// What is wrong with the settings, as `path: message`.
    #[serde(default)]
    pub config_errors: Vec<String>,
    /// Whether running the plugin on its own output must change nothing.
    #[serde(default = "yes")]
    pub idempotent: bool,
}

/// What a table answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Lookup {
    /// The table.
    pub table: String,
    /// The question, as JSON; none: every question that has no answer of its own.
    #[serde(default)]
    pub keys: Option<serde_json::Value>,
    /// The answer, as JSON.
    pub answer: serde_json::Value,
}

/// What becomes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It leaves as the very same bytes.
    Unchanged,
    /// It leaves changed.
    Edited,
    /// Nothing is left of it.
    Dropped,
    /// It may not leave.
    Refused,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unchanged => "unchanged",
            Self::Edited => "edited",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
        })
    }
}

/// Why a case file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no TOML, or not of this format.
    #[error("{} is no case file: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Why, with line and column.
        reason: String,
    },
    /// A case has no input, or several.
    #[error("case {case:?} must have one of input, text and hex")]
    Input {
        /// The case's name.
        case: String,
    },
    /// A case names a signal or grant that is none.
    #[error("case {case:?} names {name:?}, which is none")]
    Name {
        /// The case's name.
        case: String,
        /// The name.
        name: String,
    },
    /// An input in hexadecimal digits is not, or has no signal.
    #[error("case {case:?} must have a signal, and pairs of hexadecimal digits")]
    Hex {
        /// The case's name.
        case: String,
    },
    /// An input in the notation cannot be read.
    #[error("case {case:?}: the input cannot be read")]
    Notation {
        /// The case's name.
        case: String,
        /// Why.
        source: NotationError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    #[serde(default, rename = "case")]
    cases: Vec<Case>,
}

fn no_settings() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}

fn yes() -> bool {
    true
}

impl CaseFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CaseError`], with the place in the file.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let text = fs::read_to_string(path).map_err(|source| CaseError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`CaseError::Format`], with the place in the file.
    pub fn parse(path: &Path, text: &str) -> Result<Self, CaseError> {
        let format = |reason: String| CaseError::Format {
            path: path.to_owned(),
            reason,
        };
        let document = text
            .parse()
            .map_err(|error: toml_edit::TomlError| format(error.to_string()))?;
        let read: Format =
            toml_edit::de::from_str(text).map_err(|error| format(error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            cases: read.cases,
            document,
        })
    }
}

/// A batch to run a case on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its signal.
    pub signal: Signal,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Case {
    /// The case's input as a batch.
    ///
    /// # Errors
    /// [`CaseError`] when there is none, or it cannot be read.
    pub fn batch(&self) -> Result<Batch, CaseError> {
        let case = || self.name.clone();
        let signal = match &self.signal {
            Some(name) => Some(Signal::parse(name).ok_or_else(|| CaseError::Name {
                case: case(),
                name: name.clone(),
            })?),
            None => None,
        };
        match (&self.input, &self.text, &self.hex) {
            (Some(input), None, None) => {
                let read = notation::to_bytes(signal, input);
                let (signal, bytes) = read.map_err(|source| CaseError::Notation {
                    case: case(),
                    source,
                })?;
                Ok(Batch { signal, bytes })
            }
            (None, Some(text), None) => {
                let input = format!("log body={}", serde_json::Value::from(text.as_str()));
                let read = notation::to_bytes(Some(Signal::Logs), &input);
                let (signal, bytes) = read.map_err(|source| CaseError::Notation {
                    case: case(),
                    source,
                })?;
                Ok(Batch { signal, bytes })
            }
            (None, None, Some(hex)) => {
                let bytes = notation::from_hex(hex);
                let (signal, bytes) = signal
                    .zip(bytes)
                    .ok_or_else(|| CaseError::Hex { case: case() })?;
                Ok(Batch { signal, bytes })
            }
            _ => Err(CaseError::Input { case: case() }),
        }
    }

    /// A batch in the form of the case's input.
    #[must_use]
    pub fn show(&self, signal: Signal, bytes: &[u8]) -> String {
        if self.hex.is_some() {
            return notation::to_hex(bytes);
        }
        let text = notation::to_text(signal, bytes);
        let body = || {
            let quoted = text.trim_end().strip_prefix("log body=")?;
            serde_json::from_str::<String>(quoted).ok()
        };
        match &self.text {
            Some(_) => body().unwrap_or(text),
            None => text,
        }
    }
}
