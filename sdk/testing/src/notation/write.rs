//! Protobuf to text.
//!
//! Must never: leave something out. Whatever has no words makes the whole batch hexadecimal.

use std::fmt::Write;

use otlp_wire::schema::{Field, Label, Message, Role, Type, Wire};
use otlp_wire::{MAX_DEPTH, Signal, varint};

use super::fields::{number_text, quote};
use super::token::is_word;
use super::{entries, owner, read, to_hex, word};

/// Longer lines get one line for each attribute.
const LINE_CHARS: usize = 100;

/// A batch as text; as hexadecimal bytes if text would lose more than the order of fields.
#[must_use]
pub fn to_text(signal: Signal, bytes: &[u8]) -> String {
    let mut lines = Vec::new();
    let root = Message::batch(signal);
    let written = message(root, bytes, "", 0, &mut lines);
    let text: String = lines
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect();
    let again = written.and_then(|()| read::to_bytes(Some(signal), &text).ok());
    match again.zip(in_order(root, bytes, 0)) {
        Some(((_, again), ordered)) if again == ordered => text,
        _ => to_hex(bytes),
    }
}

/// One field as it stands on the wire.
struct Raw<'a> {
    number: u32,
    wire: Wire,
    /// The payload of a length-delimited field.
    payload: &'a [u8],
    /// The value of a varint, the bits of a fixed field.
    bits: u64,
    /// The whole field.
    bytes: &'a [u8],
}

fn raw_fields(bytes: &[u8]) -> Option<Vec<Raw<'_>>> {
    let mut fields = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let (tag, next) = varint::read(bytes, at)?;
        let wire = Wire::from_bits((tag & 7) as u8)?;
        let number = u32::try_from(tag >> 3).ok()?;
        let (payload, bits, end): (&[u8], u64, usize) = match wire {
            Wire::Varint => {
                let (bits, end) = varint::read(bytes, next)?;
                (&[], bits, end)
            }
            Wire::Fixed64 => {
                let end = next.checked_add(8)?;
                (
                    &[],
                    u64::from_le_bytes(bytes.get(next..end)?.try_into().ok()?),
                    end,
                )
            }
            Wire::Fixed32 => {
                let end = next.checked_add(4)?;
                let bits = u32::from_le_bytes(bytes.get(next..end)?.try_into().ok()?);
                (&[], u64::from(bits), end)
            }
            Wire::Len => {
                let (len, next) = varint::read(bytes, next)?;
                let end = next.checked_add(usize::try_from(len).ok()?)?;
                (bytes.get(next..end)?, 0, end)
            }
            Wire::GroupStart | Wire::GroupEnd => return None,
        };
        fields.push(Raw {
            number,
            wire,
            payload,
            bits,
            bytes: bytes.get(start..end)?,
        });
        at = end;
    }
    Some(fields)
}

/// The same batch with the fields of every message in the order of their numbers.
fn in_order(message: Message, bytes: &[u8], depth: usize) -> Option<Vec<u8>> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut fields = raw_fields(bytes)?;
    fields.sort_by_key(|field| field.number);
    let mut out = Vec::new();
    for raw in fields {
        match message.field(raw.number).map(|field| field.kind) {
            Some(Type::Message(inner)) if raw.wire == Wire::Len => {
                let inner = in_order(inner, raw.payload, depth + 1)?;
                // The length may be padded in its own way: keep a field that is in order already.
                if inner == raw.payload {
                    out.extend_from_slice(raw.bytes);
                } else {
                    otlp_wire::write_len_field(raw.number, &inner, &mut out);
                }
            }
            _ => out.extend_from_slice(raw.bytes),
        }
    }
    Some(out)
}

/// What a message becomes: the rest of its line, its attributes, and the messages below.
#[derive(Default)]
struct Parts<'a> {
    inline: String,
    attributes: Vec<String>,
    children: Vec<(&'static Field, &'a [u8])>,
    /// Whether `{}` must stand there even if nothing is in it.
    braces: bool,
}

fn message(
    message: Message,
    bytes: &[u8],
    head: &str,
    depth: usize,
    lines: &mut Vec<String>,
) -> Option<()> {
    let mut parts = Parts::default();
    gather(message, bytes, &mut parts)?;
    let below = depth + usize::from(!head.is_empty());
    if !head.is_empty() {
        line(head, &parts, depth, lines);
    }
    for (number, (field, payload)) in parts.children.iter().enumerate() {
        let Type::Message(inner) = field.kind else {
            return None;
        };
        let head = word(field)?;
        let before = lines.len();
        self::message(inner, payload, head, below, lines)?;
        // A group that says nothing is implied by what follows, if it is the first.
        let bare = lines.get(before).is_some_and(|line| line.trim() == head);
        if bare && number == 0 && matches!(field.role, Role::Group(_)) && lines.len() > before + 1 {
            lines.remove(before);
            for line in &mut lines[before..] {
                *line = line.strip_prefix("  ").unwrap_or(line).to_owned();
            }
        }
    }
    Some(())
}

fn line(head: &str, parts: &Parts<'_>, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let start = format!("{indent}{head}{}", parts.inline);
    if parts.attributes.is_empty() {
        lines.push(start + if parts.braces { " {}" } else { "" });
        return;
    }
    let whole = format!("{start} {{{}}}", parts.attributes.join(", "));
    if whole.chars().count() <= LINE_CHARS {
        lines.push(whole);
        return;
    }
    lines.push(start + " {");
    lines.extend(
        parts
            .attributes
            .iter()
            .map(|attribute| format!("{indent}    {attribute},")),
    );
    lines.push(indent + "  }");
}

/// Sorts the fields of a message, and of the owner that stands on its line.
fn gather<'a>(message: Message, bytes: &'a [u8], parts: &mut Parts<'a>) -> Option<()> {
    for raw in raw_fields(bytes)? {
        let Some(field) = message.field(raw.number) else {
            if raw.wire != Wire::Len {
                return None;
            }
            write!(parts.inline, " {}={}", raw.number, bytes_text(raw.payload)).ok()?;
            continue;
        };
        match field.kind {
            Type::Message(inner) if matches!(field.role, Role::Owner(_)) => {
                let before = parts.inline.len();
                gather(inner, raw.payload, parts)?;
                parts.braces |= parts.inline.len() == before && parts.attributes.is_empty();
            }
            Type::Message(Message::KeyValue) if bare_entries(message, field) => {
                parts.attributes.push(entry(raw.payload, 0)?);
            }
            Type::Message(Message::KeyValue) => {
                write!(
                    parts.inline,
                    " {}={{{}}}",
                    field.name,
                    entry(raw.payload, 0)?
                )
                .ok()?;
            }
            Type::Message(Message::AnyValue) => {
                write!(parts.inline, " {}={}", field.name, any(raw.payload, 0)?).ok()?;
            }
            Type::Message(_) => parts.children.push((field, raw.payload)),
            _ => write!(parts.inline, " {}={}", field.name, scalar(field, &raw)?).ok()?,
        }
    }
    Some(())
}

/// Whether a `{}` that stands alone means this field.
fn bare_entries(message: Message, field: &Field) -> bool {
    owner(message).is_none() && entries(message).is_some_and(|first| first.number == field.number)
}

/// A field that is no message. Packed numbers, and each of several texts, become a list.
fn scalar(field: &Field, raw: &Raw<'_>) -> Option<String> {
    let repeated = field.label == Label::Repeated;
    if raw.wire == Wire::Len && field.kind.wire() != Wire::Len && repeated {
        return packed(field.kind, raw.payload);
    }
    if raw.wire != field.kind.wire() {
        return None;
    }
    let text = match field.kind {
        Type::String => quote(std::str::from_utf8(raw.payload).ok()?),
        Type::Bytes | Type::Id(_) => bytes_text(raw.payload),
        kind => number_text(kind, raw.bits)?,
    };
    Some(if repeated { format!("[{text}]") } else { text })
}

fn packed(kind: Type, payload: &[u8]) -> Option<String> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < payload.len() {
        let (bits, end) = match kind.wire() {
            Wire::Varint => varint::read(payload, at)?,
            Wire::Fixed32 => {
                let bytes = payload.get(at..at + 4)?;
                (
                    u64::from(u32::from_le_bytes(bytes.try_into().ok()?)),
                    at + 4,
                )
            }
            _ => (
                u64::from_le_bytes(payload.get(at..at + 8)?.try_into().ok()?),
                at + 8,
            ),
        };
        numbers.push(number_text(kind, bits)?);
        at = end;
    }
    Some(format!("[{}]", numbers.join(", ")))
}

fn entry(bytes: &[u8], depth: usize) -> Option<String> {
    let fields = raw_fields(bytes)?;
    let (key, value) = match fields.as_slice() {
        [] => ("", None),
        [key] if key.number == 1 => (std::str::from_utf8(key.payload).ok()?, None),
        [value] if value.number == 2 => ("", Some(value.payload)),
        [key, value] if key.number == 1 && value.number == 2 => {
            (std::str::from_utf8(key.payload).ok()?, Some(value.payload))
        }
        _ => return None,
    };
    let key = if !key.is_empty() && key.chars().all(is_word) {
        key.to_owned()
    } else {
        quote(key)
    };
    match value {
        Some(value) => Some(format!("{key}={}", any(value, depth + 1)?)),
        None => Some(key),
    }
}

fn any(bytes: &[u8], depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    let fields = raw_fields(bytes)?;
    let raw = match fields.as_slice() {
        [] => return Some("null".to_owned()),
        [raw] => raw,
        _ => return None,
    };
    let field = Message::AnyValue.field(raw.number)?;
    let list = |number: u32, one: fn(&[u8], usize) -> Option<String>| {
        let fields = raw_fields(raw.payload)?;
        let each = fields.iter().map(|raw| {
            let fits = raw.number == number && raw.wire == Wire::Len;
            if fits {
                one(raw.payload, depth + 1)
            } else {
                None
            }
        });
        Some(each.collect::<Option<Vec<_>>>()?.join(", "))
    };
    match field.kind {
        Type::Message(Message::ArrayValue) => Some(format!("[{}]", list(1, any)?)),
        Type::Message(_) => Some(format!("{{{}}}", list(1, entry)?)),
        // An index into a table of strings is no int.
        Type::Int32 => None,
        _ => scalar(field, raw),
    }
}

fn bytes_text(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    format!("x\"{}\"", digits.collect::<String>())
}
