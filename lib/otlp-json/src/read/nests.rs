//! Bytes of nested messages whose lengths stand before them and are known after them.
//!
//! Each message gets one byte for its length, which is enough for most; the few lengths that need
//! more are listed and put in when everything is there. So the work is linear in the bytes,
//! however deep they nest, and the list stays short.

use otlp_wire::schema::Wire;
use otlp_wire::{varint, write_tag};

/// The lengths that fit in one byte.
const SHORT: usize = 0x80;

/// Nested messages, but for the lengths that need more than a byte.
#[derive(Default)]
pub(super) struct Nests {
    /// What was written; one byte stands for each length.
    pub(super) bytes: Vec<u8>,
    /// The lengths that are still to be put in, in the order of the bytes.
    lengths: Vec<Length>,
    /// How many bytes more than one the closed ones among them need.
    extra: usize,
}

struct Length {
    /// Where in `bytes` its place is kept.
    at: usize,
    length: usize,
}

/// A message that was opened.
pub(super) struct Nest {
    /// Its length in the list.
    index: usize,
    /// `extra` when it was opened.
    extra: usize,
}

impl Nests {
    /// Begins a message, or packed numbers, as the value of this field.
    pub(super) fn open(&mut self, number: u32) -> Nest {
        write_tag(number, Wire::Len, &mut self.bytes);
        let at = self.bytes.len();
        self.bytes.push(0);
        self.lengths.push(Length { at, length: 0 });
        Nest {
            index: self.lengths.len() - 1,
            extra: self.extra,
        }
    }

    /// Ends the message that was opened last among those that are open.
    pub(super) fn close(&mut self, nest: Nest) {
        let end = self.bytes.len();
        let Some(open) = self.lengths.get_mut(nest.index) else {
            return;
        };
        let length = end - open.at - 1 + self.extra - nest.extra;
        if length >= SHORT {
            open.length = length;
            self.extra += varint::size(length as u64) - 1;
            return;
        }
        // Nothing within a short message is long, so its own length is the last in the list.
        if let Some(byte) = self.bytes.get_mut(open.at) {
            *byte = length as u8;
        }
        self.lengths.truncate(nest.index);
    }

    /// Appends everything with its lengths.
    pub(super) fn finish(self, out: &mut Vec<u8>) {
        out.reserve(self.bytes.len() + self.extra);
        let mut copied = 0;
        for Length { at, length } in self.lengths {
            out.extend_from_slice(self.bytes.get(copied..at).unwrap_or_default());
            varint::write(length as u64, out);
            copied = at + 1;
        }
        out.extend_from_slice(self.bytes.get(copied..).unwrap_or_default());
    }
}
