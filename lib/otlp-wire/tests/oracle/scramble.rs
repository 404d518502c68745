//! A writer of odd but valid batches: what encoders may do and hardly any does.
//!
//! Fields in any order, singular fields twice, messages split in two, tags and lengths padded,
//! shadowed alternatives, unknown fields and groups at every level. One of the leaves that it
//! writes can be given a text of the caller's; the rest is the same for the same choices.

use otlp_wire::Signal;
use otlp_wire::schema::{Field, Label, Message, Type};

use crate::generate::Choices;

/// What the writer may do.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Oddity {
    /// Order, duplicates, unknown fields.
    Minimal,
    /// Padded integers on top.
    Padded,
    /// Wrong wire types, bad groups and invalid text on top.
    Wrong,
}

/// A batch that was written.
pub(crate) struct Scrambled {
    pub(crate) bytes: Vec<u8>,
    /// How many leaves it has that can take a text.
    pub(crate) leaves: usize,
}

pub(crate) struct Scrambler<'a, 'c> {
    from: &'a mut Choices<'c>,
    oddity: Oddity,
    leaves: usize,
    plant: Option<(usize, &'a [u8])>,
}

impl<'a, 'c> Scrambler<'a, 'c> {
    /// Writes a batch; `plant` is the ordinal of a leaf and what it shall hold.
    pub(crate) fn write(
        signal: Signal,
        from: &'a mut Choices<'c>,
        oddity: Oddity,
        plant: Option<(usize, &'a [u8])>,
    ) -> Scrambled {
        let mut scrambler = Self {
            from,
            oddity,
            leaves: 0,
            plant,
        };
        let bytes = scrambler.message(Message::batch(signal), 0);
        Scrambled {
            bytes,
            leaves: scrambler.leaves,
        }
    }

    fn message(&mut self, message: Message, depth: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let fields = message.fields();
        let limit = if depth < 5 {
            6
        } else {
            16_usize.saturating_sub(depth).min(3)
        };
        for _ in 0..self.from.below(limit + 1) {
            match self.from.byte() % 16 {
                0 => self.unknown(depth, &mut out),
                1 if self.oddity == Oddity::Wrong => self.wrong(&mut out),
                _ => {
                    // Structure first: a random field would rarely lead to a record.
                    let parts = fields
                        .iter()
                        .filter(|field| matches!(field.kind, Type::Message(_)));
                    let parts: Vec<&Field> = parts.collect();
                    let field = match self.from.below(parts.len() + fields.len()) {
                        index if index < parts.len() => parts[index],
                        index => &fields[index - parts.len()],
                    };
                    self.field(field, depth, &mut out);
                }
            }
        }
        out
    }

    fn field(&mut self, field: &Field, depth: usize, out: &mut Vec<u8>) {
        let tag = (field.number << 3) as u64;
        match field.kind {
            Type::Message(message) => {
                let payload = self.message(message, depth + 1);
                self.len_field(tag, &payload, out);
            }
            Type::String | Type::Bytes => {
                let payload = self.leaf();
                self.len_field(tag, &payload, out);
            }
            Type::Id(size) => {
                let payload = match self.from.byte() % 3 {
                    0 => self.leaf(),
                    1 => vec![7; usize::from(size)],
                    _ => Vec::new(),
                };
                self.len_field(tag, &payload, out);
            }
            Type::Fixed32 => {
                self.varint(tag | 5, out);
                out.extend([self.from.byte(); 4]);
            }
            Type::Fixed64 | Type::Sfixed64 | Type::Double => {
                if field.label == Label::Repeated && self.from.coin() {
                    let payload = vec![1; 8 * self.from.below(4)];
                    return self.len_field(tag, &payload, out);
                }
                self.varint(tag | 1, out);
                out.extend([self.from.byte(); 8]);
            }
            _ => {
                if field.label == Label::Repeated && self.from.coin() {
                    let mut payload = Vec::new();
                    for _ in 0..self.from.below(4) {
                        let number = u64::from(self.from.byte()) << 20;
                        self.varint(number, &mut payload);
                    }
                    return self.len_field(tag, &payload, out);
                }
                self.varint(tag, out);
                let number = u64::from(self.from.byte()) << self.from.below(57);
                self.varint(number, out);
            }
        }
    }

    /// A field that no message knows.
    fn unknown(&mut self, depth: usize, out: &mut Vec<u8>) {
        let number = [17, 99, 1000, 536_870_911][self.from.below(4)] << 3;
        match self.from.byte() % 6 {
            0 => {
                self.varint(number, out);
                self.varint(u64::MAX, out);
            }
            1 => {
                self.varint(number | 1, out);
                out.extend([b'8'; 8]);
            }
            2 => {
                self.varint(number | 5, out);
                out.extend([b'4'; 4]);
            }
            3 if depth < 12 => {
                self.varint(number | 3, out);
                let payload = self.leaf();
                self.len_field(8, &payload, out);
                if self.from.coin() {
                    self.unknown(depth + 1, out);
                }
                self.varint(number | 4, out);
            }
            _ => {
                let payload = self.leaf();
                self.len_field(number, &payload, out);
            }
        }
    }

    /// Something that a reader may or may not accept.
    fn wrong(&mut self, out: &mut Vec<u8>) {
        match self.from.byte() % 4 {
            0 => out.extend([self.from.byte(), 1]),
            1 => {
                let tag = u64::from(self.from.byte() % 20) << 3;
                self.len_field(tag, b"\xff", out);
            }
            2 => out.extend([0xa3, 0x06, 0xa4, 0x06]),
            _ => out.push(self.from.byte()),
        }
    }

    /// The content of a leaf that can hold text.
    fn leaf(&mut self) -> Vec<u8> {
        let own = self.from.text().into_bytes();
        let index = self.leaves;
        self.leaves += 1;
        match self.plant {
            Some((chosen, text)) if chosen == index => text.to_vec(),
            _ => own,
        }
    }

    fn len_field(&mut self, tag: u64, payload: &[u8], out: &mut Vec<u8>) {
        self.varint(tag | 2, out);
        self.varint(payload.len() as u64, out);
        out.extend_from_slice(payload);
    }

    fn varint(&mut self, number: u64, out: &mut Vec<u8>) {
        prost::encoding::encode_varint(number, out);
        if self.oddity == Oddity::Minimal {
            return;
        }
        let size = prost::encoding::encoded_len_varint(number);
        let padding = if self.from.byte().is_multiple_of(8) {
            self.from.below(11 - size)
        } else {
            0
        };
        if padding > 0 {
            *out.last_mut().unwrap() |= 0x80;
            out.extend(std::iter::repeat_n(0x80, padding - 1));
            out.push(0);
        }
    }
}
