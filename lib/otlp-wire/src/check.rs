//! The structure of a batch, to the leaves, without keeping anything.
//!
//! A loop over one stack of open messages and a table of rules by tag byte: the usual field costs
//! a load, a branch and a length. Everything unusual goes through the slow path. With text it must
//! accept exactly what `prost` decodes, without text the same but for the UTF-8 of text; the
//! compiler makes one copy of the loop for each, so the structure alone costs nothing more.

use crate::MAX_DEPTH;
use crate::name::Signal;
use crate::read::{Fault, Part, WireError, pass, pass_numbers, pass_unknown, read_part, read_tag};
use crate::schema::{Label, Message, Rule, Type, Wire, packed, rules};

/// A message that is being read, and the end of it.
#[derive(Clone, Copy)]
struct Open {
    message: Message,
    end: usize,
}

/// Checks that the bytes are a batch of this signal: tags, lengths, the wire types of known
/// fields, depth and groups, in every message.
///
/// # Errors
/// The first fault, with its offset and message and never with content.
pub fn check(signal: Signal, bytes: &[u8]) -> Result<(), WireError> {
    descend::<false>(signal, bytes)
}

/// Checks the same and that all text is UTF-8: that of known fields, for nobody knows what
/// unknown ones hold.
///
/// # Errors
/// The first fault, with its offset, message and field and never with content.
pub fn check_text(signal: Signal, bytes: &[u8]) -> Result<(), WireError> {
    descend::<true>(signal, bytes)
}

fn descend<const TEXT: bool>(signal: Signal, bytes: &[u8]) -> Result<(), WireError> {
    let mut now = Open {
        message: Message::batch(signal),
        end: bytes.len(),
    };
    let mut outer = [now; MAX_DEPTH];
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        while at == now.end {
            let Some(up) = depth.checked_sub(1) else {
                return Ok(());
            };
            depth = up;
            now = outer[depth];
        }
        let step = field::<TEXT>(bytes, at, now, depth);
        let (next, entered) = step.map_err(|fault| WireError {
            offset: at,
            message: now.message,
            fault,
        })?;
        if let Some(open) = entered {
            let Some(slot) = outer.get_mut(depth) else {
                return Err(WireError {
                    offset: at,
                    message: now.message,
                    fault: Fault::Depth,
                });
            };
            *slot = now;
            depth += 1;
            now = open;
        }
        at = next;
    }
}

/// Passes the field at `at`, or enters it if it is a message.
#[inline]
fn field<const TEXT: bool>(
    bytes: &[u8],
    at: usize,
    now: Open,
    depth: usize,
) -> Result<(usize, Option<Open>), Fault> {
    let tag = bytes.get(at).copied().unwrap_or(0xff);
    let rule = rules(now.message)
        .get(usize::from(tag))
        .copied()
        .unwrap_or(Rule::Slow);
    apply::<TEXT>(rule, bytes, at, at + 1, now, depth)
}

#[inline]
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
        Rule::Leaf => part()?.end,
        Rule::Text => {
            let part = part()?;
            if TEXT && !is_text(bytes, part) {
                return Err(not_text(bytes, at, now));
            }
            part.end
        }
        Rule::Enter(message) => {
            let part = part()?;
            let usual = message == Message::KeyValue && is_usual_entry::<TEXT>(bytes, part);
            // The entry and its value are two messages more.
            if usual && depth + 2 <= MAX_DEPTH {
                return Ok((part.end, None));
            }
            return Ok((
                part.start,
                Some(Open {
                    message,
                    end: part.end,
                }),
            ));
        }
        Rule::Fixed64 => pass(after, 8, now.end)?,
        Rule::Varint => crate::read::read_varint(bytes, after, now.end)?.1,
        Rule::Fixed32 => pass(after, 4, now.end)?,
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

/// Whether an entry is a key and a value of one string or number, and nothing else: most of any
/// batch is, and this spares it the way through the stack.
#[inline]
fn is_usual_entry<const TEXT: bool>(bytes: &[u8], entry: Part) -> bool {
    // Its tags and lengths are below 0x80 as well, so it is ASCII throughout if its texts are.
    let whole = bytes.get(entry.payload());
    if TEXT && !whole.is_some_and(<[u8]>::is_ascii) {
        return false;
    }
    let short = |at: usize, tag: u8| match bytes.get(at..at + 2) {
        Some(&[found, length]) if found == tag && length < 0x80 => Some(usize::from(length)),
        _ => None,
    };
    let Some(key) = short(entry.start, 0x0a) else {
        return false;
    };
    let any = entry.start + 2 + key;
    let member = match short(any, 0x12) {
        Some(length) if any + 2 + length == entry.end => any + 2,
        _ => return false,
    };
    match bytes.get(member) {
        Some(0x0a) => short(member, 0x0a).is_some_and(|length| member + 2 + length == entry.end),
        Some(0x10 | 0x18) => {
            member + 2 == entry.end && bytes.get(member + 1).is_some_and(|byte| *byte < 0x80)
        }
        _ => false,
    }
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
