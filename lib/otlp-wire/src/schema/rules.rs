//! The tables once more, laid out for speed: what to do on a tag byte, and a field by its number.
//!
//! Both are computed from the tables by the compiler. A tag byte that has no rule here (longer
//! tags, unknown fields, wrong wire types) must fall back to the slow, complete path.

use super::{Field, Label, Message, Type, tables};

const MESSAGES: usize = Message::ALL.len();
/// One more than the greatest field number of the schema.
const NUMBERS: usize = 17;

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
}

/// The rules of a message, by tag byte.
#[inline]
pub(crate) fn rules(message: Message) -> &'static [Rule; 128] {
    &RULES[message as usize]
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

static RULES: [[Rule; 128]; MESSAGES] = {
    let mut rules = [[Rule::Slow; 128]; MESSAGES];
    let mut message = 0;
    while message < MESSAGES {
        let fields = tables::TABLES[message].fields;
        let mut index = 0;
        while index < fields.len() {
            let field = &fields[index];
            if field.number < 16 {
                let base = (field.number as usize) << 3;
                rules[message][base | field.kind.wire() as usize] = rule(field.kind);
                if let (Label::Repeated, Some(packed)) = (field.label, packed(field.kind)) {
                    rules[message][base | 2] = packed;
                }
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

const fn rule(kind: Type) -> Rule {
    match kind {
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
