//! The settings, as the Collector's `redaction` processor takes them, and the rules they come to.
//!
//! Must never: put a value of the settings into an error; the paths say enough.

use std::collections::HashSet;

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use tamis_sdk::host::Algorithm;
use tamis_sdk::{ConfigError, JsonSchema};

use crate::mask::Mask;
use crate::re2::{self, Use};

/// Bytes that one compiled pattern may take.
const PATTERN_COMPILED_BYTES_MAX: usize = 4 << 20;

/// The settings of the Collector's `redaction` processor.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub struct Settings {
    /// Whether attributes that `allowed_keys` does not name stay.
    pub allow_all_keys: bool,
    /// Keys of the attributes that stay when not all do; exact.
    pub allowed_keys: Option<Vec<String>>,
    /// Keys of attributes that pass untouched; exact.
    pub ignored_keys: Option<Vec<String>>,
    /// Patterns (RE2) for keys of attributes that pass untouched.
    pub ignored_key_patterns: Option<Vec<String>>,
    /// Patterns (RE2) for keys whose values are masked whole.
    pub blocked_key_patterns: Option<Vec<String>>,
    /// Patterns (RE2) for what is masked in values, one after the other.
    pub blocked_values: Option<Vec<String>>,
    /// Patterns (RE2) for values that stay as they are.
    pub allowed_values: Option<Vec<String>>,
    /// Whether attributes that are no strings are judged by their text.
    pub redact_all_types: bool,
    /// What replaces blocked text: nothing (`****`), `md5`, `sha1`, `sha3`, `hmac-sha256`, `hmac-sha512`.
    pub hash_function: Option<String>,
    /// The key of the HMAC functions: 32 bytes or more for `hmac-sha256`, 64 for `hmac-sha512`.
    pub hmac_key: Option<String>,
    /// Whether counts (`info`), or counts and keys (`debug`), are added to what was changed.
    pub summary: Option<String>,
    /// Not supported: must be absent or not enabled.
    pub url_sanitizer: Option<serde_json::Value>,
    /// Not supported: must be absent or not enabled.
    pub db_sanitizer: Option<serde_json::Value>,
}

/// How much is said about what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Summary {
    /// Nothing.
    Silent,
    /// Counts.
    Info,
    /// Counts and keys.
    Debug,
}

/// What the settings come to.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) allow_all: bool,
    pub(crate) allowed: HashSet<Vec<u8>>,
    pub(crate) ignored: HashSet<Vec<u8>>,
    pub(crate) ignored_patterns: Vec<Regex>,
    pub(crate) blocked_keys: Vec<Regex>,
    pub(crate) blocked_values: Vec<Regex>,
    pub(crate) allowed_values: Vec<Regex>,
    pub(crate) all_types: bool,
    pub(crate) mask: Mask,
    pub(crate) summary: Summary,
}

impl Rules {
    /// Checks the settings, and says every fault at once.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let mut faults = ConfigError::default();
        let set = |keys: &Option<Vec<String>>| -> HashSet<Vec<u8>> {
            let keys = keys.iter().flatten();
            keys.map(|key| key.clone().into_bytes()).collect()
        };
        let mut patterns = |path, list| compile(path, list, &mut faults);
        let rules = Self {
            allow_all: settings.allow_all_keys,
            allowed: set(&settings.allowed_keys),
            ignored: set(&settings.ignored_keys),
            ignored_patterns: patterns("ignored_key_patterns", &settings.ignored_key_patterns),
            blocked_keys: patterns("blocked_key_patterns", &settings.blocked_key_patterns),
            blocked_values: patterns("blocked_values", &settings.blocked_values),
            allowed_values: patterns("allowed_values", &settings.allowed_values),
            all_types: settings.redact_all_types,
            mask: mask(settings, &mut faults),
            summary: match settings.summary.as_deref() {
                Some("debug") => Summary::Debug,
                Some("info") => Summary::Info,
                _ => Summary::Silent,
            },
        };
        for (path, sanitizer) in [
            ("url_sanitizer", &settings.url_sanitizer),
            ("db_sanitizer", &settings.db_sanitizer),
        ] {
            if sanitizer.as_ref().is_some_and(enables) {
                faults.add(
                    path,
                    "is not supported by this plugin: it has no sanitizers, take it out and mask by blocked_values",
                );
            }
        }
        faults.done().map(|()| rules)
    }

    /// Whether a value is exempt.
    pub(crate) fn allows(&self, text: &str) -> bool {
        self.allowed_values
            .iter()
            .any(|pattern| matches(pattern, text))
    }
}

/// Whether a pattern matches a text: not only between the bytes of a character.
pub(crate) fn matches(pattern: &Regex, text: &str) -> bool {
    pattern
        .find_iter(text.as_bytes())
        .any(|found| text.is_char_boundary(found.start()))
}

/// Whether anything in a sanitizer's settings is switched on.
fn enables(settings: &serde_json::Value) -> bool {
    let Some(members) = settings.as_object() else {
        return !settings.is_null();
    };
    members.iter().any(|(key, value)| match value {
        serde_json::Value::Bool(on) => *on && key == "enabled",
        serde_json::Value::Object(_) => enables(value),
        _ => false,
    })
}

fn compile(path: &str, patterns: &Option<Vec<String>>, faults: &mut ConfigError) -> Vec<Regex> {
    let mut compiled = Vec::new();
    for (number, pattern) in patterns.iter().flatten().enumerate() {
        let path = format!("{path}[{number}]");
        let translated = match re2::translate(pattern, Use::Exact) {
            Ok(translated) => translated,
            Err(error) => {
                faults.add(&path, format!("is no RE2 pattern: {error}"));
                continue;
            }
        };
        let regex = RegexBuilder::new(&translated)
            .size_limit(PATTERN_COMPILED_BYTES_MAX)
            .dfa_size_limit(PATTERN_COMPILED_BYTES_MAX)
            .build();
        match regex {
            Ok(regex) => compiled.push(regex),
            Err(regex::Error::CompiledTooBig(max)) => {
                faults.add(&path, format!("takes more than {max} bytes compiled"));
            }
            Err(_) => faults.add(&path, "is no pattern that can be compiled"),
        }
    }
    compiled
}

fn mask(settings: &Settings, faults: &mut ConfigError) -> Mask {
    let function = settings.hash_function.as_deref().unwrap_or_default();
    let (algorithm, least_bytes) = match function.to_ascii_lowercase().as_str() {
        "" => return Mask::Stars,
        "md5" => return Mask::Digest(Algorithm::Md5),
        "sha1" => return Mask::Digest(Algorithm::Sha1),
        "sha3" => return Mask::Digest(Algorithm::Sha3),
        "hmac-sha256" => (Algorithm::Sha256, 32),
        "hmac-sha512" => (Algorithm::Sha512, 64),
        _ => {
            let known = "must be one of md5, sha1, sha3, hmac-sha256, hmac-sha512, or empty";
            faults.add("hash_function", known);
            return Mask::Stars;
        }
    };
    let key = settings.hmac_key.clone().unwrap_or_default().into_bytes();
    if key.len() < least_bytes {
        let asked = format!("must have at least {least_bytes} bytes for this hash_function");
        faults.add("hmac_key", asked);
    }
    Mask::Hmac(algorithm, key)
}
