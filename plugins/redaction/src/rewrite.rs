//! One text on its way through the blocked values: each pattern sees what the earlier ones left, and
//! what was changed is known as ranges of the text as it came in.
//!
//! So the host is asked to replace just the bytes that were blocked, however many patterns bit into
//! them, and all else leaves as it came.
//!
//! Must never: let a byte that some pattern took stand in the outcome.

use std::borrow::Cow;
use std::ops::Range;

use regex::bytes::Regex;
use tamis_sdk::Fault;

use crate::mask::Mask;

/// A part that is not as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where it stands in the text now.
    pub(crate) now: Range<usize>,
    /// What it stands for in the bytes as they came in.
    pub(crate) was: Range<usize>,
    /// The pattern that took it; none where bytes that are no UTF-8 were only made readable.
    pub(crate) pattern: Option<usize>,
}

/// A text and its changes.
pub(crate) struct Rewrite {
    text: String,
    parts: Vec<Part>,
}

impl Rewrite {
    /// Over these bytes. As in RE2, each byte that is no UTF-8 reads as U+FFFD.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        let (mut parts, mut at) = (Vec::new(), 0);
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            at += chunk.valid().len();
            for _ in chunk.invalid() {
                let start = text.len();
                text.push(char::REPLACEMENT_CHARACTER);
                parts.push(Part {
                    now: start..text.len(),
                    was: at..at + 1,
                    pattern: None,
                });
                at += 1;
            }
        }
        Self { text, parts }
    }

    /// The text as it stands now.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What patterns took, in order.
    pub(crate) fn taken(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.pattern.is_some())
    }

    /// Whether bytes that are no UTF-8 were made readable.
    pub(crate) fn was_invalid(&self) -> bool {
        self.parts.iter().any(|part| part.pattern.is_none())
    }

    /// These bytes, which it was made over, with what patterns took replaced and all else as it was.
    pub(crate) fn splice(&self, bytes: &[u8]) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), 0);
        for part in self.taken() {
            let now = self.text.get(part.now.clone()).unwrap_or_default();
            out.extend_from_slice(bytes.get(at..part.was.start).unwrap_or_default());
            out.extend_from_slice(now.as_bytes());
            at = part.was.end;
        }
        out.extend_from_slice(bytes.get(at..).unwrap_or_default());
        out
    }

    /// Replaces every match of a pattern by its mask.
    pub(crate) fn apply(
        &mut self,
        pattern: usize,
        regex: &Regex,
        mask: &Mask,
    ) -> Result<(), Fault> {
        let mut matches = Vec::new();
        for found in regex.find_iter(self.text.as_bytes()) {
            // An empty match inside a character is one of bytes, not of text.
            if self.text.is_char_boundary(found.start()) {
                matches.push((found.range(), mask.of(found.as_bytes())?));
            }
        }
        if !matches.is_empty() {
            self.replace(pattern, &matches);
        }
        Ok(())
    }

    fn replace(&mut self, pattern: usize, matches: &[(Range<usize>, String)]) {
        let old = std::mem::take(&mut self.text);
        let parts = std::mem::take(&mut self.parts);
        let mut text = String::with_capacity(old.len());
        let (mut at, mut shift) = (0, 0_isize);
        for block in blocks(&parts, matches) {
            text.push_str(old.get(at..block.range.start).unwrap_or_default());
            let start = text.len();
            let was_start = moved(block.range.start, -shift);
            at = block.range.start;
            for (range, new) in matches.get(block.matches.clone()).unwrap_or_default() {
                text.push_str(old.get(at..range.start).unwrap_or_default());
                text.push_str(new);
                at = range.end;
            }
            text.push_str(old.get(at..block.range.end).unwrap_or_default());
            at = block.range.end;
            let inside = parts.get(block.parts.clone()).unwrap_or_default();
            for part in inside {
                shift += part.now.len() as isize - part.was.len() as isize;
            }
            let earlier = inside.iter().find_map(|part| part.pattern);
            self.parts.push(Part {
                now: start..text.len(),
                was: was_start..moved(block.range.end, -shift),
                pattern: match block.matches.is_empty() {
                    true => earlier,
                    false => Some(pattern),
                },
            });
        }
        text.push_str(old.get(at..).unwrap_or_default());
        self.text = text;
    }
}

/// These bytes as text, as RE2 reads them.
pub(crate) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(Rewrite::new(bytes).text),
    }
}

/// Parts and matches that overlap, as one range with the numbers of both.
struct Block {
    range: Range<usize>,
    parts: Range<usize>,
    matches: Range<usize>,
}

/// Joins parts and matches, both sorted, where they overlap or where one of them is empty and they
/// touch.
fn blocks(parts: &[Part], matches: &[(Range<usize>, String)]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut part, mut found) = (0, 0);
    loop {
        let next_part = parts.get(part).map(|part| part.now.clone());
        let next_match = matches.get(found).map(|(range, _)| range.clone());
        let takes_part = match (&next_part, &next_match) {
            (None, None) => return blocks,
            (Some(part), Some(found)) => (part.start, part.end) <= (found.start, found.end),
            (part, _) => part.is_some(),
        };
        let Some(range) = (if takes_part { next_part } else { next_match }) else {
            return blocks;
        };
        let (next_part, next_match) = match takes_part {
            true => (part + 1, found),
            false => (part, found + 1),
        };
        match blocks.last_mut() {
            Some(block) if joins(&block.range, &range) => {
                block.range.end = block.range.end.max(range.end);
                (block.parts.end, block.matches.end) = (next_part, next_match);
            }
            _ => blocks.push(Block {
                range,
                parts: part..next_part,
                matches: found..next_match,
            }),
        }
        (part, found) = (next_part, next_match);
    }
}

/// Whether a range that begins no earlier belongs together with the one before it.
fn joins(before: &Range<usize>, range: &Range<usize>) -> bool {
    let touches = range.start == before.end && (range.is_empty() || before.is_empty());
    range.start < before.end || touches
}

fn moved(at: usize, by: isize) -> usize {
    at.saturating_add_signed(by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rewrite(bytes: &[u8], patterns: &[&str]) -> Rewrite {
        let mut rewrite = Rewrite::new(bytes);
        for (number, pattern) in patterns.iter().enumerate() {
            let regex = Regex::new(pattern).unwrap();
            rewrite.apply(number, &regex, &Mask::Stars).unwrap();
        }
        rewrite
    }

    #[test]
    fn later_patterns_see_what_earlier_ones_left() {
        let done = rewrite(b"a sk-1234 b", &["sk-[0-9]+", r"\*+ b"]);
        assert_eq!(done.text(), "a ****");
        let parts: Vec<_> = done.taken().collect();
        assert_eq!(
            (parts[0].was.clone(), parts[0].pattern),
            (2..11, Some(1)),
            "{parts:?}"
        );
    }

    #[test]
    fn a_match_inside_a_mask_keeps_the_range() {
        let done = rewrite(b"x 12 y", &["[0-9]+", r"\*\*"]);
        assert_eq!(done.text(), "x ******** y");
        assert_eq!(done.taken().next().unwrap().was, 2..4);
    }

    #[test]
    fn empty_matches_insert_between_characters_only() {
        assert_eq!(
            rewrite("\u{e9}b".as_bytes(), &["a*"]).text(),
            "****\u{e9}****b****"
        );
    }

    #[test]
    fn bytes_that_are_no_utf8_are_characters() {
        let bytes = b"sk-\xff\xe2\x82!tail";
        let done = rewrite(bytes, &["sk-.{4}"]);
        assert!(done.was_invalid() || done.taken().count() == 1);
        assert_eq!(done.splice(bytes), b"****tail");
        let kept = rewrite(b"\xff sk-1", &["sk-."]);
        assert_eq!(kept.splice(b"\xff sk-1"), b"\xff ****");
    }

    proptest! {
        /// The parts say the same as the text, whatever the patterns do to each other.
        #[test]
        fn parts_splice_to_the_text(
            text in "[ab*\u{e9}]{0,12}",
            patterns in proptest::collection::vec("(a|b|\\*|\u{e9}){0,2}[ab*]?|a\\*|b?", 1..5),
        ) {
            let patterns: Vec<_> = patterns.iter().map(String::as_str).collect();
            prop_assume!(patterns.iter().all(|pattern| Regex::new(pattern).is_ok()));
            let done = rewrite(text.as_bytes(), &patterns);
            prop_assert_eq!(done.splice(text.as_bytes()), done.text().as_bytes());
            let mut oracle = text.clone();
            for pattern in patterns {
                let regex = regex::Regex::new(pattern).unwrap();
                oracle = regex.replace_all(&oracle, "****").into_owned();
            }
            prop_assert_eq!(done.text(), oracle);
        }
    }
}
