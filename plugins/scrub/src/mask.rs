//! What stands where a secret stood, and how it is known again.
//!
//! A scrub that runs twice must give the same bytes as once, so masks and tokens are found again in
//! a text and left alone. Must never: print the hash key.

use std::fmt::Write as _;
use std::ops::Range;

use tamis_detect::ByteClass;
use tamis_sdk::host::{Algorithm, HostError, hmac};

use crate::settings::HashKey;

/// Where the name of the kind goes.
pub(crate) const KIND: &str = "{kind}";

/// Bytes of a digest that a token shows, two digits each: enough to tell the secrets of a fleet
/// apart.
const DIGEST_BYTES: usize = 8;

/// How far around a finding a mask may reach.
const AROUND: usize = 256;

const LETTERS: ByteClass = ByteClass::of(&[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]).with(b"-._~");

/// Writes masks and tokens, and finds them again.
#[derive(Debug)]
pub(crate) struct Masks {
    before: String,
    /// What follows the name of the kind; none when the text does not name it.
    after: Option<String>,
    key: Option<HashKey>,
    /// Names of all kinds, by number.
    kinds: Vec<String>,
    /// The masks of all kinds.
    masks: Vec<String>,
}

impl Masks {
    /// Masks of this text, which was found good.
    pub(crate) fn new(text: &str, key: Option<HashKey>, kinds: Vec<String>) -> Self {
        let (before, after) = match text.split_once(KIND) {
            Some((before, after)) => (before, Some(after.to_owned())),
            None => (text, None),
        };
        let mask = |kind: &String| match &after {
            Some(after) => [before, kind, after].concat(),
            None => before.to_owned(),
        };
        Self {
            before: before.to_owned(),
            masks: kinds.iter().map(mask).collect(),
            after,
            key,
            kinds,
        }
    }

    /// What every mask has in it.
    pub(crate) fn fixed(&self) -> &[u8] {
        self.before.as_bytes()
    }

    /// The mask of a kind.
    pub(crate) fn mask(&self, kind: u32) -> &str {
        self.masks.get(kind as usize).unwrap_or(&self.before)
    }

    /// Appends the token of a secret: its kind and a digest under the key.
    pub(crate) fn token(
        &self,
        kind: u32,
        secret: &[u8],
        out: &mut String,
    ) -> Result<(), HostError> {
        let key = self.key.as_ref().map_or(&[][..], HashKey::bytes);
        let digest = hmac(Algorithm::Sha256, key, secret)?;
        out.push_str(self.kind(kind));
        out.push('-');
        for byte in digest.iter().take(DIGEST_BYTES) {
            // A string takes whatever is written.
            let _ = write!(out, "{byte:02x}");
        }
        Ok(())
    }

    fn kind(&self, kind: u32) -> &str {
        self.kinds.get(kind as usize).map_or("secret", |kind| kind)
    }

    /// Where masks and tokens stand in the word around a range.
    pub(crate) fn around(&self, text: &[u8], range: &Range<usize>) -> Vec<Range<usize>> {
        let (start, word) = word(text, range);
        let found = self.masks_in(word).into_iter().chain(self.tokens_in(word));
        found
            .map(|found| start + found.start..start + found.end)
            .collect()
    }

    /// Whether a token stands in a range, or the range in one.
    pub(crate) fn has_token(&self, text: &[u8], range: &Range<usize>) -> bool {
        if self.key.is_none() {
            return false;
        }
        let (start, word) = word(text, range);
        let (from, to) = (range.start - start, range.end - start);
        let tokens = self.tokens_in(word);
        tokens
            .iter()
            .any(|token| token.start < to && from < token.end)
    }

    fn masks_in(&self, word: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let starts = memchr::memmem::find_iter(word, self.before.as_bytes());
        for start in starts {
            let rest = word.get(start + self.before.len()..).unwrap_or_default();
            let length = match &self.after {
                None => Some(0),
                Some(after) => {
                    let fits = |kind: &&String| {
                        rest.strip_prefix(kind.as_bytes())
                            .is_some_and(|rest| rest.starts_with(after.as_bytes()))
                    };
                    let longest = self.kinds.iter().filter(fits).map(String::len).max();
                    longest.map(|length| length + after.len())
                }
            };
            found.extend(length.map(|length| start..start + self.before.len() + length));
        }
        found
    }

    fn tokens_in(&self, word: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.key.is_none() {
            return found;
        }
        for dash in memchr::memchr_iter(b'-', word) {
            let digits = word.get(dash + 1..).unwrap_or_default().iter();
            let digits = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
            if digits != 2 * DIGEST_BYTES {
                continue;
            }
            let name = word.get(..dash).unwrap_or_default();
            let kinds = self.kinds.iter();
            let longest = kinds
                .filter(|kind| name.ends_with(kind.as_bytes()))
                .map(String::len)
                .max();
            found.extend(longest.map(|length| dash - length..dash + 1 + digits));
        }
        found
    }
}

/// The word around a range, and where it starts.
fn word<'t>(text: &'t [u8], range: &Range<usize>) -> (usize, &'t [u8]) {
    let is_letter = |byte: &&u8| LETTERS.contains(**byte);
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let left = before.iter().rev().take(AROUND).take_while(is_letter);
    let right = after.iter().take(AROUND).take_while(is_letter);
    let start = range.start - left.count();
    let end = range.end + right.count();
    (start, text.get(start..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(text: &str) -> Masks {
        let kinds = ["token", "api-token", "pin"].map(str::to_owned);
        let key: HashKey = serde_json::from_str("\"0123456789abcdef\"").unwrap();
        Masks::new(text, Some(key), kinds.to_vec())
    }

    #[test]
    fn masks_name_their_kind_where_they_should() {
        for (text, kind, wanted) in [
            ("REDACTED-{kind}", 1, "REDACTED-api-token"),
            ("cut.{kind}.here", 2, "cut.pin.here"),
            ("removed", 2, "removed"),
        ] {
            assert_eq!(masks(text).mask(kind), wanted);
        }
        assert_eq!(masks("GONE-{kind}").fixed(), b"GONE-");
    }

    #[test]
    fn masks_and_tokens_are_found_again() {
        let text = b"x=REDACTED-api-token&y=api-token-0123456789abcdef.";
        let masks = masks("REDACTED-{kind}");
        assert!(masks.around(text, &(5..6)).iter().eq([&(2..20)]));
        assert!(masks.around(text, &(24..25)).iter().eq([&(23..49)]));
        assert!(masks.has_token(text, &(23..49)));
        assert!(!masks.has_token(text, &(0..1)));
        assert!(masks.around(b"pin-0123456789abcde", &(0..3)).is_empty());
        assert!(
            masks
                .around(b"REDACTED-pine", &(0..3))
                .iter()
                .eq([&(0..12)])
        );
        assert!(masks.around(b"", &(0..0)).is_empty());
    }
}
