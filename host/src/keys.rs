//! A compiled set of keys: exact ones, globs, patterns.

use regex::bytes::{RegexSet, RegexSetBuilder};
use rustc_hash::FxHashSet;
use tamis_contract::{Keys, Pattern};

use crate::interest::{InterestError, compile_pattern, reason};
use crate::limits::PluginLimits;

#[derive(Debug)]
pub(crate) struct KeySet {
    exact: FxHashSet<Vec<u8>>,
    patterns: RegexSet,
}

impl KeySet {
    pub(crate) fn new(
        keys: &Keys,
        path: &str,
        limits: &PluginLimits,
    ) -> Result<Self, InterestError> {
        let globs: Vec<String> = keys.globs.iter().map(|glob| glob_regex(glob)).collect();
        for (number, regex) in keys.patterns.iter().enumerate() {
            let pattern = Pattern {
                regex: regex.clone(),
                ..Pattern::default()
            };
            compile_pattern(&pattern, &format!("{path}.patterns[{number}]"), limits)?;
        }
        // Each is within its limit; the set is one pass over a key for all of them.
        let all = globs.iter().chain(&keys.patterns);
        let patterns = RegexSetBuilder::new(all)
            .size_limit(
                limits
                    .pattern_compiled_bytes_max
                    .saturating_mul(limits.patterns_max),
            )
            .build()
            .map_err(|error| InterestError::Pattern {
                path: path.to_owned(),
                reason: reason("", &error),
            })?;
        let exact = keys.exact.iter().map(|key| key.clone().into_bytes());
        Ok(Self {
            exact: exact.collect(),
            patterns,
        })
    }

    pub(crate) fn holds(&self, key: &[u8]) -> bool {
        self.exact.contains(key) || !self.patterns.is_empty() && self.patterns.is_match(key)
    }
}

/// The regular expression that a glob means: `*` any run, `?` any byte, ASCII case ignored.
fn glob_regex(glob: &str) -> String {
    let mut regex = String::from("(?is-u)^");
    for part in glob.split_inclusive(['*', '?']) {
        let (text, wild) = match part.strip_suffix('*') {
            Some(text) => (text, ".*"),
            None => part
                .strip_suffix('?')
                .map_or((part, ""), |text| (text, ".")),
        };
        // Without Unicode mode, bytes outside ASCII are written as escapes.
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => regex.push(byte.into()),
                _ => regex.push_str(&format!("\\x{byte:02x}")),
            }
        }
        regex.push_str(wild);
    }
    regex.push('$');
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_mean_what_they_say() {
        let keys = Keys {
            globs: vec!["*pass?ord*".into(), "a.b".into(), "n\u{e9}*".into()],
            ..Keys::default()
        };
        let set = KeySet::new(&keys, "keys", &PluginLimits::default()).unwrap();
        assert!(set.holds(b"DB_PASSWORD_OLD"));
        assert!(set.holds(b"A.B"));
        assert!(set.holds("n\u{e9}e".as_bytes()));
        assert!(!set.holds(b"axb"));
        assert!(!set.holds(b"pass"));
    }
}
