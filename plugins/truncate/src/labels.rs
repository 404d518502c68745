//! What rules ask about the surroundings of a value: names of its event, attributes of its resource.
//!
//! They come as context beside the values. Must never: be gathered where no rule asks.

use std::collections::HashMap;

use tamis_sdk::{Companion, Kind, Place, ValueView, View};

/// The attribute that agents put the name of an event into.
const EVENT_NAME: &str = "event.name";

/// The surroundings of the values of one view.
#[derive(Debug, Default)]
pub(crate) struct Labels<'v> {
    /// Names by the record's row.
    events: HashMap<u32, Vec<&'v [u8]>>,
    /// Attributes by the resource's ordinal.
    resources: HashMap<u32, Vec<Attribute<'v>>>,
}

/// Key and text.
type Attribute<'v> = (&'v [u8], &'v [u8]);

/// What must be shown for the names of events.
pub(crate) fn event_companions() -> Vec<Companion> {
    let place = |place, key: Option<&str>| Companion {
        place,
        key: key.map(str::to_owned),
    };
    vec![
        place(Place::RecordAttribute, Some(EVENT_NAME)),
        place(Place::LogEventName, None),
        place(Place::SpanName, None),
    ]
}

/// Ordinal of the resource that a value belongs to.
fn resource_of(view: &View<'_>, value: &ValueView<'_>) -> Option<u32> {
    let record = value.record.and_then(|row| view.record(row));
    let container = value.container.and_then(|row| view.container(row));
    record
        .map(|record| record.resource)
        .or(container.and_then(|container| container.resource))
}

impl<'v> Labels<'v> {
    pub(crate) fn gather(view: &View<'v>) -> Self {
        let mut labels = Self::default();
        for value in view.values() {
            if value.kind != Kind::String || value.depth > 0 {
                continue;
            }
            let names = match value.place {
                Place::RecordAttribute => value.key == Some(EVENT_NAME.as_bytes()),
                Place::LogEventName | Place::SpanName => true,
                _ => false,
            };
            if let Some(record) = value.record.filter(|_| names) {
                labels.events.entry(record).or_default().push(value.bytes);
            }
            if let Some(key) = value.key
                && value.place == Place::ResourceAttribute
                && let Some(resource) = resource_of(view, &value)
            {
                let attributes = labels.resources.entry(resource).or_default();
                attributes.push((key, value.bytes));
            }
        }
        labels
    }

    /// Whether a name of the value's event is one of these.
    pub(crate) fn has_event(&self, value: &ValueView<'_>, fits: impl Fn(&[u8]) -> bool) -> bool {
        let names = value.record.and_then(|record| self.events.get(&record));
        names.is_some_and(|names| names.iter().any(|name| fits(name)))
    }

    /// Whether the value's resource has such an attribute.
    pub(crate) fn has_attribute(
        &self,
        view: &View<'_>,
        value: &ValueView<'_>,
        key: &str,
        fits: impl Fn(&[u8]) -> bool,
    ) -> bool {
        let resource = resource_of(view, value);
        let attributes = resource.and_then(|resource| self.resources.get(&resource));
        attributes.is_some_and(|attributes| {
            attributes
                .iter()
                .any(|(name, text)| *name == key.as_bytes() && fits(text))
        })
    }
}
