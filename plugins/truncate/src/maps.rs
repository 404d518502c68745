//! Which entries of attribute maps that are too large go: the last ones that no setting keeps.
//!
//! Must never: take an entry that a setting keeps, or those that say what was cut.

use std::collections::{BTreeMap, HashSet};

use tamis_sdk::{HitView, ValueView, View};

use crate::said::is_said;
use crate::settings::Maps;

/// The entries of one map: the key and the rows of each, in their order.
type Entries<'v> = BTreeMap<u32, (&'v [u8], Vec<u32>)>;

/// Rows of the values that go. `first` is the number of the first map's subscription.
pub(crate) fn surplus(
    view: &View<'_>,
    hits: &[HitView],
    maps: &[Maps],
    first: u32,
) -> HashSet<u32> {
    let mut gone = HashSet::new();
    for (subscription, maps) in (first..).zip(maps) {
        let mut containers: BTreeMap<u32, Entries<'_>> = BTreeMap::new();
        let own = hits.iter().filter(|hit| hit.subscription == subscription);
        for value in own.filter_map(|hit| view.value(hit.value)) {
            if let (Some(container), Some(entry)) = (value.container, value.entry) {
                let entries = containers.entry(container).or_default();
                let (_, rows) = entries.entry(entry).or_insert((key_of(&value), Vec::new()));
                rows.push(value.row);
            }
        }
        for entries in containers.values() {
            gone.extend(surplus_of(entries, maps));
        }
    }
    gone
}

fn surplus_of<'e>(entries: &'e Entries<'_>, maps: &Maps) -> impl Iterator<Item = u32> + use<'e> {
    let is_kept = |key: &[u8]| maps.keep.iter().any(|kept| kept.as_bytes() == key);
    let counted: Vec<_> = entries.values().filter(|(key, _)| !is_said(key)).collect();
    let kept = counted.iter().filter(|(key, _)| is_kept(key)).count();
    let others = (maps.entries_max as usize).saturating_sub(kept);
    let (_, unnamed): (Vec<_>, Vec<_>) = counted.into_iter().partition(|(key, _)| is_kept(key));
    let gone = unnamed.into_iter().skip(others);
    gone.flat_map(|(_, rows)| rows.iter().copied())
}

fn key_of<'v>(value: &ValueView<'v>) -> &'v [u8] {
    value.key.unwrap_or_default()
}
