//! Which parts of a batch a plugin's view is made from.
//!
//! Two selections: what the gate's hits touch (microseconds), or everything that stands in the
//! places that a plugin asked for (for subscriptions that no scan can serve). What is selected is
//! only a candidate: the judges decide.

use std::ops::Range;

use otlp_wire::schema::Message;
use otlp_wire::{Kind, Level, NONE, Place, Select, Signal, Value};

use crate::names::Names;
use crate::plan::{PluginPlan, RESOURCE_PLACES, SCOPE_PLACES, mask_of};
use crate::size::Floors;

/// Another selection within a budget: two hostile bytes can make a message, and what a tree keeps
/// of it is tens of times larger.
pub(crate) struct Bounded<S> {
    select: S,
    left: usize,
    over: bool,
}

impl<S> Bounded<S> {
    pub(crate) fn new(select: S, looks_max: usize) -> Self {
        Self {
            select,
            left: looks_max,
            over: false,
        }
    }

    /// Whether something was passed by because the budget was spent.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    fn spend(&mut self, wanted: bool) -> bool {
        match self.left.checked_sub(usize::from(wanted)) {
            Some(left) => self.left = left,
            None => self.over = true,
        }
        wanted && !self.over
    }
}

impl<S: Select> Select for Bounded<S> {
    #[inline]
    fn enter(&mut self, message: Message, range: &Range<usize>) -> bool {
        let wanted = self.select.enter(message, range);
        self.spend(wanted)
    }

    #[inline]
    fn enter_entry(&mut self, range: &Range<usize>) -> bool {
        let wanted = self.select.enter_entry(range);
        self.spend(wanted)
    }

    #[inline]
    fn passes(&self, message: Message) -> u32 {
        self.select.passes(message)
    }

    #[inline]
    fn wanted_from(&mut self, at: usize) -> usize {
        self.select.wanted_from(at)
    }

    fn counts(&self) -> bool {
        self.select.counts()
    }

    fn take(&mut self, value: &Value, bytes: &[u8]) -> bool {
        let wanted = self.select.take(value, bytes);
        self.spend(wanted)
    }
}

/// Selects what sorted ranges touch. An entry of a container that is touched anywhere, its key
/// included, is looked at whole, since a condition on the key speaks about the value.
pub(crate) struct Touched<'a> {
    ranges: &'a [Range<usize>],
    next: usize,
    open_until: usize,
}

impl<'a> Touched<'a> {
    /// Over ranges sorted by their begin.
    pub(crate) fn new(ranges: &'a [Range<usize>]) -> Self {
        Self {
            ranges,
            next: 0,
            open_until: 0,
        }
    }

    /// The first range that does not end before this offset.
    fn next_from(&mut self, at: usize) -> Option<&Range<usize>> {
        while let Some(range) = self.ranges.get(self.next) {
            if range.end > at {
                return Some(range);
            }
            self.next += 1;
        }
        None
    }

    fn touches(&mut self, wanted: &Range<usize>) -> bool {
        self.next_from(wanted.start)
            .is_some_and(|range| range.start < wanted.end)
    }
}

impl Select for Touched<'_> {
    fn enter(&mut self, message: Message, range: &Range<usize>) -> bool {
        if range.start < self.open_until {
            return true;
        }
        let touched = self.touches(range);
        if touched && message == Message::KeyValue {
            self.open_until = range.end;
        }
        touched
    }

    fn wanted_from(&mut self, at: usize) -> usize {
        if at < self.open_until {
            return at;
        }
        self.next_from(at).map_or(usize::MAX, |range| range.start)
    }

    fn take(&mut self, value: &Value, _: &[u8]) -> bool {
        if value.field.start < self.open_until {
            return true;
        }
        // A long integer is found by its bytes, too.
        let found = matches!(
            value.kind,
            Kind::String | Kind::Bytes | Kind::Key | Kind::Int
        );
        found && self.touches(&value.payload)
    }
}

/// Selects the values of the places and kinds that a plugin asked for, and passes by the messages
/// in which none of them can stand.
pub(crate) struct Places<'a> {
    bytes: &'a [u8],
    places: u32,
    kinds: u16,
    floors: Floors,
    /// Whether it is said of values which record of the batch they stand in.
    counts: bool,
    /// What is entered: the places, and where entries are taken whole.
    entered: u32,
    entries: u32,
    /// The keys of entries that are entered, where it is not all of them.
    names: Option<&'a Names>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(plan: &'a PluginPlan, signal: Signal, bytes: &'a [u8]) -> Self {
        let asked = |(level, place)| {
            if plan.asks_for(level) {
                mask_of(&[place])
            } else {
                0
            }
        };
        let asked = [
            (Level::Resource, Place::ResourceAttribute),
            (Level::Scope, Place::ScopeAttribute),
        ]
        .map(asked);
        Self {
            bytes,
            places: plan.places(),
            kinds: plan.kinds(),
            floors: plan.floors(signal),
            counts: true,
            entered: plan.places() | asked[0] | asked[1],
            entries: 0,
            names: plan.names(),
        }
    }

    /// The same, with every entry of the resources and scopes that the plan may edit, so that it is
    /// known what stands under which key.
    pub(crate) fn with_entries(plan: &'a PluginPlan, signal: Signal, bytes: &'a [u8]) -> Self {
        let mut places = Self::new(plan, signal, bytes).above_records();
        places.names = None;
        for (own, place) in [
            (&RESOURCE_PLACES[..], Place::ResourceAttribute),
            (&SCOPE_PLACES[..], Place::ScopeAttribute),
        ] {
            if places.wants(own) {
                places.entries |= mask_of(&[place]);
            }
        }
        places.entered |= places.entries;
        places
    }

    /// The same for a plan that is above records: every group is treated alike, and no record is
    /// entered.
    pub(crate) fn above_records(self) -> Self {
        Self {
            floors: Floors::NONE,
            counts: false,
            ..self
        }
    }

    fn wants(&self, places: &[Place]) -> bool {
        self.entered & mask_of(places) != 0
    }
}

impl Select for Places<'_> {
    fn enter(&mut self, message: Message, range: &Range<usize>) -> bool {
        if !self.floors.allow_message(message, range.len()) {
            return false;
        }
        // A field that the schema does not know may stand in any message.
        if self.wants(&[Place::Unknown]) {
            return true;
        }
        match message {
            Message::Resource => self.wants(&RESOURCE_PLACES),
            Message::Scope => {
                self.wants(&[Place::ScopeAttribute, Place::ScopeName, Place::ScopeVersion])
            }
            Message::ScopeSpans | Message::ScopeLogs | Message::ScopeMetrics => {
                self.entered & !mask_of(&RESOURCE_PLACES) != 0
            }
            Message::Span | Message::LogRecord | Message::Metric => {
                self.entered & !(mask_of(&RESOURCE_PLACES) | mask_of(&SCOPE_PLACES)) != 0
            }
            Message::Event => self.wants(&[Place::EventAttribute, Place::SpanEventName]),
            Message::Link => self.wants(&[Place::LinkAttribute, Place::LinkTraceState, Place::Id]),
            Message::Status => self.wants(&[Place::StatusMessage]),
            Message::Exemplar => self.wants(&[Place::ExemplarAttribute, Place::Id]),
            Message::KeyValue => self.names.is_none_or(|names| {
                names.may_name(self.bytes.get(range.clone()).unwrap_or_default())
            }),
            _ => true,
        }
    }

    fn counts(&self) -> bool {
        self.counts
    }

    fn take(&mut self, value: &Value, _: &[u8]) -> bool {
        let place = 1 << value.place as u32;
        let asked = self.places & place != 0
            && self.kinds & 1 << value.kind as u32 != 0
            && self.floors.allow_value(value.kind, value.payload.len());
        let entry = self.entries & place != 0 && value.entry != NONE && value.kind != Kind::Key;
        asked || entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ranges_do_not_hide_what_follows() {
        let ranges = [0..5, 1..100, 10..12, 200..201];
        let mut touched = Touched::new(&ranges);
        assert!(touched.touches(&(50..60)));
        assert!(!touched.touches(&(100..200)));
        assert!(touched.touches(&(150..300)));
    }
}
