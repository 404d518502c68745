//! The rare-window filter, between kernel and index: whether a window may stand at a candidate.
//!
//! Most candidates are none, and which are is hard to foresee, so there is no branch on them: one look-up by the
//! folded bytes of the window, and one in the bytes that may stand behind it. That fifth byte tells a token from
//! what most often begins like one: `pat` from the `path` in a key, behind which the tag of its value stands, `auth`
//! from `auth_mode`. Windows of less than four bytes are looked up by the first two.
//!
//! Must never: turn down a place where a literal stands.

use crate::kernel::Offsets;
use crate::literal::{ByteClass, Literal};
use crate::window::{WIDTH, Window};

/// Clears the bit that tells small letters from capitals, for all bytes alike.
pub(crate) const FOLD: u32 = 0xdfdf_dfdf;

/// A factor that spreads the bits of a word.
pub(crate) const SPREAD: u32 = 0x9e37_79b1;
/// Pairs of bytes are told apart by so many bits.
const PAIR_BITS: u32 = 12;
/// Slots for windows of full width: so many for each that most are empty, up to a limit.
const SLOTS_EACH: usize = 64;
const SLOTS: std::ops::Range<usize> = 1 << 10..1 << 16;

/// Where windows may stand.
#[derive(Clone, Debug)]
pub(crate) struct Screen {
    /// For the hash of a window of full width, which of the classes the byte behind it must be of.
    full: Vec<u8>,
    shift: u32,
    /// The same for the first two bytes of a shorter window, or of one and what must follow it.
    pairs: Vec<u8>,
    has_pairs: bool,
    /// The first one is empty.
    fifths: Vec<ByteClass>,
}

impl Default for Screen {
    fn default() -> Self {
        Screen::new(&[], &[])
    }
}

impl Screen {
    pub(crate) fn new(literals: &[Literal], windows: &[Window]) -> Screen {
        let slots = (windows.len() * SLOTS_EACH).next_power_of_two();
        let slots = slots.clamp(SLOTS.start, SLOTS.end);
        let mut screen = Screen {
            full: vec![0; slots],
            shift: 32 - slots.trailing_zeros(),
            pairs: vec![0; 1 << PAIR_BITS],
            has_pairs: false,
            fifths: vec![ByteClass::EMPTY],
        };
        for window in windows {
            screen.add(window, &literals[window.literal as usize]);
        }
        screen
    }

    fn add(&mut self, window: &Window, literal: &Literal) {
        let at = window.offset as usize;
        let [first, second, third, fourth, fifth] =
            std::array::from_fn(|behind| literal.class_at(at + behind));
        if usize::from(window.width) == WIDTH {
            let word =
                [first, second, third, fourth].map(|class| class.bytes().next().unwrap_or(0));
            let slot = self.slot(u32::from_le_bytes(word) & FOLD);
            self.full[slot] = self.joined(self.full[slot], fifth);
            return;
        }
        self.has_pairs = true;
        for first in first.bytes() {
            for second in second.bytes() {
                let pair = pair(u32::from_le_bytes([first, second, 0, 0]) & FOLD);
                self.pairs[pair] = self.joined(self.pairs[pair], fifth);
            }
        }
    }

    /// The number of the class that holds that one and this, or of one that holds more.
    fn joined(&mut self, number: u8, class: ByteClass) -> u8 {
        let class = self.fifths[usize::from(number)].union(class);
        let known = self.fifths.iter().position(|known| *known == class);
        let number = known.unwrap_or(self.fifths.len());
        if let Ok(number) = u8::try_from(number) {
            self.fifths.extend(known.is_none().then_some(class));
            return number;
        }
        self.fifths[usize::from(u8::MAX)] = ByteClass::ANY;
        u8::MAX
    }

    /// Keeps the candidates from `base` on at which a window may stand.
    pub(crate) fn sift(&self, haystack: &[u8], base: usize, candidates: &mut Offsets) {
        let bytes = |offset| bytes_at(haystack, base + usize::from(offset));
        match self.has_pairs {
            false => candidates.retain(|offset| self.full(bytes(offset))),
            true => candidates.retain(|offset| {
                let bytes = bytes(offset);
                self.full(bytes) | self.short(bytes)
            }),
        }
    }

    /// Whether a window of full width may stand where these bytes are.
    #[inline(always)]
    pub(crate) fn full(&self, bytes: [u8; 8]) -> bool {
        self.allows(self.full[self.slot(word(bytes))], bytes)
    }

    /// Whether a shorter one may.
    #[inline(always)]
    pub(crate) fn short(&self, bytes: [u8; 8]) -> bool {
        self.allows(self.pairs[pair(word(bytes))], bytes)
    }

    #[inline(always)]
    fn allows(&self, class: u8, bytes: [u8; 8]) -> bool {
        self.fifths[usize::from(class)].contains(bytes[WIDTH])
    }

    #[inline(always)]
    fn slot(&self, word: u32) -> usize {
        (word.wrapping_mul(SPREAD) >> self.shift) as usize
    }
}

/// The first four bytes, folded.
#[inline(always)]
pub(crate) fn word(bytes: [u8; 8]) -> u32 {
    let [first, second, third, fourth, ..] = bytes;
    u32::from_le_bytes([first, second, third, fourth]) & FOLD
}

/// The slot for the first two bytes of a folded word.
#[inline(always)]
fn pair(word: u32) -> usize {
    ((word & 0xffff).wrapping_mul(SPREAD) >> (32 - PAIR_BITS)) as usize
}

/// The bytes from `at` on, zeros after the end.
#[inline(always)]
pub(crate) fn bytes_at<const COUNT: usize>(bytes: &[u8], at: usize) -> [u8; COUNT] {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(found) = rest.first_chunk() {
        return *found;
    }
    let mut found = [0; COUNT];
    found[..rest.len()].copy_from_slice(rest);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_classes_than_numbers_lose_nothing() {
        let literals: Vec<Literal> = (0..300u16)
            .map(|number| {
                let [low, high] = number.to_le_bytes();
                let set = ByteClass::of(&[low, b'a' + high]);
                Literal::new(format!("w{number:03x}")).followed_by(set, 1)
            })
            .collect();
        let windows: Vec<Window> = (0u32..)
            .zip(&literals)
            .map(|(literal, _)| Window {
                literal,
                offset: 0,
                width: 4,
            })
            .collect();
        let screen = Screen::new(&literals, &windows);
        for literal in &literals {
            for next in literal.class_at(4).bytes() {
                let bytes = [literal.bytes.clone(), vec![next]].concat();
                assert!(screen.full(bytes_at(&bytes, 0)), "{bytes:?}");
            }
        }
    }

    #[test]
    fn the_byte_behind_a_window_tells_a_key_from_a_token() {
        let literals = [
            Literal::new("pat").followed_by(ByteClass::ALPHANUMERIC, 14),
            Literal::new("abcd").followed_if_at_all(ByteClass::of(b"=")),
            Literal::ascii_insensitive("token"),
        ];
        let windows = [(0, 0, 3), (1, 0, 4), (2, 0, 4)].map(|(literal, offset, width)| Window {
            literal,
            offset,
            width,
        });
        let screen = Screen::new(&literals, &windows);
        let stands = |text: &[u8]| {
            let bytes = bytes_at(text, 0);
            screen.full(bytes) || screen.short(bytes)
        };
        for text in ["patab", "abcd=", "abcd", "ToKeN", "tokeN"] {
            assert!(stands(text.as_bytes()), "{text}");
        }
        for text in ["path\u{12}", "abcde", "toked"] {
            assert!(!stands(text.as_bytes()), "{text}");
        }
    }
}
