//! The structure of a batch, to the leaves, without keeping anything.
//!
//! A loop over one stack of open messages and a table of rules by tag byte: the usual field costs
//! a load, a branch and a length, and what is known of it stays in registers (returning it through
//! memory took half the time). Everything unusual goes through the slow path. With text it must
//! accept exactly what `prost` decodes, without text the same but for the UTF-8 of text; the
//! compiler makes one copy of the loop for each, so the structure alone costs nothing more.

use crate::MAX_DEPTH;
use crate::name::Signal;
use crate::read::{Fault, Part, WireError, pass, pass_numbers, pass_unknown, read_part, read_tag};
use crate::schema::{Label, Message, Rule, Type, Wire, packed, rule};

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
        if let Some(next) = pass_usual::<TEXT>(bytes, at, now, depth) {
            at = next;
            continue;
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

/// Passes the field at `at` if it is of the usual kind: in its own wire type, short and no message.
/// It stays in registers from one field to the next, which is most of what a field costs.
#[inline(always)]
fn pass_usual<const TEXT: bool>(bytes: &[u8], at: usize, now: Open, depth: usize) -> Option<usize> {
    let &[tag, length] = bytes_at(bytes, at)?;
    let short = at + 2 + usize::from(length);
    let fits = length < 0x80 && short <= now.end;
    let rule = rule(now.message, tag);
    if tag >= 0x80 {
        // Fields 16 to 31 take a second byte; the flags of spans are one.
        let is_flags = length == 1 && rule == Rule::Fixed32 && now.end - at >= 6;
        return is_flags.then_some(at + 6);
    }
    match rule {
        Rule::Entry if depth + 2 <= MAX_DEPTH => {
            let past = pass_usual_entries::<TEXT>(bytes, at, now.end);
            (past > at).then_some(past)
        }
        Rule::Enter(_) if length == 0 && fits && depth < MAX_DEPTH => Some(short),
        Rule::Leaf if fits => Some(short),
        Rule::Text if fits && (!TEXT || bytes.get(at + 2..short)?.is_ascii()) => Some(short),
        Rule::Fixed64 if now.end - at >= 9 => Some(at + 9),
        Rule::Fixed32 if now.end - at >= 5 => Some(at + 5),
        Rule::Varint if length < 0x80 && now.end - at >= 2 => Some(at + 2),
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
        Rule::Leaf => part()?.end,
        Rule::Text => {
            let part = part()?;
            if TEXT && !is_text(bytes, part) {
                return Err(not_text(bytes, at, now));
            }
            part.end
        }
        Rule::Entry if depth + 2 <= MAX_DEPTH => {
            let past = pass_usual_entries::<TEXT>(bytes, at, now.end);
            if past > at {
                return Ok((past, None));
            }
            return Ok(enter(Message::KeyValue, part()?));
        }
        Rule::Entry => return Ok(enter(Message::KeyValue, part()?)),
        Rule::Enter(message) => return Ok(enter(message, part()?)),
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

#[inline]
fn enter(message: Message, part: Part) -> (usize, Option<Open>) {
    let end = part.end;
    (part.start, Some(Open { message, end }))
}

/// Passes entries of one field that are each a key and a value of one string or number and nothing
/// else: most of any batch is, and this spares them the way through the stack. Where it stops, the
/// next entry is longer, rarer or wrong.
///
/// Which kinds of values follow each other is hard to foresee for the processor, so all kinds are
/// tried at once and there is one branch.
#[inline]
fn pass_usual_entries<const TEXT: bool>(bytes: &[u8], mut at: usize, end: usize) -> usize {
    let tag = bytes.get(at).copied();
    while let Some(&[found, length @ ..0x80, 0x0a, key @ ..0x80]) = bytes_at(bytes, at) {
        let past = at + 2 + usize::from(length);
        let any = at + 4 + usize::from(key);
        let Some(&[0x12, inner, kind, text]) = bytes_at(bytes, any) else {
            break;
        };
        let Some(number) = bytes_at(bytes, any + 3) else {
            break;
        };
        let inner = usize::from(inner);
        let fits = tag == Some(found) && past <= end && any + 2 + inner == past;
        let is_text = kind == 0x0a && usize::from(text) + 2 == inner;
        let is_number = (kind == 0x10 || kind == 0x18) & is_one_varint(*number, inner);
        let is_double = kind == 0x21 && inner == 9;
        if !fits || !(is_text | is_number | is_double) {
            break;
        }
        // Tags and lengths are below 0x80 as well, so all of it is ASCII if its texts are.
        let texts = bytes.get(at..if is_text { past } else { any });
        if TEXT && !texts.is_some_and(<[u8]>::is_ascii) {
            break;
        }
        at = past;
    }
    at
}

#[inline]
fn bytes_at<const COUNT: usize>(bytes: &[u8], at: usize) -> Option<&[u8; COUNT]> {
    bytes.get(at..)?.first_chunk()
}

/// Whether the first of these bytes are, with a tag before them, `length` bytes of one integer:
/// all of its bytes but the last say that another one follows.
#[inline]
fn is_one_varint(bytes: [u8; 8], length: usize) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let last = !u64::from_le_bytes(bytes) & HIGH;
    last.trailing_zeros() as usize + 9 == length * 8
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
