//! The descent into a batch: which values stand where, in the order of the bytes.
//!
//! Driven by the roles in the schema tables, so that there is one loop for all messages and small
//! cases for entries and their values. It must visit every occurrence of everything (readers
//! differ in which duplicate they believe), ask before it looks inside, and keep only the nests
//! that something kept refers to.

mod any;
mod group;

use std::ops::Range;

use crate::name::{Kind, Level, Place, Signal};
use crate::read::{Fault, Part, Tag, WireError, pass_numbers, pass_unknown, read_part, read_tag};
use crate::schema::{Field, Label, Message, Role, Type, Wire, packed};
use crate::tree::{NONE, Nest, Tree, Value};

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
    walker.message(Message::batch(signal), 0, Context::BATCH)
}

/// What the messages around a field have settled.
#[derive(Clone, Copy)]
struct Context {
    /// The depth of the message.
    depth: usize,
    container: u32,
    record: u32,
}

impl Context {
    const BATCH: Self = Self {
        depth: 0,
        container: NONE,
        record: NONE,
    };

    fn below(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

/// A field with the message that it was found in.
#[derive(Clone, Copy)]
struct Found {
    message: Message,
    /// The nest of that message.
    nest: u32,
    field: &'static Field,
    part: Part,
}

struct Walker<'a, S> {
    bytes: &'a [u8],
    select: &'a mut S,
    tree: &'a mut Tree,
    /// Grows with everything kept; nests that saw no growth are taken back.
    kept: usize,
    resources: u32,
    scopes: u32,
    records: u32,
    /// The container of the lists in the body of the current record.
    body: u32,
}

impl<S: Select> Walker<'_, S> {
    /// Walks the fields of a message that was entered.
    fn message(&mut self, message: Message, nest: u32, context: Context) -> Result<(), WireError> {
        let (mut at, end) = self.payload(nest);
        while at < end {
            let tag = self.tag(message, at, end)?;
            let Some(field) = message.field(tag.number) else {
                at = self.unknown(message, nest, at, tag, context)?;
                continue;
            };
            at = match tag.wire {
                Wire::Len => {
                    let part = self.part(message, at, tag.after, end)?;
                    self.part_of(
                        Found {
                            message,
                            nest,
                            field,
                            part,
                        },
                        context,
                    )?;
                    part.end
                }
                _ => self.scalar(message, field, at, tag, end, context)?,
            };
        }
        Ok(())
    }

    /// A known field that is length-delimited.
    fn part_of(&mut self, found: Found, context: Context) -> Result<(), WireError> {
        let Found {
            message,
            nest,
            field,
            part,
        } = found;
        match field.role {
            Role::Leaf(place) => self.leaf(place, Kind::String, nest, part, context),
            Role::TraceId | Role::SpanId | Role::Id => self.id(found, context),
            Role::Entries(place) => self.entry(message, place, nest, part, context)?,
            Role::Body => self.body(message, nest, part, context)?,
            Role::Group(Level::Resource) => self.resource_group(found, context)?,
            Role::Group(_) => self.scope_group(found, context)?,
            Role::Owner(_) => self.owner(found, context)?,
            Role::Member(level) => self.member(level, found, context)?,
            Role::Record(kind) => self.record(kind, found, context)?,
            Role::Part => {
                if let Some(child) = self.enter(found, context)? {
                    self.message(child.message, child.nest, child.context)?;
                    self.leave(child);
                }
            }
            Role::Number | Role::Code => self.numbers(message, field, part)?,
            // The rest stands in entries, arrays and values only, which have loops of their own.
            Role::Key | Role::Value | Role::Element | Role::Alternative(_) => {}
        }
        Ok(())
    }

    /// A known field that is a number by its wire type.
    fn scalar(
        &mut self,
        message: Message,
        field: &Field,
        at: usize,
        tag: Tag,
        end: usize,
        context: Context,
    ) -> Result<usize, WireError> {
        let fault = |fault| WireError {
            offset: at,
            message,
            fault,
        };
        if field.kind.wire() != tag.wire {
            return Err(fault(Fault::WireType));
        }
        let after = pass_unknown(self.bytes, tag, end, 0).map_err(fault)?;
        if field.role == Role::Code {
            let code = crate::varint::read(self.bytes, tag.after).map_or(0, |(code, _)| code);
            if let Some(record) = self.tree.records.get_mut(context.record as usize) {
                record.code = code as i32;
            }
        }
        Ok(after)
    }

    /// A length-delimited field of numbers: packed, if the field may repeat.
    fn numbers(&self, message: Message, field: &Field, part: Part) -> Result<(), WireError> {
        let fault = |fault| WireError {
            offset: part.field,
            message,
            fault,
        };
        if field.label != Label::Repeated || packed(field.kind).is_none() {
            return Err(fault(Fault::WireType));
        }
        pass_numbers(self.bytes, field.kind.wire(), part).map_err(fault)
    }

    /// An id: a value only if it has not its proper size.
    fn id(&mut self, found: Found, context: Context) {
        let Found {
            nest, field, part, ..
        } = found;
        if let Some(record) = self.tree.records.get_mut(context.record as usize) {
            match field.role {
                Role::TraceId => record.trace_id = part.payload(),
                Role::SpanId => record.span_id = part.payload(),
                _ => {}
            }
        }
        let size = part.end - part.start;
        let proper = matches!(field.kind, Type::Id(proper) if usize::from(proper) == size);
        if size != 0 && !proper {
            self.leaf(Place::Id, Kind::Bytes, nest, part, context);
        }
    }

    /// A field that the schema does not know: a value, if it can hold text.
    fn unknown(
        &mut self,
        message: Message,
        nest: u32,
        at: usize,
        tag: Tag,
        context: Context,
    ) -> Result<usize, WireError> {
        let (_, end) = self.payload(nest);
        let after =
            pass_unknown(self.bytes, tag, end, context.depth).map_err(|fault| WireError {
                offset: at,
                message,
                fault,
            })?;
        match tag.wire {
            Wire::Len => {
                let part = self.part(message, at, tag.after, end)?;
                self.leaf(Place::Unknown, Kind::Bytes, nest, part, context);
            }
            Wire::GroupStart => {
                let part = Part {
                    field: at,
                    len: tag.after,
                    start: tag.after,
                    end: after,
                };
                let group = self.plain_value(Place::Unknown, Kind::Bytes, nest, part, context);
                self.take(group);
            }
            _ => {}
        }
        Ok(after)
    }

    /// A length-delimited leaf outside of any entry.
    fn leaf(&mut self, place: Place, kind: Kind, nest: u32, part: Part, context: Context) {
        let own = self.tree.nests.len() as u32;
        let value = self.plain_value(place, kind, own, part, context);
        self.take_leaf(value, nest, part);
    }

    fn plain_value(
        &self,
        place: Place,
        kind: Kind,
        nest: u32,
        part: Part,
        context: Context,
    ) -> Value {
        Value {
            place,
            kind,
            container: context.container,
            record: context.record,
            key: None,
            keys: 0,
            key_nest: NONE,
            nest,
            field: part.field(),
            payload: part.payload(),
            entry: NONE,
            any: NONE,
            depth: 0,
        }
    }

    /// Offers a value that has a nest of its own, which is the next one.
    fn take_leaf(&mut self, value: Value, parent: u32, part: Part) {
        if self.take(value) {
            self.push_nest(parent, part);
        }
    }

    fn take(&mut self, value: Value) -> bool {
        let taken = self.select.take(&value, self.bytes);
        if taken {
            self.tree.values.push(value);
            self.kept += 1;
        }
        taken
    }

    fn push_nest(&mut self, parent: u32, part: Part) -> u32 {
        let Part {
            field,
            len,
            start,
            end,
        } = part;
        self.tree.nests.push(Nest {
            parent,
            field,
            len,
            start,
            end,
        });
        (self.tree.nests.len() - 1) as u32
    }

    fn payload(&self, nest: u32) -> (usize, usize) {
        let nest = self.tree.nests.get(nest as usize);
        nest.map_or((0, 0), |nest| (nest.start, nest.end))
    }

    fn tag(&self, message: Message, at: usize, end: usize) -> Result<Tag, WireError> {
        read_tag(self.bytes, at, end).map_err(|fault| WireError {
            offset: at,
            message,
            fault,
        })
    }

    fn part(
        &self,
        message: Message,
        field: usize,
        len: usize,
        end: usize,
    ) -> Result<Part, WireError> {
        read_part(self.bytes, field, len, end).map_err(|fault| WireError {
            offset: field,
            message,
            fault,
        })
    }
}
