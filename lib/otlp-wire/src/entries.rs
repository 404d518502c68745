//! Keys, read from the bytes of an entry, or of all entries of a resource or a scope.
//!
//! A tree that holds all entries knows them, but makes a value of each; who only asks whether a key
//! is there needs less. The message of a resource or scope may stand in its group several times, and readers merge them, so
//! all occurrences count.
//!
//! Must never: miss a key because of how it is written.

use std::ops::Range;

use crate::read::{pass_unknown, read_part, read_tag, usual_entry};
use crate::schema::Wire;
use crate::tree::{Container, Keys, Tree};

/// The key of the entry with this payload, if that is a short key, a value and nothing else, in this
/// order. One that is written in any other way has to be looked into.
#[inline]
pub fn usual_key(entry: &[u8]) -> Option<&[u8]> {
    let (key, _) = usual_entry(entry, &(0..entry.len()))?;
    entry.get(key.payload())
}

/// Appends where the keys stand that entries of this container have, which must be that of a
/// resource or a scope. `bytes` must be the batch that was walked; what the walk did not check ends
/// at its first fault.
pub fn keys_of(bytes: &[u8], tree: &Tree, container: &Container, keys: &mut Vec<Range<usize>>) {
    let own = tree.nests.get(container.nest as usize);
    let Some(own) = own.filter(|_| container.absent == 0) else {
        return;
    };
    let Some(group) = tree.nests.get(own.parent as usize) else {
        return;
    };
    let Ok(tag) = read_tag(bytes, own.field, own.len) else {
        return;
    };
    for message in parts(bytes, group.start..group.end, tag.number) {
        for entry in parts(bytes, message, container.field) {
            match usual_entry(bytes, &entry) {
                Some((key, _)) => keys.push(key.payload()),
                None => keys.extend(Keys::of(bytes, entry)),
            }
        }
    }
}

/// The payloads of the length-delimited fields of this number in a message.
fn parts(bytes: &[u8], message: Range<usize>, number: u32) -> impl Iterator<Item = Range<usize>> {
    let (mut at, end) = (message.start, message.end.min(bytes.len()));
    std::iter::from_fn(move || {
        while at < end {
            let tag = read_tag(bytes, at, end).ok()?;
            if tag.wire != Wire::Len {
                at = pass_unknown(bytes, tag, end, 0).ok()?;
                continue;
            }
            let part = read_part(bytes, at, tag.after, end).ok()?;
            at = part.end;
            if tag.number == number {
                return Some(part.payload());
            }
        }
        None
    })
}
