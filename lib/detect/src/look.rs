//! One search through one value: the text, what has been found, and the bounds on looking around.
//!
//! Every rule works through a `Look`. Where a run or a string that may be long ends is remembered,
//! so that anchors which stand in the same one do not walk it again: this is what keeps a search
//! linear. Must never hand out more than positions.

use std::ops::Range;

use crate::bytes::{ByteClass, WORD};
use crate::escape::{backslashes_at, backslashes_before, closes, ends_escape, escaped_byte};
use crate::find::{Boundaries, Check, Context};
use crate::judge::JUDGED_MAX;
use crate::mask::Mask;
use crate::notes::{Candidate, Notes, Opening, entry};
use crate::slot::bare_end;
use crate::table::detectors;

/// How far a rule may look around an anchor where no end is remembered, in bytes: the one bound
/// on the work per anchor.
pub(crate) const AROUND: usize = 256;

/// How far before a position a mask that it lies in may begin, in bytes.
pub(crate) const MASK_MAX: usize = 64;

/// How many bytes of a token must stand after a distinctive anchor when the value ends there.
pub(crate) const CUT_MIN: usize = 8;

/// A place where a detector has to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    /// Where the anchor starts in the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The detector whose anchor it is.
    pub detector: u16,
}

pub(crate) struct Look<'t> {
    pub text: &'t [u8],
    pub context: Context<'t>,
    /// Texts that stand for something already masked.
    pub masks: &'t [Mask],
    pub notes: &'t mut Notes,
    /// Bytes looked at, for the test that this stays linear.
    pub work: usize,
    is_json: Option<bool>,
}

impl<'t> Look<'t> {
    pub(crate) fn new(
        text: &'t [u8],
        context: Context<'t>,
        masks: &'t [Mask],
        notes: &'t mut Notes,
    ) -> Look<'t> {
        notes.clear();
        Look {
            text,
            context,
            masks,
            notes,
            work: 0,
            is_json: None,
        }
    }

    /// The byte at a position.
    pub(crate) fn at(&self, index: usize) -> Option<u8> {
        self.text.get(index).copied()
    }

    /// The byte before a position.
    pub(crate) fn before(&self, index: usize) -> Option<u8> {
        index.checked_sub(1).and_then(|index| self.at(index))
    }

    /// Whether neighbours are not part of the value.
    pub(crate) fn loose(&self) -> bool {
        self.context.boundaries == Boundaries::Loose
    }

    /// Claims a range.
    pub(crate) fn claim(&mut self, start: usize, end: usize, detector: u16, check: Check) {
        if start < end && end <= self.text.len() {
            self.notes.finish(detector, end);
            self.notes.candidates.push(Candidate {
                start,
                end,
                detector,
                check,
            });
        }
    }

    /// The detector needs not look at anchors before this position any more.
    pub(crate) fn finish(&mut self, detector: u16, end: usize) {
        self.notes.finish(detector, end);
    }

    /// Where the text that the detector is done with ends.
    pub(crate) fn done(&self, detector: u16) -> usize {
        self.notes.done(detector)
    }

    /// Whether the detector is done with this position.
    pub(crate) fn is_done(&self, detector: u16, at: usize) -> bool {
        at < self.done(detector)
    }

    /// Whether the text as a whole is JSON by its first byte.
    pub(crate) fn is_json(&mut self) -> bool {
        *self.is_json.get_or_insert_with(|| {
            let first = self
                .text
                .iter()
                .take(AROUND)
                .find(|byte| !byte.is_ascii_whitespace());
            matches!(first, Some(b'{' | b'[' | b'"'))
        })
    }

    /// How many bytes from `at` on, at most `limit`, are of the class.
    pub(crate) fn count(&mut self, class: &ByteClass, at: usize, limit: usize) -> usize {
        let count = class.run(self.text, at, limit);
        self.work += count + 1;
        count
    }

    /// How many bytes before `at`, at most `limit`, are of the class.
    pub(crate) fn count_back(&mut self, class: &ByteClass, at: usize, limit: usize) -> usize {
        let count = class.run_back(self.text, at, limit);
        self.work += count + 1;
        count
    }

    /// Where the run of the class that starts at `at` ends, however long. Slashes, pluses and
    /// equals signs count in their escapes, too.
    pub(crate) fn run_end(&mut self, class: &ByteClass, at: usize) -> usize {
        let run = entry(&mut self.notes.runs, *class);
        if run.from <= at && at < run.end {
            return run.end;
        }
        let end = walk(self.text, class, at);
        if end > at {
            (run.from, run.end) = (at, end);
        }
        self.work += end - at + 1;
        end
    }

    /// Where the run of the class that ends at `at` starts. Must be asked with rising positions.
    pub(crate) fn run_start(&mut self, class: &ByteClass, at: usize) -> usize {
        let run = entry(&mut self.notes.starts, *class);
        let known = if run.end <= at { run.end } else { 0 };
        let count = class.run_back(self.text, at, at - known);
        let start = if at - count == known && known > 0 {
            run.from
        } else {
            at - count
        };
        (run.from, run.end) = (start, at);
        self.work += count + 1;
        start
    }

    /// Where the string that was opened before `at` ends: before its closing quote and that
    /// quote's backslashes, at the end of the line, or at the end of the text.
    pub(crate) fn string_end(&mut self, opening: Opening, at: usize) -> usize {
        let is_json = self.is_json();
        let string = entry(&mut self.notes.strings, opening);
        if string.from <= at && at <= string.end {
            return string.end;
        }
        let end = close(self.text, opening, is_json, at);
        (string.from, string.end) = (at, end);
        self.work += end.saturating_sub(at) + 1;
        end
    }

    /// Where the bare value that starts at `at` ends.
    pub(crate) fn bare_end(&mut self, at: usize) -> usize {
        let bare = entry(
            &mut self.notes.strings,
            Opening {
                quote: b' ',
                level: 0,
            },
        );
        if bare.from <= at && at <= bare.end {
            return bare.end;
        }
        let end = bare_end(self.text, at);
        (bare.from, bare.end) = (at, end);
        self.work += end.saturating_sub(at) + 1;
        end
    }

    /// Whether a token may start here: no letter, digit or `_` before it, unless those end an
    /// escape (`\n`, `\u003c`, `%20`) or a terminal colour (`ESC[31m`).
    pub(crate) fn starts_word(&self, at: usize) -> bool {
        if self.loose() {
            return true;
        }
        let Some(before) = self.before(at) else {
            return true;
        };
        !WORD.contains(before) || ends_escape(&self.text[..at])
    }

    /// Whether the value ends here, by itself or with the string that it stands in, or was cut here
    /// by whoever shortened it.
    pub(crate) fn is_cut(&self, at: usize) -> bool {
        const MARKS: &[&[u8]] = &[
            b"...",
            b"\xe2\x80\xa6",
            b"\\u2026",
            b"[trunc",
            b"(trunc",
            b"[...",
            b"<trunc",
        ];
        let rest = self.text.get(at..).unwrap_or_default();
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let closes = self.at(at + backslashes_at(self.text, at)) == Some(b'"');
        rest.is_empty() || closes || MARKS.iter().any(|mark| rest.starts_with(mark))
    }

    /// Whether a token is masked already, or an anchor of it lies in a mask.
    pub(crate) fn touches_mask(&self, anchor: usize, token: Range<usize>) -> bool {
        let longest = self.masks.iter().map(Mask::len).max().unwrap_or(0);
        let start = token.start.min(anchor.saturating_sub(MASK_MAX));
        let end = token.end.max(anchor + longest).min(self.text.len());
        // Most often no mask is near, and one search tells.
        let near = &self.text[start..end];
        self.masks.iter().any(|mask| mask.stands_in(near))
            && (self.in_mask(anchor) || self.is_masked(&self.text[token]))
    }

    /// Whether this position lies in a mask or in the name of a detector behind one: a mask must
    /// not become the start of something with what follows it.
    pub(crate) fn in_mask(&self, at: usize) -> bool {
        let start = at.saturating_sub(MASK_MAX);
        self.masks.iter().any(|mask| {
            let around = &self.text[start..self.text.len().min(at + mask.len())];
            mask.last_in(around).is_some_and(|found| {
                let id_start = start + found + mask.len();
                let rest = self.text.get(id_start..).unwrap_or_default();
                let ids = detectors().iter().map(|detector| detector.id);
                let id = ids
                    .filter(|id| rest.starts_with(id.as_bytes()))
                    .map(str::len)
                    .max();
                at < id_start + id.unwrap_or(0)
            })
        })
    }

    /// Whether this text holds something that was masked before, as far as it is judged.
    pub(crate) fn is_masked(&self, text: &[u8]) -> bool {
        let text = &text[..text.len().min(JUDGED_MAX)];
        self.masks.iter().any(|mask| mask.stands_in(text))
    }
}

fn walk(text: &[u8], class: &ByteClass, at: usize) -> usize {
    let mut end = at;
    loop {
        end += class.run(text, end, usize::MAX);
        match escaped_byte(text.get(end..).unwrap_or_default()) {
            Some((byte, length)) if class.contains(byte) && b"/+=".contains(&byte) => end += length,
            _ => return end,
        }
    }
}

fn close(text: &[u8], opening: Opening, is_json: bool, start: usize) -> usize {
    let stops_at_double = opening.quote == b'"' || is_json;
    let body = text.get(start..).unwrap_or_default();
    for (at, &byte) in body.iter().enumerate() {
        if byte == b'\n' || byte == b'\r' {
            return start + at;
        }
        if byte == opening.quote || stops_at_double && byte == b'"' {
            let level = if byte == opening.quote {
                opening.level
            } else {
                0
            };
            if let Some(own) = closes(backslashes_before(body, at), level) {
                return start + at - own;
            }
        }
    }
    text.len().max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look<'t>(text: &'t [u8], notes: &'t mut Notes) -> Look<'t> {
        Look::new(text, Context::default(), &[], notes)
    }

    #[test]
    fn words_start_after_escapes_and_colours() {
        for text in [
            "",
            " ",
            "\\n",
            "x\\t",
            "%20",
            "\\u003c",
            "\x1b[31m",
            "\\u001b[0m",
            "\\x1b[1;32m",
            "\"",
            "=",
            "-",
        ] {
            assert!(
                look(text.as_bytes(), &mut Notes::default()).starts_word(text.len()),
                "{text:?}"
            );
        }
        for text in ["x", "n", "_", "7", "0m", "[31m", "a20"] {
            assert!(
                !look(text.as_bytes(), &mut Notes::default()).starts_word(text.len()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn runs_step_over_escaped_slashes() {
        let class = crate::bytes::B64;
        for (text, end) in [
            (&b"ab\\/cd."[..], 6),
            (b"ab%2Fcd%3D ", 10),
            (b"ab\\\\/cd", 7),
            (b"ab%20cd", 2),
            (b"ab\\u002bcd\"", 10),
            (b"ab\\ncd", 2),
        ] {
            assert_eq!(
                look(text, &mut Notes::default()).run_end(&class, 0),
                end,
                "{text:?}"
            );
        }
    }

    #[test]
    fn runs_are_walked_once() {
        let text = vec![b'a'; 10_000];
        let mut notes = Notes::default();
        let mut look = look(&text, &mut notes);
        for at in 0..text.len() {
            assert_eq!(look.run_end(&crate::bytes::ALNUM, at), text.len());
        }
        assert!(look.work <= text.len() + 1);
    }

    #[test]
    fn cuts_are_ends_and_marks() {
        for text in [
            "",
            "...",
            " ... [truncated]",
            "\u{2026}",
            "[truncated, 12 left]",
        ] {
            assert!(
                look(text.as_bytes(), &mut Notes::default()).is_cut(0),
                "{text:?}"
            );
        }
        assert!(!look(b" and more", &mut Notes::default()).is_cut(0));
    }
}
