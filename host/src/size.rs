//! Conditions on size: how long a value is, its record, and how many entries its container has.
//!
//! No scan can find what is long, but a walk can pass by what is short: a message holds no value that
//! is longer than itself. Must never: pass by what a subscription means.

use otlp_wire::schema::Message;
use otlp_wire::{Kind, NONE, Tree, Value};
use tamis_contract::{Subscription, When};

use crate::interest::stands_as_text;

/// Bytes of the smallest entry of a container: a tag and a length.
const ENTRY_BYTES_MIN: usize = 2;

/// What one subscription asks of sizes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    record_longer_than: Option<usize>,
    map_larger_than: Option<u32>,
    floors: Floors,
}

/// Sizes that a message must exceed to be looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Floors {
    /// Of a value, and so of any message around it.
    value: usize,
    /// Of a record.
    record: usize,
}

impl Size {
    pub(crate) fn new(subscription: &Subscription) -> Self {
        // Of numbers it is not the wire's bytes that count.
        let is_text = subscription.kinds.iter().all(|&kind| stands_as_text(kind));
        let value = match subscription.when {
            When::LongerThan(min) if is_text => min as usize,
            _ => 0,
        };
        let record_longer_than = subscription.record_longer_than.map(|min| min as usize);
        let map_larger_than = subscription.map_larger_than;
        let entries_bytes = map_larger_than.map_or(0, |min| min as usize * ENTRY_BYTES_MIN);
        let record = record_longer_than.unwrap_or(0).max(entries_bytes);
        Self {
            record_longer_than,
            map_larger_than,
            floors: Floors {
                value,
                record: value.max(record),
            },
        }
    }

    /// Whether the record and the container of a value are as large as they must be.
    pub(crate) fn allows(&self, value: &Value, tree: &Tree, entries: &Entries) -> bool {
        self.record_longer_than
            .is_none_or(|min| record_bytes(tree, value) > min)
            && self
                .map_larger_than
                .is_none_or(|min| entries.of(value.container) > min)
    }

    pub(crate) fn counts_entries(&self) -> bool {
        self.map_larger_than.is_some()
    }

    pub(crate) fn floors(&self) -> Floors {
        self.floors
    }
}

impl Floors {
    /// Nothing is passed by.
    pub(crate) const NONE: Self = Self {
        value: 0,
        record: 0,
    };

    /// Those of several subscriptions: what any of them means is looked into.
    pub(crate) fn lowest(all: impl Iterator<Item = Self>) -> Self {
        let lower = |a: Self, b: Self| Self {
            value: a.value.min(b.value),
            record: a.record.min(b.record),
        };
        all.reduce(lower).unwrap_or(Self::NONE)
    }

    /// Whether anything can be passed by at all.
    pub(crate) fn are_none(&self) -> bool {
        *self == Self::NONE
    }

    /// Whether a message of so many bytes may hold what is asked for.
    pub(crate) fn allow_message(&self, message: Message, bytes: usize) -> bool {
        let is_record = matches!(
            message,
            Message::Span
                | Message::LogRecord
                | Message::NumberDataPoint
                | Message::HistogramDataPoint
                | Message::ExponentialHistogramDataPoint
                | Message::SummaryDataPoint
        );
        let floor = if is_record { self.record } else { self.value };
        bytes > floor || floor == 0
    }

    /// Whether a value may be meant.
    pub(crate) fn allow_value(&self, kind: Kind, bytes: usize) -> bool {
        bytes > self.value || self.value == 0 || !stands_as_text(kind)
    }
}

/// How many entries the containers of a tree have.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// For each container the last entry that was seen, and how many there were.
    counts: Vec<(u32, u32)>,
}

impl Entries {
    /// Counts the entries that a walk took values of.
    pub(crate) fn count(&mut self, tree: &Tree) {
        self.counts.clear();
        self.counts.resize(tree.containers.len(), (NONE, 0));
        for value in tree.values.iter().filter(|value| value.entry != NONE) {
            if let Some((last, count)) = self.counts.get_mut(value.container as usize)
                && *last != value.entry
            {
                (*last, *count) = (value.entry, *count + 1);
            }
        }
    }

    fn of(&self, container: u32) -> u32 {
        self.counts
            .get(container as usize)
            .map_or(0, |(_, count)| *count)
    }
}

fn record_bytes(tree: &Tree, value: &Value) -> usize {
    let record = tree.records.get(value.record as usize);
    let nest = record.and_then(|record| tree.nests.get(record.nest as usize));
    nest.map_or(0, |nest| nest.end.saturating_sub(nest.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floors(record: Option<u32>, when: When) -> Floors {
        Size::new(&Subscription {
            record_longer_than: record,
            when,
            ..Subscription::default()
        })
        .floors()
    }

    #[test]
    fn what_is_short_is_passed_by_and_nothing_else() {
        let long = floors(None, When::LongerThan(100));
        assert!(!long.allow_message(Message::KeyValue, 100));
        assert!(long.allow_message(Message::KeyValue, 101));
        assert!(!long.allow_value(Kind::String, 100) && long.allow_value(Kind::Int, 1));
        let heavy = floors(Some(500), When::LongerThan(100));
        assert!(!heavy.allow_message(Message::LogRecord, 500));
        assert!(heavy.allow_message(Message::KeyValue, 101));
        let both = Floors::lowest([long, heavy].into_iter());
        assert_eq!(both, long);
        let any = Floors::lowest([long, floors(None, When::Always)].into_iter());
        assert!(any.are_none() && any.allow_message(Message::Span, 0));
    }

    #[test]
    fn numbers_are_not_judged_by_the_bytes_on_the_wire() {
        let size = Size::new(&Subscription {
            kinds: vec![Kind::String, Kind::Int],
            when: When::LongerThan(3),
            ..Subscription::default()
        });
        assert!(size.floors().are_none());
    }
}
