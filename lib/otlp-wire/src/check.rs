//! The structure of a batch, to the leaves, without keeping anything.
//!
//! A loop over one stack of open messages and a table of rules by tag byte: the usual field costs
//! a load, a branch and a length, and what is known of it stays in registers (returning it through
//! memory took half the time). Most of a batch is passed in fewer steps still, as [`spans`] or a [`row`] of
//! entries; everything strange goes through the slow path. With text it must accept exactly what `prost` decodes, without
//! text the same but for the UTF-8 of text; the compiler makes one copy of the loop for each, so the
//! structure alone costs nothing more.

mod row;
mod spans;

use crate::MAX_DEPTH;
use crate::name::Signal;
use crate::read::{Fault, Part, WireError, pass, pass_numbers, pass_unknown, read_part, read_tag};
use crate::schema::{Label, Message, Rule, Type, Wire, is_record, packed, rule};

/// A message that is being read, and the end of it.
#[derive(Clone, Copy)]
struct Open {
    message: Message,
    end: usize,
}

/// Checks that the bytes are a batch of this signal: tags, lengths, the wire types of known
/// fields, depth and groups, in every message. Says how many records it has, as [`fn@crate::count`] does.
///
/// # Errors
/// The first fault, with its offset and message and never with content.
pub fn check(signal: Signal, bytes: &[u8]) -> Result<u64, WireError> {
    descend::<false>(signal, bytes)
}

/// Checks the same and that all text is UTF-8: that of known fields, for nobody knows what
/// unknown ones hold.
///
/// # Errors
/// The first fault, with its offset, message and field and never with content.
pub fn check_text(signal: Signal, bytes: &[u8]) -> Result<u64, WireError> {
    descend::<true>(signal, bytes)
}

/// What no message is: zeros, which are quick to write.
const NOTHING: (Open, usize) = {
    let message = Message::TracesRequest;
    (Open { message, end: 0 }, 0)
};

fn descend<const TEXT: bool>(signal: Signal, bytes: &[u8]) -> Result<u64, WireError> {
    let mut now = Open {
        message: Message::batch(signal),
        end: bytes.len(),
    };
    // Each with the end of the message in it: where that ends is known long before all of it is read.
    let mut outer = [NOTHING; MAX_DEPTH];
    let (mut depth, mut at, mut records) = (0_usize, 0, 0);
    loop {
        while at == now.end {
            let Some(up) = depth.checked_sub(1) else {
                return Ok(records);
            };
            depth = up;
            (now, at) = outer[depth];
        }
        let wrong = |fault| WireError {
            offset: at,
            message: now.message,
            fault,
        };
        let (next, entered) = match usual::<TEXT>(bytes, at, now, depth, &mut records) {
            Some(Step::Passed(next)) => (next, None),
            Some(Step::PassedRecord(next)) => {
                records += 1;
                (next, None)
            }
            Some(Step::Entered(next, open)) => (next, Some(open)),
            None => field::<TEXT>(bytes, at, now, depth).map_err(wrong)?,
        };
        if let Some(open) = entered {
            let Some(slot) = outer.get_mut(depth) else {
                return Err(wrong(Fault::Depth));
            };
            records += u64::from(is_record(open.message));
            *slot = (now, open.end);
            depth += 1;
            now = open;
        }
        at = next;
    }
}

/// What came of a usual field, and where the next one stands.
enum Step {
    Passed(usize),
    /// All of a record.
    PassedRecord(usize),
    Entered(usize, Open),
}

/// Passes or enters the field at `at` if it is of the usual kind: in its own wire type and short.
#[inline(always)]
fn usual<const TEXT: bool>(
    bytes: &[u8],
    at: usize,
    now: Open,
    depth: usize,
    records: &mut u64,
) -> Option<Step> {
    let &[tag, length, more] = bytes.get(at..)?.first_chunk()?;
    let part = |(size, length): (usize, usize)| (at + 1 + size, at + 1 + size + length);
    let next = match rule(now.message, tag) {
        Rule::Entry if depth + 2 <= MAX_DEPTH => {
            let next = now.end - row::pass::<TEXT>(bytes, at, now.end);
            return (next > at).then_some(Step::Passed(next));
        }
        Rule::Enter(Message::Span) => {
            let run = spans::pass::<TEXT>(bytes, at, now.end);
            *records += run.spans;
            let message = Message::Span;
            return match run.inside {
                Some(end) => Some(Step::Entered(run.at, Open { message, end })),
                None if run.at > at => Some(Step::Passed(run.at)),
                None => None,
            };
        }
        Rule::Enter(message) => {
            let (start, end) = part(usual_length([length, more])?);
            if end > now.end {
                return None;
            }
            return Some(match end - start {
                0 if depth < MAX_DEPTH && is_record(message) => Step::PassedRecord(end),
                0 if depth < MAX_DEPTH => Step::Passed(end),
                _ => Step::Entered(start, Open { message, end }),
            });
        }
        Rule::Leaf => part(usual_length([length, more])?).1,
        Rule::PackedFixed64 => {
            let (start, end) = part(usual_length([length, more])?);
            if !(end - start).is_multiple_of(8) {
                return None;
            }
            end
        }
        Rule::Text => {
            let (start, end) = part(usual_length([length, more])?);
            if TEXT && !bytes.get(start..end)?.is_ascii() {
                return None;
            }
            end
        }
        Rule::Id16 if length == 16 => at + 18,
        Rule::Id8 if length == 8 => at + 10,
        Rule::Fixed64 => at + 9,
        Rule::Fixed32 => at + 5,
        Rule::LongFixed32 if length == 1 => at + 6,
        Rule::Varint if length < 0x80 => at + 2,
        _ => return None,
    };
    (next <= now.end).then_some(Step::Passed(next))
}

/// A length of one byte or two: how many bytes it takes, and what it says.
#[inline(always)]
fn usual_length(bytes: [u8; 2]) -> Option<(usize, usize)> {
    match bytes {
        [one @ ..0x80, _] => Some((1, usize::from(one))),
        [low, high @ ..0x80] => Some((2, usize::from(low & 0x7f) | usize::from(high) << 7)),
        _ => None,
    }
}

/// Passes the field at `at`, or enters it if it is a message.
#[inline(always)]
fn field<const TEXT: bool>(
    bytes: &[u8],
    at: usize,
    now: Open,
    depth: usize,
) -> Result<(usize, Option<Open>), Fault> {
    let (rule, after) = match bytes.get(at..) {
        Some([tag @ ..0x80, ..]) => (rule(now.message, *tag), at + 1),
        // Fields 16 to 31 take a second byte.
        Some([tag, 1, ..]) if at + 2 <= now.end => (rule(now.message, *tag), at + 2),
        _ => (Rule::Slow, at),
    };
    apply::<TEXT>(rule, bytes, at, after, now, depth)
}

#[inline(always)]
fn apply<const TEXT: bool>(
    rule: Rule,
    bytes: &[u8],
    at: usize,
    after: usize,
    now: Open,
    depth: usize,
) -> Result<(usize, Option<Open>), Fault> {
    let part = || read_part(bytes, at, after, now.end);
    let next = match rule {
        Rule::Leaf | Rule::Id8 | Rule::Id16 => part()?.end,
        Rule::Text => {
            let part = part()?;
            if TEXT && !is_text(bytes, part) {
                return Err(not_text(bytes, at, now));
            }
            part.end
        }
        Rule::Entry => return Ok(enter(Message::KeyValue, part()?)),
        Rule::Enter(message) => return Ok(enter(message, part()?)),
        Rule::Fixed64 => pass(after, 8, now.end)?,
        Rule::Varint => crate::read::read_varint(bytes, after, now.end)?.1,
        Rule::Fixed32 | Rule::LongFixed32 => pass(after, 4, now.end)?,
        Rule::PackedFixed64 => {
            let part = part()?;
            pass_numbers(bytes, Wire::Fixed64, part)?;
            part.end
        }
        Rule::PackedVarint => {
            let part = part()?;
            pass_numbers(bytes, Wire::Varint, part)?;
            part.end
        }
        Rule::Slow => return slow::<TEXT>(bytes, at, now, depth),
    };
    Ok((next, None))
}

#[inline]
fn enter(message: Message, part: Part) -> (usize, Option<Open>) {
    let end = part.end;
    (part.start, Some(Open { message, end }))
}

/// A field with a long tag, a wrong wire type, or one that the schema does not know.
#[cold]
fn slow<const TEXT: bool>(
    bytes: &[u8],
    at: usize,
    now: Open,
    depth: usize,
) -> Result<(usize, Option<Open>), Fault> {
    let tag = read_tag(bytes, at, now.end)?;
    let Some(field) = now.message.field(tag.number) else {
        return Ok((pass_unknown(bytes, tag, now.end, depth)?, None));
    };
    let rule = match (field.kind, tag.wire) {
        (Type::Message(message), Wire::Len) => Rule::Enter(message),
        (kind, wire) if kind.wire() == wire => match wire {
            Wire::Varint => Rule::Varint,
            Wire::Fixed64 => Rule::Fixed64,
            Wire::Fixed32 => Rule::Fixed32,
            _ if matches!(kind, Type::String) => Rule::Text,
            _ => Rule::Leaf,
        },
        (kind, Wire::Len) if field.label == Label::Repeated => {
            packed(kind).ok_or(Fault::WireType)?
        }
        _ => return Err(Fault::WireType),
    };
    apply::<TEXT>(rule, bytes, at, tag.after, now, depth)
}

#[inline]
fn is_text(bytes: &[u8], part: Part) -> bool {
    let payload = bytes.get(part.payload()).unwrap_or_default();
    payload.is_ascii() || std::str::from_utf8(payload).is_ok()
}

#[cold]
fn not_text(bytes: &[u8], at: usize, now: Open) -> Fault {
    let field = read_tag(bytes, at, now.end).map(|tag| now.message.field(tag.number));
    Fault::Text(field.ok().flatten().map_or("field", |field| field.name))
}
