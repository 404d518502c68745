//! The tables once more, laid out for speed: what to do on a tag byte, and a field by its number.
//!
//! Both are computed from the tables by the compiler. A tag that has no rule here (padded
//! tags, unknown fields, wrong wire types) must fall back to the slow, complete path.

use super::{Field, Label, Message, Type, tables};

const MESSAGES: usize = Message::ALL.len();
/// One more than the greatest field number of the schema.
const NUMBERS: usize = 17;
/// One more than the greatest tag.
const TAGS: usize = NUMBERS * 8;

/// What a known field in its usual form needs for its structure to be checked.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Rule {
    /// Nothing known of this tag byte.
    Slow,
    /// Pass a varint.
    Varint,
    /// Pass eight bytes.
    Fixed64,
    /// Pass four bytes.
    Fixed32,
    /// Pass a length and as many bytes.
    Leaf,
    /// The same, and the bytes are text.
    Text,
    /// A length and varints.
    PackedVarint,
    /// A length that is a multiple of eight.
    PackedFixed64,
    /// A length and a message.
    Enter(Message),
    /// A length and a `KeyValue`.
    Entry,
}

/// The rule of a message for a tag below 256, in its lowest eight bits.
#[inline]
pub(crate) fn rule(message: Message, tag: u8) -> Rule {
    let rules = &RULES[message as usize];
    rules.get(usize::from(tag)).copied().unwrap_or(Rule::Slow)
}

/// The field of this number.
#[inline]
pub(super) fn field(message: Message, number: u32) -> Option<&'static Field> {
    let indexes = &INDEXES[message as usize];
    let index = *indexes.get(number as usize)?;
    tables::TABLES[message as usize]
        .fields
        .get(usize::from(index))
}

static RULES: [[Rule; TAGS]; MESSAGES] = {
    let mut rules = [[Rule::Slow; TAGS]; MESSAGES];
    let mut message = 0;
    while message < MESSAGES {
        let fields = tables::TABLES[message].fields;
        let mut index = 0;
        while index < fields.len() {
            let field = &fields[index];
            let base = (field.number as usize) << 3;
            rules[message][base | field.kind.wire() as usize] = usual(field.kind);
            if let (Label::Repeated, Some(packed)) = (field.label, packed(field.kind)) {
                rules[message][base | 2] = packed;
            }
            index += 1;
        }
        message += 1;
    }
    rules
};

/// Per message and number the index of the field, or one that no message has.
static INDEXES: [[u8; NUMBERS]; MESSAGES] = {
    let mut indexes = [[u8::MAX; NUMBERS]; MESSAGES];
    let mut message = 0;
    while message < MESSAGES {
        let fields = tables::TABLES[message].fields;
        let mut index = 0;
        while index < fields.len() {
            indexes[message][fields[index].number as usize] = index as u8;
            index += 1;
        }
        message += 1;
    }
    indexes
};

const fn usual(kind: Type) -> Rule {
    match kind {
        Type::Message(Message::KeyValue) => Rule::Entry,
        Type::Message(message) => Rule::Enter(message),
        Type::String => Rule::Text,
        _ => match kind.wire() {
            super::Wire::Varint => Rule::Varint,
            super::Wire::Fixed64 => Rule::Fixed64,
            super::Wire::Fixed32 => Rule::Fixed32,
            _ => Rule::Leaf,
        },
    }
}

/// The rule for a packed field of this type, if it can be packed.
pub(crate) const fn packed(kind: Type) -> Option<Rule> {
    match kind.wire() {
        super::Wire::Varint => Some(Rule::PackedVarint),
        super::Wire::Fixed64 => Some(Rule::PackedFixed64),
        _ => None,
    }
}
