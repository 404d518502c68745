//! Resources, scopes, records and what belongs to them: the containers outside of values.
//!
//! A group (all that belongs to one resource or scope) always gets its container when it is
//! entered, before the resource or scope message is seen: it may stand behind the records, twice,
//! or not at all. Ordinals must not depend on what is skipped, so skipped groups are counted.

use super::{Context, Found, Select, Walker};
use crate::MAX_DEPTH;
use crate::name::{Level, Place, RecordKind};
use crate::read::{Fault, Part, WireError};
use crate::schema::{Message, Role, Type, Wire};
use crate::tree::{Container, NONE, Record};

/// A message that was entered.
#[derive(Clone, Copy)]
pub(super) struct Child {
    pub(super) message: Message,
    pub(super) nest: u32,
    pub(super) context: Context,
    /// What was kept before it was entered.
    kept: usize,
}

impl<S: Select> Walker<'_, S> {
    /// Enters the message that the field holds, if that is wanted.
    pub(super) fn enter(
        &mut self,
        found: Found,
        context: Context,
    ) -> Result<Option<Child>, WireError> {
        let Found {
            message: outer,
            nest,
            field,
            part,
        } = found;
        let Type::Message(message) = field.kind else {
            return Ok(None);
        };
        let wanted = self.wants(outer, message, part, context)?;
        Ok(wanted.then(|| self.open(message, nest, part, context)))
    }

    /// Whether the message may and shall be entered from this context.
    pub(super) fn wants(
        &mut self,
        outer: Message,
        message: Message,
        part: Part,
        context: Context,
    ) -> Result<bool, WireError> {
        if context.depth >= MAX_DEPTH {
            return Err(WireError {
                offset: part.field,
                message: outer,
                fault: Fault::Depth,
            });
        }
        Ok(self.select.enter(message, &part.payload()))
    }

    /// Opens a message that is wanted.
    pub(super) fn open(
        &mut self,
        message: Message,
        parent: u32,
        part: Part,
        context: Context,
    ) -> Child {
        let kept = self.kept;
        let nest = self.push_nest(parent, part);
        Child {
            message,
            nest,
            context: context.below(),
            kept,
        }
    }

    /// Takes the nest of a message back, if nothing in it was kept.
    pub(super) fn leave(&mut self, child: Child) {
        if self.kept == child.kept {
            self.tree.nests.truncate(child.nest as usize);
        }
    }

    pub(super) fn push_container(&mut self, container: Container) -> u32 {
        self.tree.containers.push(container);
        self.kept += 1;
        (self.tree.containers.len() - 1) as u32
    }

    pub(super) fn resource_group(
        &mut self,
        found: Found,
        context: Context,
    ) -> Result<(), WireError> {
        let resource = self.resources;
        self.resources += 1;
        let Some(mut child) = self.enter(found, context)? else {
            return self.count(found);
        };
        let (field, place) = entries(Message::Resource);
        child.context.container = self.push_container(Container {
            nest: child.nest,
            parent: NONE,
            record: NONE,
            place,
            level: Level::Resource,
            field,
            absent: 1,
            resource,
            scope: NONE,
        });
        self.message(child.message, child.nest, child.context)
    }

    pub(super) fn scope_group(&mut self, found: Found, context: Context) -> Result<(), WireError> {
        let scope = self.scopes;
        self.scopes += 1;
        let Some(mut child) = self.enter(found, context)? else {
            return self.count(found);
        };
        let (field, place) = entries(Message::Scope);
        child.context.container = self.push_container(Container {
            nest: child.nest,
            parent: context.container,
            record: NONE,
            place,
            level: Level::Scope,
            field,
            absent: 1,
            resource: self.resources.saturating_sub(1),
            scope,
        });
        self.message(child.message, child.nest, child.context)
    }

    /// The resource or scope itself: its container stands there already.
    pub(super) fn owner(&mut self, found: Found, context: Context) -> Result<(), WireError> {
        let Found {
            message: outer,
            nest,
            field,
            part,
        } = found;
        let Type::Message(message) = field.kind else {
            return Ok(());
        };
        let wanted = self.wants(outer, message, part, context)?;
        let child = self.open(message, nest, part, context);
        if let Some(container) = self.tree.containers.get_mut(context.container as usize) {
            container.nest = child.nest;
            container.absent = 0;
            self.kept += 1;
        }
        if wanted {
            self.message(message, child.nest, child.context)
        } else {
            Ok(())
        }
    }

    /// An event, a link, an exemplar or a metric.
    pub(super) fn member(
        &mut self,
        level: Level,
        found: Found,
        context: Context,
    ) -> Result<(), WireError> {
        let Some(mut child) = self.enter(found, context)? else {
            return self.count(found);
        };
        child.context.container = self.inner_container(level, child, context);
        self.message(child.message, child.nest, child.context)
    }

    pub(super) fn record(
        &mut self,
        kind: RecordKind,
        found: Found,
        context: Context,
    ) -> Result<(), WireError> {
        let index = self.records;
        self.records += 1;
        let Some(mut child) = self.enter(found, context)? else {
            return Ok(());
        };
        child.context.record = self.tree.records.len() as u32;
        self.body = NONE;
        let container = self.inner_container(Level::Record, child, context);
        child.context.container = container;
        self.tree.records.push(Record {
            kind,
            nest: child.nest,
            index,
            resource: self.resources.saturating_sub(1),
            scope: self.scopes.saturating_sub(1),
            container,
            trace_id: 0..0,
            span_id: 0..0,
            code: 0,
        });
        self.message(child.message, child.nest, child.context)
    }

    /// The container that a message within a scope is.
    fn inner_container(&mut self, level: Level, child: Child, context: Context) -> u32 {
        let (field, place) = entries(child.message);
        self.push_container(Container {
            nest: child.nest,
            parent: context.container,
            record: child.context.record,
            place,
            level,
            field,
            absent: 0,
            resource: self.resources.saturating_sub(1),
            scope: self.scopes.saturating_sub(1),
        })
    }

    /// Counts the scopes and records of a message that is not entered.
    fn count(&mut self, found: Found) -> Result<(), WireError> {
        let Type::Message(message) = found.field.kind else {
            return Ok(());
        };
        let mut at = found.part.start;
        while at < found.part.end {
            let tag = self.tag(message, at, found.part.end)?;
            if tag.wire != Wire::Len {
                at = crate::read::pass_unknown(self.bytes, tag, found.part.end, 0).map_err(
                    |fault| WireError {
                        offset: at,
                        message,
                        fault,
                    },
                )?;
                continue;
            }
            let part = self.part(message, at, tag.after, found.part.end)?;
            at = part.end;
            let Some(field) = message.field(tag.number) else {
                continue;
            };
            match field.role {
                Role::Record(_) => self.records += 1,
                Role::Group(_) => self.scopes += 1,
                _ => {}
            }
            if leads_to_records(field.role, message) {
                self.count(Found {
                    message,
                    nest: NONE,
                    field,
                    part,
                })?;
            }
        }
        Ok(())
    }
}

/// Whether records can stand below a field of this role in this message.
fn leads_to_records(role: Role, message: Message) -> bool {
    match role {
        Role::Group(_) | Role::Member(Level::Metric) => true,
        Role::Part => message == Message::Metric,
        _ => false,
    }
}

/// The number and the place of the field that holds the entries of this message.
fn entries(message: Message) -> (u32, Place) {
    let mut found = message
        .fields()
        .iter()
        .filter_map(|field| match field.role {
            Role::Entries(place) => Some((field.number, place)),
            _ => None,
        });
    found.next().unwrap_or((0, Place::Unknown))
}
