//! Entries and attribute values: keys, alternatives, arrays and lists, nested to any depth.
//!
//! Key and value may stand in any order and more than once, so an entry is read for its keys
//! before its values are offered. Every alternative is visited, shadowed or not; all occurrences
//! of a list within one value share one container.

use std::ops::Range;

use super::keep::Here;
use super::{Select, Walker};
use crate::name::{Kind, Level, Place};
use crate::read::{Part, WireError, usual_entry, usual_text};
use crate::schema::{Message, passable};
use crate::tree::{Container, Keys, NONE, Value};

/// What a value belongs to.
pub(super) struct Owner {
    place: Place,
    key: Option<Range<usize>>,
    key_count: u32,
    keyed: Range<usize>,
    entry: u32,
    depth: u32,
}

impl Owner {
    pub(super) const NOBODY: Self = Self::none(Place::Unknown);

    /// The owner of a value outside of any entry.
    pub(super) const fn none(place: Place) -> Self {
        Self {
            place,
            key: None,
            key_count: 0,
            keyed: 0..0,
            entry: NONE,
            depth: 0,
        }
    }

    /// The owner of what stands in a value of this one.
    fn deeper(&self) -> Self {
        Self {
            key: self.key.clone(),
            keyed: self.keyed.clone(),
            entry: NONE,
            depth: self.depth + 1,
            ..*self
        }
    }

    /// A value of this owner in this message.
    pub(super) fn value(
        &self,
        here: &Here<'_>,
        kind: Kind,
        nest: u32,
        any: u32,
        part: Part,
    ) -> Value {
        Value {
            place: self.place,
            kind,
            container: here.container,
            record: here.record,
            key: self.key.clone(),
            key_count: self.key_count,
            keyed: self.keyed.clone(),
            nest,
            field: part.field(),
            payload: part.payload(),
            entry: self.entry,
            any,
            depth: self.depth,
        }
    }
}

impl<S: Select> Walker<'_, S> {
    /// An entry of a container, or of a list in a value.
    pub(super) fn entry(
        &mut self,
        here: &Here<'_>,
        place: Place,
        part: Part,
    ) -> Result<(), WireError> {
        match self.wants(here, Message::KeyValue, part)? {
            true => self.wanted_entry(here, place, part),
            false => Ok(()),
        }
    }

    /// An entry that is entered.
    pub(super) fn wanted_entry(
        &mut self,
        here: &Here<'_>,
        place: Place,
        part: Part,
    ) -> Result<(), WireError> {
        let child = self.open(here, Message::KeyValue, part);
        let (place, depth) = match here.message {
            Message::KeyValueList => (here.owner.place, here.owner.depth),
            _ => (place, 0),
        };
        let mut owner = Owner {
            place,
            key: None,
            key_count: 0,
            keyed: part.payload(),
            entry: child.nest,
            depth,
        };
        let passed = self.select.passes(Message::KeyValue) & passable(Message::KeyValue);
        let usual = usual_entry(self.bytes, &part.payload()).filter(|_| passed == 0);
        if let Some((key, _)) = &usual {
            owner.key = Some(key.payload());
            owner.key_count = 1;
        } else {
            for key in Keys::of(self.bytes, part.payload()) {
                owner.key = Some(key);
                owner.key_count += 1;
            }
        }
        let mut child = Here {
            owner: &owner,
            ..child
        };
        match usual {
            Some((key, value)) => {
                self.key(&child, key);
                self.value(&mut child, value)?;
            }
            None => self.message(&mut child)?,
        }
        if !child.has_value {
            self.empty(&child, NONE, child.end);
        }
        self.leave(&child);
        Ok(())
    }

    pub(super) fn key(&mut self, here: &Here<'_>, part: Part) {
        let value = here
            .owner
            .value(here, Kind::Key, self.next_nest(), NONE, part);
        self.take_leaf(here, Value { key: None, ..value }, part);
    }

    /// The value of an entry.
    pub(super) fn value(&mut self, here: &mut Here<'_>, part: Part) -> Result<(), WireError> {
        here.has_value = true;
        here.list = self.any(here, here.owner, part, here.list)?;
        Ok(())
    }

    /// The body of a log record.
    pub(super) fn body(&mut self, here: &Here<'_>, part: Part) -> Result<(), WireError> {
        self.body = self.any(here, &Owner::none(Place::Body), part, self.body)?;
        Ok(())
    }

    /// An element of an array.
    pub(super) fn element(&mut self, here: &Here<'_>, part: Part) -> Result<(), WireError> {
        self.any(here, here.owner, part, NONE).map(|_| ())
    }

    /// One occurrence of a value. `list` is the container of the lists in earlier occurrences of
    /// the same value, and what comes back that of the lists so far.
    fn any(
        &mut self,
        here: &Here<'_>,
        owner: &Owner,
        part: Part,
        list: u32,
    ) -> Result<u32, WireError> {
        let Some(child) = self.enter(here, Message::AnyValue, part)? else {
            return Ok(list);
        };
        let mut child = Here {
            owner,
            list,
            ..child
        };
        let passed = self.select.passes(Message::AnyValue) & passable(Message::AnyValue);
        match usual_text(self.bytes, &part.payload()).filter(|_| passed == 0) {
            Some(text) => self.alternative(&mut child, Kind::String, text)?,
            None => self.message(&mut child)?,
        }
        if !child.has_value {
            self.empty(&child, child.nest, child.start);
        }
        self.leave(&child);
        Ok(child.list)
    }

    /// An alternative of a value that is length-delimited.
    pub(super) fn alternative(
        &mut self,
        here: &mut Here<'_>,
        kind: Kind,
        part: Part,
    ) -> Result<(), WireError> {
        here.has_value = true;
        let value = here
            .owner
            .value(here, kind, self.next_nest(), here.nest, part);
        let message = match kind {
            Kind::Array => Message::ArrayValue,
            Kind::Kvlist => Message::KeyValueList,
            _ => {
                self.take_leaf(here, value, part);
                return Ok(());
            }
        };
        let child = self.open(here, message, part);
        self.take(value);
        if self.wants(here, message, part)? {
            let owner = here.owner.deeper();
            let mut child = Here {
                owner: &owner,
                ..child
            };
            if kind == Kind::Kvlist {
                here.list = self.list(here, child.nest);
                child.container = here.list;
            }
            self.message(&mut child)?;
            self.leave(&child);
        } else {
            self.leave(&child);
        }
        Ok(())
    }

    /// The container of a list: a new one, or that of the value's earlier lists.
    fn list(&mut self, here: &Here<'_>, nest: u32) -> u32 {
        if self.move_container(here.list, nest) {
            return here.list;
        }
        let outer = self.tree.containers.get(here.container as usize);
        let (resource, scope) = outer.map_or((NONE, NONE), |outer| (outer.resource, outer.scope));
        let is_body = here.owner.place == Place::Body && here.owner.depth == 0;
        self.push_container(Container {
            nest,
            parent: here.container,
            record: here.record,
            place: here.owner.place,
            level: if is_body { Level::Body } else { Level::Nested },
            field: 1,
            absent: 0,
            resource,
            scope,
        })
    }

    /// The absence of a value in an entry or a value: `any` is the `AnyValue` that holds nothing.
    fn empty(&mut self, here: &Here<'_>, any: u32, at: usize) {
        let part = Part {
            field: at,
            len: at,
            start: at,
            end: at,
        };
        self.take(here.owner.value(here, Kind::Empty, here.nest, any, part));
    }
}
