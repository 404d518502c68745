//! Where the gate says to look: hits, their buffer and its limit.
//!
//! The buffer is the caller's and is kept between batches, so that a scan allocates only when a
//! batch has more hits than any before it. A full buffer ends the scan: the caller then has to
//! treat the whole batch as one that needs a look, since later hits are unknown.
//!
//! Must never: hold a copy of the bytes that were scanned.

use crate::Class;

/// What a hit is a hit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// The literal with this index in the list that the gate was made from.
    Literal(u32),
    /// A run or mark of this class.
    Class(Class),
}

/// A range of the haystack, in bytes, that needs a look.
///
/// For a literal it is the occurrence (without what follows), for a class the whole run, which
/// may reach over the borders of values: clip it to each value that it touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hit {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
    /// What was found there.
    pub what: What,
}

/// What a scan came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanOutcome {
    /// Nothing stands in the haystack.
    Clean,
    /// Everything that stands in the haystack is in the buffer.
    Found,
    /// There were more hits than the limit. The buffer holds some of them; nothing is known
    /// about the rest, so every value has to be looked at (or the batch refused).
    Overflow,
}

/// A reusable buffer of hits with a limit.
#[derive(Debug)]
pub struct Hits {
    list: Vec<Hit>,
    limit: usize,
    overflowed: bool,
    /// So many hits are in order.
    settled: usize,
}

impl Hits {
    /// The limit of [`Hits::default`]: hits per scan.
    pub const DEFAULT_LIMIT: usize = 1 << 18;

    /// A buffer that takes at most `limit` hits a scan.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Hits {
            list: Vec::new(),
            limit,
            overflowed: false,
            settled: 0,
        }
    }

    /// The hits of the last scan, sorted by start, then end, then what.
    #[must_use]
    pub fn as_slice(&self) -> &[Hit] {
        &self.list
    }

    /// How many hits a scan may have.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.overflowed = false;
        self.settled = 0;
    }

    /// Puts the hits that came since the last time in order. Done often, this is cheap: hits of
    /// one part of the haystack have few others to pass.
    pub(crate) fn settle(&mut self) {
        let (old, new) = self.list.split_at(self.settled);
        if let Some(first) = new.iter().min() {
            let from = old.partition_point(|hit| hit <= first);
            self.list[from..].sort_unstable();
            self.settled = self.list.len();
        }
    }

    /// Adds a hit, or notes that there is no room for it.
    pub(crate) fn push(&mut self, start: usize, end: usize, what: What) {
        if self.list.len() < self.limit {
            self.list.push(Hit { start, end, what });
        } else {
            self.overflowed = true;
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.overflowed
    }

    /// Puts the hits in order and says what the scan came to.
    pub(crate) fn finish(&mut self) -> ScanOutcome {
        self.settle();
        if self.overflowed {
            ScanOutcome::Overflow
        } else if self.list.is_empty() {
            ScanOutcome::Clean
        } else {
            ScanOutcome::Found
        }
    }
}

impl Default for Hits {
    fn default() -> Self {
        Hits::with_limit(Self::DEFAULT_LIMIT)
    }
}

impl<'a> IntoIterator for &'a Hits {
    type Item = &'a Hit;
    type IntoIter = std::slice::Iter<'a, Hit>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}
