//! Spans as all known senders write them, for walks that want hardly more of them than the record.
//!
//! Such a walk looks at every span of every batch, and asks of twenty fields for the sake of four; and
//! a walk to a hit among the attributes wants nothing of what stands before them.
//! The check at the door passes the same spans in a way of its own: it needs nothing of them but that
//! they are whole, and reads faster for it.
//! What is written in another order or way, or has an attribute that is wanted, takes the complete
//! path.
//!
//! Must never: read a record otherwise than the complete path does.

use std::ops::Range;

use crate::read::{Part, read_part};

const ATTRIBUTES: u8 = 0x4a;
const EVENTS: u8 = 0x5a;
const LINKS: u8 = 0x6a;

/// The fields in which nothing may be wanted: name, events, links.
pub(super) const PASSED: u32 = 1 << 5 | 1 << 11 | 1 << 13;
/// The field of the attributes.
pub(super) const ENTRIES: u32 = 1 << 9;

/// What a record is made of but for its status, and what stands before its attributes.
pub(super) struct Head {
    pub(super) trace_id: Range<usize>,
    pub(super) span_id: Range<usize>,
    pub(super) trace_state: Option<Part>,
    pub(super) start_unix_nano: u64,
    pub(super) end_unix_nano: u64,
    /// The offset behind it.
    pub(super) end: usize,
}

/// The head of the span whose payload this is.
#[inline(never)]
pub(super) fn head(bytes: &[u8], payload: Range<usize>) -> Option<Head> {
    let (start, bytes) = (payload.start, bytes.get(..payload.end)?);
    let ids: &[u8; 28] = bytes.get(start..)?.first_chunk()?;
    if [ids[0], ids[1], ids[18], ids[19]] != [0x0a, 16, 0x12, 8] {
        return None;
    }
    let mut at = start + 28;
    let mut trace_state = None;
    if pair(bytes, at)?[0] == 0x1a {
        let part = read_part(bytes, at, at + 1, bytes.len()).ok()?;
        trace_state = Some(part);
        at = part.end;
    }
    // The id of the parent, the name, the kind.
    if let [0x22, 0 | 8] = pair(bytes, at)? {
        at += 2 + usize::from(pair(bytes, at)?[1]);
    }
    let [0x2a, name @ ..0x80] = pair(bytes, at)? else {
        return None;
    };
    at += 2 + usize::from(name);
    let [0x30, ..0x80] = pair(bytes, at)? else {
        return None;
    };
    let times: &[u8; 18] = bytes.get(at + 2..)?.first_chunk()?;
    let &[0x39, ref begin @ .., _, _, _, _, _, _, _, _, _] = times else {
        return None;
    };
    let &[_, _, _, _, _, _, _, _, _, 0x41, ref end @ ..] = times else {
        return None;
    };
    Some(Head {
        trace_id: start + 2..start + 18,
        span_id: start + 20..start + 28,
        trace_state,
        start_unix_nano: u64::from_le_bytes(*begin),
        end_unix_nano: u64::from_le_bytes(*end),
        end: at + 20,
    })
}

/// The status code that is said in the rest of a span behind its head, unless any of its attributes is
/// wanted.
#[inline(never)]
pub(super) fn code(
    bytes: &[u8],
    rest: Range<usize>,
    mut wants: impl FnMut(&Range<usize>) -> bool,
) -> Option<i32> {
    let (mut at, bytes) = (rest.start, bytes.get(..rest.end)?);
    let mut code = 0;
    while at < bytes.len() {
        let [tag, first] = pair(bytes, at)?;
        at = match (tag, first) {
            (ATTRIBUTES | EVENTS | LINKS, _) => {
                let part = read_part(bytes, at, at + 1, bytes.len()).ok()?;
                if tag == ATTRIBUTES && wants(&part.payload()) {
                    return None;
                }
                part.end
            }
            // How many of them were dropped.
            (0x50 | 0x60 | 0x70, ..0x80) => at + 2,
            (0x7a, 0) => at + 2,
            (0x7a, 2) => {
                let [0x18, said @ ..0x80] = pair(bytes, at + 2)? else {
                    return None;
                };
                code = i32::from(said);
                at + 4
            }
            // Flags.
            (0x85, 1) => at + 6,
            _ => return None,
        };
    }
    (at == bytes.len()).then_some(code)
}

#[inline]
fn pair(bytes: &[u8], at: usize) -> Option<[u8; 2]> {
    bytes.get(at..)?.first_chunk().copied()
}
