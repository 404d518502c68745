//! Seeking from any byte finds what the full walk finds there.

use std::ops::Range;

use otlp_wire::{Container, Everything, Kind, Level, NONE, Offsets, Signal, Tree, Value, walk};
use proptest::prelude::*;

use crate::edits::{choices, config, signals};
use crate::generate::Choices;
use crate::scramble::{Oddity, Scrambler};

fn walked(signal: Signal, bytes: &[u8]) -> Tree {
    let mut tree = Tree::default();
    walk(signal, bytes, &mut Everything, &mut tree).unwrap();
    tree
}

fn sought(signal: Signal, bytes: &[u8], ranges: &[Range<usize>]) -> (Tree, usize) {
    let mut tree = Tree::default();
    let mut offsets = Offsets::new(ranges);
    walk(signal, bytes, &mut offsets, &mut tree).unwrap();
    (tree, offsets.missed())
}

/// Everything that a value says, with the indexes followed.
fn said(tree: &Tree, value: &Value) -> String {
    let nests = |mut index: u32| {
        let mut path = Vec::new();
        while index != NONE {
            let nest = tree.nests[index as usize];
            path.push((nest.field, nest.len, nest.start, nest.end));
            index = nest.parent;
        }
        path
    };
    let record = tree.records.get(value.record as usize);
    let record = record.map(|record| {
        (
            record.kind,
            nests(record.nest),
            record.index,
            record.resource,
            record.scope,
        )
    });
    let mut containers = Vec::new();
    let mut index = value.container;
    while index != NONE {
        let container = &tree.containers[index as usize];
        // A list split in two is entered only where it holds something sought.
        let split = matches!(container.level, Level::Nested | Level::Body);
        let nest = (!split).then(|| nests(container.nest));
        containers.push((
            nest,
            Container {
                nest: 0,
                parent: 0,
                record: 0,
                ..container.clone()
            },
        ));
        index = container.parent;
    }
    let Value {
        place,
        kind,
        key,
        key_count,
        keyed,
        field,
        payload,
        depth,
        ..
    } = value;
    let indexes = [value.nest, value.entry, value.any].map(nests);
    format!(
        "{place} {kind} {key:?} {key_count} {keyed:?} {field:?} {payload:?} {depth} {indexes:?} {record:?} {containers:?}"
    )
}

fn is_text(value: &Value) -> bool {
    matches!(value.kind, Kind::String | Kind::Bytes | Kind::Key)
}

fn touches(value: &Value, range: &Range<usize>) -> bool {
    is_text(value) && range.start < value.payload.end && value.payload.start < range.end
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn from_any_byte(signal in signals(), choices in choices()) {
        let mut from = Choices::new(&choices);
        let bytes = Scrambler::write(signal, &mut from, Oddity::Padded, None).bytes;
        let all = walked(signal, &bytes);
        let step = bytes.len() / 300 + 1;
        for at in (0..bytes.len()).step_by(step) {
            let range = at..at + 1;
            let expected: Vec<String> = all
                .values
                .iter()
                .filter(|value| touches(value, &range))
                .map(|value| said(&all, value))
                .collect();
            let (tree, missed) = sought(signal, &bytes, std::slice::from_ref(&range));
            let found: Vec<String> = tree.values.iter().map(|value| said(&tree, value)).collect();
            prop_assert_eq!(missed, usize::from(expected.is_empty()));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn from_many_ranges(
        signal in signals(),
        choices in choices(),
        ranges in prop::collection::vec((any::<prop::sample::Index>(), 1..60_usize), 0..40),
    ) {
        let mut from = Choices::new(&choices);
        let bytes = Scrambler::write(signal, &mut from, Oddity::Padded, None).bytes;
        let all = walked(signal, &bytes);
        let mut ranges: Vec<Range<usize>> = ranges
            .iter()
            .map(|(at, length)| (at.index(bytes.len() + 1), length))
            .map(|(at, length)| at..at + length)
            .collect();
        ranges.sort_by_key(|range| range.start);
        let expected: Vec<String> = all
            .values
            .iter()
            .filter(|value| ranges.iter().any(|range| touches(value, range)))
            .map(|value| said(&all, value))
            .collect();
        let lost = ranges
            .iter()
            .filter(|range| !all.values.iter().any(|value| touches(value, range)))
            .count();
        let (tree, missed) = sought(signal, &bytes, &ranges);
        let found: Vec<String> = tree.values.iter().map(|value| said(&tree, value)).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(missed, lost);
    }
}
