//! The settings: those of the Collector's `probabilistic_sampler`, and beyond them sessions, rules that
//! keep, and percentages by environment.
//!
//! Must never: put a value of the settings into an error; the paths say enough.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use tamis_sdk::ConfigError;

use crate::threshold::{DIGITS, MIN_PROBABILITY};

/// Characters of a rule's name.
const NAME_CHARS_MAX: usize = 48;

/// The settings of the Collector's `probabilistic_sampler`, and three of our own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// The percentage of records that are kept, from 0; above 100 means 100.
    pub sampling_percentage: Option<f64>,
    /// How it is decided: by a hash (`hash_seed`), by a share of what arrives (`proportional`), or so
    /// that all records end at the same percentage (`equalizing`).
    pub mode: Option<Mode>,
    /// Changes which traces or sessions are kept.
    pub hash_seed: Option<u32>,
    /// Whether a record without usable randomness, or with malformed sampling information, is dropped.
    pub fail_closed: Option<bool>,
    /// Hexadecimal digits of a threshold, 1 to 14.
    pub sampling_precision: Option<u32>,
    /// Logs: whether the trace id or first `from_attribute` is hashed.
    pub attribute_source: Option<AttributeSource>,
    /// Logs: the record's attribute that is hashed where the trace id is not.
    pub from_attribute: Option<String>,
    /// Logs: the record's attribute that holds a percentage of its own.
    pub sampling_priority: Option<String>,
    /// Keys that name a session, such as `conversation.id`, of a record or else of its resource: what
    /// has the same session is kept or dropped together.
    pub session: Vec<String>,
    /// Rules for records that are always kept.
    pub keep: Vec<Keep>,
    /// Percentages for some resources; the first that matches counts.
    pub environments: Vec<Environment>,
}

/// How it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By a hash of the trace id or an attribute, of 14 bits.
    HashSeed,
    /// The percentage of what arrives, whatever was dropped before.
    Proportional,
    /// All that is left has the same percentage, where that was not undercut before.
    Equalizing,
    /// As if it were not said.
    #[serde(rename = "")]
    Unset,
}

/// What is hashed of a log record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum AttributeSource {
    /// The trace id, or without one the attribute.
    #[serde(rename = "traceID")]
    TraceId,
    /// The attribute.
    #[serde(rename = "record")]
    Record,
    /// As if it were not said.
    #[serde(rename = "")]
    Unset,
}

/// A rule for records that are always kept: all conditions that it names must hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Keep {
    /// What counters and reports call it: lower-case letters, digits and dashes.
    pub name: String,
    /// The status of a span.
    pub status: Option<Status>,
    /// The severity of a log record, at the least.
    pub severity: Option<Severity>,
    /// How long a span took, in milliseconds: more than this.
    pub slower_than_ms: Option<u64>,
    /// The name of a span, or of a log record's event (`event.name`, else the field); globs.
    pub names: Vec<String>,
    /// Attributes of the record by key, each with globs of which one must match its value as text.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Attributes of the record by key, each a number (or text of one) of at least so much.
    pub at_least: BTreeMap<String, f64>,
}

/// The status of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not said.
    Unset = 0,
    /// Well.
    Ok = 1,
    /// Failed.
    Error = 2,
}

/// The severity of a log record, as the lowest number of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 1 to 4.
    Trace = 1,
    /// 5 to 8.
    Debug = 5,
    /// 9 to 12.
    Info = 9,
    /// 13 to 16.
    Warn = 13,
    /// 17 to 20.
    Error = 17,
    /// 21 to 24.
    Fatal = 21,
}

/// A percentage for some resources.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Environment {
    /// What counters and reports call it: lower-case letters, digits and dashes.
    pub name: String,
    /// Attributes of the resource by key, each with globs of which one must match its value as text;
    /// all keys must be there.
    pub resource: BTreeMap<String, Vec<String>>,
    /// The percentage of their records that are kept.
    pub sampling_percentage: f64,
}

impl Settings {
    /// Says everything that is wrong with them.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let mut faults = Faults::default();
        faults.percentage(
            "sampling_percentage",
            self.sampling_percentage.unwrap_or(0.0),
        );
        if self
            .sampling_precision
            .is_some_and(|digits| !(1..=DIGITS).contains(&digits))
        {
            faults.add("sampling_precision", "must be 1 to 14 digits");
        }
        if !self.session.is_empty() && self.mode == Some(Mode::HashSeed) {
            faults.add(
                "mode",
                "must be proportional, equalizing or not said where there are sessions",
            );
        }
        for (number, key) in self.session.iter().enumerate() {
            if key.is_empty() {
                faults.add(&format!("session[{number}]"), "must not be empty");
            }
        }
        for (number, rule) in self.keep.iter().enumerate() {
            let path = format!("keep[{number}]");
            faults.name(&path, &rule.name);
            if rule.is_empty() {
                faults.add(&path, "names no condition, and would keep everything");
            }
            for (key, least) in &rule.at_least {
                if !least.is_finite() {
                    faults.add(&format!("{path}.at_least.{key}"), "must be a finite number");
                }
            }
            faults.globs(&format!("{path}.attributes"), &rule.attributes);
        }
        for (number, environment) in self.environments.iter().enumerate() {
            let path = format!("environments[{number}]");
            faults.name(&path, &environment.name);
            if environment.resource.is_empty() {
                faults.add(&format!("{path}.resource"), "must name an attribute");
            }
            faults.globs(&format!("{path}.resource"), &environment.resource);
            faults.percentage(
                &format!("{path}.sampling_percentage"),
                environment.sampling_percentage,
            );
        }
        faults.names(self);
        faults.0.done()
    }
}

impl Keep {
    fn is_empty(&self) -> bool {
        self.status.is_none()
            && self.severity.is_none()
            && self.slower_than_ms.is_none()
            && self.names.is_empty()
            && self.attributes.is_empty()
            && self.at_least.is_empty()
    }
}

#[derive(Default)]
struct Faults(ConfigError);

impl Faults {
    fn add(&mut self, path: &str, message: &str) {
        self.0.add(path, message);
    }

    /// The Collector reads 32 bits, and what is infinite there is refused.
    fn percentage(&mut self, path: &str, percentage: f64) {
        let percentage = f64::from(percentage as f32);
        if !percentage.is_finite() || percentage < 0.0 {
            self.add(path, "must be a percentage, 0 to 100");
        } else if percentage > 0.0 && percentage / 100.0 < MIN_PROBABILITY {
            self.add(path, "is too small: the least above 0 is 100 / 2^56");
        }
    }

    fn name(&mut self, path: &str, name: &str) {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=NAME_CHARS_MAX).contains(&name.len()) || !name.bytes().all(fits) {
            let message = "must be 1 to 48 lower-case letters, digits and dashes";
            self.add(&format!("{path}.name"), message);
        }
    }

    fn globs(&mut self, path: &str, keys: &BTreeMap<String, Vec<String>>) {
        for (key, globs) in keys {
            if globs.is_empty() {
                self.add(
                    &format!("{path}.{key}"),
                    "must list what it may be; [\"*\"] is anything",
                );
            }
        }
    }

    /// Two rules of one name could not be told apart.
    fn names(&mut self, settings: &Settings) {
        let keep = settings.keep.iter().map(|rule| &rule.name).collect();
        let environments = settings
            .environments
            .iter()
            .map(|rule| &rule.name)
            .collect();
        let lists: [(&str, Vec<&String>); 2] = [("keep", keep), ("environments", environments)];
        for (list, names) in lists {
            for (number, name) in names.iter().enumerate() {
                if names[..number].contains(name) {
                    self.add(
                        &format!("{list}[{number}].name"),
                        "is the name of an earlier one",
                    );
                }
            }
        }
    }
}
