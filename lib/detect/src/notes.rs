//! What one search through one value remembers: ranges that are claimed, and where things end.
//!
//! The buffers serve one search after the other, since in a guest each allocation costs as much as a
//! look at an anchor. Must never hold more than positions.

use crate::bytes::ByteClass;
use crate::find::Check;

/// A range that a detector claims.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub start: usize,
    pub end: usize,
    pub detector: u16,
    pub check: Check,
}

/// A string as its opening quote describes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Opening {
    /// The quote.
    pub quote: u8,
    /// How many JSON strings it stands in.
    pub level: u32,
}

/// Where something ends, for all starts from `from` on.
#[derive(Debug)]
pub(crate) struct Ends<K> {
    what: K,
    pub from: usize,
    pub end: usize,
}

/// The entry of that key, made when it is not there.
pub(crate) fn entry<K: PartialEq + Copy>(entries: &mut Vec<Ends<K>>, what: K) -> &mut Ends<K> {
    let index = match entries.iter().position(|entry| entry.what == what) {
        Some(index) => index,
        None => {
            entries.push(Ends {
                what,
                from: usize::MAX,
                end: 0,
            });
            entries.len() - 1
        }
    };
    &mut entries[index]
}

/// The notes of one search.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub candidates: Vec<Candidate>,
    /// Per detector, in which search it said so last and where the text that it is done with ends:
    /// to empty these every time would take longer than most searches.
    done: Vec<(u64, usize)>,
    /// The number of this search.
    search: u64,
    pub runs: Vec<Ends<ByteClass>>,
    pub starts: Vec<Ends<ByteClass>>,
    pub strings: Vec<Ends<Opening>>,
}

impl Notes {
    /// Forgets everything but the buffers.
    pub(crate) fn clear(&mut self) {
        self.candidates.clear();
        self.search += 1;
        self.runs.clear();
        self.starts.clear();
        self.strings.clear();
    }

    /// The detector needs not look at anchors before this position any more.
    pub(crate) fn finish(&mut self, detector: u16, end: usize) {
        let (index, search) = (usize::from(detector), self.search);
        if self.done.len() <= index {
            self.done.resize(index + 1, (0, 0));
        }
        let before = self.done(detector);
        self.done[index] = (search, before.max(end));
    }

    /// Where the text that the detector is done with ends.
    pub(crate) fn done(&self, detector: u16) -> usize {
        match self.done.get(usize::from(detector)) {
            Some((search, end)) if *search == self.search => *end,
            _ => 0,
        }
    }
}
