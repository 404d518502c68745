//! The rare-window filter, part one: which bytes of each literal to look for, and in which bucket.
//!
//! Of each literal the rarest stretch of up to four bytes, anywhere in it, is its window: the
//! vendor's name in the middle of a key says more than its common prefix. Of a literal that is shorter, what
//! must follow it takes the other positions. The windows go into 8 to 32 buckets. A bucket has, for each of
//! the four positions, the set of bytes that any of its windows has there; a place in the haystack
//! where all four sets of one bucket agree is a candidate. Windows that share bytes share a bucket,
//! so that the sets stay small: each window goes where it raises the expected number of candidates
//! least.
//!
//! Must never: leave a literal without a window.

use std::collections::HashSet;

use crate::bucket::{Bucket, Sets, group_of, rate_of};
use crate::frequency;
use crate::literal::{ByteClass, Literal};
use crate::names;

/// Positions of a window.
pub(crate) const WIDTH: usize = 4;
/// So many windows of a literal are tried in every bucket.
const WINDOWS_MAX: usize = 5;
/// What a candidate costs a literal that shares its window with others, as a share of a candidate of
/// its own.
const SHARED: f64 = 0.15;
/// Buckets of one group: bits of a byte.
pub(crate) const GROUP: usize = 8;

/// The part of a literal that the filter looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Index of the literal.
    pub(crate) literal: u32,
    /// Where the window starts in the literal, in bytes.
    pub(crate) offset: u32,
    /// One to four bytes of the literal; what must follow one that is shorter takes the other positions.
    pub(crate) width: u8,
}

/// A window of a literal that is shorter takes in what must follow it.
fn sets_of(literal: &Literal, offset: usize) -> [ByteClass; WIDTH] {
    std::array::from_fn(|at| literal.class_at(offset + at))
}

/// A set of bytes as a filter sees it: for some, only its half bytes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    /// Sets of bytes, where 0x80 is the same as 0x00 and so on.
    SevenBits,
    /// A set of low halves and a set of high halves; every combination counts.
    Halves,
}

/// One position of eight buckets: bit `i` of an entry stands for bucket `i`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Table {
    /// By the lower seven bits of a byte.
    pub(crate) seven: [u8; 128],
    /// By the lower half of a byte.
    pub(crate) low: [u8; 16],
    /// By the upper half of a byte.
    pub(crate) high: [u8; 16],
}

impl Table {
    /// No bucket at all.
    pub(crate) const EMPTY: Table = Table {
        seven: [0; 128],
        low: [0; 16],
        high: [0; 16],
    };
}

/// Eight buckets: a table for each position.
pub(crate) type Group = [Table; WIDTH];

/// What the filter of a gate looks for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) windows: Vec<Window>,
    /// One to four.
    pub(crate) groups: Vec<Group>,
    /// Candidates expected per byte of telemetry.
    pub(crate) rate: f64,
}

impl Plan {
    /// Plans `groups` groups for a filter of that precision.
    pub(crate) fn new(literals: &[Literal], groups: usize, precision: Precision) -> Plan {
        let mut order: Vec<(u32, &Literal)> = (0u32..).zip(literals).collect();
        // The most common first: they have the least choice and decide what buckets are about.
        order.sort_by(|(_, a), (_, b)| {
            frequency::literal_rate(b).total_cmp(&frequency::literal_rate(a))
        });
        let mut buckets = vec![Bucket::empty(precision); groups * GROUP];
        let mut windows = Vec::with_capacity(literals.len());
        let mut chosen: HashSet<[ByteClass; WIDTH]> = HashSet::new();
        for (id, literal) in order {
            let all = windows_of(id, literal, precision);
            let shared = all
                .iter()
                .filter_map(|offer| offer.shared(&chosen))
                .min_by(|a, b| a.rise.total_cmp(&b.rise));
            let own = all.iter().take(WINDOWS_MAX);
            let best = own.fold(shared, |best, offer| offer.own(&buckets, precision, best));
            if let Some(Offer {
                window,
                sets,
                place,
                ..
            }) = best
            {
                windows.push(window);
                chosen.insert(sets.bytes);
                if let Some(index) = place {
                    buckets[index].add(&sets, precision);
                }
            }
        }
        Plan {
            rate: buckets.iter().map(Bucket::rate).sum(),
            groups: buckets.chunks(GROUP).map(group_of).collect(),
            windows,
        }
    }
}

/// A window for a literal, and what it would cost.
#[derive(Clone, Copy)]
struct Offer {
    window: Window,
    sets: Sets,
    /// By how much it would raise the expected candidates; of a window without a place, how often it stands in
    /// text.
    rise: f64,
    /// The bucket that it would change.
    place: Option<usize>,
}

impl Offer {
    /// What it costs if another literal has that window: a comparison.
    fn shared(&self, chosen: &HashSet<[ByteClass; WIDTH]>) -> Option<Offer> {
        let rate = || self.rise + names::rate_of(&self.sets.bytes);
        chosen.contains(&self.sets.bytes).then(|| Offer {
            rise: SHARED * rate(),
            ..*self
        })
    }

    /// The best of the windows: this one in one of the buckets, or one that was found before.
    fn own(
        &self,
        buckets: &[Bucket],
        precision: Precision,
        mut best: Option<Offer>,
    ) -> Option<Offer> {
        for (index, bucket) in buckets.iter().enumerate() {
            // Its own bytes are candidates for certain, whatever the bucket holds.
            let most = best.as_ref().map_or(f64::INFINITY, |best| best.rise) - self.rise;
            if let Some(rise) = bucket.rise(&self.sets, precision, most) {
                best = Some(Offer {
                    rise: rise + self.rise,
                    place: Some(index),
                    ..*self
                });
            }
        }
        best
    }
}

/// The windows of a literal with their rates in text, the rarest first.
fn windows_of(id: u32, literal: &Literal, precision: Precision) -> Vec<Offer> {
    let len = literal.bytes.len();
    let mut offers: Vec<Offer> = (0..=len.saturating_sub(WIDTH))
        .map(|offset| {
            let bytes = &literal.bytes[offset..len.min(offset + WIDTH)];
            let sets = sets_of(literal, offset);
            let rates = sets.map(|set| rate_of(set, precision));
            let behind: f64 = rates[bytes.len()..].iter().product();
            Offer {
                window: Window {
                    literal: id,
                    offset: offset as u32,
                    width: bytes.len() as u8,
                },
                sets: Sets { bytes: sets, rates },
                rise: frequency::stretch_rate(bytes, literal.case) * behind,
                place: None,
            }
        })
        .collect();
    offers.sort_by(|a, b| a.rise.total_cmp(&b.rise));
    offers
}
