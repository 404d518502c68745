//! The kernel's part for the classes: what kind each byte is, and where runs are long enough.
//!
//! The kinds are sets of half bytes, eight of them, found with two look-ups; a class is a union of
//! kinds. The words of a chunk are then taken together, so that the compiler can work on several
//! at once: that is cheaper than looking whether there is anything to work on.
//!
//! Must never: mark what was not asked for.

use super::BLOCKS;
use crate::class::{Class, ClassMarks, ClassSet};
use crate::run::run_ends;
use crate::simd::Simd;
use crate::window::WIDTH;

/// Kinds of bytes as half-byte sets, upper and lower: a byte is of kind `i` if bit `i` is set in
/// the entries of both its halves.
const KIND_HALVES: ([u8; 16], [u8; 16]) = half_tables(&[
    (
        &[0x4, 0x6],
        &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    ),
    (&[0x5, 0x7], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    (&[0x5], &[15]),
    (&[0x3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (&[0x3], &[13]),
    (&[0x2], &[11, 15]),
    (&[0x2], &[13]),
    (&[0x2], &[0]),
]);
/// `0-9`.
const DIGIT: u8 = 1 << 3;
/// Dash and space.
const SEPARATOR: u8 = 1 << 6 | 1 << 7;
/// The same, by their lower halves. 0x70 in the other places is not of theirs.
const SEPARATORS: [u8; 16] = {
    let mut listed = [0x70; 16];
    listed[0x0] = b' ';
    listed[0xd] = b'-';
    listed
};
/// All but space.
const TOKEN: u8 = 0x7f;
/// The tag of `AnyValue.int_value`: field 3, varint.
const INT_TAG: u8 = 0x18;

const fn half_tables(kinds: &[(&[usize], &[usize]); 8]) -> ([u8; 16], [u8; 16]) {
    let (mut low, mut high) = ([0; 16], [0; 16]);
    let mut kind = 0;
    while kind < 8 {
        let (highs, lows) = kinds[kind];
        let mut i = 0;
        while i < highs.len() {
            high[highs[i]] |= 1 << kind;
            i += 1;
        }
        let mut i = 0;
        while i < lows.len() {
            low[lows[i]] |= 1 << kind;
            i += 1;
        }
        kind += 1;
    }
    (low, high)
}

/// Where the words of a chunk begin. One before them belongs to the chunk before, the others keep all vectors of
/// words on the borders of cache lines: beside them, classes take a twentieth longer.
const FIRST: usize = 8;

/// The words of a chunk, a bit for each byte.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct ClassWords {
    /// Has the first word of the next chunk too, of which only bit 0 is known.
    digit: [u64; FIRST + BLOCKS + FIRST],
    separator: [u64; BLOCKS],
    /// Digits, and separators between two of them.
    joined: [u64; FIRST + BLOCKS],
    token: [u64; FIRST + BLOCKS],
    at_sign: [u64; BLOCKS],
    /// The tag before bytes of 0x80 and above, as many as a window has behind its first.
    big_int: [u64; BLOCKS],
}

impl Default for ClassWords {
    fn default() -> Self {
        ClassWords {
            digit: [0; FIRST + BLOCKS + FIRST],
            separator: [0; BLOCKS],
            joined: [0; FIRST + BLOCKS],
            token: [0; FIRST + BLOCKS],
            at_sign: [0; BLOCKS],
            big_int: [0; BLOCKS],
        }
    }
}

/// Which kinds of bytes are told apart: each set of them is a kernel of its own.
pub(super) struct Kinds;

impl Kinds {
    /// None.
    pub(super) const NONE: u8 = 0;
    /// What digit runs and big integers need.
    pub(super) const NUMBERS: u8 = 1;
    /// All.
    pub(super) const ALL: u8 = 2;
}

/// The words of one block.
#[derive(Default)]
pub(super) struct BlockWords {
    digit: u64,
    separator: u64,
    token: u64,
    at_sign: u64,
    big_int: u64,
}

impl BlockWords {
    /// Takes in the vector at `at` of the block and those one, two and three bytes on.
    #[inline(always)]
    pub(super) fn add<S: Simd, const KINDS: u8>(
        &mut self,
        simd: S,
        bytes: &[S::Vector; WIDTH],
        at: usize,
    ) {
        let [bytes, first, second, third] = *bytes;
        match KINDS {
            Kinds::NONE => return,
            Kinds::NUMBERS => {
                self.digit |= simd.between(bytes, b'0', b'9') << at;
                self.separator |= simd.among(&SEPARATORS, bytes) << at;
            }
            _ => {
                let kinds = simd.halves(&KIND_HALVES.0, &KIND_HALVES.1, bytes);
                let any = |kind: u8| simd.nonzero(simd.and(kinds, simd.splat(kind))) << at;
                self.digit |= any(DIGIT);
                self.separator |= any(SEPARATOR);
                self.token |= any(TOKEN);
                self.at_sign |= simd.equal(bytes, simd.splat(b'@')) << at;
            }
        }
        // So many high bytes are soon told, and leave few of which the rest is to be counted.
        let high = simd.high(simd.and(simd.and(first, second), third));
        self.big_int |= (simd.equal(bytes, simd.splat(INT_TAG)) & high) << at;
    }
}

impl ClassWords {
    /// Forgets what stood before the next chunk.
    pub(crate) fn begin(&mut self) {
        (
            self.digit[FIRST - 1],
            self.joined[FIRST - 1],
            self.token[FIRST - 1],
        ) = (0, 0, 0);
    }

    /// Takes the kinds of the bytes of a block.
    #[inline(always)]
    pub(super) fn set<const KINDS: u8>(&mut self, index: usize, block: &BlockWords) {
        self.digit[FIRST + index] = block.digit;
        self.separator[index] = block.separator;
        self.big_int[index] = block.big_int;
        if KINDS == Kinds::ALL {
            self.token[FIRST + index] = block.token;
            self.at_sign[index] = block.at_sign;
        }
    }

    /// Marks what the classes ask for in the first `blocks` blocks, once they are all there; the
    /// others are beyond the end. `after` is what stands after the chunk.
    #[inline(always)]
    pub(super) fn mark(
        &mut self,
        blocks: usize,
        classes: ClassSet,
        after: &[u8],
        marks: &mut ClassMarks,
    ) {
        if blocks < BLOCKS {
            self.forget(blocks);
        }
        if classes.digits {
            self.digit[FIRST + blocks] = after.first().is_some_and(u8::is_ascii_digit).into();
            for index in 0..BLOCKS {
                let digit = self.digit[FIRST + index];
                let before = digit << 1 | self.digit[FIRST + index - 1] >> 63;
                let after = digit >> 1 | self.digit[FIRST + index + 1] << 63;
                self.joined[FIRST + index] = digit | (self.separator[index] & before & after);
            }
            let joined = &self.joined;
            marks.digits.fill(|index| {
                run_ends::<{ Class::DIGITS_MIN }>(joined[FIRST + index - 1], joined[FIRST + index])
            });
            self.digit[FIRST - 1] = self.digit[FIRST + BLOCKS - 1];
            self.joined[FIRST - 1] = self.joined[FIRST + BLOCKS - 1];
        }
        if classes.token {
            let token = &self.token;
            marks.tokens.fill(|index| {
                run_ends::<{ Class::TOKEN_MIN }>(token[FIRST + index - 1], token[FIRST + index])
            });
            self.token[FIRST - 1] = self.token[FIRST + BLOCKS - 1];
        }
        if classes.at_sign {
            // A row of them has no address on either side.
            marks.at_signs.fill(|index| {
                let at = self.at_sign[index];
                at & !(at << 1) & !(at >> 1)
            });
        }
        if classes.big_int {
            marks.int_tags.fill(|index| self.big_int[index]);
        }
    }

    /// Empties the words from this block on: those of the last chunk that are beyond the end.
    #[cold]
    fn forget(&mut self, blocks: usize) {
        self.digit[FIRST + blocks..].fill(0);
        self.separator[blocks..].fill(0);
        self.token[FIRST + blocks..].fill(0);
        self.at_sign[blocks..].fill(0);
        self.big_int[blocks..].fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ByteClass;
    use crate::Engine;
    use crate::kernel::{BLOCK, ChunkMarks, Job};
    use crate::simd::Machine;

    #[test]
    fn kinds_of_bytes_are_those_of_plain_code() {
        let mut haystack: Vec<u8> = (0..=255).collect();
        haystack.extend([
            INT_TAG, 0x80, 0xff, 0x80, INT_TAG, 0x80, 0x80, 0x7f, INT_TAG,
        ]);
        haystack.extend((0..=255u8).rev());
        for machine in Engine::ALL.into_iter().filter_map(Machine::detect) {
            let words_of = |classes: &[Class]| {
                let mut words = ClassWords::default();
                machine.run(Job {
                    haystack: &haystack,
                    base: 0,
                    groups: &[],
                    classes: ClassSet::new(classes),
                    words: &mut words,
                    marks: &mut ChunkMarks::default(),
                });
                words
            };
            let words = words_of(&Class::ALL);
            let numbers = words_of(&[Class::Digits13, Class::BigInt]);
            assert_eq!(numbers.digit[FIRST..], words.digit[FIRST..]);
            assert_eq!(numbers.separator, words.separator);
            assert_eq!(numbers.big_int, words.big_int);
            for (at, &byte) in haystack.iter().enumerate() {
                let bit = |words: &[u64]| words[at / BLOCK] >> (at % BLOCK) & 1 == 1;
                assert_eq!(
                    bit(&words.digit[FIRST..]) || at / BLOCK == BLOCKS - 1,
                    byte.is_ascii_digit()
                );
                assert_eq!(bit(&words.separator), byte == b' ' || byte == b'-');
                assert_eq!(bit(&words.token[FIRST..]), ByteClass::TOKEN.contains(byte));
                assert_eq!(bit(&words.at_sign), byte == b'@');
                let behind = haystack.get(at + 1..at + 4).unwrap_or_default();
                let high = behind.iter().filter(|byte| **byte >= 0x80).count();
                assert_eq!(bit(&words.big_int), byte == INT_TAG && high == 3);
            }
        }
    }
}
