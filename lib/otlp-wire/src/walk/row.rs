//! Fields of one number in a row: the records of a scope, the entries of a container.
//!
//! Most of any batch is a record that nothing is wanted of, or an entry of one that something is. The
//! selection says how far it wants nothing, and up to there such a field costs its tag, its length and a
//! comparison. Whatever is strange about one is left to the complete path, with the fault in it.

use super::keep::Here;
use super::{Select, Walker};
use crate::name::Place;
use crate::read::{Part, WireError, at as fault_at, read_part};

impl<S: Select> Walker<'_, S> {
    /// Passes the records behind the one whose tag stands at `tag`, up to the first that something may be
    /// wanted of; the offset behind them.
    pub(super) fn pass_records(&mut self, here: &Here<'_>, tag: usize, at: usize) -> usize {
        let bytes = self.bytes.get(..here.end).unwrap_or_default();
        let until = self.select.wanted_from(at);
        let (at, count) = pass_like(bytes, tag, at, until);
        self.records += count;
        at
    }

    /// The entries behind the one whose tag stands at `tag`, which need not be looked up again; the offset
    /// behind them.
    pub(super) fn entries(
        &mut self,
        here: &Here<'_>,
        place: Place,
        tag: usize,
        mut at: usize,
    ) -> Result<usize, WireError> {
        let bytes = self.bytes.get(..here.end).unwrap_or_default();
        let same = bytes.get(tag).filter(|&&byte| byte < 0x80).copied();
        let mut until = self.select.wanted_from(at);
        while same.is_some() {
            (at, _) = pass_like(bytes, tag, at, until);
            if bytes.get(at).copied() != same {
                break;
            }
            let part = match bytes.get(at + 1) {
                Some(&len @ ..0x80) if at + 2 + usize::from(len) <= bytes.len() => Part {
                    field: at,
                    len: at + 1,
                    start: at + 2,
                    end: at + 2 + usize::from(len),
                },
                _ => read_part(bytes, at, at + 1, here.end).map_err(fault_at(here.message, at))?,
            };
            // That there is room for one more message was found at the first of them.
            if self.select.enter_entry(&part.payload()) {
                self.wanted_entry(here, place, part)?;
                until = self.select.wanted_from(part.end);
            }
            at = part.end;
        }
        Ok(at)
    }
}

/// Passes fields with the tag that stands at `tag`, as long as they end at `until` or before: the offset
/// behind them, and how many they are. The bytes end with the message.
#[inline]
fn pass_like(bytes: &[u8], tag: usize, mut at: usize, until: usize) -> (usize, u32) {
    let until = until.min(bytes.len());
    let mut count = 0;
    let Some(&tag @ ..0x80) = bytes.get(tag) else {
        return (at, count);
    };
    while let Some(&[found, low, high]) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let next = match (low, high) {
            (..0x80, _) => at + 2 + usize::from(low),
            (_, ..0x80) => at + 3 + (usize::from(low & 0x7f) | usize::from(high) << 7),
            _ => break,
        };
        if found != tag || next > until {
            break;
        }
        at = next;
        count += 1;
    }
    (at, count)
}
