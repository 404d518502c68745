//! What is searched for without a literal: runs of digits, runs of token bytes, `@`, big integers.
//!
//! The kernel says with bit masks where something may be; plain code here makes hits of it, the
//! same code for all engines. A run is reported whole, from its first byte to its last, because
//! on raw bytes a length or a tag may look like a part of it; the caller clips it to the values
//! that it touches. Any run inside a value is part of one that is reported: the raw run contains
//! it.
//!
//! Must never: judge what a run means.

use crate::hits::{Hits, What};
use crate::kernel::{BLOCK, Marks};
use crate::literal::ByteClass;
use crate::run::Runs;

/// Something to look for that no literal stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// At least 13 digits, where single spaces or dashes may stand between them: card numbers
    /// and the like. Reported from the first digit to the last.
    Digits13,
    /// `@` between two bytes that an address may have there: letters, digits, `.`, `_`, `%`, `+`,
    /// `-` and anything outside ASCII. Reported with both neighbours (three bytes).
    AtSign,
    /// At least 32 bytes of [`ByteClass::TOKEN`]: candidates for an entropy test.
    Token32,
    /// The wire form of an OTLP `AnyValue.int_value` that may have 13 digits or more: the tag
    /// 0x18, then a varint of at least six bytes. Reported with tag and varint.
    BigInt,
}

impl Class {
    /// All classes.
    pub const ALL: [Class; 4] = [
        Class::Digits13,
        Class::AtSign,
        Class::Token32,
        Class::BigInt,
    ];
    /// How many digits make a run.
    pub const DIGITS_MIN: usize = 13;
    /// How many bytes make a token run.
    pub const TOKEN_MIN: usize = 32;
    /// What may stand on either side of an `@`.
    pub const ADDRESS: ByteClass = ByteClass::WORD
        .union(ByteClass::of(b".%+-"))
        .union(ByteClass::NON_ASCII);
}

/// Which classes a gate looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassSet {
    pub(crate) digits: bool,
    pub(crate) at_sign: bool,
    pub(crate) token: bool,
    pub(crate) big_int: bool,
}

impl ClassSet {
    pub(crate) fn new(classes: &[Class]) -> Self {
        ClassSet {
            digits: classes.contains(&Class::Digits13),
            at_sign: classes.contains(&Class::AtSign),
            token: classes.contains(&Class::Token32),
            big_int: classes.contains(&Class::BigInt),
        }
    }

    pub(crate) fn has(self, class: Class) -> bool {
        match class {
            Class::Digits13 => self.digits,
            Class::AtSign => self.at_sign,
            Class::Token32 => self.token,
            Class::BigInt => self.big_int,
        }
    }

    pub(crate) fn count(self) -> usize {
        Class::ALL
            .into_iter()
            .filter(|&class| self.has(class))
            .count()
    }

    /// Whether only digit runs and big integers are looked for.
    pub(crate) fn are_numbers(self) -> bool {
        !self.at_sign && !self.token
    }

    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The marks of a chunk that matter to the classes.
#[derive(Debug, Default)]
pub(crate) struct ClassMarks {
    /// Ends of runs of digits and separators.
    pub(crate) digits: Marks,
    /// Ends of runs of token bytes.
    pub(crate) tokens: Marks,
    /// `@` that has no other beside it.
    pub(crate) at_signs: Marks,
    /// 0x18 before a few bytes of 0x80 and above.
    pub(crate) int_tags: Marks,
}

impl ClassMarks {
    /// Forgets them.
    pub(crate) fn clear(&mut self) {
        let all = [
            &mut self.digits,
            &mut self.tokens,
            &mut self.at_signs,
            &mut self.int_tags,
        ];
        all.into_iter().for_each(Marks::clear);
    }
}

/// Turns the marks of successive chunks into hits.
pub(crate) struct Detectors<'h> {
    haystack: &'h [u8],
    digits: Runs<{ Class::DIGITS_MIN }>,
    tokens: Runs<{ Class::TOKEN_MIN }>,
}

impl<'h> Detectors<'h> {
    pub(crate) fn new(haystack: &'h [u8]) -> Self {
        Detectors {
            haystack,
            digits: Runs::default(),
            tokens: Runs::default(),
        }
    }

    /// Takes the marks of the chunk at `base`. Chunks come in order. What was not asked for has
    /// no marks.
    pub(crate) fn chunk(&mut self, base: usize, marks: &ClassMarks, hits: &mut Hits) {
        let haystack = self.haystack;
        for (block, ends) in marks.digits.blocks() {
            let base = base + block * BLOCK;
            self.digits.word(base, ends, |start, end| {
                push_digits(haystack, start, end, hits)
            });
        }
        for (block, ends) in marks.tokens.blocks() {
            let base = base + block * BLOCK;
            let what = What::Class(Class::Token32);
            self.tokens
                .word(base, ends, |start, end| hits.push(start, end, what));
        }
        for at in marks.at_signs.bits() {
            push_at_sign(haystack, base + at, hits);
        }
        for tag in marks.int_tags.bits() {
            push_big_int(haystack, base + tag, hits);
        }
    }

    /// Hands out the runs that the end of the haystack cut off.
    pub(crate) fn finish(&mut self, hits: &mut Hits) {
        let haystack = self.haystack;
        self.digits
            .finish(|start, end| push_digits(haystack, start, end, hits));
        self.tokens
            .finish(|start, end| hits.push(start, end, What::Class(Class::Token32)));
    }
}

/// Separators count for the length of the run, but not as digits.
fn push_digits(haystack: &[u8], start: usize, end: usize, hits: &mut Hits) {
    let run = haystack.get(start..end).unwrap_or_default();
    let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits >= Class::DIGITS_MIN {
        hits.push(start, end, What::Class(Class::Digits13));
    }
}

fn push_at_sign(haystack: &[u8], at: usize, hits: &mut Hits) {
    let before = at.checked_sub(1).and_then(|before| haystack.get(before));
    let sides = [before, haystack.get(at + 1)];
    if sides
        .iter()
        .all(|side| side.is_some_and(|&byte| Class::ADDRESS.contains(byte)))
    {
        hits.push(at - 1, at + 2, What::Class(Class::AtSign));
    }
}

/// 36 bits and more (10^12 has 40) take six bytes, 64 bits take ten.
fn push_big_int(haystack: &[u8], tag: usize, hits: &mut Hits) {
    let rest = haystack.get(tag + 1..).unwrap_or_default();
    let continued = rest
        .iter()
        .take(10)
        .take_while(|&&byte| byte >= 0x80)
        .count();
    if (5..10).contains(&continued) && continued < rest.len() {
        hits.push(tag, tag + continued + 2, What::Class(Class::BigInt));
    }
}
