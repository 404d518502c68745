//! How many records a batch has, by lengths only.
//!
//! Driven by the roles in the schema tables: only messages between the batch and its records are
//! entered, a record is passed by its length. It is meant for what passed the check; in anything
//! else it counts up to the fault, so it must never be taken for a check.

use crate::name::Signal;
use crate::read::{Part, pass_unknown, read_part, read_tag};
use crate::schema::{Message, Role, Type, Wire};

/// The most messages between a batch and its records: resource, scope, metric, data.
const LEVELS: usize = 5;

/// Counts the records of a batch: spans, log records, metric data points.
#[must_use]
pub fn count(signal: Signal, bytes: &[u8]) -> u64 {
    let batch = (Message::batch(signal), bytes.len());
    let mut open = [batch; LEVELS];
    let (mut depth, mut at, mut records) = (0, 0, 0);
    loop {
        let (message, end) = open[depth];
        if at >= end {
            match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return records,
            }
            continue;
        }
        match field(bytes, at, message, end) {
            Some(Field::Record(next)) => {
                records += 1;
                at = next;
            }
            Some(Field::Between(inner, part)) if depth + 1 < LEVELS => {
                depth += 1;
                open[depth] = (inner, part.end);
                at = part.start;
            }
            Some(Field::Between(_, part)) => at = part.end,
            Some(Field::Other(next)) => at = next,
            None => return records,
        }
    }
}

enum Field {
    Record(usize),
    Between(Message, Part),
    Other(usize),
}

#[inline]
fn field(bytes: &[u8], at: usize, message: Message, end: usize) -> Option<Field> {
    let tag = read_tag(bytes, at, end).ok()?;
    if tag.wire != Wire::Len {
        return Some(Field::Other(pass_unknown(bytes, tag, end, 0).ok()?));
    }
    let part = read_part(bytes, at, tag.after, end).ok()?;
    let Some(field) = message.field(tag.number) else {
        return Some(Field::Other(part.end));
    };
    Some(match (field.role, field.kind) {
        (Role::Record(_), _) => Field::Record(part.end),
        (Role::Group(_) | Role::Member(_), Type::Message(inner)) => Field::Between(inner, part),
        // The data of a metric is a part; so are the entities of a resource, never met on the way.
        (Role::Part, Type::Message(inner)) if message == Message::Metric => {
            Field::Between(inner, part)
        }
        _ => Field::Other(part.end),
    })
}
