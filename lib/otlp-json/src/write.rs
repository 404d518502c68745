//! From protobuf to canonical OTLP/JSON.
//!
//! A JSON object has one member a field, protobuf may have many, anywhere: each message is
//! surveyed first, then its fields are written in the order of the schema, with protobuf's meaning
//! of duplicates (the last scalar counts, messages merge, lists go on, the last alternative of a
//! oneof hides the others). Each message is read once for the survey and once for each list in it.
//! Recursion is one call a message, and as deep as the check has let through.

mod leaf;

use otlp_wire::schema::{Field, Label, Message, Type, Wire};
use otlp_wire::{Signal, WireError, check, varint};

use crate::fields::{Fields, Payload};

/// The layout of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// No white space: one line.
    Compact,
    /// Two spaces a level.
    Pretty,
}

/// What JSON could not carry over. Duplicates that another one hides are not counted: they mean
/// nothing to any reader of protobuf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Fields that the schema does not know; they are left out.
    pub unknown_fields: usize,
    /// Texts that are not valid UTF-8; what is not stands as U+FFFD.
    pub replaced_texts: usize,
}

/// Appends the batch as OTLP/JSON, without a newline at its end.
///
/// Ids are hexadecimal, 64-bit integers strings, enums numbers, bytes base64, names lowerCamelCase,
/// doubles as short as they read back equal. Fields that hold their default are left out, unless
/// their presence means something. The text can be a dozen times as long as the bytes, and longer
/// where [`Style::Pretty`] indents deep nesting.
///
/// # Errors
/// If the bytes are not a batch of this signal. `out` is then as it was.
pub fn to_json(
    signal: Signal,
    protobuf: &[u8],
    style: Style,
    out: &mut Vec<u8>,
) -> Result<Written, WireError> {
    check(signal, protobuf)?;
    let mut writer = Writer {
        out,
        style,
        level: 0,
        parts: vec![protobuf],
        written: Written::default(),
    };
    writer.message(Message::batch(signal), 0);
    Ok(writer.written)
}

/// One more than the greatest field number of the schema.
const NUMBERS: usize = 17;

/// What stands in a message, by field number.
struct Survey<'a> {
    fields: [Option<Seen<'a>>; NUMBERS],
    /// The alternative of a oneof that counts, or 0.
    chosen: u32,
}

/// The occurrences of a field; of a oneof's alternative only those since another one stood.
#[derive(Clone, Copy)]
struct Seen<'a> {
    last: Payload<'a>,
    count: usize,
    /// The ordinal, among all fields of the message, of the first of them.
    since: usize,
}

struct Writer<'a, 'o> {
    out: &'o mut Vec<u8>,
    style: Style,
    /// How many objects and lists are open.
    level: usize,
    /// The payloads of the messages that are being written; those of one that stands in several
    /// pieces are neighbours. The innermost message is at the end.
    parts: Vec<&'a [u8]>,
    written: Written,
}

impl<'a> Writer<'a, '_> {
    /// Writes the message whose payload is in the parts from `from` on.
    fn message(&mut self, message: Message, from: usize) {
        let survey = self.survey(message, from);
        let mut empty = true;
        self.out.push(b'{');
        self.level += 1;
        for field in message.fields() {
            let seen = survey.fields.get(field.number as usize);
            let Some(&Some(seen)) = seen else { continue };
            let hidden = field.label == Label::Oneof && survey.chosen != field.number;
            if field.label == Label::Repeated {
                self.list(field, from, &mut empty);
            } else if !hidden
                && (field.label != Label::Plain || !leaf::is_default(field.kind, seen.last))
            {
                self.name(field, &mut empty);
                self.singular(field, seen, from);
            }
        }
        self.level -= 1;
        self.close(b'}', empty);
    }

    fn survey(&mut self, message: Message, from: usize) -> Survey<'a> {
        let mut survey = Survey {
            fields: [None; NUMBERS],
            chosen: 0,
        };
        let parts = self.parts.get(from..).unwrap_or_default();
        let all = parts.iter().flat_map(|part| Fields::of(part));
        for (ordinal, found) in all.enumerate() {
            let slot = survey.fields.get_mut(found.number as usize);
            let (Some(field), Some(slot)) = (message.field(found.number), slot) else {
                self.written.unknown_fields += 1;
                continue;
            };
            if field.label == Label::Oneof && survey.chosen != field.number {
                survey.chosen = field.number;
                *slot = None;
            }
            let earlier = slot.map_or((0, ordinal), |seen| (seen.count, seen.since));
            *slot = Some(Seen {
                last: found.payload,
                count: earlier.0 + 1,
                since: earlier.1,
            });
        }
        survey
    }

    fn singular(&mut self, field: &Field, seen: Seen<'a>, from: usize) {
        let Type::Message(message) = field.kind else {
            return self.leaf(field.kind, seen.last);
        };
        let to = self.parts.len();
        match seen {
            Seen {
                last: Payload::Len(payload),
                count: 1,
                ..
            } => self.parts.push(payload),
            _ => self.gather(field.number, seen.since, from),
        }
        self.message(message, to);
        self.parts.truncate(to);
    }

    /// Adds the pieces of a message that stands in several.
    fn gather(&mut self, number: u32, since: usize, from: usize) {
        let parts = self.parts.get(from..).unwrap_or_default();
        let all = parts.iter().flat_map(|part| Fields::of(part)).skip(since);
        let pieces = all.filter_map(|found| match found.payload {
            Payload::Len(payload) if found.number == number => Some(payload),
            _ => None,
        });
        let pieces: Vec<_> = pieces.collect();
        self.parts.extend(pieces);
    }

    /// Writes a repeated field, if it has an element.
    fn list(&mut self, field: &Field, from: usize, empty: &mut bool) {
        let mut no_element = true;
        let to = self.parts.len();
        for part in from..to {
            let payload = self.parts.get(part).copied().unwrap_or_default();
            for found in Fields::of(payload).filter(|found| found.number == field.number) {
                match (found.payload, field.kind) {
                    (Payload::Len(payload), Type::Message(message)) => {
                        self.begin_element(field, empty, &mut no_element);
                        self.parts.push(payload);
                        self.message(message, to);
                        self.parts.truncate(to);
                    }
                    (Payload::Len(packed), kind) if kind.wire() != Wire::Len => {
                        for number in numbers(packed, kind.wire()) {
                            self.begin_element(field, empty, &mut no_element);
                            self.leaf(kind, number);
                        }
                    }
                    (payload, kind) => {
                        self.begin_element(field, empty, &mut no_element);
                        self.leaf(kind, payload);
                    }
                }
            }
        }
        if !no_element {
            self.level -= 1;
            self.close(b']', false);
        }
    }

    /// Before an element: name and bracket if it is the first, else a comma.
    fn begin_element(&mut self, field: &Field, empty: &mut bool, no_element: &mut bool) {
        if *no_element {
            self.name(field, empty);
            self.out.push(b'[');
            self.level += 1;
        }
        self.separate(no_element);
    }

    fn name(&mut self, field: &Field, empty: &mut bool) {
        self.separate(empty);
        self.out.push(b'"');
        self.out.extend_from_slice(field.name.as_bytes());
        self.out.extend_from_slice(match self.style {
            Style::Compact => b"\":",
            Style::Pretty => b"\": ",
        });
    }

    /// What stands before a member or an element.
    fn separate(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.out.push(b',');
        }
        self.indent();
    }

    fn close(&mut self, bracket: u8, empty: bool) {
        if !empty {
            self.indent();
        }
        self.out.push(bracket);
    }

    fn indent(&mut self) {
        if self.style == Style::Pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.level, b' ');
        }
    }

    fn leaf(&mut self, kind: Type, payload: Payload<'_>) {
        let replaced = leaf::write(kind, payload, self.out);
        self.written.replaced_texts += usize::from(replaced);
    }
}

/// The numbers of a packed field.
fn numbers(packed: &[u8], wire: Wire) -> impl Iterator<Item = Payload<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || match wire {
        Wire::Varint => {
            let (value, after) = varint::read(packed, at)?;
            at = after;
            Some(Payload::Varint(value))
        }
        _ => {
            let number = packed.get(at..)?.first_chunk()?;
            at += number.len();
            Some(Payload::Fixed64(u64::from_le_bytes(*number)))
        }
    })
}
