//! The attributes of each resource that the rules read, in slots by name.
//!
//! Must never: look at a resource that the host did not say is asked for, since it was shown before.

use tamis_sdk::{Kind, View};

/// The slots of every resource of a view.
pub(crate) struct Slots<'v> {
    width: usize,
    /// The container's row of each resource.
    rows: Vec<u32>,
    /// `width` slots for each resource.
    values: Vec<Option<Slot<'v>>>,
}

/// What stands in a slot.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slot<'v> {
    /// A text that is not empty.
    Text(&'v str),
    /// A whole number.
    Int(i64),
}

/// One resource.
#[derive(Clone, Copy)]
pub(crate) struct Resource<'s, 'v> {
    /// The row of its container: where attributes are added.
    pub(crate) row: u32,
    slots: &'s [Option<Slot<'v>>],
}

impl<'v> Slots<'v> {
    /// Reads a view.
    pub(crate) fn of(view: &View<'v>, names: &[String]) -> Self {
        let rows: Vec<u32> = view
            .containers()
            .filter(|container| container.asked)
            .map(|container| container.row)
            .collect();
        let width = names.len();
        let mut values = vec![None; rows.len() * width];
        for value in view.values().filter(|value| value.hit && value.depth == 0) {
            let at = value
                .container
                .and_then(|row| rows.binary_search(&row).ok());
            let key = value.key.unwrap_or_default();
            let slot = names.iter().position(|name| name.as_bytes() == key);
            let (Some(at), Some(slot)) = (at, slot) else {
                continue;
            };
            let read = match value.kind {
                Kind::String => value.text().filter(|text| !text.is_empty()).map(Slot::Text),
                Kind::Int => value.int().map(Slot::Int),
                _ => None,
            };
            // The first of several under one key counts, as for the Collector.
            if let Some(free) = values
                .get_mut(at * width + slot)
                .filter(|slot| slot.is_none())
            {
                *free = read;
            }
        }
        Self {
            width,
            rows,
            values,
        }
    }

    /// Every resource, in the order of the batch.
    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_, 'v>> {
        self.rows.iter().enumerate().map(|(at, &row)| Resource {
            row,
            slots: self
                .values
                .get(at * self.width..(at + 1) * self.width)
                .unwrap_or_default(),
        })
    }
}

impl<'v> Resource<'_, 'v> {
    /// The text in a slot.
    pub(crate) fn text(&self, slot: usize) -> Option<&'v str> {
        match self.slots.get(slot)? {
            Some(Slot::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number in a slot, which may be written as a text.
    pub(crate) fn number(&self, slot: usize) -> Option<i64> {
        match self.slots.get(slot)? {
            Some(Slot::Int(number)) => Some(*number),
            Some(Slot::Text(text)) => text.parse().ok(),
            None => None,
        }
    }

    /// Appends all slots to a key, each apart from the next: the same key means the same slots.
    pub(crate) fn write_key(&self, key: &mut Vec<u8>) {
        for slot in self.slots {
            match slot {
                Some(Slot::Text(text)) => {
                    key.push(b't');
                    key.extend_from_slice(&text.len().to_le_bytes());
                    key.extend_from_slice(text.as_bytes());
                }
                Some(Slot::Int(number)) => {
                    key.push(b'i');
                    key.extend_from_slice(&number.to_le_bytes());
                }
                None => key.push(b'-'),
            }
        }
    }
}
