//! Literals of less than four bytes: whether one may stand at a candidate.
//!
//! There are few, but the kernel lets many places through for them: `pat` begins every `path`. They are told by the
//! first two bytes, what must follow a literal among them, and by the fifth byte, which a window does not reach:
//! behind a `path` in a key it is the tag of the value, where a token goes on.
//!
//! Must never: turn down a place where such a literal stands.

use crate::index::FOLD;
use crate::literal::{ByteClass, Cut, Literal};
use crate::window::{WIDTH, Window};

/// Where windows of less than four bytes may stand.
#[derive(Clone, Debug)]
pub(crate) struct Short {
    /// For each pair of bytes, as far as ten bits tell them apart, which of the classes the fifth byte must be of.
    pairs: Box<[u8; 1 << 10]>,
    /// The first one is empty.
    fifths: Vec<ByteClass>,
}

impl Default for Short {
    fn default() -> Self {
        Short {
            pairs: Box::new([0; 1 << 10]),
            fifths: vec![ByteClass::EMPTY],
        }
    }
}

impl Short {
    /// Takes one in.
    pub(crate) fn add(&mut self, window: &Window, literal: &Literal) {
        let [first, second, ..] = window.sets(literal);
        let fifth = fifth_of(literal);
        for first in first.bytes() {
            for second in second.bytes() {
                let pair = pair_of(u32::from_le_bytes([first, second, 0, 0]) & FOLD);
                let class = fifth.union(self.fifths[usize::from(self.pairs[pair])]);
                self.pairs[pair] = self.number(class);
            }
        }
    }

    /// The number of a class, or of one that holds all of it.
    fn number(&mut self, class: ByteClass) -> u8 {
        let known = self.fifths.iter().position(|known| *known == class);
        let number = known.unwrap_or(self.fifths.len());
        if number == self.fifths.len() {
            self.fifths.push(class);
        }
        u8::try_from(number).unwrap_or_else(|_| {
            self.fifths.truncate(256);
            self.fifths[255] = ByteClass::ANY;
            255
        })
    }

    /// Whether one of the windows may stand where these bytes are.
    #[inline(always)]
    pub(crate) fn may_stand(&self, bytes: u64) -> bool {
        let class = self.pairs[pair_of(bytes as u32 & FOLD)];
        self.fifths[usize::from(class)].contains((bytes >> 32) as u8)
    }
}

/// The bit for the first two bytes of a folded word.
fn pair_of(word: u32) -> usize {
    (word as usize ^ (word as usize >> 8) << 2) & 1023
}

/// What may stand four bytes behind the start of a literal that is shorter.
fn fifth_of(literal: &Literal) -> ByteClass {
    match literal.follow {
        Some(follow) if literal.bytes.len() + usize::from(follow.min) > WIDTH => match follow.cut {
            Cut::Fails => follow.class,
            Cut::Holds => follow.class.with(0),
        },
        _ => ByteClass::ANY,
    }
}
