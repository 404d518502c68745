//! Reading tags, lengths and unknown fields, and what can be wrong with them.
//!
//! Accepts and refuses what `prost` does (padded varints yes, field number 0 no, groups only when
//! the schema does not know the field and only when they close), so that what passes here is not
//! refused downstream. An error must never carry a byte of the batch.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use crate::schema::{Message, Wire};
use crate::{MAX_DEPTH, varint};

/// Why bytes are not a batch: where, in which message, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireError {
    /// The offset in the batch of the field (its tag) that is wrong.
    pub offset: usize,
    /// The message that the field stands in.
    pub message: Message,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is longer than the message around it.
    Truncated,
    /// An integer of more than ten bytes or 64 bits.
    Varint,
    /// A tag with field number 0, a wire type that does not exist, or more than 32 bits.
    Tag,
    /// A known field with a wire type that is not its own.
    WireType,
    /// A group that ends without a begin, or with another number.
    Group,
    /// More than [`MAX_DEPTH`] messages or groups nest.
    Depth,
    /// Text that is not UTF-8, in the field of this name.
    Text(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("field is longer than its message"),
            Self::Varint => f.write_str("integer does not fit in 64 bits"),
            Self::Tag => f.write_str("invalid tag"),
            Self::WireType => f.write_str("wire type does not fit the field"),
            Self::Group => f.write_str("group is not closed by its own end"),
            Self::Depth => write!(f, "more than {MAX_DEPTH} messages nest"),
            Self::Text(field) => write!(f, "the text of {field} is not UTF-8"),
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "invalid {} at byte {}: {}",
            self.message.name(),
            self.offset,
            self.fault
        )
    }
}

impl Error for WireError {}

/// Gives a fault its message and offset.
#[inline]
pub(crate) fn at(message: Message, offset: usize) -> impl Fn(Fault) -> WireError + Copy {
    move |fault| WireError {
        offset,
        message,
        fault,
    }
}

/// A tag that was read.
#[derive(Clone, Copy)]
pub(crate) struct Tag {
    pub(crate) number: u32,
    pub(crate) wire: Wire,
    /// The offset behind it.
    pub(crate) after: usize,
}

/// Where the parts of a length-delimited field stand.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// The begin of the tag.
    pub(crate) field: usize,
    /// The begin of the length.
    pub(crate) len: usize,
    /// The begin of the payload.
    pub(crate) start: usize,
    /// The end of payload and field.
    pub(crate) end: usize,
}

impl Part {
    pub(crate) fn payload(&self) -> Range<usize> {
        self.start..self.end
    }

    pub(crate) fn field(&self) -> Range<usize> {
        self.field..self.end
    }
}

/// Where a group ends.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    /// The end of its content, where its second tag begins.
    pub(crate) content: usize,
    /// The end of its second tag.
    pub(crate) end: usize,
}

/// Reads a varint that ends before `end`, which must not exceed the bytes.
#[inline]
pub(crate) fn read_varint(bytes: &[u8], at: usize, end: usize) -> Result<(u64, usize), Fault> {
    match bytes.get(at) {
        Some(&byte) if byte < 0x80 && at < end => Ok((u64::from(byte), at + 1)),
        _ => read_long_varint(bytes, at, end),
    }
}

fn read_long_varint(bytes: &[u8], at: usize, end: usize) -> Result<(u64, usize), Fault> {
    match varint::read(bytes.get(..end).unwrap_or_default(), at) {
        Some(read) => Ok(read),
        None if end.saturating_sub(at) < 10 => Err(Fault::Truncated),
        None => Err(Fault::Varint),
    }
}

/// Reads the tag at `at`.
#[inline]
pub(crate) fn read_tag(bytes: &[u8], at: usize, end: usize) -> Result<Tag, Fault> {
    let (key, after) = read_varint(bytes, at, end)?;
    let key = u32::try_from(key).map_err(|_| Fault::Tag)?;
    let wire = Wire::from_bits((key & 7) as u8).ok_or(Fault::Tag)?;
    match key >> 3 {
        0 => Err(Fault::Tag),
        number => Ok(Tag {
            number,
            wire,
            after,
        }),
    }
}

/// Reads the length at `len` of the field whose tag begins at `field`.
#[inline]
pub(crate) fn read_part(bytes: &[u8], field: usize, len: usize, end: usize) -> Result<Part, Fault> {
    let (length, start) = read_varint(bytes, len, end)?;
    if length > (end - start) as u64 {
        return Err(Fault::Truncated);
    }
    Ok(Part {
        field,
        len,
        start,
        end: start + length as usize,
    })
}

/// Passes `count` bytes.
#[inline]
pub(crate) fn pass(at: usize, count: usize, end: usize) -> Result<usize, Fault> {
    if count > end - at {
        Err(Fault::Truncated)
    } else {
        Ok(at + count)
    }
}

/// Passes the payload of a field that the schema does not know, in a message (or group) of this
/// depth. The content of groups is checked, that of strings is not: nobody knows what they are.
pub(crate) fn pass_unknown(
    bytes: &[u8],
    tag: Tag,
    end: usize,
    depth: usize,
) -> Result<usize, Fault> {
    if depth >= MAX_DEPTH {
        return Err(Fault::Depth);
    }
    match tag.wire {
        Wire::Varint => read_varint(bytes, tag.after, end).map(|(_, after)| after),
        Wire::Fixed64 => pass(tag.after, 8, end),
        Wire::Fixed32 => pass(tag.after, 4, end),
        Wire::Len => read_part(bytes, tag.after, tag.after, end).map(|part| part.end),
        Wire::GroupEnd => Err(Fault::Group),
        Wire::GroupStart => pass_group(bytes, tag, end, depth).map(|group| group.end),
    }
}

/// Passes a group behind its first tag: where its content and where its second tag ends.
pub(crate) fn pass_group(bytes: &[u8], tag: Tag, end: usize, depth: usize) -> Result<Group, Fault> {
    let mut at = tag.after;
    loop {
        let inner = read_tag(bytes, at, end)?;
        if inner.wire == Wire::GroupEnd {
            let closes = inner.number == tag.number;
            return if closes {
                Ok(Group {
                    content: at,
                    end: inner.after,
                })
            } else {
                Err(Fault::Group)
            };
        }
        at = pass_unknown(bytes, inner, end, depth + 1)?;
    }
}

/// Passes the payload of a known field that holds numbers: alone, or packed if it may repeat.
pub(crate) fn pass_numbers(bytes: &[u8], wire: Wire, part: Part) -> Result<(), Fault> {
    let mut at = part.start;
    match wire {
        Wire::Varint => {
            while at < part.end {
                (_, at) = read_varint(bytes, at, part.end)?;
            }
            Ok(())
        }
        _ if (part.end - at).is_multiple_of(8) => Ok(()),
        _ => Err(Fault::Truncated),
    }
}

/// The tags of `KeyValue.key`, `KeyValue.value` and `AnyValue.string_value`.
const KEY_TAG: u8 = 0x0a;
const VALUE_TAG: u8 = 0x12;
const STRING_TAG: u8 = 0x0a;

/// A field that begins at `at` with this tag, has a length of one byte and ends in time.
#[inline]
fn short(bytes: &[u8], at: usize, tag: u8, end: usize) -> Option<Part> {
    let &[begin, len @ ..0x80] = bytes.get(at..)?.first_chunk()? else {
        return None;
    };
    let part = Part {
        field: at,
        len: at + 1,
        start: at + 2,
        end: at + 2 + usize::from(len),
    };
    (begin == tag && part.end <= end).then_some(part)
}

/// The same with a length of any size.
fn long(bytes: &[u8], at: usize, tag: u8, end: usize) -> Option<Part> {
    (bytes.get(at) == Some(&tag))
        .then(|| read_part(bytes, at, at + 1, end).ok())
        .flatten()
}

/// Key and value of an entry that is a short key, a value and nothing else, in this order: what nearly
/// every entry is.
#[inline]
pub(crate) fn usual_entry(bytes: &[u8], entry: &Range<usize>) -> Option<(Part, Part)> {
    let key = short(bytes, entry.start, KEY_TAG, entry.end)?;
    let value = match short(bytes, key.end, VALUE_TAG, entry.end) {
        Some(value) => value,
        None => long(bytes, key.end, VALUE_TAG, entry.end)?,
    };
    (value.end == entry.end).then_some((key, value))
}

/// The text of a value that holds one short text and nothing else.
#[inline]
pub(crate) fn usual_text(bytes: &[u8], value: &Range<usize>) -> Option<Part> {
    let text = short(bytes, value.start, STRING_TAG, value.end)?;
    (text.end == value.end).then_some(text)
}
