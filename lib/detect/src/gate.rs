//! What a host must scan for so that no finding is missed.
//!
//! Every finding of `Detect::find` starts from one of these literals, classes or keys, so a text
//! that holds none of them has no finding. Must stay a plain description: how to scan is the
//! host's business.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::bytes::ByteClass;
use crate::url::{USERINFO, USERINFO_MAX, ends_scheme};

/// What must stand somewhere for `find` to find anything.
#[derive(Clone, Debug, Default)]
pub struct GateNeeds {
    /// A value with a finding holds one of these,
    pub literals: Vec<GateLiteral>,
    /// or its key ends with one of these,
    pub keys: Vec<GateKey>,
    /// or it holds bytes of one of these classes.
    pub classes: Vec<GateClass>,
}

impl GateNeeds {
    /// The needs of these anchors. A literal that ends with another of the same case and follow
    /// is left out: where it stands, the shorter one does.
    pub(crate) fn of(
        patterns: &[(GateLiteral, u16)],
        classes: &[(GateClass, u16)],
        keyed: &[(Vec<GateKey>, u16)],
    ) -> GateNeeds {
        type Key<'a> = (&'a [u8], LiteralCase, Option<Follow>);
        fn key(literal: &GateLiteral) -> Key<'_> {
            (&literal.bytes, literal.case, literal.follow)
        }
        let mut leads: HashMap<Key<'_>, Option<Lead>> = patterns
            .iter()
            .map(|(literal, _)| (key(literal), None))
            .collect();
        for (literal, _) in patterns {
            let (bytes, case, follow) = key(literal);
            let mut ends = (0..bytes.len())
                .rev()
                .map(|start| (&bytes[start..], case, follow));
            // It stands for all that end with it, so it leads where all of them do.
            let needed = ends.find(|end| leads.contains_key(end));
            if let Some(lead) = needed.and_then(|end| leads.get_mut(&end)) {
                let same = lead.is_none_or(|lead| lead == literal.lead);
                *lead = Some(if same { literal.lead } else { Lead::Token });
            }
        }
        // In the order of the patterns, not of a map: every instance of a plugin must ask for the
        // same, and two literals may have the same bytes.
        let mut literals: Vec<GateLiteral> = patterns
            .iter()
            .filter_map(|(literal, _)| {
                let lead = leads.remove(&key(literal))??;
                Some(GateLiteral {
                    lead,
                    ..literal.clone()
                })
            })
            .collect();
        literals.sort_by(|a, b| a.bytes.cmp(&b.bytes));
        let mut classes: Vec<GateClass> = classes.iter().map(|(class, _)| *class).collect();
        classes.sort_unstable();
        classes.dedup();
        let mut keys: Vec<GateKey> = Vec::new();
        for key in keyed.iter().flat_map(|(keys, _)| keys) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        GateNeeds {
            literals,
            keys,
            classes,
        }
    }
}

/// Bytes to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GateLiteral {
    /// The bytes; never empty. ASCII lower case when the case does not matter.
    pub bytes: Cow<'static, [u8]>,
    /// Whether ASCII letters match in either case.
    pub case: LiteralCase,
    /// What must follow directly, all of it inside the value.
    pub follow: Option<Follow>,
    /// What it leads to.
    pub lead: Lead,
}

/// What a literal leads to, and so where behind it a mask may stand that settles it: see
/// [`Detect::masked`](crate::Detect::masked).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lead {
    /// A token that it is part of, or nothing of a single form.
    Token,
    /// The value of a name that it ends, or a credential directly behind it.
    Name,
    /// The value of an Authorization header.
    Header,
    /// A list of cookies, of which one mask says nothing.
    Cookies,
    /// The user information of a URL.
    Scheme,
}

impl GateLiteral {
    pub(crate) fn sensitive(bytes: impl Into<Cow<'static, [u8]>>) -> GateLiteral {
        GateLiteral {
            bytes: bytes.into(),
            case: LiteralCase::Sensitive,
            follow: None,
            lead: Lead::Token,
        }
    }

    pub(crate) fn insensitive(bytes: impl Into<Cow<'static, [u8]>>) -> GateLiteral {
        GateLiteral {
            bytes: bytes.into(),
            case: LiteralCase::AsciiInsensitive,
            follow: None,
            lead: Lead::Token,
        }
    }

    pub(crate) fn follow(mut self, class: ByteClass, min: u8) -> GateLiteral {
        self.follow = Some(Follow { class, min });
        self
    }

    pub(crate) fn lead(self, lead: Lead) -> GateLiteral {
        GateLiteral { lead, ..self }
    }

    /// Whether this literal stands at `at` with what must follow.
    #[must_use]
    pub fn stands_at(&self, text: &[u8], at: usize) -> bool {
        let end = at.saturating_add(self.bytes.len());
        let Some(found) = text.get(at..end) else {
            return false;
        };
        let same = match self.case {
            // They have few bytes, for which a call takes longer than the comparison.
            LiteralCase::Sensitive => found.iter().eq(self.bytes.iter()),
            LiteralCase::AsciiInsensitive => found.eq_ignore_ascii_case(&self.bytes),
        };
        same && self.follow.is_none_or(|follow| follow.holds(text, end))
    }
}

/// Whether the case of ASCII letters counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiteralCase {
    /// It does.
    Sensitive,
    /// It does not.
    AsciiInsensitive,
}

/// What must follow a literal directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Follow {
    /// The bytes that count.
    pub class: ByteClass,
    /// How many of them at least.
    pub min: u8,
}

impl Follow {
    pub(crate) fn holds(&self, text: &[u8], at: usize) -> bool {
        let min = usize::from(self.min);
        self.class.run(text, at, min) == min
    }
}

/// Bytes to look for that no literal describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GateClass {
    /// At least 13 digits, single spaces or dashes between them allowed; also the decimal text of
    /// a number of at least 13 digits, which stands on the wire as a varint or a double.
    Digits13,
    /// An `@` with a letter, digit, or one of `.-_%+` before it and a letter or digit after it.
    AtSign,
    /// An `@` between which and a `://` before it stand only bytes of a URL's user information:
    /// a host that has no faster way may look for every `@`.
    Userinfo,
}

impl GateClass {
    /// Whether bytes of this class stand anywhere in a text: the meaning of the class, spelled
    /// out for tests and for hosts that have no faster way.
    #[must_use]
    pub fn stands_in(self, text: &[u8]) -> bool {
        match self {
            GateClass::Digits13 => has_13_digits(text),
            GateClass::Userinfo => memchr::memchr_iter(b'@', text).any(|at| {
                let start = at - USERINFO.run_back(text, at, USERINFO_MAX);
                ends_scheme(&text[..start])
            }),
            GateClass::AtSign => memchr::memchr_iter(b'@', text).any(|at| {
                let before = at.checked_sub(1).and_then(|index| text.get(index));
                let after = text.get(at + 1);
                before.is_some_and(|b| b.is_ascii_alphanumeric() || b".-_%+".contains(b))
                    && after.is_some_and(u8::is_ascii_alphanumeric)
            }),
        }
    }
}

const DIGITS_MIN: u32 = 13;

fn has_13_digits(text: &[u8]) -> bool {
    if has_few_digits(text) {
        return false;
    }
    let mut digits = 0;
    let mut gap = true;
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                gap = false;
                if digits >= DIGITS_MIN {
                    return true;
                }
            }
            b' ' | b'-' if !gap => gap = true,
            _ => {
                digits = 0;
                gap = true;
            }
        }
    }
    false
}

/// Whether a text has too few digits, wherever they stand. Counting takes no branch, and a vector of bytes
/// counts for itself: the last one of a text once more what the one before has counted.
fn has_few_digits(text: &[u8]) -> bool {
    let count = |chunk: &[u8; 16]| -> u32 {
        let ones = chunk.iter().map(|byte| u8::from(byte.is_ascii_digit()));
        ones.sum::<u8>().into()
    };
    let (chunks, _) = text.as_chunks();
    let last = text.last_chunk().map_or(DIGITS_MIN, count);
    chunks.iter().map(count).sum::<u32>() + last < DIGITS_MIN
}

/// The end of a key whose value is a candidate as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateKey {
    /// What the key ends with, in ASCII lower case; the case of the key does not count.
    pub suffix: Cow<'static, [u8]>,
}

impl GateKey {
    /// Whether the key ends so.
    #[must_use]
    pub fn matches(&self, key: &[u8]) -> bool {
        key.len()
            .checked_sub(self.suffix.len())
            .and_then(|start| key.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(&self.suffix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::DIGIT;

    #[test]
    fn thirteen_digits_with_single_gaps() {
        for text in [
            "1234567890123",
            "x4111 1111 1111 1",
            "1-2-3-4-5-6-7-8-9-0-1-2-3",
        ] {
            assert!(GateClass::Digits13.stands_in(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "123456789012",
            "123456789012  3",
            "123456 - 7890123",
            "-123456789012-",
        ] {
            assert!(!GateClass::Digits13.stands_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn follow_counts_bytes_after_the_literal() {
        let literal = GateLiteral::insensitive(&b"pin="[..]).follow(DIGIT, 3);
        assert!(literal.stands_at(b"a PIN=123", 2));
        assert!(!literal.stands_at(b"a PIN=12", 2));
        assert!(!literal.stands_at(b"a PIN=123", 7));
        assert!(!literal.stands_at(b"a PIN=123", usize::MAX));
    }

    #[test]
    fn keys_match_by_their_end() {
        let key = GateKey {
            suffix: Cow::Borrowed(b"password"),
        };
        assert!(key.matches(b"db.Password"));
        assert!(!key.matches(b"password_hint"));
        assert!(!key.matches(b"word"));
    }

    #[test]
    fn the_needs_of_the_same_anchors_are_the_same_every_time() {
        let same_bytes = (0..20).map(|min| {
            let literal = GateLiteral::insensitive(&b"token="[..]).follow(DIGIT, min);
            (literal, 0)
        });
        let patterns: Vec<_> = same_bytes.collect();
        let first = GateNeeds::of(&patterns, &[], &[]).literals;
        assert_eq!(first.len(), patterns.len());
        for _ in 0..10 {
            assert_eq!(GateNeeds::of(&patterns, &[], &[]).literals, first);
        }
    }
}
