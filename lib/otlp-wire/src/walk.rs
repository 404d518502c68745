//! The descent into a batch: which values stand where, in the order of the bytes.
//!
//! Driven by the roles in the schema tables: one loop for all messages, and a few lines for each
//! role. It must visit every occurrence of everything (readers differ in which duplicate they
//! believe), ask before it looks inside, and keep only the nests that something kept refers to.

mod any;
mod group;
mod keep;
mod row;
mod usual;

use std::ops::Range;

use crate::name::{Kind, Place, Signal};
use crate::read::{
    Fault, Part, Tag, WireError, at as fault_at, pass, pass_group, pass_numbers, pass_unknown,
    read_part, read_tag, read_varint,
};
use crate::schema::{
    Field, Label, Message, Role, Rule, Type, Wire, numbers, packed, passable, rule,
};
use crate::tree::{NONE, Nest, Tree, Value};
use any::Owner;
use keep::Here;

/// Decides what a walk looks at. The default methods take everything.
///
/// The walk asks in the order of the bytes: the begin of a range never lies before that of an
/// earlier question.
pub trait Select {
    /// Whether to look inside this message; `range` is its payload. A message that is not entered
    /// is passed by its length and not checked.
    fn enter(&mut self, message: Message, range: &Range<usize>) -> bool {
        let _ = (message, range);
        true
    }

    /// The same about an entry that stands behind another of the same container.
    fn enter_entry(&mut self, range: &Range<usize>) -> bool {
        self.enter(Message::KeyValue, range)
    }

    /// The fields of a message that was entered in which nothing is wanted, a bit for each number: they are
    /// passed by their lengths, without a question about what stands in them. That holds of leaves, entries,
    /// bodies, ids but a trace id, events, links and exemplars; others are looked at all the same. Who passes
    /// any may be asked about the entries of one record a second time.
    fn passes(&self, message: Message) -> u32 {
        let _ = message;
        0
    }

    /// The begin of what is wanted next: nothing is that begins at `at` or behind it and ends at or before the
    /// offset that comes back. Up to there records and entries in a row are passed without a question about
    /// each. By default nothing is passed.
    fn wanted_from(&mut self, at: usize) -> usize {
        at
    }

    /// Whether it matters which record of the batch one is. Where no record is ever entered it does not, and
    /// what is passed by is not even counted.
    fn counts(&self) -> bool {
        true
    }

    /// Whether to keep this value in the tree. Its `nest` may not stand in the tree yet.
    fn take(&mut self, value: &Value, bytes: &[u8]) -> bool {
        let _ = (value, bytes);
        true
    }
}

/// The selection of everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Everything;

impl Select for Everything {}

/// Walks a batch of this signal and keeps in the tree, which is cleared, what is selected.
///
/// A message that is entered adds at most a nest, a container and a record, a value that is taken
/// itself and a nest. Two bytes can make a message: to bound the memory for a hostile batch is up
/// to the selection, which is asked about each.
///
/// # Errors
/// The first fault within what was entered. The tree then holds what was found before it.
pub fn walk(
    signal: Signal,
    bytes: &[u8],
    select: &mut impl Select,
    tree: &mut Tree,
) -> Result<(), WireError> {
    tree.clear();
    let end = bytes.len();
    tree.nests.push(Nest {
        parent: NONE,
        field: 0,
        len: 0,
        start: 0,
        end,
    });
    let mut walker = Walker {
        bytes,
        select,
        tree,
        kept: 0,
        resources: 0,
        scopes: 0,
        records: 0,
        body: NONE,
    };
    walker.message(&mut Here::batch(Message::batch(signal), end))
}

struct Walker<'a, S> {
    bytes: &'a [u8],
    select: &'a mut S,
    tree: &'a mut Tree,
    /// Grows with everything kept; nests that saw no growth are taken back.
    kept: usize,
    /// How many resources, scopes and records were passed, entered or not.
    resources: u32,
    scopes: u32,
    records: u32,
    /// The container of the lists in the body of the current record.
    body: u32,
}

impl<S: Select> Walker<'_, S> {
    /// Walks the fields of a message that was entered.
    fn message(&mut self, here: &mut Here<'_>) -> Result<(), WireError> {
        self.message_from(here, here.start)
    }

    /// Walks the fields of a message from this offset on.
    fn message_from(&mut self, here: &mut Here<'_>, mut at: usize) -> Result<(), WireError> {
        let passed =
            self.select.passes(here.message) & passable(here.message) | numbers(here.message);
        let bytes = self.bytes.get(..here.end).unwrap_or_default();
        while at < here.end {
            if let Some(next) = pass_by(bytes, at, here.message, passed) {
                at = next;
                continue;
            }
            let fault = fault_at(here.message, at);
            let tag = read_tag(self.bytes, at, here.end).map_err(fault)?;
            at = match here.message.field(tag.number) {
                Some(field) if tag.wire == Wire::Len => {
                    let part = read_part(self.bytes, at, tag.after, here.end).map_err(fault)?;
                    self.part(here, field, part)?;
                    match field.role {
                        Role::Entries(place) => self.entries(here, place, at, part.end)?,
                        Role::Record(_) => self.pass_records(here, at, part.end),
                        _ => part.end,
                    }
                }
                Some(field) => self.number(here, field, at, tag).map_err(fault)?,
                None => self.unknown(here, at, tag).map_err(fault)?,
            };
        }
        Ok(())
    }

    /// A known field that is length-delimited.
    fn part(
        &mut self,
        here: &mut Here<'_>,
        field: &'static Field,
        part: Part,
    ) -> Result<(), WireError> {
        if field.kind.wire() != Wire::Len {
            return self
                .packed(field, part)
                .map_err(fault_at(here.message, part.field));
        }
        match (field.role, field.kind) {
            (Role::Leaf(place), _) => self.leaf(here, place, Kind::String, part),
            (Role::TraceId | Role::SpanId | Role::Id, _) => self.id(here, field, part),
            (Role::Key, _) => self.key(here, part),
            (Role::Entries(place), _) => self.entry(here, place, part)?,
            (Role::Value, _) => self.value(here, part)?,
            (Role::Body, _) => self.body(here, part)?,
            (Role::Element, _) => self.element(here, part)?,
            (Role::Alternative(kind), _) => self.alternative(here, kind, part)?,
            (Role::Group(level), Type::Message(inner)) => self.group(here, level, inner, part)?,
            (Role::Owner(_), Type::Message(inner)) => self.owner(here, inner, part)?,
            (Role::Member(level), Type::Message(inner)) => {
                self.member(here, level, inner, part)?;
            }
            (Role::Record(kind), Type::Message(inner)) => self.record(here, kind, inner, part)?,
            // Nothing stands in it.
            (Role::Part, Type::Message(_)) if part.start == part.end => {}
            (Role::Part, Type::Message(inner)) => match self.enter(here, inner, part)? {
                Some(mut child) => {
                    self.message(&mut child)?;
                    self.leave(&child);
                }
                None => self.pass(here.message, field, part)?,
            },
            // A number would have another wire type, and a message a role above.
            _ => {}
        }
        Ok(())
    }

    /// A known field that is not length-delimited; the offset behind it.
    fn number(
        &mut self,
        here: &mut Here<'_>,
        field: &Field,
        at: usize,
        tag: Tag,
    ) -> Result<usize, Fault> {
        if field.kind.wire() != tag.wire {
            return Err(Fault::WireType);
        }
        let end = match tag.wire {
            Wire::Fixed64 => pass(tag.after, 8, here.end)?,
            Wire::Varint => read_varint(self.bytes, tag.after, here.end)?.1,
            _ => pass_unknown(self.bytes, tag, here.end, 0)?,
        };
        match field.role {
            Role::Code => {
                let code = crate::varint::read(self.bytes, tag.after).map_or(0, |(code, _)| code);
                if let Some(record) = self.tree.records.get_mut(here.record as usize) {
                    record.code = code as i32;
                }
            }
            Role::Start | Role::End => {
                let word = self.bytes.get(tag.after..end);
                let word = word.and_then(|word| word.try_into().ok());
                if let Some(record) = self.tree.records.get_mut(here.record as usize) {
                    let time = word.map_or(0, u64::from_le_bytes);
                    match field.role {
                        Role::Start => record.start_unix_nano = time,
                        _ => record.end_unix_nano = time,
                    }
                }
            }
            Role::Alternative(kind) => {
                here.has_value = true;
                let part = Part {
                    field: at,
                    len: tag.after,
                    start: tag.after,
                    end,
                };
                self.take(here.owner.value(here, kind, here.nest, here.nest, part));
            }
            _ => {}
        }
        Ok(end)
    }

    /// A length-delimited field of numbers: packed, if the field may repeat.
    fn packed(&self, field: &Field, part: Part) -> Result<(), Fault> {
        if field.label != Label::Repeated || packed(field.kind).is_none() {
            return Err(Fault::WireType);
        }
        pass_numbers(self.bytes, field.kind.wire(), part)
    }

    /// An id: a value only if it has not its proper size.
    fn id(&mut self, here: &Here<'_>, field: &Field, part: Part) {
        if let Some(record) = self.tree.records.get_mut(here.record as usize) {
            match field.role {
                Role::TraceId => record.trace_id = part.payload(),
                Role::SpanId => record.span_id = part.payload(),
                _ => {}
            }
        }
        let size = part.end - part.start;
        let proper = matches!(field.kind, Type::Id(proper) if usize::from(proper) == size);
        if size != 0 && !proper {
            self.leaf(here, Place::Id, Kind::Bytes, part);
        }
    }

    /// A field that the schema does not know: a value, if it can hold text. The offset behind it.
    fn unknown(&mut self, here: &Here<'_>, at: usize, tag: Tag) -> Result<usize, Fault> {
        let end = pass_unknown(self.bytes, tag, here.end, here.depth)?;
        match tag.wire {
            Wire::Len => {
                let part = read_part(self.bytes, at, tag.after, here.end)?;
                self.leaf(here, Place::Unknown, Kind::Bytes, part);
            }
            Wire::GroupStart => {
                let group = pass_group(self.bytes, tag, here.end, here.depth)?;
                let part = Part {
                    field: at,
                    len: tag.after,
                    start: tag.after,
                    end,
                };
                let owner = Owner::none(Place::Unknown);
                let whole = owner.value(here, Kind::Bytes, here.nest, NONE, part);
                self.take(Value {
                    payload: tag.after..group.content,
                    ..whole
                });
            }
            _ => {}
        }
        Ok(end)
    }

    /// A length-delimited leaf outside of any entry.
    pub(super) fn leaf(&mut self, here: &Here<'_>, place: Place, kind: Kind, part: Part) {
        let value = Owner::none(place).value(here, kind, self.next_nest(), NONE, part);
        self.take_leaf(here, value, part);
    }
}

/// Passes the field at `at` if it is one of these and written in its usual way; the offset behind it. Whatever
/// is strange about it shows on the complete path. The bytes end with the message.
#[inline]
fn pass_by(bytes: &[u8], at: usize, message: Message, fields: u32) -> Option<usize> {
    let &tag = bytes.get(at)?;
    if fields.wrapping_shr(u32::from(tag >> 3)) & 1 == 0 {
        return None;
    }
    let after = match tag {
        ..0x80 => at + 1,
        // Fields 16 to 31 take a second byte, and the first says which.
        _ if bytes.get(at + 1) == Some(&1) => at + 2,
        _ => return None,
    };
    let next = match rule(message, tag) {
        Rule::Leaf | Rule::Id8 | Rule::Id16 | Rule::Text | Rule::Enter(_) | Rule::Entry => {
            match bytes.get(after)? {
                &length @ ..0x80 => after + 1 + usize::from(length),
                _ => read_part(bytes, at, after, bytes.len()).ok()?.end,
            }
        }
        Rule::Varint => read_varint(bytes, after, bytes.len()).ok()?.1,
        Rule::Fixed64 => after + 8,
        Rule::Fixed32 | Rule::LongFixed32 => after + 4,
        Rule::PackedVarint | Rule::PackedFixed64 | Rule::Slow => return None,
    };
    (next <= bytes.len()).then_some(next)
}
