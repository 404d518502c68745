//! Resources, scopes, records and what belongs to them: the containers outside of values.
//!
//! A group (all that belongs to one resource or scope) gets its container when it is entered,
//! before the resource or scope message is seen: that may stand behind the records, twice, or not
//! at all. Ordinals must not depend on what is skipped, so records in skipped groups are counted.

use super::keep::Here;
use super::{Select, Walker, usual};
use crate::name::{Kind, Level, Place, RecordKind};
use crate::read::{Part, WireError, at as fault_at, pass_unknown, read_part, read_tag};
use crate::schema::{Field, Message, Role, Type, Wire, entries};
use crate::tree::{Container, NONE, Record};

impl<S: Select> Walker<'_, S> {
    /// All that belongs to one resource, or to one scope.
    pub(super) fn group(
        &mut self,
        here: &Here<'_>,
        level: Level,
        message: Message,
        part: Part,
    ) -> Result<(), WireError> {
        let owner = match level {
            Level::Resource => {
                self.resources += 1;
                Message::Resource
            }
            _ => {
                self.scopes += 1;
                Message::Scope
            }
        };
        let Some(mut child) = self.enter(here, message, part)? else {
            return self.count(message, part);
        };
        child.container = self.container_of(&child, level, owner);
        if let Some(container) = self.tree.containers.get_mut(child.container as usize) {
            container.absent = 1;
        }
        self.message(&mut child)
    }

    /// The resource or scope itself: its container stands there already.
    pub(super) fn owner(
        &mut self,
        here: &Here<'_>,
        message: Message,
        part: Part,
    ) -> Result<(), WireError> {
        let wanted = self.wants(here, message, part)?;
        let mut child = self.open(here, message, part);
        self.move_container(here.container, child.nest);
        if wanted {
            self.message(&mut child)
        } else {
            Ok(())
        }
    }

    /// An event, a link, an exemplar or a metric.
    pub(super) fn member(
        &mut self,
        here: &Here<'_>,
        level: Level,
        message: Message,
        part: Part,
    ) -> Result<(), WireError> {
        let Some(mut child) = self.enter(here, message, part)? else {
            return if level == Level::Metric {
                self.count(message, part)
            } else {
                Ok(())
            };
        };
        child.container = self.container_of(&child, level, message);
        self.message(&mut child)
    }

    pub(super) fn record(
        &mut self,
        here: &Here<'_>,
        kind: RecordKind,
        message: Message,
        part: Part,
    ) -> Result<(), WireError> {
        let index = self.records;
        self.records += 1;
        let Some(mut child) = self.enter(here, message, part)? else {
            return Ok(());
        };
        self.body = NONE;
        child.record = self.tree.records.len() as u32;
        child.container = self.container_of(&child, Level::Record, message);
        self.tree.records.push(Record {
            kind,
            nest: child.nest,
            index,
            resource: self.resources.saturating_sub(1),
            scope: self.scopes.saturating_sub(1),
            container: child.container,
            trace_id: 0..0,
            span_id: 0..0,
            code: 0,
            start_unix_nano: 0,
            end_unix_nano: 0,
        });
        let at = match kind {
            RecordKind::Span => self.span(&child, message, part),
            _ => part.start,
        };
        self.message_from(&mut child, at)
    }

    /// Reads a span in one go as far as it is usual and nothing is wanted in it: all of it, or what stands
    /// before its attributes, or nothing. The offset behind that.
    fn span(&mut self, here: &Here<'_>, message: Message, part: Part) -> usize {
        let passed = self.select.passes(message);
        let whole = usual::PASSED & !passed == 0;
        let until = match whole {
            true => part.end,
            false => self.select.wanted_from(part.start),
        };
        let head = match until > part.start {
            true => usual::head(self.bytes, part.payload()),
            false => None,
        };
        let Some(head) = head.filter(|head| head.end <= until) else {
            return part.start;
        };
        if let Some(record) = self.tree.records.last_mut() {
            record.trace_id = head.trace_id;
            record.span_id = head.span_id;
            record.start_unix_nano = head.start_unix_nano;
            record.end_unix_nano = head.end_unix_nano;
        }
        if let Some(part) = head.trace_state {
            self.leaf(here, Place::TraceState, Kind::String, part);
        }
        if !whole {
            return head.end;
        }
        let code = usual::code(self.bytes, head.end..part.end, |entry| {
            passed & usual::ENTRIES == 0 && self.select.enter_entry(entry)
        });
        match (code, self.tree.records.last_mut()) {
            (Some(code), Some(record)) => {
                record.code = code;
                part.end
            }
            _ => head.end,
        }
    }

    /// The container that a message is, or in a group will be; `owner` has the entries.
    fn container_of(&mut self, child: &Here<'_>, level: Level, owner: Message) -> u32 {
        let (field, place) = entries(owner).unwrap_or((0, Place::Unknown));
        let scope = if level == Level::Resource {
            NONE
        } else {
            self.scopes.saturating_sub(1)
        };
        self.push_container(Container {
            nest: child.nest,
            parent: child.container,
            record: child.record,
            place,
            level,
            field,
            absent: 0,
            resource: self.resources.saturating_sub(1),
            scope,
        })
    }

    /// Passes a part that is not entered: only those of a metric hold records.
    pub(super) fn pass(
        &mut self,
        outer: Message,
        field: &Field,
        part: Part,
    ) -> Result<(), WireError> {
        match field.kind {
            Type::Message(message) if outer == Message::Metric => self.count(message, part),
            _ => Ok(()),
        }
    }

    /// Counts the scopes and records of a message that is not entered, if they matter.
    fn count(&mut self, message: Message, part: Part) -> Result<(), WireError> {
        if !self.select.counts() {
            return Ok(());
        }
        let mut at = part.start;
        while at < part.end {
            let fault = fault_at(message, at);
            let tag = read_tag(self.bytes, at, part.end).map_err(fault)?;
            if tag.wire != Wire::Len {
                at = pass_unknown(self.bytes, tag, part.end, 0).map_err(fault)?;
                continue;
            }
            let inner = read_part(self.bytes, at, tag.after, part.end).map_err(fault)?;
            at = inner.end;
            let Some(field) = message.field(tag.number) else {
                continue;
            };
            match (field.role, field.kind) {
                (Role::Record(_), _) => self.records += 1,
                (Role::Group(_), Type::Message(group)) => {
                    self.scopes += 1;
                    self.count(group, inner)?;
                }
                (Role::Member(Level::Metric), Type::Message(metric)) => {
                    self.count(metric, inner)?;
                }
                (Role::Part, _) => self.pass(message, field, inner)?,
                _ => {}
            }
        }
        Ok(())
    }
}
