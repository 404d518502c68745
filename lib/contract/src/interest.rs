//! What a plugin asks to be shown: the answer to `configure`, as JSON.
//!
//! A [`Subscription`] says *where* (signals, places, kinds, keys), *when* ([`When`]) and *what else*
//! of the same record ([`Companion`]). The host compiles the subscriptions of a whole chain into one
//! scan, so a condition is data and never a callback. Members that a side does not know are ignored;
//! every member but `role` may be left out.

use otlp_wire::{Kind, Level, Place, Signal};
use serde::{Deserialize, Serialize};

use crate::Operation;

/// What a plugin is for, which decides its default failure policy and its lawful position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes secrets out. What it was shown is masked when it fails.
    #[default]
    Protect,
    /// Adds what was not there.
    Enrich,
    /// Cuts or drops.
    Reduce,
}

/// Everything one plugin asks for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Interest {
    /// What the plugin is for; not said means [`Role::Protect`].
    pub role: Role,
    /// Names that its reports may use, by number; lower-case letters, digits and dashes.
    pub detectors: Vec<String>,
    /// Operations that its edits may use; none named means the first two and `Report`.
    pub operations: Vec<Operation>,
    /// What it asks to be shown.
    pub subscriptions: Vec<Subscription>,
    /// Levels whose containers it asks to be shown themselves, whatever stands in them, even nothing:
    /// of every batch, each in one frame. Edits may add to them. Only [`Level::Resource`] and
    /// [`Level::Scope`] can be asked for.
    #[serde(with = "crate::names::list")]
    pub containers: Vec<Level>,
    /// Signals of which it asks to be shown every record, with or without a value in it. None of
    /// these signals may have a subscription too: what stands beside a record is context.
    pub records: Vec<Records>,
    /// What a user should know about the settings although they are valid: each begins with the path
    /// of the key that it is about, and none quotes a value.
    pub warnings: Vec<String>,
}

impl Interest {
    /// Whether the plugin's edits may use this operation.
    #[must_use]
    pub fn allows(&self, operation: Operation) -> bool {
        use Operation::{ReplaceRange, ReplaceValue, Report};
        match self.operations.as_slice() {
            [] => matches!(operation, ReplaceRange | ReplaceValue | Report),
            named => named.contains(&operation),
        }
    }
}

/// One thing that a plugin asks to be shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subscription {
    /// Signals; none named means all.
    #[serde(with = "crate::names::list")]
    pub signals: Vec<Signal>,
    /// Places; none named means all.
    #[serde(with = "crate::names::list")]
    pub places: Vec<Place>,
    /// Kinds of value; none named means strings and bytes. `Key` shows attribute keys as values.
    #[serde(with = "crate::names::list")]
    pub kinds: Vec<Kind>,
    /// Only values under one of these keys.
    pub keys: Option<Keys>,
    /// Never values under one of these keys.
    pub except: Option<Keys>,
    /// How deep in kvlists and arrays.
    pub depth: Depth,
    /// Only values in a record of more bytes than this on the wire.
    pub record_longer_than: Option<u32>,
    /// Only values of a container of more entries than this.
    pub map_larger_than: Option<u32>,
    /// The condition on the value itself.
    pub when: When,
    /// What settles a hit, such as a mask where a secret stood: a literal's the entry that it names, any
    /// other the first. A value in which none of the plugin's hits counts is not shown; where one does,
    /// all are.
    pub unless: Vec<Unless>,
    /// What else to show, as context, beside each hit.
    pub show: Vec<Companion>,
}

/// Every record of some signals, with what the record itself says and some values beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Records {
    /// Signals; none named means all.
    #[serde(with = "crate::names::list")]
    pub signals: Vec<Signal>,
    /// What to show beside each record, as context: of the record itself, its scope, its resource.
    /// An attribute of a record may be set or inserted only under a key that is named here.
    pub show: Vec<Companion>,
}

/// Regular expressions for what settles a hit: where one of them matches, it does not count. Each must
/// match something, and never more bytes than the host's limit `unless_bytes_max`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unless {
    /// Match at once behind a literal, or from the first byte of any other hit.
    pub from: Vec<String>,
    /// Match up to the last byte of the hit, and may begin before it. Without assertions.
    pub to: Vec<String>,
}

/// How deep in kvlists and arrays a subscription looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Nested values too.
    #[default]
    Any,
    /// Only attributes, bodies and fields themselves.
    Top,
}

/// A set of keys. A value is in it when any of its keys matches any entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keys {
    /// Whole keys, case-sensitive.
    pub exact: Vec<String>,
    /// Globs (`*` and `?`), ASCII-case-insensitive.
    pub globs: Vec<String>,
    /// Regular expressions, unanchored.
    pub patterns: Vec<String>,
}

/// The condition on the value itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Every value.
    #[default]
    Always,
    /// Values of more bytes than this.
    LongerThan(u32),
    /// Values in which any of these stands.
    Holds {
        /// Literals.
        #[serde(default)]
        literals: Vec<Literal>,
        /// Classes without a literal.
        #[serde(default)]
        classes: Vec<Class>,
        /// Regular expressions; each match is a hit.
        #[serde(default)]
        patterns: Vec<Pattern>,
    },
}

/// A literal that the host looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// The bytes, as text.
    pub text: String,
    /// Whether case counts.
    #[serde(default)]
    pub case: Case,
    /// What must follow at once in the same value for the literal to count.
    #[serde(default)]
    pub follow: Option<Follow>,
    /// Which of the subscription's `unless` settles it, by its number; the first is 0.
    #[serde(default)]
    pub unless: u32,
}

impl Literal {
    /// A literal that stands exactly so.
    #[must_use]
    pub fn sensitive(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            case: Case::Sensitive,
            follow: None,
            unless: 0,
        }
    }

    /// A literal whose ASCII letters match in either case.
    #[must_use]
    pub fn insensitive(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            case: Case::Insensitive,
            follow: None,
            unless: 0,
        }
    }

    /// The same literal, which counts only when at least `min` bytes of `class` follow.
    #[must_use]
    pub fn followed_by(self, class: ByteClass, min: u8) -> Self {
        Self {
            follow: Some(Follow { class, min }),
            ..self
        }
    }
}

/// Whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// It does.
    #[default]
    Sensitive,
    /// ASCII letters match in either case.
    Insensitive,
}

/// A run that must follow a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Follow {
    /// Bytes that count.
    pub class: ByteClass,
    /// How many of them at the least.
    pub min: u8,
}

/// A class of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByteClass {
    /// `0-9`
    Digit,
    /// `0-9a-fA-F`
    Hex,
    /// `0-9A-Za-z`
    Alphanumeric,
    /// `0-9A-Za-z`, `-`, `_`, `.`, `+`, `/`, `=`, `%`, `~`
    Token,
    /// Anything but white space, quotes and control characters.
    Visible,
    /// Any other: a bit for each byte, the lowest of the first word for byte 0.
    Set([u64; 4]),
}

impl ByteClass {
    /// Whether a byte is of the class.
    #[must_use]
    pub fn contains(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Token => byte.is_ascii_alphanumeric() || b"-_.+/=%~".contains(&byte),
            Self::Visible => byte > b' ' && byte != 0x7f && !b"\"'`".contains(&byte),
            Self::Set(words) => words[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0,
        }
    }
}

/// A class without a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Thirteen or more digits, single spaces or dashes between them allowed.
    LongDigits,
    /// `@` between word characters.
    AtSign,
    /// Thirty-two or more token characters in a row.
    LongToken,
    /// An int or double of thirteen or more decimal digits.
    LongNumber,
    /// Long digits that may number a payment card or a bank account: by the groups that they are
    /// written in, their first digits and the check digits. Most timestamps and ids are none.
    AccountDigits,
    /// An int or double that may number a payment card.
    AccountNumber,
}

/// A regular expression (Rust `regex` syntax) with samples that are checked at load.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The expression; a group named `secret` is reported apart.
    pub regex: String,
    /// What errors call it, such as its path in the plugin's settings: never content.
    #[serde(default)]
    pub path: Option<String>,
    /// Texts that it must match.
    #[serde(default)]
    pub matches: Vec<String>,
    /// Texts that it must not match.
    #[serde(default)]
    pub rejects: Vec<String>,
}

/// A value to show as context beside each hit: of the same record, scope or resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Companion {
    /// Where it stands.
    #[serde(with = "crate::names")]
    pub place: Place,
    /// Under which key; not said for places without keys.
    #[serde(default)]
    pub key: Option<String>,
}
