//! The hits in one value, and whether any of them counts.
//!
//! A hit that is settled (a mask stands where a secret stood) is no reason to show a value. Where another
//! one is, the plugin gets all of them: what it does at one place may unsettle the next. Must never leave
//! a hit out beside one that counts, up to the limit, beyond which the plugin's policy decides.

use std::ops::Deref;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::Properties;

use crate::interest::{InterestError, parse, reason};
use crate::limits::PluginLimits;

/// One hit in a value, before it has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) subscription: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) secret: Option<(u32, u32)>,
}

/// The hits in one value for one plugin.
#[derive(Debug, Default)]
pub(crate) struct Finds {
    hits: Vec<Found>,
    counts: bool,
    full_at: usize,
}

impl Finds {
    pub(crate) fn clear(&mut self) {
        self.hits.clear();
        self.counts = false;
    }

    /// Makes room for the hits of another subscription.
    pub(crate) fn begin(&mut self, hits_max: usize) {
        self.full_at = self.hits.len() + hits_max;
    }

    /// Adds a hit in these bytes, which may be settled by what stands from a place on, or up to its end.
    /// Whether the next one matters.
    pub(crate) fn add(
        &mut self,
        hit: Found,
        from: usize,
        unless: Option<&Unless>,
        bytes: &[u8],
    ) -> bool {
        let settles = |unless: &Unless| unless.settles(bytes, from, hit.end as usize);
        let counts = self.counts || !unless.is_some_and(settles);
        // Beyond the limit one more is kept where it is the first that counts: it is why the limit
        // was met.
        if self.hits.len() < self.full_at || counts && !self.counts {
            self.hits.push(hit);
        }
        self.counts = counts;
        !counts || self.hits.len() < self.full_at
    }

    /// Whether any of them counts.
    pub(crate) fn count(&self) -> bool {
        self.counts
    }
}

impl Deref for Finds {
    type Target = [Found];

    fn deref(&self) -> &[Found] {
        &self.hits
    }
}

/// One thing that settles hits of a subscription, compiled.
#[derive(Debug, Default)]
pub(crate) struct Unless {
    from: Vec<Regex>,
    /// Each with the most bytes that it matches.
    to: Vec<(Regex, usize)>,
}

impl Unless {
    pub(crate) fn new(
        unless: &tamis_contract::Unless,
        path: &str,
        limits: &PluginLimits,
    ) -> Result<Self, InterestError> {
        let mut compiled = Self::default();
        for (number, pattern) in unless.from.iter().enumerate() {
            let path = format!("{path}.from[{number}]");
            bounds(pattern, &path, limits)?;
            let regex = anchored(&format!(r"\A(?:{pattern})"), &path, limits)?;
            compiled.from.push(regex);
        }
        for (number, pattern) in unless.to.iter().enumerate() {
            let path = format!("{path}.to[{number}]");
            let properties = bounds(pattern, &path, limits)?;
            // They would see the window instead of the value.
            if !properties.look_set().is_empty() {
                return Err(refused(&path, "it has an assertion".to_owned()));
            }
            let regex = anchored(&format!(r"(?:{pattern})\z"), &path, limits)?;
            let longest = properties.maximum_len().unwrap_or(0);
            compiled.to.push((regex, longest));
        }
        Ok(compiled)
    }

    /// Whether one matches from a place on, or up to one.
    fn settles(&self, bytes: &[u8], from: usize, to: usize) -> bool {
        let rest = bytes.get(from..).unwrap_or_default();
        let window = |longest| {
            bytes
                .get(to.saturating_sub(longest)..to)
                .unwrap_or_default()
        };
        self.from.iter().any(|regex| regex.is_match(rest))
            || (self.to.iter()).any(|(regex, longest)| regex.is_match(window(*longest)))
    }
}

/// How long the matches of a pattern are. There must be a longest one, so that many hits in one value do
/// not each look through all of it, and no empty one, which would settle everything.
fn bounds(pattern: &str, path: &str, limits: &PluginLimits) -> Result<Properties, InterestError> {
    let parsed = parse(pattern).map_err(|reason| refused(path, reason))?;
    let properties = parsed.properties();
    let max = limits.unless_bytes_max;
    if properties.maximum_len().is_none_or(|longest| longest > max) {
        let reason = format!("it may match more than unless_bytes_max of {max} bytes");
        return Err(refused(path, reason));
    }
    if properties
        .minimum_len()
        .is_none_or(|shortest| shortest == 0)
    {
        return Err(refused(path, "it matches an empty text".to_owned()));
    }
    Ok(properties.clone())
}

fn anchored(pattern: &str, path: &str, limits: &PluginLimits) -> Result<Regex, InterestError> {
    RegexBuilder::new(pattern)
        .size_limit(limits.pattern_compiled_bytes_max)
        .dfa_size_limit(limits.pattern_compiled_bytes_max)
        .build()
        .map_err(|error| refused(path, reason(pattern, &error)))
}

fn refused(path: &str, reason: String) -> InterestError {
    let path = path.to_owned();
    InterestError::Pattern { path, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unless(from: &[&str], to: &[&str]) -> Result<Unless, InterestError> {
        let own = |patterns: &[&str]| patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let (from, to) = (own(from), own(to));
        let unless = tamis_contract::Unless { from, to };
        Unless::new(&unless, "s.unless[0]", &PluginLimits::default())
    }

    fn hit(start: u32) -> Found {
        Found {
            subscription: 0,
            start,
            end: start + 1,
            secret: None,
        }
    }

    #[test]
    fn one_hit_that_counts_brings_all() {
        let (unless, mut finds) = (unless(&["MASK"], &[]).unwrap(), Finds::default());
        finds.begin(9);
        assert!(finds.add(hit(0), 0, Some(&unless), b"MASK") && !finds.count());
        assert!(finds.add(hit(1), 1, Some(&unless), b"MASK") && finds.count());
        assert!(finds.add(hit(2), 0, Some(&unless), b"MASK"));
        assert_eq!(finds.len(), 3);
        finds.clear();
        assert!(!finds.count() && finds.is_empty());
    }

    #[test]
    fn behind_the_limit_only_the_first_that_counts_matters() {
        let (unless, mut finds) = (unless(&["MASK"], &[]).unwrap(), Finds::default());
        finds.begin(2);
        for start in 0..100 {
            assert!(finds.add(hit(start), 0, Some(&unless), b"MASK"));
        }
        assert_eq!((finds.len(), finds.count()), (2, false));
        assert!(!finds.add(hit(100), 0, Some(&unless), b"word"));
        assert_eq!((finds.len(), finds.count()), (3, true));
    }

    #[test]
    fn patterns_are_bounded_and_match_something() {
        for (from, to, wanted) in [
            (
                "MASK.*",
                "",
                "from[0]: the pattern cannot be compiled: it may match more than unless_bytes_max of 1024 bytes",
            ),
            (
                "(MASK)?",
                "",
                "from[0]: the pattern cannot be compiled: it matches an empty text",
            ),
            (
                "^",
                "",
                "from[0]: the pattern cannot be compiled: it matches an empty text",
            ),
            (
                "a)|(b",
                "",
                "from[0]: the pattern cannot be compiled: unopened group, at column 2",
            ),
            (
                "",
                r"\bMASK",
                "to[0]: the pattern cannot be compiled: it has an assertion",
            ),
        ] {
            let list = |pattern: &'static str| [pattern].into_iter().filter(|one| !one.is_empty());
            let (from, to): (Vec<_>, Vec<_>) = (list(from).collect(), list(to).collect());
            let error = unless(&from, &to).unwrap_err();
            assert_eq!(error.to_string(), format!("s.unless[0].{wanted}"));
        }
    }

    #[test]
    fn patterns_match_from_a_place_or_up_to_one() {
        let from = unless(&[r"MASK|WORD\z"], &[]).unwrap();
        for (bytes, at) in [(&b"MASKED"[..], 0), (b"a WORD", 2)] {
            assert!(from.settles(bytes, at, 0));
        }
        assert!(!from.settles(b" MASK", 0, 5) && !from.settles(b"WORDS", 0, 5));
        let to = unless(&[], &["MASK-[a-z]{1,9}="]).unwrap();
        assert!(to.settles(b"a MASK-word=b", 12, 12));
        assert!(!to.settles(b"a MASK-word=b", 12, 11) && !to.settles(b"a MASK-word=b", 12, 13));
    }
}
