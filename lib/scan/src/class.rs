//! What is searched for without a literal: runs of digits, runs of token bytes, `@`, big integers.
//!
//! A haystack is looked at in blocks of 64 bytes, and of each block only bit masks are used: bit
//! `i` says that byte `i` is a digit, a token byte and so on. Vector code makes the masks
//! (`simd`), plain code here turns them into runs, so there is one detector for all engines.
//! A run is reported whole, from its first byte to its last, because on raw bytes a length or a
//! tag may look like a part of it; the caller clips it to the values that it touches. Any run
//! inside a value is part of one that is reported: a longer raw run contains it.
//!
//! Must never: judge what a run means.

use crate::hits::{Hits, What};
use crate::literal::ByteClass;
use crate::run::Run;

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

    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Bytes of one block that matter to the classes; bit `i` stands for byte `i`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    /// `0-9`.
    pub(crate) digit: u64,
    /// Space and dash.
    pub(crate) separator: u64,
    /// [`ByteClass::TOKEN`].
    pub(crate) token: u64,
    /// `@`.
    pub(crate) at_sign: u64,
    /// 0x18, where the next byte has its high bit set.
    pub(crate) int_tag: u64,
}

/// Turns the masks of successive blocks into hits.
pub(crate) struct Detectors<'h> {
    haystack: &'h [u8],
    wanted: ClassSet,
    digits: Run<{ Class::DIGITS_MIN }>,
    last_was_digit: bool,
    tokens: Run<{ Class::TOKEN_MIN }>,
}

impl<'h> Detectors<'h> {
    pub(crate) fn new(haystack: &'h [u8], wanted: ClassSet) -> Self {
        Detectors {
            haystack,
            wanted,
            digits: Run::default(),
            last_was_digit: false,
            tokens: Run::default(),
        }
    }

    /// Takes the masks of the 64 bytes from `base` on. Blocks come in order, without gaps; bytes
    /// after the end of the haystack have no bit set.
    #[inline(always)]
    pub(crate) fn block(&mut self, base: usize, masks: &Masks, hits: &mut Hits) {
        if self.wanted.digits {
            let joined = self.join_digits(base, masks);
            let haystack = self.haystack;
            self.digits.block(base, joined, |start, end| {
                emit_digits(haystack, start, end, hits)
            });
        }
        if self.wanted.token {
            let what = What::Class(Class::Token32);
            self.tokens
                .block(base, masks.token, |start, end| hits.push(start, end, what));
        }
        if self.wanted.at_sign && masks.at_sign != 0 {
            self.at_signs(base, masks.at_sign, hits);
        }
        if self.wanted.big_int && masks.int_tag != 0 {
            self.big_ints(base, masks.int_tag, hits);
        }
    }

    /// Ends the runs that reach to the end of the haystack.
    pub(crate) fn finish(&mut self, hits: &mut Hits) {
        let end = self.haystack.len();
        let haystack = self.haystack;
        self.digits
            .finish(end, |start, end| emit_digits(haystack, start, end, hits));
        let what = What::Class(Class::Token32);
        self.tokens
            .finish(end, |start, end| hits.push(start, end, what));
    }

    /// Digits, and the separators that have a digit on both sides.
    #[inline(always)]
    fn join_digits(&mut self, base: usize, masks: &Masks) -> u64 {
        let next = self.haystack.get(base + 64).is_some_and(u8::is_ascii_digit);
        let before = masks.digit << 1 | u64::from(self.last_was_digit);
        let after = masks.digit >> 1 | u64::from(next) << 63;
        self.last_was_digit = masks.digit >> 63 == 1;
        masks.digit | (masks.separator & before & after)
    }

    fn at_signs(&self, base: usize, mut mask: u64, hits: &mut Hits) {
        while mask != 0 {
            let at = base + mask.trailing_zeros() as usize;
            mask &= mask - 1;
            let before = at.checked_sub(1).and_then(|i| self.haystack.get(i));
            let after = self.haystack.get(at + 1);
            if let (Some(&before), Some(&after)) = (before, after)
                && Class::ADDRESS.contains(before)
                && Class::ADDRESS.contains(after)
            {
                hits.push(at - 1, at + 2, What::Class(Class::AtSign));
            }
        }
    }

    fn big_ints(&self, base: usize, mut mask: u64, hits: &mut Hits) {
        while mask != 0 {
            let tag = base + mask.trailing_zeros() as usize;
            mask &= mask - 1;
            if let Some(end) = big_varint_end(self.haystack, tag + 1) {
                hits.push(tag, end, What::Class(Class::BigInt));
            }
        }
    }
}

/// Where the varint at `start` ends, if it has at least six bytes (36 bits and more; 10^12 has
/// 40) and at most ten.
fn big_varint_end(haystack: &[u8], start: usize) -> Option<usize> {
    let rest = haystack.get(start..)?;
    let continued = rest
        .iter()
        .take(10)
        .take_while(|&&byte| byte >= 0x80)
        .count();
    let ended = continued < 10 && continued < rest.len();
    (continued >= 5 && ended).then_some(start + continued + 1)
}

fn emit_digits(haystack: &[u8], start: usize, end: usize, hits: &mut Hits) {
    let digits = haystack.get(start..end).map_or(0, |run| {
        run.iter().filter(|byte| byte.is_ascii_digit()).count()
    });
    if digits >= Class::DIGITS_MIN {
        hits.push(start, end, What::Class(Class::Digits13));
    }
}

impl Masks {
    /// The masks of one block without vector code. Bytes after the end of a short block have no
    /// bit set.
    pub(crate) fn of_block(haystack: &[u8], base: usize) -> Masks {
        let block = haystack.get(base..).unwrap_or_default();
        let block = block.get(..64).unwrap_or(block);
        let mut masks = Masks::default();
        for (i, &byte) in block.iter().enumerate() {
            let kind = KINDS[usize::from(byte)];
            masks.digit |= u64::from(kind & DIGIT) << i;
            masks.separator |= u64::from(kind >> 1 & 1) << i;
            masks.token |= u64::from(kind >> 2 & 1) << i;
            masks.at_sign |= u64::from(byte == b'@') << i;
            let next = haystack.get(base + i + 1).copied().unwrap_or(0);
            masks.int_tag |= u64::from(byte == INT_TAG && next >= 0x80) << i;
        }
        masks
    }
}

/// The tag of `AnyValue.int_value`: field 3, varint.
pub(crate) const INT_TAG: u8 = 0x18;

const DIGIT: u8 = 1;

/// Bit 0: digit, bit 1: separator, bit 2: token.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let at = byte as u8;
        let digit = ByteClass::DIGIT.contains(at) as u8;
        let separator = (at == b' ' || at == b'-') as u8;
        let token = ByteClass::TOKEN.contains(at) as u8;
        kinds[byte] = digit | (separator << 1) | (token << 2);
        byte += 1;
    }
    kinds
};
