//! What a plugin that asks for whole records is shown beside each: values named by place and key.
//!
//! Such a plugin looks at every record of a signal, so a walk here must pass by all that is not
//! named: an attribute under another key costs a comparison, what is nested is not entered. The tree
//! then holds every record and group, but only the named values.
//!
//! Must never: leave out a value that is named because it is written in an unusual way.

use std::ops::Range;

use otlp_wire::schema::{Field, Message, Role, Type};
use otlp_wire::{Kind, Place, Select, Signal, Value};
use tamis_contract::{Interest, Operation};

use crate::names::Names;

/// Places of entries, a bit each.
const ENTRIES: u32 = 1 << Place::ResourceAttribute as u32
    | 1 << Place::ScopeAttribute as u32
    | 1 << Place::RecordAttribute as u32
    | 1 << Place::EventAttribute as u32
    | 1 << Place::LinkAttribute as u32
    | 1 << Place::ExemplarAttribute as u32
    | 1 << Place::MetricMetadata as u32;

/// Values to show beside every record of one signal.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Places of which every value is named, a bit each.
    whole: u32,
    /// Places in which anything is named, a bit each.
    places: u32,
    keyed: Vec<(Place, Box<[u8]>)>,
    /// The keys of these, wherever they are named.
    names: Names,
    /// Fields in which nothing is named, a bit each, by message.
    passes: Vec<u32>,
}

impl Beside {
    /// What an interest names for this signal; none unless it asks for its records.
    pub(crate) fn new(interest: &Interest, signal: Signal) -> Option<Self> {
        let means = |signals: &[Signal]| signals.is_empty() || signals.contains(&signal);
        let mut lists = interest
            .records
            .iter()
            .filter(|list| means(&list.signals))
            .peekable();
        lists.peek()?;
        let mut beside = Self::default();
        for companion in lists.flat_map(|list| &list.show) {
            beside.places |= 1 << companion.place as u32;
            match &companion.key {
                Some(key) => {
                    beside.names.add(key);
                    beside.keyed.push((companion.place, key.as_bytes().into()));
                }
                None => beside.whole |= 1 << companion.place as u32,
            }
        }
        // Who may set a trace state has to know the one that stands there.
        if interest.operations.contains(&Operation::SetTraceState) {
            beside.whole |= 1 << Place::TraceState as u32;
            beside.places |= 1 << Place::TraceState as u32;
        }
        beside.passes = vec![0; Message::ALL.len()];
        for &message in Message::ALL {
            let fields = message.fields().iter();
            let nothing = fields.filter(|field| !beside.wants_of(field));
            beside.passes[message as usize] =
                nothing.fold(0, |mask, field| mask | 1 << field.number);
        }
        Some(beside)
    }

    /// Whether anything that is named may stand in a field.
    fn wants_of(&self, field: &Field) -> bool {
        match (field.role, field.kind) {
            (Role::Leaf(place) | Role::Entries(place), _) => self.wants(&[place]),
            // No record is shown with it.
            (Role::SpanId, _) => false,
            (Role::Id, _) => self.wants(&[Place::Id]),
            (Role::Body, _) => self.wants(&[Place::Body]),
            (Role::Member(_), Type::Message(message)) => self.wants_in(message),
            _ => true,
        }
    }

    /// Whether anything that is named may stand in a message, entries and values apart.
    fn wants_in(&self, message: Message) -> bool {
        use Place as P;
        match message {
            Message::Resource => self.wants(&[
                P::EntityType,
                P::EntitySchemaUrl,
                P::EntityKey,
                P::ResourceAttribute,
                P::Unknown,
            ]),
            Message::Scope => {
                self.wants(&[P::ScopeAttribute, P::ScopeName, P::ScopeVersion, P::Unknown])
            }
            Message::Event => self.wants(&[P::EventAttribute, P::SpanEventName, P::Unknown]),
            Message::Link => self.wants(&[P::LinkAttribute, P::LinkTraceState, P::Id, P::Unknown]),
            Message::Exemplar => self.wants(&[P::ExemplarAttribute, P::Id, P::Unknown]),
            _ => true,
        }
    }

    /// Whether values of this place and key are named.
    pub(crate) fn names(&self, place: Place, key: Option<&[u8]>) -> bool {
        if self.whole & 1 << place as u32 != 0 {
            return true;
        }
        let key = key.unwrap_or_default();
        self.places & 1 << place as u32 != 0
            && self
                .keyed
                .iter()
                .any(|(named, name)| *named == place && **name == *key)
    }

    fn wants(&self, places: &[Place]) -> bool {
        places
            .iter()
            .any(|&place| self.places & 1 << place as u32 != 0)
    }

    /// Whether an entry may have a key that is named at any place.
    #[inline]
    fn names_entry(&self, entry: &[u8]) -> bool {
        self.whole & ENTRIES != 0 || self.names.may_name(entry)
    }
}

/// Selects every record, and beside it what is named.
pub(crate) struct Recorded<'a> {
    beside: &'a Beside,
    bytes: &'a [u8],
    /// End of the last entry that was entered: a value before it is an attribute's.
    entry_until: usize,
}

impl<'a> Recorded<'a> {
    pub(crate) fn new(beside: &'a Beside, bytes: &'a [u8]) -> Self {
        Self {
            beside,
            bytes,
            entry_until: 0,
        }
    }
}

impl Select for Recorded<'_> {
    #[inline]
    fn enter(&mut self, message: Message, range: &Range<usize>) -> bool {
        match message {
            Message::KeyValue => self.enter_entry(range),
            Message::AnyValue => {
                range.start < self.entry_until || self.beside.wants(&[Place::Body])
            }
            Message::ArrayValue | Message::KeyValueList => false,
            _ => self.beside.wants_in(message),
        }
    }

    #[inline]
    fn enter_entry(&mut self, range: &Range<usize>) -> bool {
        let entry = self.bytes.get(range.clone()).unwrap_or_default();
        let named = self.beside.names_entry(entry);
        if named {
            self.entry_until = range.end;
        }
        named
    }

    #[inline]
    fn passes(&self, message: Message) -> u32 {
        let passes = self.beside.passes.get(message as usize);
        passes.copied().unwrap_or(0)
    }

    fn take(&mut self, value: &Value, bytes: &[u8]) -> bool {
        let key = value.key.clone().and_then(|key| bytes.get(key));
        value.kind != Kind::Key && value.depth == 0 && self.beside.names(value.place, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tamis_contract::{Companion, Records};

    fn beside(key: &str) -> Beside {
        let companion = Companion {
            place: Place::RecordAttribute,
            key: Some(key.to_owned()),
        };
        let interest = Interest {
            records: vec![Records {
                signals: vec![Signal::Logs],
                show: vec![companion],
            }],
            ..Interest::default()
        };
        assert!(Beside::new(&interest, Signal::Traces).is_none());
        Beside::new(&interest, Signal::Logs).unwrap()
    }

    #[test]
    fn an_entry_is_passed_by_only_when_it_is_plain_that_no_key_is_named() {
        let beside = beside("ab");
        for (entry, may_be) in [
            (&b"\x0a\x02ab\x12\x00"[..], true),
            (b"\x0a\x02xy\x12\x00", false),
            (b"\x0a\x02xy\x12\x03\x0a\x01z", false),
            // Two keys, a key behind its value, a padded length, no value at all.
            (b"\x0a\x02xy\x12\x00\x0a\x02ab", true),
            (b"\x12\x00\x0a\x02ab", true),
            (b"\x0a\x82\x00ab\x12\x00", true),
            (b"\x0a\x02ab", true),
            (b"", true),
        ] {
            assert_eq!(beside.names_entry(entry), may_be, "{entry:?}");
        }
        assert!(beside.names(Place::RecordAttribute, Some(b"ab")));
        assert!(!beside.names(Place::ResourceAttribute, Some(b"ab")));
    }
}
