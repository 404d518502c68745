//! Entries for resources and scopes that do not stand in the batch.
//!
//! All that is added to one of them goes into one message: readers are told to merge two, and some
//! believe the last.
//!
//! Must never: write a message without entries.

use std::ops::Range;

/// Entries that wait for their message.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    text: Vec<u8>,
    entries: Vec<Entry>,
}

/// An entry: the nest that its message will stand in, the message's field number, its bytes.
#[derive(Debug)]
struct Entry {
    nest: u32,
    missing: u32,
    bytes: Range<usize>,
}

impl Absent {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.entries.clear();
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of all entries.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Forgets all but so many entries.
    pub(crate) fn rewind(&mut self, len: usize) {
        self.entries.truncate(len);
        let end = self.entries.last().map_or(0, |entry| entry.bytes.end);
        self.text.truncate(end);
    }

    /// Adds an entry.
    pub(crate) fn add(&mut self, nest: u32, missing: u32, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        self.entries.push(Entry {
            nest,
            missing,
            bytes: start..self.text.len(),
        });
    }

    /// Hands over each message once: its nest, its field number, its payload. Nothing is left.
    pub(crate) fn take(&mut self, mut message: impl FnMut(u32, u32, &[u8])) {
        self.entries
            .sort_by_key(|entry| (entry.nest, entry.missing));
        let of_one = |a: &Entry, b: &Entry| (a.nest, a.missing) == (b.nest, b.missing);
        let mut payload = Vec::new();
        for entries in self.entries.chunk_by(of_one) {
            payload.clear();
            for entry in entries {
                payload.extend_from_slice(self.text.get(entry.bytes.clone()).unwrap_or_default());
            }
            if let Some(first) = entries.first() {
                message(first.nest, first.missing, &payload);
            }
        }
        self.clear();
    }
}
