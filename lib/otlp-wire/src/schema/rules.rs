//! The tables once more, laid out for speed: what to do on a tag byte, and a field by its number.
//!
//! Both are computed from the tables by the compiler. A tag that has no rule here (padded
//! tags, unknown fields, wrong wire types) must fall back to the slow, complete path.

use super::{Field, Label, Message, Role, Type, tables};
use crate::name::{Level, Place};

const MESSAGES: usize = Message::ALL.len();
/// One more than the greatest field number of the schema.
const NUMBERS: usize = 17;
/// How many tags have their own rule: all that one byte can begin.
const TAGS: usize = 256;

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
    /// The same behind a tag of two bytes.
    LongFixed32,
    /// Pass a length and as many bytes, usually eight.
    Id8,
    /// Pass a length and as many bytes, usually sixteen.
    Id16,
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
    RULES[message as usize][usize::from(tag)]
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
            rules[message][base | field.kind.wire() as usize] = usual(field);
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

/// The fields of a message in which nothing stands that a record, a group or a container is made of, a bit
/// for each number.
#[inline]
pub(crate) fn passable(message: Message) -> u32 {
    PASSABLE[message as usize].0
}

/// Those of them that hold numbers, which no walk shows.
#[inline]
pub(crate) fn numbers(message: Message) -> u32 {
    PASSABLE[message as usize].1
}

/// Whether messages of this kind are records.
#[inline]
pub(crate) fn is_record(message: Message) -> bool {
    RECORDS >> message as u32 & 1 == 1
}

/// A bit for each message.
const RECORDS: u64 = {
    let (mut records, mut message) = (0, 0);
    while message < MESSAGES {
        let fields = tables::TABLES[message].fields;
        let mut index = 0;
        while index < fields.len() {
            if let (Role::Record(_), Type::Message(record)) =
                (fields[index].role, fields[index].kind)
            {
                records |= 1 << record as u32;
            }
            index += 1;
        }
        message += 1;
    }
    records
};

/// The field that holds the entries of a message that is a container, and their place.
#[inline]
pub(crate) fn entries(message: Message) -> Option<(u32, Place)> {
    ENTRIES[message as usize]
}

static PASSABLE: [(u32, u32); MESSAGES] = {
    let mut passable = [(0, 0); MESSAGES];
    let mut message = 0;
    while message < MESSAGES {
        let fields = tables::TABLES[message].fields;
        let mut index = 0;
        while index < fields.len() {
            let bit = 1 << fields[index].number;
            if may_pass(fields[index].role) {
                passable[message].0 |= bit;
            }
            if matches!(fields[index].role, Role::Number) {
                passable[message].1 |= bit;
            }
            index += 1;
        }
        message += 1;
    }
    passable
};

const fn may_pass(role: Role) -> bool {
    match role {
        Role::Number | Role::Leaf(_) | Role::SpanId | Role::Id | Role::Body | Role::Entries(_) => {
            true
        }
        Role::Member(level) => !matches!(level, Level::Metric),
        _ => false,
    }
}

static ENTRIES: [Option<(u32, Place)>; MESSAGES] = {
    let mut entries = [None; MESSAGES];
    let mut message = 0;
    while message < MESSAGES {
        let fields = tables::TABLES[message].fields;
        let mut index = fields.len();
        while index > 0 {
            index -= 1;
            if let Role::Entries(place) = fields[index].role {
                entries[message] = Some((fields[index].number, place));
            }
        }
        message += 1;
    }
    entries
};

const fn usual(field: &Field) -> Rule {
    match field.kind {
        Type::Message(Message::KeyValue) => Rule::Entry,
        Type::Message(message) => Rule::Enter(message),
        Type::String => Rule::Text,
        Type::Id(8) => Rule::Id8,
        Type::Id(16) => Rule::Id16,
        kind => match kind.wire() {
            super::Wire::Varint => Rule::Varint,
            super::Wire::Fixed64 => Rule::Fixed64,
            super::Wire::Fixed32 if field.number > 15 => Rule::LongFixed32,
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
