//! What a user may say: the settings as they stand in a config.
//!
//! Types only, so that the schema can be read in one place; what the names mean is decided in
//! `choice`. Must never: print a value, the hash key least of all.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use tamis_detect::{DetectorClass, detectors};
use tamis_sdk::JsonSchema;
use tamis_sdk::schemars::{Schema, SchemaGenerator, json_schema};

/// Settings of the plugin `scrub`. Nothing at all means: every default kind is masked.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// Kinds of secret to look for beside, or not among, those that are on by default.
    pub kinds: OnOff<KindName>,
    /// Whole classes of kinds. A kind that `kinds` names is not affected.
    pub classes: OnOff<ClassName>,
    /// Kinds of your own.
    pub custom: Vec<Custom>,
    /// What is never touched.
    pub exclude: Exclude,
    /// What becomes of a secret.
    pub action: Action,
    /// What becomes of secrets of these kinds instead.
    pub actions: BTreeMap<KindName, Action>,
    /// What stands in a secret's place; `{kind}` becomes the name of the kind. Letters, digits and
    /// `-._~`, so that JSON, URLs, shell words, YAML and headers stay valid; the first four are
    /// not part of `{kind}`, and tell a mask from what it hides.
    pub mask_text: String,
    /// Key of the action `hash`: at least 16 bytes, kept secret, the same wherever tokens are to
    /// be compared.
    pub hash_key: Option<HashKey>,
    /// Whether anything is changed at all.
    pub mode: Mode,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kinds: OnOff::default(),
            classes: OnOff::default(),
            custom: Vec::new(),
            exclude: Exclude::default(),
            action: Action::default(),
            actions: BTreeMap::new(),
            mask_text: "REDACTED-{kind}".to_owned(),
            hash_key: None,
            mode: Mode::default(),
        }
    }
}

/// Names to switch on and off.
#[derive(Deserialize, JsonSchema)]
#[serde(default)]
pub struct OnOff<T> {
    /// On.
    pub enable: Vec<T>,
    /// Off.
    pub disable: Vec<T>,
}

impl<T> Default for OnOff<T> {
    fn default() -> Self {
        Self {
            enable: Vec::new(),
            disable: Vec::new(),
        }
    }
}

/// A kind of your own.
#[derive(Deserialize, JsonSchema)]
pub struct Custom {
    /// Its name: lower-case letters, digits and dashes. It stands in masks and reports.
    pub name: String,
    /// Regular expression (syntax of the Rust crate `regex`). With a group named `secret` that
    /// group is taken out, else all of the match.
    pub pattern: String,
    /// Texts that it must match.
    #[serde(default)]
    pub matches: Vec<String>,
    /// Texts that it must not match.
    #[serde(default)]
    pub rejects: Vec<String>,
    /// What becomes of what it finds.
    #[serde(default)]
    pub action: Option<Action>,
}

/// What is never touched.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Exclude {
    /// Keys whose values are never looked at: globs (`*`, `?`), upper or lower case.
    pub keys: Vec<String>,
    /// Secrets that may pass: exact texts, or globs where `*` or `?` stands in them.
    pub values: Vec<String>,
    /// Services (attribute `service.name` of the resource) that are not scrubbed: globs.
    pub services: Vec<String>,
}

/// What becomes of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The mask text stands in its place.
    #[default]
    Mask,
    /// A token stands in its place: the kind and a keyed digest, the same for the same secret.
    Hash,
    /// The whole value goes, with its key.
    Drop,
    /// It stays, and is reported.
    Report,
}

/// Whether anything is changed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Findings are treated by their action.
    #[default]
    Scrub,
    /// Nothing is changed, every finding is reported.
    Report,
}

/// The name of a kind: one of the detectors, or a kind of your own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct KindName(pub String);

impl JsonSchema for KindName {
    fn schema_name() -> Cow<'static, str> {
        "KindName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = detectors().iter().map(|detector| detector.id).collect();
        json_schema!({
            "type": "string",
            "description": "A detector, or the name of a custom kind.",
            "anyOf": [{"enum": names}, {"pattern": "^[a-z0-9-]{1,64}$"}],
        })
    }
}

/// The name of a class of kinds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ClassName(pub String);

impl JsonSchema for ClassName {
    fn schema_name() -> Cow<'static, str> {
        "ClassName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = DetectorClass::ALL.map(DetectorClass::name);
        json_schema!({"type": "string", "enum": names})
    }
}

/// A key that is never printed.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct HashKey(String);

impl HashKey {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey")
    }
}
