//! Shows the companions of hits: other values of the same record, scope or resource, as context.
//!
//! A second walk finds them, since a seek passed them by. It runs only for plugins that ask, and
//! only when something hit.

use std::collections::HashSet;
use std::ops::Range;

use otlp_wire::schema::Message;
use otlp_wire::{NONE, Select, Signal, Tree, Value, walk};
use tamis_contract::Companion;

use crate::plugin::Plugin;
use crate::show::Shown;

/// Selects the values that companions name.
struct Named<'a>(HashSet<&'a Companion>);

impl Select for Named<'_> {
    fn enter(&mut self, _: Message, _: &Range<usize>) -> bool {
        true
    }

    fn take(&mut self, value: &Value, bytes: &[u8]) -> bool {
        let key = value.key.clone().and_then(|key| bytes.get(key));
        self.0.iter().any(|companion| {
            companion.place == value.place
                && companion
                    .key
                    .as_ref()
                    .is_none_or(|name| key == Some(name.as_bytes()))
        })
    }
}

/// Appends the companions of everything that is shown so far.
pub(crate) fn show(
    plugin: &Plugin,
    signal: Signal,
    bytes: &[u8],
    tree: &Tree,
    companions: &mut Tree,
    shown: &mut Shown,
) {
    let heard = plugin
        .plan
        .judges
        .iter()
        .filter(|judge| judge.hears(signal));
    let mut named = Named(heard.flat_map(|judge| &judge.show).collect());
    if named.0.is_empty() || walk(signal, bytes, &mut named, companions).is_err() {
        return;
    }
    let hits = || {
        shown
            .values
            .iter()
            .filter_map(|&index| tree.values.get(index as usize))
    };
    let records: HashSet<u32> = hits().filter_map(|value| ordinal(tree, value)).collect();
    let groups: HashSet<(u32, u32)> = hits().map(|value| group(tree, value)).collect();
    for value in &companions.values {
        let record = ordinal(companions, value);
        let (resource, scope) = group(companions, value);
        let beside = match record {
            Some(record) => records.contains(&record),
            None if scope == NONE => groups.iter().any(|group| group.0 == resource),
            None => groups.contains(&(resource, scope)),
        };
        if beside {
            let row = record.and_then(|ordinal| shown.record_row(tree, ordinal));
            shown.context(companions, bytes, value, row.unwrap_or(NONE));
        }
    }
}

fn ordinal(tree: &Tree, value: &Value) -> Option<u32> {
    tree.records
        .get(value.record as usize)
        .map(|record| record.index)
}

fn group(tree: &Tree, value: &Value) -> (u32, u32) {
    tree.containers
        .get(value.container as usize)
        .map_or((NONE, NONE), |container| {
            (container.resource, container.scope)
        })
}
