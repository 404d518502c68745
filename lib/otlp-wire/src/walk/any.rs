//! Entries and attribute values: keys, alternatives, arrays and lists, nested to any depth.
//!
//! Key and value may stand in any order and more than once, so an entry is read for its keys
//! before its values are offered. Every alternative is visited, shadowed or not; all occurrences
//! of a list within one value share one container.

use super::{Context, Select, Walker};
use crate::name::{Kind, Level, Place};
use crate::read::{Fault, Part, WireError, pass_unknown};
use crate::schema::{Message, Role, Wire};
use crate::tree::{Container, Keys, NONE, Value};

/// What a value belongs to.
#[derive(Clone)]
pub(super) struct Owner {
    place: Place,
    key: Option<std::ops::Range<usize>>,
    keys: u32,
    key_nest: u32,
    entry: u32,
    depth: u32,
}

impl<S: Select> Walker<'_, S> {
    /// An entry of a container.
    pub(super) fn entry(
        &mut self,
        outer: Message,
        place: Place,
        nest: u32,
        part: Part,
        context: Context,
    ) -> Result<(), WireError> {
        self.entry_at(outer, place, 0, nest, part, context)
    }

    fn entry_at(
        &mut self,
        outer: Message,
        place: Place,
        depth: u32,
        nest: u32,
        part: Part,
        context: Context,
    ) -> Result<(), WireError> {
        let message = Message::KeyValue;
        if !self.wants(outer, message, part, context)? {
            return Ok(());
        }
        let child = self.open(message, nest, part, context);
        let mut owner = Owner {
            place,
            key: None,
            keys: 0,
            key_nest: child.nest,
            entry: child.nest,
            depth,
        };
        for key in Keys::of(self.bytes, part.payload()) {
            owner.key = Some(key);
            owner.keys += 1;
        }
        let mut list = NONE;
        let mut has_value = false;
        let mut at = part.start;
        while at < part.end {
            let tag = self.tag(message, at, part.end)?;
            let field = message.field(tag.number);
            let (Some(field), Wire::Len) = (field, tag.wire) else {
                at = match field {
                    Some(field) => self.scalar(message, field, at, tag, part.end, child.context)?,
                    None => self.unknown(message, child.nest, at, tag, child.context)?,
                };
                continue;
            };
            let inner = self.part(message, at, tag.after, part.end)?;
            match field.role {
                Role::Key => self.key(&owner, child.nest, inner, child.context),
                Role::Value => {
                    has_value = true;
                    self.any(message, &owner, child.nest, inner, &mut list, child.context)?;
                }
                _ => self.numbers(message, field, inner)?,
            }
            at = inner.end;
        }
        if !has_value {
            self.empty(&owner, child.nest, NONE, part.end, child.context);
        }
        self.leave(child);
        Ok(())
    }

    fn key(&mut self, owner: &Owner, nest: u32, part: Part, context: Context) {
        let own = self.tree.nests.len() as u32;
        let value = Value {
            key: None,
            ..owner.value(Kind::Key, own, NONE, part, context)
        };
        self.take_leaf(value, nest, part);
    }

    /// The body of a log record.
    pub(super) fn body(
        &mut self,
        outer: Message,
        nest: u32,
        part: Part,
        context: Context,
    ) -> Result<(), WireError> {
        let owner = Owner {
            place: Place::Body,
            key: None,
            keys: 0,
            key_nest: NONE,
            entry: NONE,
            depth: 0,
        };
        let mut list = self.body;
        let walked = self.any(outer, &owner, nest, part, &mut list, context);
        self.body = list;
        walked
    }

    /// An attribute value, in whatever it stands. `list` is the container of the lists that
    /// earlier occurrences of the same value held.
    fn any(
        &mut self,
        outer: Message,
        owner: &Owner,
        nest: u32,
        part: Part,
        list: &mut u32,
        context: Context,
    ) -> Result<(), WireError> {
        let message = Message::AnyValue;
        if !self.wants(outer, message, part, context)? {
            return Ok(());
        }
        let child = self.open(message, nest, part, context);
        let mut empty = true;
        let mut at = part.start;
        while at < part.end {
            let tag = self.tag(message, at, part.end)?;
            let Some(field) = message.field(tag.number) else {
                at = self.unknown(message, child.nest, at, tag, child.context)?;
                continue;
            };
            let Role::Alternative(kind) = field.role else {
                continue;
            };
            empty = false;
            if field.kind.wire() != tag.wire {
                return Err(WireError {
                    offset: at,
                    message,
                    fault: Fault::WireType,
                });
            }
            if tag.wire != Wire::Len {
                let after =
                    pass_unknown(self.bytes, tag, part.end, 0).map_err(|fault| WireError {
                        offset: at,
                        message,
                        fault,
                    })?;
                let number = Part {
                    field: at,
                    len: tag.after,
                    start: tag.after,
                    end: after,
                };
                let value = owner.value(kind, child.nest, child.nest, number, child.context);
                self.take(value);
                at = after;
                continue;
            }
            let inner = self.part(message, at, tag.after, part.end)?;
            let own = self.tree.nests.len() as u32;
            let value = owner.value(kind, own, child.nest, inner, child.context);
            match kind {
                Kind::Array => self.array(owner, value, child.nest, inner, child.context)?,
                Kind::Kvlist => self.list(owner, value, child.nest, inner, list, child.context)?,
                _ => self.take_leaf(value, child.nest, inner),
            }
            at = inner.end;
        }
        if empty {
            self.empty(owner, child.nest, child.nest, part.start, child.context);
        }
        self.leave(child);
        Ok(())
    }

    /// An array: a value, and its elements after it.
    fn array(
        &mut self,
        owner: &Owner,
        value: Value,
        nest: u32,
        part: Part,
        context: Context,
    ) -> Result<(), WireError> {
        let message = Message::ArrayValue;
        let child = self.open(message, nest, part, context);
        self.take(value);
        if self.wants(Message::AnyValue, message, part, context)? {
            let owner = Owner {
                entry: NONE,
                depth: owner.depth + 1,
                ..owner.clone()
            };
            let mut at = part.start;
            while at < part.end {
                let tag = self.tag(message, at, part.end)?;
                let Some(field) = message.field(tag.number) else {
                    at = self.unknown(message, child.nest, at, tag, child.context)?;
                    continue;
                };
                if field.kind.wire() != tag.wire {
                    return Err(WireError {
                        offset: at,
                        message,
                        fault: Fault::WireType,
                    });
                }
                let element = self.part(message, at, tag.after, part.end)?;
                self.any(
                    message,
                    &owner,
                    child.nest,
                    element,
                    &mut NONE.clone(),
                    child.context,
                )?;
                at = element.end;
            }
        }
        self.leave(child);
        Ok(())
    }

    /// A list of entries: a value, and a container of its own.
    fn list(
        &mut self,
        owner: &Owner,
        value: Value,
        nest: u32,
        part: Part,
        list: &mut u32,
        context: Context,
    ) -> Result<(), WireError> {
        let message = Message::KeyValueList;
        let mut child = self.open(message, nest, part, context);
        self.take(value);
        if self.wants(Message::AnyValue, message, part, context)? {
            self.list_container(owner, child.nest, list, context);
            child.context.container = *list;
            let mut at = part.start;
            while at < part.end {
                let tag = self.tag(message, at, part.end)?;
                let Some(field) = message.field(tag.number) else {
                    at = self.unknown(message, child.nest, at, tag, child.context)?;
                    continue;
                };
                if field.kind.wire() != tag.wire {
                    return Err(WireError {
                        offset: at,
                        message,
                        fault: Fault::WireType,
                    });
                }
                let entry = self.part(message, at, tag.after, part.end)?;
                let (place, depth) = (owner.place, owner.depth + 1);
                self.entry_at(message, place, depth, child.nest, entry, child.context)?;
                at = entry.end;
            }
        }
        self.leave(child);
        Ok(())
    }

    /// Makes the container of a list, or moves it to this later occurrence.
    fn list_container(&mut self, owner: &Owner, nest: u32, list: &mut u32, context: Context) {
        if let Some(container) = self.tree.containers.get_mut(*list as usize) {
            container.nest = nest;
            self.kept += 1;
            return;
        }
        let outer = self.tree.containers.get(context.container as usize);
        let (resource, scope) = outer.map_or((NONE, NONE), |outer| (outer.resource, outer.scope));
        let is_body = owner.place == Place::Body && owner.depth == 0;
        *list = self.push_container(Container {
            nest,
            parent: context.container,
            record: context.record,
            place: owner.place,
            level: if is_body { Level::Body } else { Level::Nested },
            field: 1,
            absent: 0,
            resource,
            scope,
        });
    }

    /// The absence of a value: `any` is the `AnyValue` that holds nothing, if there is one.
    fn empty(&mut self, owner: &Owner, nest: u32, any: u32, at: usize, context: Context) {
        let part = Part {
            field: at,
            len: at,
            start: at,
            end: at,
        };
        let value = owner.value(Kind::Empty, nest, any, part, context);
        self.take(value);
    }
}

impl Owner {
    fn value(&self, kind: Kind, nest: u32, any: u32, part: Part, context: Context) -> Value {
        Value {
            place: self.place,
            kind,
            container: context.container,
            record: context.record,
            key: self.key.clone(),
            keys: self.keys,
            key_nest: self.key_nest,
            nest,
            field: part.field(),
            payload: part.payload(),
            entry: self.entry,
            any,
            depth: self.depth,
        }
    }
}
