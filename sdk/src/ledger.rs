//! What the edits of one call have touched so far: finds the overlap where it is made.
//!
//! Must never: grow with anything but the number of edits.

use std::collections::BTreeSet;

use tamis_contract::View;

/// Marks an edit of a whole value; no value is that long.
const WHOLE: u32 = u32::MAX;

/// What has been done to a record.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    edited: bool,
    dropped: bool,
    trace_state: bool,
}

/// Keys that a container was given lately and that are compared one by one; beyond them an order counts.
const LATEST_MAX: usize = 32;

/// Room is made for so many records at once: plugins that drop go through all of them.
const RECORDS_AT_ONCE: usize = 256;

/// Keys by container. Plugins edit one container after the other, mostly with few keys each.
#[derive(Debug, Default)]
struct Keys {
    container: u32,
    /// Those of this container, one after the other, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Those of all others, and what found no room.
    rest: BTreeSet<(u32, Vec<u8>)>,
}

impl Keys {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.rest.clear();
    }

    /// False if it is there already.
    fn insert(&mut self, container: u32, key: &str) -> bool {
        if container != self.container {
            let before = self.container;
            let latest: Vec<_> = self.latest().map(|key| (before, key.to_vec())).collect();
            self.rest.extend(latest);
            self.text.clear();
            self.ends.clear();
            self.container = container;
        }
        let key = key.as_bytes();
        let known = self.latest().any(|known| known == key);
        let other = || !self.rest.is_empty() && self.rest.contains(&(container, key.to_vec()));
        if known || other() {
            return false;
        }
        if self.ends.len() < LATEST_MAX {
            self.text.extend_from_slice(key);
            self.ends.push(self.text.len());
            return true;
        }
        self.rest.insert((container, key.to_vec()))
    }

    fn latest(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().filter_map(move |&end| {
            let key = self.text.get(start..end);
            start = end;
            key
        })
    }
}

/// The edits so far.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// `(value, start, end)`, sorted: plugins edit in order, so a push at the end is the rule.
    ranges: Vec<(u32, u32, u32)>,
    records: Vec<Marks>,
    keys: Keys,
    /// Containers that a hit stands in, once somebody asked.
    hit_containers: Option<BTreeSet<u32>>,
}

impl Ledger {
    pub(crate) fn clear(&mut self) {
        self.ranges.clear();
        self.records.clear();
        self.keys.clear();
        self.hit_containers = None;
    }

    /// Takes a range of a value; false when an earlier edit stands in the way.
    pub(crate) fn take_range(&mut self, value: u32, start: u32, end: u32) -> bool {
        if self.ranges.last().is_none_or(|last| last.0 < value) {
            self.ranges.push((value, start, end));
            return true;
        }
        let at = self
            .ranges
            .partition_point(|taken| *taken <= (value, start, end));
        let of_value = |taken: &&(u32, u32, u32)| taken.0 == value;
        let before = at
            .checked_sub(1)
            .and_then(|before| self.ranges.get(before))
            .filter(of_value);
        let after = self.ranges.get(at).filter(of_value);
        let free =
            |taken: &(u32, u32, u32)| taken.2 != WHOLE && !(taken.1 < end && start < taken.2);
        if before.is_some_and(|taken| !free(taken)) || after.is_some_and(|taken| !free(taken)) {
            return false;
        }
        self.ranges.insert(at, (value, start, end));
        true
    }

    /// Takes a value as a whole; false when an earlier edit stands in the way.
    pub(crate) fn take_value(&mut self, value: u32) -> bool {
        let at = self.ranges.partition_point(|taken| taken.0 < value);
        if self.ranges.get(at).is_some_and(|taken| taken.0 == value) {
            return false;
        }
        self.ranges.insert(at, (value, 0, WHOLE));
        true
    }

    /// Takes a key of a container; false when an earlier edit set it.
    pub(crate) fn take_key(&mut self, container: u32, key: &str) -> bool {
        self.keys.insert(container, key)
    }

    /// Notes an edit in a record; false when it was dropped.
    pub(crate) fn edit_record(&mut self, record: u32) -> bool {
        let marks = self.marks(record);
        marks.edited = true;
        !marks.dropped
    }

    /// Notes a drop; false when the record was edited or dropped before.
    pub(crate) fn drop_record(&mut self, record: u32) -> bool {
        let marks = self.marks(record);
        let free = !marks.edited && !marks.dropped;
        marks.dropped = true;
        free
    }

    /// Takes a record's trace state; false when it was set before.
    pub(crate) fn take_trace_state(&mut self, record: u32) -> bool {
        let marks = self.marks(record);
        !std::mem::replace(&mut marks.trace_state, true)
    }

    /// Whether a hit stands in a container.
    pub(crate) fn has_hit(&mut self, container: u32, view: View<'_>) -> bool {
        let gather = || {
            let hits = view.values().filter(|value| value.hit);
            hits.filter_map(|value| value.container).collect()
        };
        self.hit_containers
            .get_or_insert_with(gather)
            .contains(&container)
    }

    fn marks(&mut self, record: u32) -> &mut Marks {
        let row = record as usize;
        if self.records.len() <= row {
            let len = (row + 1).next_multiple_of(RECORDS_AT_ONCE);
            self.records.resize(len, Marks::default());
        }
        &mut self.records[row]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_whole_value_excludes_every_other_edit_of_it() {
        let mut ledger = Ledger::default();
        assert!(ledger.take_value(3));
        assert!(!ledger.take_value(3));
        assert!(!ledger.take_range(3, 0, 0));
        assert!(!ledger.take_range(3, 7, 9));
        assert!(ledger.take_range(2, 7, 9));
        assert!(!ledger.take_value(2));
    }

    #[test]
    fn a_dropped_record_takes_no_edit_and_an_edited_one_no_drop() {
        let mut ledger = Ledger::default();
        assert!(ledger.drop_record(5));
        assert!(!ledger.drop_record(5));
        assert!(!ledger.edit_record(5));
        assert!(ledger.edit_record(4));
        assert!(!ledger.drop_record(4));
    }

    #[test]
    fn a_key_is_taken_once_in_each_container() {
        let (mut ledger, mut taken) = (Ledger::default(), std::collections::HashSet::new());
        // More keys than are compared one by one, and containers that come back.
        for turn in 0..3_u32 {
            for container in [0, 7, 0] {
                for number in 0..LATEST_MAX as u32 + 9 {
                    let key = format!("key{}", number * (turn + 1));
                    let free = taken.insert((container, key.clone()));
                    assert_eq!(ledger.take_key(container, &key), free, "{container} {key}");
                }
            }
        }
        ledger.clear();
        assert!(ledger.take_key(0, "key1"));
    }

    proptest! {
        /// The oracle compares with every earlier range.
        #[test]
        fn overlaps_are_found(ranges in proptest::collection::vec((0u32..3, 0u32..12, 0u32..4), 1..24)) {
            let mut ledger = Ledger::default();
            let mut taken: Vec<(u32, u32, u32)> = Vec::new();
            for (value, start, len) in ranges {
                let end = start + len;
                let free = !taken.iter().any(|other| other.0 == value && other.1 < end && start < other.2);
                prop_assert_eq!(ledger.take_range(value, start, end), free, "{:?} {:?}", taken, (value, start, end));
                if free {
                    taken.push((value, start, end));
                }
            }
        }
    }
}
