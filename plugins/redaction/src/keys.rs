//! What the rules say of keys.
//!
//! An entry may hold several keys, and readers differ in which one they believe: it passes only if
//! every one of them passes, and is blocked if any one is.
//!
//! Must never: remember more keys than its limit, since senders choose them.

use std::collections::HashMap;

use crate::settings::{Rules, matches};

/// Keys whose verdicts are remembered from batch to batch.
const REMEMBERED_MAX: usize = 4096;
/// Longer keys are judged each time.
const REMEMBERED_BYTES_MAX: usize = 256;

/// The attributes that the summary writes and that the Collector lets pass for it.
const PASSED: [&str; 5] = [
    "redaction.redacted.keys",
    "redaction.redacted.count",
    "redaction.masked.keys",
    "redaction.masked.count",
    "redaction.ignored.count",
];

/// What the rules say of the keys of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// It passes untouched.
    pub(crate) ignored: bool,
    /// The allow-list names it.
    pub(crate) listed: bool,
    /// Its value is masked whole.
    pub(crate) blocked: bool,
}

impl Verdict {
    fn and(self, other: Self) -> Self {
        Self {
            ignored: self.ignored && other.ignored,
            listed: self.listed && other.listed,
            blocked: self.blocked || other.blocked,
        }
    }
}

/// The verdicts of a view's entries, and of keys that were seen before.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    entries: HashMap<u32, Verdict>,
    remembered: HashMap<Vec<u8>, Verdict>,
}

impl Verdicts {
    /// Forgets the entries of the last view.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        if self.remembered.len() >= REMEMBERED_MAX {
            self.remembered.clear();
        }
    }

    /// Adds a key of an entry.
    pub(crate) fn add(&mut self, rules: &Rules, entry: u32, key: &[u8]) {
        let verdict = self.of_key(rules, key);
        self.entries
            .entry(entry)
            .and_modify(|known| *known = known.and(verdict))
            .or_insert(verdict);
    }

    /// The verdict of an entry; one without a key has an empty one.
    pub(crate) fn of_entry(&self, rules: &Rules, entry: u32) -> Verdict {
        let known = self.entries.get(&entry).copied();
        known.unwrap_or_else(|| judge(rules, b""))
    }

    fn of_key(&mut self, rules: &Rules, key: &[u8]) -> Verdict {
        if let Some(&known) = self.remembered.get(key) {
            return known;
        }
        let verdict = judge(rules, key);
        if key.len() <= REMEMBERED_BYTES_MAX && self.remembered.len() < REMEMBERED_MAX {
            self.remembered.insert(key.to_owned(), verdict);
        }
        verdict
    }
}

/// What the rules say of one key.
pub(crate) fn judge(rules: &Rules, key: &[u8]) -> Verdict {
    let text = crate::rewrite::readable(key);
    let any =
        |patterns: &[regex::bytes::Regex]| patterns.iter().any(|pattern| matches(pattern, &text));
    let passed = PASSED.iter().any(|passed| passed.as_bytes() == key);
    Verdict {
        ignored: rules.ignored.contains(key) || any(&rules.ignored_patterns),
        listed: rules.allowed.contains(key) || passed,
        blocked: any(&rules.blocked_keys),
    }
}
