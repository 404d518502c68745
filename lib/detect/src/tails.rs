//! Texts by their last bytes: which of many patterns end at a place, without a pass of an automaton.
//!
//! What is near a mask is searched once more, a hundred bytes at a time: an automaton for a
//! thousand patterns takes a load from memory for each byte, a bit set in the first cache level
//! does not. Letters compare without case, as in the automaton. Must never miss a pattern; how often
//! one of its last three bytes stands elsewhere only costs time.

use std::ops::Range;

/// So many last bytes are looked up in the bit set, unless a pattern is shorter.
const WIDTH: usize = 3;
/// Words of the bit set, as many as leave most of it empty.
const WORDS: usize = 512;
/// Places that share a slot of the index.
const SHARED: usize = 4;
/// Clears the bit that tells small letters from capitals.
const FOLD: u64 = 0xdfdf_dfdf_dfdf_dfdf;
/// How many places are looked up at once.
const STEP: usize = 4;

/// Patterns by their last bytes.
#[derive(Debug)]
pub(crate) struct Tails {
    /// What of the last four bytes is looked up.
    looked: u32,
    bits: Box<[u64; WORDS]>,
    /// Start of each slot's entries, one more than there are slots.
    slots: Vec<u32>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Its last eight bytes or all, folded, the last one lowest.
    tail: u64,
    mask: u64,
    pattern: u32,
}

impl Tails {
    /// An index of patterns, numbered in their order. None of them may be empty.
    pub(crate) fn new<'p>(patterns: impl Iterator<Item = &'p [u8]> + Clone) -> Tails {
        let shortest = patterns.clone().map(<[u8]>::len).min().unwrap_or(WIDTH);
        let looked = (low_bytes(shortest.clamp(1, WIDTH)) & FOLD) as u32;
        let mut placed: Vec<(usize, Entry)> = (0..)
            .zip(patterns)
            .map(|(pattern, bytes)| {
                let mask = low_bytes(bytes.len());
                let tail = tail(bytes) & FOLD & mask;
                let entry = Entry {
                    tail,
                    mask,
                    pattern,
                };
                (hash(tail as u32 & looked), entry)
            })
            .collect();
        placed.sort_by_key(|(hash, entry)| (*hash / SHARED, entry.pattern));
        let (mut bits, mut slots) = (Box::new([0; WORDS]), vec![0; WORDS * 64 / SHARED + 1]);
        for (hash, _) in &placed {
            bits[hash / 64 % WORDS] |= 1 << (hash % 64);
            slots[hash / SHARED + 1] += 1;
        }
        for at in 1..slots.len() {
            slots[at] += slots[at - 1];
        }
        Tails {
            looked,
            bits,
            slots,
            entries: placed.into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    /// Shows each pattern whose last bytes, up to eight, stand in the text with the last one of them in
    /// a stretch of it, and where they end.
    pub(crate) fn each(
        &self,
        text: &[u8],
        stretch: Range<usize>,
        mut show: impl FnMut(usize, u32),
    ) {
        let bytes = text.get(..stretch.end.min(text.len())).unwrap_or_default();
        let Some((before, bytes)) = bytes.split_at_checked(stretch.start) else {
            return;
        };
        let mut end = before.len();
        let mut last = tail(before) as u32;
        let mut look = |end: usize| {
            let known = text.get(..end).unwrap_or_default();
            self.ending(tail(known) & FOLD, |pattern| show(end, pattern));
        };
        let (steps, rest) = bytes.as_chunks::<STEP>();
        for step in steps {
            let both = u64::from(last) << 32 | u64::from(u32::from_be_bytes(*step));
            let may_end =
                [both >> 24, both >> 16, both >> 8, both].map(|last| self.may_end(last as u32));
            if may_end != [false; STEP] {
                let ends = (end + 1..).zip(may_end).filter(|(_, may_end)| *may_end);
                ends.for_each(|(end, _)| look(end));
            }
            end += STEP;
            last = both as u32;
        }
        for (end, &byte) in (end + 1..).zip(rest) {
            last = last << 8 | u32::from(byte);
            if self.may_end(last) {
                look(end);
            }
        }
    }

    /// Shows each pattern of which the last bytes, up to eight, are the last ones of the text.
    pub(crate) fn last(&self, text: &[u8], show: impl FnMut(u32)) {
        let tail = tail(text);
        if self.may_end(tail as u32) {
            self.ending(tail & FOLD, show);
        }
    }

    fn ending(&self, folded: u64, mut show: impl FnMut(u32)) {
        let slot = hash(folded as u32 & self.looked) / SHARED;
        let (from, to) = (self.slots[slot] as usize, self.slots[slot + 1] as usize);
        for entry in self.entries.get(from..to).unwrap_or_default() {
            if folded & entry.mask == entry.tail {
                show(entry.pattern);
            }
        }
    }

    /// Whether a pattern may end with these last bytes.
    fn may_end(&self, last: u32) -> bool {
        let hash = hash(last & self.looked);
        self.bits[hash / 64 % WORDS] >> (hash % 64) & 1 != 0
    }
}

fn low_bytes(count: usize) -> u64 {
    u64::MAX >> (64 - 8 * count.clamp(1, 8))
}

/// The last eight bytes, the last one lowest.
fn tail(bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk() {
        return u64::from_be_bytes(*last);
    }
    bytes
        .iter()
        .fold(0, |tail, &byte| tail << 8 | u64::from(byte))
}

fn hash(last: u32) -> usize {
    (last.wrapping_mul(0x9e37_79b1) >> (32 - (WORDS * 64).trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_end_is_shown(
            patterns in prop::collection::vec("[a-cA-C=]{1,10}", 1..20),
            text in "[a-cA-C=.]{0,60}",
            from in 0_usize..20,
        ) {
            let tails = Tails::new(patterns.iter().map(|pattern| pattern.as_bytes()));
            let mut shown = Vec::new();
            let from = from.min(text.len());
            tails.each(text.as_bytes(), from..text.len(), |end, pattern| shown.push((end, pattern)));
            for end in from + 1..=text.len() {
                for (number, pattern) in (0..).zip(&patterns) {
                    let start = end.checked_sub(pattern.len());
                    let stands = start.is_some_and(|start| text[start..end].eq_ignore_ascii_case(pattern));
                    prop_assert!(!stands || shown.contains(&(end, number)));
                }
            }
        }
    }
}
