//! Where a walk stands, and what it keeps.
//!
//! Nests are pushed when a message is entered and taken back when it is left with nothing kept, so
//! that a walk over much that keeps little leaves a small tree.

use super::any::Owner;
use super::{Select, Walker};
use crate::MAX_DEPTH;
use crate::read::{Fault, Part, WireError};
use crate::schema::Message;
use crate::tree::{Container, NONE, Nest, Value};

/// A message that was entered, with what the messages around it have settled.
pub(super) struct Here<'o> {
    pub(super) message: Message,
    pub(super) nest: u32,
    /// The begin and the end of its payload.
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many messages are around it.
    pub(super) depth: usize,
    pub(super) container: u32,
    pub(super) record: u32,
    /// What the values in it belong to.
    pub(super) owner: &'o Owner,
    /// The container that all lists of one value share, within an entry or a value.
    pub(super) list: u32,
    /// Whether an entry had a value, or a value an alternative.
    pub(super) has_value: bool,
    /// What was kept before it was entered.
    pub(super) kept: usize,
}

impl Here<'static> {
    pub(super) fn batch(message: Message, end: usize) -> Self {
        Self {
            message,
            nest: 0,
            start: 0,
            end,
            depth: 0,
            container: NONE,
            record: NONE,
            owner: &Owner::NOBODY,
            list: NONE,
            has_value: false,
            kept: 0,
        }
    }
}

impl<S: Select> Walker<'_, S> {
    /// Enters a message, if that is wanted.
    pub(super) fn enter<'o>(
        &mut self,
        here: &Here<'o>,
        message: Message,
        part: Part,
    ) -> Result<Option<Here<'o>>, WireError> {
        let wanted = self.wants(here, message, part)?;
        Ok(wanted.then(|| self.open(here, message, part)))
    }

    /// Whether a message may and shall be entered.
    pub(super) fn wants(
        &mut self,
        here: &Here<'_>,
        message: Message,
        part: Part,
    ) -> Result<bool, WireError> {
        if here.depth >= MAX_DEPTH {
            return Err(WireError {
                offset: part.field,
                message: here.message,
                fault: Fault::Depth,
            });
        }
        Ok(self.select.enter(message, &part.payload()))
    }

    /// Opens a message that is wanted.
    pub(super) fn open<'o>(&mut self, here: &Here<'o>, message: Message, part: Part) -> Here<'o> {
        let kept = self.kept;
        let nest = self.push_nest(here.nest, part);
        Here {
            message,
            nest,
            start: part.start,
            end: part.end,
            depth: here.depth + 1,
            list: NONE,
            has_value: false,
            kept,
            ..*here
        }
    }

    /// Takes the nest of a message back, if nothing in it was kept.
    pub(super) fn leave(&mut self, child: &Here<'_>) {
        if self.kept == child.kept {
            self.tree.nests.truncate(child.nest as usize);
        }
    }

    pub(super) fn push_container(&mut self, container: Container) -> u32 {
        self.tree.containers.push(container);
        self.kept += 1;
        (self.tree.containers.len() - 1) as u32
    }

    /// Moves a container to a later occurrence of its message; false if there is none.
    pub(super) fn move_container(&mut self, container: u32, nest: u32) -> bool {
        let Some(container) = self.tree.containers.get_mut(container as usize) else {
            return false;
        };
        container.nest = nest;
        container.absent = 0;
        self.kept += 1;
        true
    }

    /// Offers a value that has a nest of its own, which is the next one.
    pub(super) fn take_leaf(&mut self, here: &Here<'_>, value: Value, part: Part) {
        if self.take(value) {
            self.push_nest(here.nest, part);
        }
    }

    pub(super) fn take(&mut self, value: Value) -> bool {
        let taken = self.select.take(&value, self.bytes);
        if taken {
            self.tree.values.push(value);
            self.kept += 1;
        }
        taken
    }

    /// The index of the nest that is pushed next.
    pub(super) fn next_nest(&self) -> u32 {
        self.tree.nests.len() as u32
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
}
