//! The rare-window filter, part one: which bytes of each literal to look for, and in which bucket.
//!
//! Of each literal the rarest stretch of up to four bytes, anywhere in it, is its window: the
//! vendor's name in the middle of a key says more than its common prefix. The windows go into 8
//! or 16 buckets. A bucket has, for each of the four positions, the set of bytes that any of its
//! windows has there; a place in the haystack where all four sets of one bucket agree is a
//! candidate. Windows that share bytes share a bucket, so that the sets stay small: each window
//! goes where it raises the expected number of candidates least.
//!
//! Must never: leave a literal without a window.

use std::collections::HashSet;

use crate::frequency;
use crate::literal::{Case, Literal};

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
    /// One to four bytes.
    pub(crate) width: u8,
}

impl Window {
    fn bytes<'l>(&self, literal: &'l Literal) -> &'l [u8] {
        &literal.bytes[self.offset as usize..][..usize::from(self.width)]
    }
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
    /// One or two.
    pub(crate) groups: Vec<Group>,
    /// Candidates expected per byte of ordinary text.
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
        let mut buckets = vec![Bucket::default(); groups * GROUP];
        let mut windows = Vec::with_capacity(literals.len());
        let mut chosen: HashSet<[Set; WIDTH]> = HashSet::new();
        for (id, literal) in order {
            let all = windows_of(id, literal);
            let shared = all
                .iter()
                .filter_map(|(rate, window)| shared(*rate, *window, literal, &chosen));
            let own = all
                .iter()
                .take(WINDOWS_MAX)
                .flat_map(|(rate, window)| own(*rate, *window, literal, &buckets, precision));
            let cheapest = shared.chain(own).min_by(|a, b| a.rise.total_cmp(&b.rise));
            if let Some(Offer { window, place, .. }) = cheapest {
                windows.push(window);
                chosen.insert(sets_of(&window, literal));
                if let Some(index) = place {
                    buckets[index].add(&sets_of(&window, literal), precision);
                }
            }
        }
        let in_text: f64 = buckets.iter().map(|bucket| bucket.rate).sum();
        let seen: Vec<_> = buckets
            .iter()
            .map(|bucket| bucket.sets.map(|set| seen(&set, precision)))
            .collect();
        Plan {
            rate: in_text + names_that_fit(&seen) * frequency::NAME_RATE,
            groups: buckets.chunks(GROUP).map(group_of).collect(),
            windows,
        }
    }
}

/// A window for a literal, and what it would cost.
struct Offer {
    window: Window,
    /// By how much it would raise the expected candidates.
    rise: f64,
    /// The bucket that it would change.
    place: Option<usize>,
}

/// What a window costs that another literal has: a comparison.
fn shared(
    rate: f64,
    window: Window,
    literal: &Literal,
    chosen: &HashSet<[Set; WIDTH]>,
) -> Option<Offer> {
    let sets = sets_of(&window, literal);
    chosen.contains(&sets).then(|| Offer {
        window,
        rise: SHARED * (rate + frequency::name_rate(window.bytes(literal), literal.case)),
        place: None,
    })
}

/// What a window costs in each of the buckets.
fn own(
    rate: f64,
    window: Window,
    literal: &Literal,
    buckets: &[Bucket],
    precision: Precision,
) -> impl Iterator<Item = Offer> {
    let sets = sets_of(&window, literal);
    // Its own bytes are candidates for certain, whatever the bucket holds.
    let own = rate + frequency::name_rate(window.bytes(literal), literal.case);
    buckets.iter().enumerate().map(move |(index, bucket)| {
        let raised: f64 = bucket.rates_with(&sets, precision).iter().product();
        Offer {
            window,
            rise: raised - bucket.rate + own,
            place: Some(index),
        }
    })
}

/// The windows of a literal with their rates, the rarest first: of full width, or the whole literal.
fn windows_of(id: u32, literal: &Literal) -> Vec<(f64, Window)> {
    let width = literal.bytes.len().min(WIDTH);
    let places = (0u32..).zip(literal.bytes.windows(width.max(1)));
    let mut windows: Vec<(f64, Window)> = places
        .map(|(offset, bytes)| {
            let window = Window {
                literal: id,
                offset,
                width: width as u8,
            };
            (frequency::stretch_rate(bytes, literal.case), window)
        })
        .collect();
    windows.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    windows
}

/// At how many places of the names that every record repeats one of the windows would fit.
fn names_that_fit(windows: &[[Set; WIDTH]]) -> f64 {
    let fits = |place: &&[u8]| {
        windows
            .iter()
            .any(|sets| sets.iter().zip(*place).all(|(set, &byte)| holds(set, byte)))
    };
    frequency::NAMES.windows(WIDTH).filter(fits).count() as f64
}

/// A set of bytes, one bit each.
type Set = [u64; 4];

const ANY: Set = [u64::MAX; 4];

fn sets_of(window: &Window, literal: &Literal) -> [Set; WIDTH] {
    let mut sets = [ANY; WIDTH];
    for (set, &byte) in sets.iter_mut().zip(window.bytes(literal)) {
        *set = Set::default();
        insert(set, byte);
        if literal.case == Case::AsciiInsensitive {
            insert(set, byte.to_ascii_lowercase());
            insert(set, byte.to_ascii_uppercase());
        }
    }
    sets
}

fn insert(set: &mut Set, byte: u8) {
    set[usize::from(byte >> 6)] |= 1 << (byte & 63);
}

fn holds(set: &Set, byte: u8) -> bool {
    set[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
}

fn bytes_of(set: &Set) -> impl Iterator<Item = u8> {
    (0u8..4).zip(*set).flat_map(|(quarter, mut bits)| {
        std::iter::from_fn(move || {
            let bit = (bits != 0).then(|| bits.trailing_zeros() as u8)?;
            bits &= bits - 1;
            Some(quarter << 6 | bit)
        })
    })
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    sets: [Set; WIDTH],
    /// How often a byte of ordinary text is in each set.
    rates: [f64; WIDTH],
    /// Candidates per byte of ordinary text.
    rate: f64,
}

impl Bucket {
    /// How often a byte would be in each set if these were added.
    fn rates_with(&self, sets: &[Set; WIDTH], precision: Precision) -> [f64; WIDTH] {
        std::array::from_fn(|at| {
            let all = union(&self.sets[at], &sets[at]);
            if all == self.sets[at] {
                self.rates[at]
            } else {
                set_rate(&all, precision)
            }
        })
    }

    fn add(&mut self, sets: &[Set; WIDTH], precision: Precision) {
        self.rates = self.rates_with(sets, precision);
        for (mine, theirs) in self.sets.iter_mut().zip(sets) {
            *mine = union(mine, theirs);
        }
        self.rate = self.rates.iter().product();
    }
}

fn union(a: &Set, b: &Set) -> Set {
    std::array::from_fn(|i| a[i] | b[i])
}

fn set_rate(set: &Set, precision: Precision) -> f64 {
    if *set == ANY {
        return 1.0;
    }
    bytes_of(&seen(set, precision))
        .map(frequency::byte_rate)
        .sum()
}

/// The bytes that a filter cannot tell from those of the set.
fn seen(set: &Set, precision: Precision) -> Set {
    if precision == Precision::SevenBits {
        let (first, second) = (set[0] | set[2], set[1] | set[3]);
        return [first, second, first, second];
    }
    let sixteenth = |high: usize| (set[high / 4] >> (high % 4 * 16)) & 0xffff;
    let lows = (0..16).fold(0, |lows, high| lows | sixteenth(high));
    let mut seen = Set::default();
    for high in (0..16).filter(|&high| sixteenth(high) != 0) {
        seen[high / 4] |= lows << (high % 4 * 16);
    }
    seen
}

fn group_of(buckets: &[Bucket]) -> Group {
    let mut tables = [Table::EMPTY; WIDTH];
    for (index, bucket) in buckets.iter().enumerate() {
        for (table, set) in tables.iter_mut().zip(&bucket.sets) {
            for byte in bytes_of(set) {
                table.seven[usize::from(byte & 0x7f)] |= 1 << index;
                table.low[usize::from(byte & 15)] |= 1 << index;
                table.high[usize::from(byte >> 4)] |= 1 << index;
            }
        }
    }
    tables
}
