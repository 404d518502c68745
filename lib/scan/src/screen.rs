//! The rare-window filter, between kernel and index: whether a window may stand at a candidate.
//!
//! Most candidates are none, and to find that out should take a few look-ups and one branch: what the hash of the
//! window says may stand behind it, beside the byte that does. That fifth byte tells a token from what most often
//! begins like one: `pat` from the `path` in a key, behind which the tag of its value stands, `auth` from
//! `auth_mode`. Windows of less than four bytes are looked up by the first two.
//!
//! Must never: turn down a place where a literal stands.

use crate::literal::{ByteClass, Literal};
use crate::window::{WIDTH, Window};

/// Bytes that are looked at where a window may stand: as many as a register holds.
pub(crate) const LOOK: usize = 8;

/// Clears the bit that tells small letters from capitals, for all bytes alike.
pub(crate) const FOLD: u32 = 0xdfdf_dfdf;

/// A factor that spreads the bits of a word.
pub(crate) const SPREAD: u32 = 0x9e37_79b1;
/// Windows of full width are told apart by so many bits, shorter ones by fewer.
const FULL_BITS: u32 = 15;
const PAIR_BITS: u32 = 12;

/// Where windows may stand.
#[derive(Clone, Debug)]
pub(crate) struct Screen {
    /// For the hash of a window of full width, which of the classes the byte behind it must be of.
    full: Box<[u8; 1 << FULL_BITS]>,
    /// The same for the first two bytes of a shorter window, or of one and what must follow it.
    pairs: Box<[u8; 1 << PAIR_BITS]>,
    fifths: Classes,
}

impl Default for Screen {
    fn default() -> Self {
        Screen {
            full: Box::new([0; 1 << FULL_BITS]),
            pairs: Box::new([0; 1 << PAIR_BITS]),
            fifths: Classes::default(),
        }
    }
}

impl Screen {
    pub(crate) fn new(literals: &[Literal], windows: &[Window]) -> Screen {
        let mut screen = Screen::default();
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
            let number = &mut self.full[full(u32::from_le_bytes(word) & FOLD)];
            *number = self.fifths.joined(*number, fifth);
            return;
        }
        for first in first.bytes() {
            for second in second.bytes() {
                let pair = pair(u32::from_le_bytes([first, second, 0, 0]) & FOLD);
                self.pairs[pair] = self.fifths.joined(self.pairs[pair], fifth);
            }
        }
    }

    /// Whether a window may stand where these bytes are.
    #[inline(always)]
    pub(crate) fn may_stand(&self, bytes: [u8; LOOK]) -> bool {
        let word = word(bytes);
        let (full, pair) = (self.full[full(word)], self.pairs[pair(word)]);
        self.fifths.either_has(full, pair, bytes[WIDTH])
    }

    /// Whether one of less than full width may.
    #[inline(always)]
    pub(crate) fn short(&self, bytes: [u8; LOOK]) -> bool {
        let pair = self.pairs[pair(word(bytes))];
        self.fifths.either_has(pair, pair, bytes[WIDTH])
    }
}

/// Classes of bytes by number. The first one is empty, the last has all bytes.
#[derive(Clone, Debug)]
struct Classes {
    known: Vec<ByteClass>,
    /// For each byte, the numbers of the classes that have it.
    by_byte: Box<[u64; 256]>,
}

impl Default for Classes {
    fn default() -> Self {
        Classes {
            known: vec![ByteClass::EMPTY],
            by_byte: Box::new([1 << Classes::LAST; 256]),
        }
    }
}

impl Classes {
    const LAST: u8 = 63;

    /// The number of the class that holds that one and this, or of one that holds more.
    fn joined(&mut self, number: u8, class: ByteClass) -> u8 {
        let Some(held) = self.known.get(usize::from(number)) else {
            return Classes::LAST;
        };
        let class = held.union(class);
        if let Some(number) = self.known.iter().position(|known| *known == class) {
            return number as u8;
        }
        let number = self.known.len().min(usize::from(Classes::LAST)) as u8;
        if number < Classes::LAST {
            self.known.push(class);
            for byte in class.bytes() {
                self.by_byte[usize::from(byte)] |= 1 << number;
            }
        }
        number
    }

    /// Whether one of the two has the byte.
    #[inline(always)]
    fn either_has(&self, first: u8, second: u8, byte: u8) -> bool {
        let classes = self.by_byte[usize::from(byte)];
        (classes >> (first & 63) | classes >> (second & 63)) & 1 == 1
    }
}

/// The first four bytes, folded.
#[inline(always)]
pub(crate) fn word(bytes: [u8; LOOK]) -> u32 {
    let [first, second, third, fourth, ..] = bytes;
    u32::from_le_bytes([first, second, third, fourth]) & FOLD
}

/// The slot of a folded word.
#[inline(always)]
fn full(word: u32) -> usize {
    (word.wrapping_mul(SPREAD) >> (32 - FULL_BITS)) as usize
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
                assert!(screen.may_stand(bytes_at(&bytes, 0)), "{bytes:?}");
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
        let stands = |text: &[u8]| screen.may_stand(bytes_at(text, 0));
        for text in ["patab", "abcd=", "abcd", "ToKeN", "tokeN"] {
            assert!(stands(text.as_bytes()), "{text}");
        }
        for text in ["path\u{12}", "abcde", "toked"] {
            assert!(!stands(text.as_bytes()), "{text}");
        }
    }
}
