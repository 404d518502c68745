//! What the plugin is shown beside each record, and where of it each value is kept.
//!
//! Every key that any setting names has a slot, so that a rule finds its value without a search. Of
//! several values under one key the first counts, as in the Collector.
//!
//! Must never: keep a value of one record for the next.

use tamis_sdk::{Companion, Kind, Place, RecordKind, Records, Signal, ValueView};

/// The attributes in which a log record says how it was sampled.
pub(crate) const THRESHOLD: &str = "sampling.threshold";
pub(crate) const RANDOMNESS: &str = "sampling.randomness";
const EVENT_NAME: &str = "event.name";

/// Fixed slots: the trace state, the names of spans and of events, and the two attributes above.
pub(crate) const STATE_SLOT: usize = 0;
const SPAN_NAME_SLOT: usize = 1;
const EVENT_NAME_SLOT: usize = 2;
pub(crate) const THRESHOLD_SLOT: usize = 3;
pub(crate) const RANDOMNESS_SLOT: usize = 4;
const FIRST_FREE: usize = 5;

/// What to show.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    names: bool,
    event_name: Option<usize>,
    attributes: Vec<String>,
    resource: Vec<String>,
}

impl Beside {
    /// The slot of an attribute of records.
    pub(crate) fn attribute(&mut self, key: &str) -> usize {
        match key {
            THRESHOLD => THRESHOLD_SLOT,
            RANDOMNESS => RANDOMNESS_SLOT,
            _ => FIRST_FREE + place_of(&mut self.attributes, key),
        }
    }

    /// The slot of an attribute of resources, among those of resources.
    pub(crate) fn of_resource(&mut self, key: &str) -> usize {
        place_of(&mut self.resource, key)
    }

    pub(crate) fn show_names(&mut self) {
        self.names = true;
        self.event_name = Some(self.attribute(EVENT_NAME));
    }

    /// What to ask the host for.
    pub(crate) fn records(&self) -> Vec<Records> {
        let one = |place, key: Option<&str>| Companion {
            place,
            key: key.map(str::to_owned),
        };
        let keyed = |place, keys: &[String]| -> Vec<Companion> {
            keys.iter()
                .map(|key| one(place, Some(key.as_str())))
                .collect()
        };
        let mut both = keyed(Place::RecordAttribute, &self.attributes);
        both.extend(keyed(Place::ResourceAttribute, &self.resource));
        let mut of_spans = both.clone();
        of_spans.push(one(Place::TraceState, None));
        let mut of_logs = both;
        for key in [THRESHOLD, RANDOMNESS] {
            of_logs.push(one(Place::RecordAttribute, Some(key)));
        }
        if self.names {
            of_spans.push(one(Place::SpanName, None));
            of_logs.push(one(Place::LogEventName, None));
        }
        let list = |signal, show| Records {
            signals: vec![signal],
            show,
        };
        vec![list(Signal::Traces, of_spans), list(Signal::Logs, of_logs)]
    }

    /// Slots for a record's values, all empty.
    pub(crate) fn slots<'a>(&self) -> Slots<'a> {
        Slots {
            values: vec![None; FIRST_FREE + self.attributes.len()],
            filled: Vec::new(),
            event_name: self.event_name,
        }
    }

    /// Slots for a resource's values.
    pub(crate) fn resource_slots<'a>(&self) -> Slots<'a> {
        Slots {
            values: vec![None; self.resource.len()],
            filled: Vec::new(),
            event_name: None,
        }
    }

    /// The slot of a value that stands beside a record.
    pub(crate) fn slot(&self, value: &ValueView<'_>) -> Option<usize> {
        match value.place {
            Place::TraceState => Some(STATE_SLOT),
            Place::SpanName => Some(SPAN_NAME_SLOT),
            Place::LogEventName => Some(EVENT_NAME_SLOT),
            Place::RecordAttribute => match value.key? {
                key if key == THRESHOLD.as_bytes() => Some(THRESHOLD_SLOT),
                key if key == RANDOMNESS.as_bytes() => Some(RANDOMNESS_SLOT),
                key => find(&self.attributes, key).map(|at| FIRST_FREE + at),
            },
            Place::ResourceAttribute => find(&self.resource, value.key?),
            _ => None,
        }
    }
}

fn find(keys: &[String], key: &[u8]) -> Option<usize> {
    keys.iter().position(|known| known.as_bytes() == key)
}

fn place_of(keys: &mut Vec<String>, key: &str) -> usize {
    find(keys, key.as_bytes()).unwrap_or_else(|| {
        keys.push(key.to_owned());
        keys.len() - 1
    })
}

/// The values beside one record, or of one resource.
#[derive(Debug)]
pub(crate) struct Slots<'a> {
    values: Vec<Option<ValueView<'a>>>,
    filled: Vec<usize>,
    event_name: Option<usize>,
}

impl<'a> Slots<'a> {
    pub(crate) fn clear(&mut self) {
        for slot in self.filled.drain(..) {
            if let Some(value) = self.values.get_mut(slot) {
                *value = None;
            }
        }
    }

    pub(crate) fn fill(&mut self, slot: usize, value: ValueView<'a>) {
        if let Some(free @ None) = self.values.get_mut(slot) {
            *free = Some(value);
            self.filled.push(slot);
        }
    }

    pub(crate) fn get(&self, slot: usize) -> Option<&ValueView<'a>> {
        self.values.get(slot)?.as_ref()
    }

    /// The bytes of a value that is text.
    pub(crate) fn text(&self, slot: usize) -> Option<&'a [u8]> {
        let value = self.get(slot)?;
        (value.kind == Kind::String).then_some(value.bytes)
    }

    /// What a record is called: a span by its name, a log record by the attribute `event.name`, else
    /// by its field.
    pub(crate) fn name(&self, kind: RecordKind) -> Option<&'a [u8]> {
        if kind == RecordKind::Span {
            return self.text(SPAN_NAME_SLOT);
        }
        let attribute = self.event_name.and_then(|slot| self.text(slot));
        attribute.or_else(|| self.text(EVENT_NAME_SLOT))
    }
}
