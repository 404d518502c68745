//! The rare-window filter, part two: from a candidate to the literals that really stand there.
//!
//! What passes the screen reaches the literals with that very window, by families that end alike, and only
//! there are whole literals compared. Windows of less than four bytes have keys of their own.
//!
//! Must never: compare against anything but the whole haystack, which knows its ends.

use std::ops::Range;

use crate::hits::{Hits, What};
use crate::literal::{ByteClass, Literal};
use crate::screen::{FOLD, LOOK, SPREAD, Screen, bytes_at, word};
use crate::window::{WIDTH, Window};

/// Clears the bit that tells small letters from capitals, as in a word.
const FOLD_8: u64 = 0xdfdf_dfdf_dfdf_dfdf;

/// Windows by their folded bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    screen: Screen,
    /// For each width that occurs, from the smallest on: the bits of a word that belong to the window.
    widths: Vec<u32>,
    /// How many of them are less than the full one.
    narrow: usize,
    /// Start of each slot's families, one more than there are slots.
    slots: Vec<u32>,
    slot_shift: u32,
    families: Vec<Family>,
    entries: Vec<Entry>,
}

/// Literals with one window and one end: `api_key=` and `access_key=`, but not `api_key:`.
#[derive(Clone, Debug)]
struct Family {
    key: u32,
    /// The bits of a word that belong to the window: without it, a short window and a long one
    /// that ends in a zero would find each other.
    mask: u32,
    /// How far behind the start of the window the last byte stands, and that byte, folded.
    last_at: u32,
    last: u8,
    /// What may stand behind it for any of them.
    next: ByteClass,
    entries: Range<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    literal: u32,
    /// Where the window starts in it.
    offset: u32,
    /// Its first eight bytes, folded, and those bits of them that it has.
    head: u64,
    head_mask: u64,
}

impl Entry {
    fn new(literal: &Literal, window: &Window) -> Entry {
        let head_mask = u64::MAX >> (64 - 8 * literal.bytes.len().clamp(1, 8));
        Entry {
            literal: window.literal,
            offset: window.offset,
            head: u64::from_le_bytes(bytes_at(&literal.bytes, 0)) & FOLD_8 & head_mask,
            head_mask,
        }
    }
}

impl Family {
    /// The family of a literal, with nothing in it.
    fn of(literal: &Literal, window: &Window) -> Family {
        let bytes = literal
            .bytes
            .get(window.offset as usize..)
            .unwrap_or_default();
        let mask = mask_of(window.width.into());
        let next = literal.follow.filter(|follow| follow.min > 0);
        Family {
            key: word_at(bytes, 0) & FOLD & mask,
            mask,
            last_at: bytes.len().saturating_sub(1) as u32,
            last: bytes.last().map_or(0, |last| last & FOLD as u8),
            next: next.map_or(ByteClass::ANY, |follow| follow.class),
            entries: 0..0,
        }
    }

    fn name(&self) -> (u32, u32, u32, u8) {
        (self.key, self.mask, self.last_at, self.last)
    }

    /// Whether any of its literals may stand where this word is.
    #[inline(always)]
    fn may_stand(&self, haystack: &[u8], at: usize, (key, mask): (u32, u32)) -> bool {
        let last_at = at + self.last_at as usize;
        let last = haystack.get(last_at);
        self.key == key
            && self.mask == mask
            && last.is_some_and(|last| last & FOLD as u8 == self.last)
            && haystack
                .get(last_at + 1)
                .is_none_or(|&next| self.next.contains(next))
    }
}

fn mask_of(width: usize) -> u32 {
    u32::MAX >> (8 * (WIDTH - width.clamp(1, WIDTH)))
}

fn hash(key: u32, mask: u32) -> u32 {
    (key ^ mask.rotate_left(7)).wrapping_mul(SPREAD)
}

impl Index {
    pub(crate) fn new(literals: &[Literal], windows: &[Window]) -> Index {
        let size = windows.len().max(1).next_power_of_two();
        let slot_shift = 32 - (size * 2).trailing_zeros();
        let mut widths: Vec<u32> = windows.iter().map(|w| mask_of(w.width.into())).collect();
        widths.sort_unstable();
        widths.dedup();
        let mut placed: Vec<(u32, Family, Entry)> = windows
            .iter()
            .map(|window| {
                let literal = &literals[window.literal as usize];
                let family = Family::of(literal, window);
                let hash = hash(family.key, family.mask);
                (hash >> slot_shift, family, Entry::new(literal, window))
            })
            .collect();
        placed.sort_by_key(|(slot, family, entry)| (*slot, family.name(), entry.literal));
        let mut slots = vec![0u32; size * 2 + 1];
        let (mut families, mut entries): (Vec<Family>, Vec<Entry>) = (Vec::new(), Vec::new());
        for (slot, family, entry) in placed {
            let at = entries.len() as u32;
            entries.push(entry);
            match families.last_mut() {
                Some(last) if last.name() == family.name() => {
                    last.next = last.next.union(family.next);
                    last.entries.end = at + 1;
                }
                _ => {
                    slots[slot as usize + 1] += 1;
                    families.push(Family {
                        entries: at..at + 1,
                        ..family
                    });
                }
            }
        }
        for at in 1..slots.len() {
            slots[at] += slots[at - 1];
        }
        Index {
            screen: Screen::new(literals, windows),
            narrow: widths.iter().filter(|mask| **mask < mask_of(WIDTH)).count(),
            widths,
            slots,
            slot_shift,
            families,
            entries,
        }
    }

    /// Whether a window may stand where these bytes are.
    #[inline(always)]
    pub(crate) fn may_stand(&self, bytes: [u8; LOOK]) -> bool {
        self.screen.may_stand(bytes)
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
        let bytes = bytes_at(haystack, at);
        let word = word(bytes);
        let mut cost = 0;
        let first = if self.screen.short(bytes) {
            0
        } else {
            self.narrow
        };
        for &mask in self.widths.get(first..).unwrap_or_default() {
            let key = word & mask;
            let hash = hash(key, mask);
            let slot = (hash >> self.slot_shift) as usize;
            let families = &self.families[self.slots[slot] as usize..self.slots[slot + 1] as usize];
            cost += 2 + families.len();
            for family in families {
                if family.may_stand(haystack, at, (key, mask)) {
                    cost += self.compare(literals, haystack, at, family, hits);
                }
            }
        }
        cost
    }

    fn compare(
        &self,
        literals: &[Literal],
        haystack: &[u8],
        at: usize,
        family: &Family,
        hits: &mut Hits,
    ) -> usize {
        let mut cost = 1;
        let (first, last) = (family.entries.start as usize, family.entries.end as usize);
        for entry in &self.entries[first..last] {
            let Some(start) = at.checked_sub(entry.offset as usize) else {
                continue;
            };
            let head = u64::from_le_bytes(bytes_at(haystack, start));
            if head & FOLD_8 & entry.head_mask != entry.head {
                continue;
            }
            let literal = &literals[entry.literal as usize];
            cost += 4 + literal.bytes.len() / 16;
            if literal.stands_at(haystack, start) {
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
    u32::from_le_bytes(bytes_at(bytes, at))
}
