//! Seeking: look only where a scan found something.
//!
//! A selection that enters a message only if a range of the scan touches it, and takes the text
//! that such a range touches. It must claim a range only for a value whose payload it overlaps:
//! what lies in tags, lengths and numbers is counted as missed, never guessed at.

use std::ops::Range;

use crate::name::Kind;
use crate::schema::Message;
use crate::tree::Value;
use crate::walk::Select;

/// Selects what the ranges that a scan found touch.
///
/// The ranges are sorted by their begin; they may overlap, and a single offset `o` is `o..o + 1`.
/// Taken are text, bytes and keys; numbers and lists are not (but the elements of lists are).
#[derive(Clone, Debug)]
pub struct Offsets<'a> {
    ranges: &'a [Range<usize>],
    /// Ranges before this one end before everything that the walk will still ask for.
    next: usize,
    /// Ranges before this one are either claimed by a value or counted as missed.
    judged: usize,
    missed: usize,
}

impl<'a> Offsets<'a> {
    /// Over ranges sorted by their begin.
    pub fn new(ranges: &'a [Range<usize>]) -> Self {
        Self {
            ranges,
            next: 0,
            judged: 0,
            missed: 0,
        }
    }

    /// After a walk: how many ranges touch no value and no key, but only tags, lengths, numbers,
    /// times and ids of their proper size.
    pub fn missed(&self) -> usize {
        self.missed + (self.ranges.len() - self.judged)
    }

    /// The first range that does not end before this offset. The walk asks in the order of the bytes, so
    /// what ends before one question ends before all later ones.
    fn next_from(&mut self, at: usize) -> Option<&Range<usize>> {
        while let Some(range) = self.ranges.get(self.next) {
            if range.end > at {
                return Some(range);
            }
            self.next += 1;
        }
        None
    }

    /// Whether a range touches this one.
    fn touches(&mut self, wanted: &Range<usize>) -> bool {
        self.next_from(wanted.start)
            .is_some_and(|range| range.start < wanted.end)
    }

    /// A value is taken: every range that begins before its end was touched by it, or by an
    /// earlier value, or will be by none.
    fn judge(&mut self, payload: &Range<usize>) {
        while let Some(range) = self.ranges.get(self.judged) {
            if range.start >= payload.end {
                return;
            }
            self.judged += 1;
            self.missed += usize::from(range.end <= payload.start);
        }
    }
}

impl Select for Offsets<'_> {
    fn enter(&mut self, _: Message, range: &Range<usize>) -> bool {
        self.touches(range)
    }

    fn wanted_from(&mut self, at: usize) -> usize {
        self.next_from(at).map_or(usize::MAX, |range| range.start)
    }

    fn take(&mut self, value: &Value, _: &[u8]) -> bool {
        let text = matches!(value.kind, Kind::String | Kind::Bytes | Kind::Key);
        let taken = text && self.touches(&value.payload);
        if taken {
            self.judge(&value.payload);
        }
        taken
    }
}
