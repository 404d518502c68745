//! The rare-window filter, part two: from a candidate to the literals that really stand there.
//!
//! A candidate is four bytes that fit some bucket. They are folded, hashed, and looked up in a
//! bit set that stays in the first cache level; only what passes reaches the list of literals
//! with that very window, and only there are whole literals compared. Windows of less than four
//! bytes have keys of their own.
//!
//! Must never: compare against anything but the whole haystack, which knows its ends.

use crate::hits::{Hits, What};
use crate::kernel::Offsets;
use crate::literal::Literal;
use crate::window::{WIDTH, Window};

/// Clears the bit that tells small letters from capitals, for all bytes alike.
const FOLD: u32 = 0xdfdf_dfdf;

/// Windows by their folded bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// For each width that occurs: the bits of a word that belong to the window.
    widths: Vec<u32>,
    bits: Vec<u64>,
    shift: u32,
    /// Start of each slot's entries, one more than there are slots.
    slots: Vec<u32>,
    slot_shift: u32,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u32,
    /// The bits of a word that belong to the window: without it, a short window and a long one
    /// that ends in a zero would find each other.
    mask: u32,
    literal: u32,
    offset: u32,
}

fn mask_of(width: usize) -> u32 {
    u32::MAX >> (8 * (WIDTH - width.clamp(1, WIDTH)))
}

fn hash(key: u32, mask: u32) -> u32 {
    (key ^ mask.rotate_left(7)).wrapping_mul(0x9e37_79b1)
}

impl Index {
    pub(crate) fn new(literals: &[Literal], windows: &[Window]) -> Index {
        let size = windows.len().max(1).next_power_of_two();
        let shift = 32 - (size * 64).clamp(4096, 1 << 18).trailing_zeros();
        let slot_shift = 32 - (size * 2).trailing_zeros();
        let mut widths: Vec<u32> = windows.iter().map(|w| mask_of(w.width.into())).collect();
        widths.sort_unstable();
        widths.dedup();
        let mut bits = vec![0u64; 1 << (26 - shift)];
        let mut keyed: Vec<(u32, Entry)> = windows
            .iter()
            .map(|window| {
                let bytes = &literals[window.literal as usize].bytes[window.offset as usize..];
                let mask = mask_of(window.width.into());
                let key = word_at(bytes, 0) & FOLD & mask;
                let hash = hash(key, mask);
                bits[(hash >> shift >> 6) as usize] |= 1 << (hash >> shift & 63);
                let entry = Entry {
                    key,
                    mask,
                    literal: window.literal,
                    offset: window.offset,
                };
                (hash >> slot_shift, entry)
            })
            .collect();
        keyed.sort_by_key(|(slot, entry)| (*slot, entry.literal));
        let mut slots = vec![0u32; size * 2 + 1];
        for (slot, _) in &keyed {
            slots[*slot as usize + 1] += 1;
        }
        for at in 1..slots.len() {
            slots[at] += slots[at - 1];
        }
        Index {
            widths,
            bits,
            shift,
            slots,
            slot_shift,
            entries: keyed.into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    /// Keeps those of the first `count` offsets from `base` at which a window may stand, and says
    /// how many. Which do is hard to foresee, so there is no branch on it.
    pub(crate) fn screen(
        &self,
        haystack: &[u8],
        base: usize,
        offsets: &mut Offsets,
        count: usize,
    ) -> usize {
        let mut kept = 0;
        for at in 0..count {
            let offset = offsets[at];
            let word = word_at(haystack, base + usize::from(offset)) & FOLD;
            let mut may = 0;
            for &mask in &self.widths {
                let bit = hash(word & mask, mask) >> self.shift;
                may |= self.bits[(bit >> 6) as usize] >> (bit & 63) & 1;
            }
            offsets[kept] = offset;
            kept += may as usize;
        }
        kept
    }

    /// Reports every literal whose window stands at `at`. Returns what it cost, in units of about
    /// 2 ns.
    pub(crate) fn confirm(
        &self,
        literals: &[Literal],
        haystack: &[u8],
        at: usize,
        hits: &mut Hits,
    ) -> usize {
        let word = word_at(haystack, at) & FOLD;
        let masks = self.widths.iter();
        masks
            .map(|&mask| self.compare(literals, haystack, at, (word & mask, mask), hits))
            .sum()
    }

    fn compare(
        &self,
        literals: &[Literal],
        haystack: &[u8],
        at: usize,
        (key, mask): (u32, u32),
        hits: &mut Hits,
    ) -> usize {
        let slot = (hash(key, mask) >> self.slot_shift) as usize;
        let entries = &self.entries[self.slots[slot] as usize..self.slots[slot + 1] as usize];
        let mut cost = 2 + entries.len();
        for entry in entries {
            if (entry.key, entry.mask) != (key, mask) {
                continue;
            }
            let literal = &literals[entry.literal as usize];
            cost += 4 + literal.bytes.len() / 16;
            if let Some(start) = at.checked_sub(entry.offset as usize)
                && literal.stands_at(haystack, start)
            {
                hits.push(
                    start,
                    start + literal.bytes.len(),
                    What::Literal(entry.literal),
                );
            }
        }
        cost
    }
}

/// The four bytes from `at` on, zeros after the end.
#[inline(always)]
fn word_at(bytes: &[u8], at: usize) -> u32 {
    if let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<WIDTH>()) {
        return u32::from_le_bytes(*word);
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let mut word = [0; WIDTH];
    word[..rest.len()].copy_from_slice(rest);
    u32::from_le_bytes(word)
}
