//! One search through one value: the text, what has been found, and the bounds on looking around.
//!
//! Every rule works through a `Look`. Runs that could be long are remembered per detector, so
//! that anchors which stand in the same run do not walk it again: this is what keeps a search
//! linear. Must never hand out more than positions.

use crate::bytes::{ALNUM, ByteClass, DIGIT, HEX, WORD};
use crate::find::{Boundaries, Check, Context};

/// How far a rule may look around an anchor where no run is remembered, in bytes: the one bound
/// on the work per anchor.
pub(crate) const AROUND: usize = 256;

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

/// A range that a detector claims.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub start: usize,
    pub end: usize,
    pub detector: u16,
    pub check: Check,
}

/// What a detector remembers of the text.
#[derive(Clone, Copy, Default, Debug)]
struct Memory {
    /// The run that was walked last.
    run: (usize, usize),
    /// Where the last claimed range ends.
    claimed: usize,
}

pub(crate) struct Look<'t> {
    pub text: &'t [u8],
    pub context: Context<'t>,
    /// Texts that stand for something already masked.
    pub masks: &'t [Vec<u8>],
    pub candidates: Vec<Candidate>,
    /// Bytes looked at, for the test that this stays linear.
    pub work: usize,
    memory: Vec<Memory>,
}

impl<'t> Look<'t> {
    pub(crate) fn new(text: &'t [u8], context: Context<'t>, masks: &'t [Vec<u8>]) -> Look<'t> {
        Look {
            text,
            context,
            masks,
            candidates: Vec::new(),
            work: 0,
            memory: Vec::new(),
        }
    }

    fn memory(&mut self, detector: u16) -> &mut Memory {
        let index = usize::from(detector);
        if self.memory.len() <= index {
            self.memory.resize(index + 1, Memory::default());
        }
        &mut self.memory[index]
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
            self.memory(detector).claimed = end;
            self.candidates.push(Candidate {
                start,
                end,
                detector,
                check,
            });
        }
    }

    /// Where the last range that this detector claimed ends.
    pub(crate) fn claimed(&mut self, detector: u16) -> usize {
        self.memory(detector).claimed
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

    /// Where the run of the class that holds `at` ends, however long; remembered, so a detector
    /// must always ask with the same class.
    pub(crate) fn run_end(&mut self, detector: u16, class: &ByteClass, at: usize) -> usize {
        let (start, end) = self.memory(detector).run;
        if start <= at && at < end {
            return end;
        }
        let end = self.walk(class, at);
        self.work += end - at + 1;
        self.memory(detector).run = (at, end);
        end
    }

    fn walk(&self, class: &ByteClass, at: usize) -> usize {
        let mut end = at;
        loop {
            end += class.run(self.text, end, usize::MAX);
            let rest = self.text.get(end..).unwrap_or_default();
            match escaped_byte(rest) {
                Some((byte, length)) if class.contains(byte) && b"/+=".contains(&byte) => {
                    end += length;
                }
                _ => return end,
            }
        }
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

    /// Whether the value ends here, or was cut here by whoever shortened it.
    pub(crate) fn is_cut(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or_default();
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        rest.is_empty()
            || [
                &b"..."[..],
                b"\xe2\x80\xa6",
                b"\\u2026",
                b"[trunc",
                b"(trunc",
                b"[...",
                b"<trunc",
            ]
            .iter()
            .any(|mark| rest.starts_with(mark))
    }

    /// Whether this text stands for something that was masked before.
    pub(crate) fn is_masked(&self, text: &[u8]) -> bool {
        self.masks.iter().any(|mask| text.starts_with(mask))
    }
}

/// The byte that an escape at the start of the text spells, and how long the escape is: `\/`,
/// `\u002f`, `%2F`.
fn escaped_byte(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'%', high, low, ..] => Some((hex_byte(*high, *low)?, 3)),
        [b'\\', ..] => {
            let slashes = text
                .iter()
                .take(8)
                .take_while(|&&byte| byte == b'\\')
                .count();
            match text.get(slashes..)? {
                [b'/', ..] => Some((b'/', slashes + 1)),
                [b'u', b'0', b'0', high, low, ..] => Some((hex_byte(*high, *low)?, slashes + 5)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    Some(digit(high)? << 4 | digit(low)?)
}

/// Whether the text ends with an escape whose last byte is a letter or digit.
fn ends_escape(text: &[u8]) -> bool {
    match text {
        [
            ..,
            b'\\',
            b'n' | b'r' | b't' | b'f' | b'b' | b'v' | b'a' | b'e' | b'0',
        ] => true,
        [.., b'%', high, low] if HEX.contains(*high) && HEX.contains(*low) => true,
        [.., b'\\', b'x', high, low] if HEX.contains(*high) && HEX.contains(*low) => true,
        [.., b'\\', b'u', a, b, c, d] if [a, b, c, d].iter().all(|byte| HEX.contains(**byte)) => {
            true
        }
        [.., last] if ALNUM.contains(*last) => ends_colour(text),
        _ => false,
    }
}

/// Whether the text ends with a terminal colour such as `ESC[1;31m`, however the ESC is spelled.
fn ends_colour(text: &[u8]) -> bool {
    let Some(rest) = text.strip_suffix(b"m") else {
        return false;
    };
    let codes = DIGIT.with(b";").run_back(rest, rest.len(), 16);
    let rest = &rest[..rest.len() - codes];
    let Some(rest) = rest.strip_suffix(b"[") else {
        return false;
    };
    [
        &b"\x1b"[..],
        b"u001b",
        b"u001B",
        b"x1b",
        b"x1B",
        b"033",
        b"\\e",
    ]
    .iter()
    .any(|escape| rest.ends_with(escape))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &[u8]) -> Look<'_> {
        Look::new(text, Context::default(), &[])
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
            assert!(look(text.as_bytes()).starts_word(text.len()), "{text:?}");
        }
        for text in ["x", "n", "_", "7", "0m", "[31m", "a20"] {
            assert!(!look(text.as_bytes()).starts_word(text.len()), "{text:?}");
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
            assert_eq!(look(text).run_end(0, &class, 0), end, "{text:?}");
        }
    }

    #[test]
    fn runs_are_walked_once() {
        let text = vec![b'a'; 10_000];
        let mut look = look(&text);
        for at in 0..text.len() {
            assert_eq!(look.run_end(3, &ALNUM, at), text.len());
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
            assert!(look(text.as_bytes()).is_cut(0), "{text:?}");
        }
        assert!(!look(b" and more").is_cut(0));
    }
}
