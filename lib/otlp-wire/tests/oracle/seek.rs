//! Seeking from any byte finds what the full walk finds there.

use std::ops::Range;

use otlp_wire::schema::Message;
use otlp_wire::{
    Container, Everything, Kind, Level, NONE, Offsets, Select, Signal, Tree, Value, WireError, walk,
};
use proptest::prelude::*;

use crate::edits::{choices, config, signals};
use crate::generate::Choices;
use crate::records::{batch, spans};
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

/// The same selection, which is asked about everything.
struct Asked<S>(S);

impl<S: Select> Select for Asked<S> {
    fn enter(&mut self, message: Message, range: &Range<usize>) -> bool {
        self.0.enter(message, range)
    }

    fn take(&mut self, value: &Value, bytes: &[u8]) -> bool {
        self.0.take(value, bytes)
    }
}

/// A walk that passes what is not wanted says the same as one that asks, of a faulty batch too.
fn same_if_asked(signal: Signal, bytes: &[u8], ranges: &[Range<usize>]) -> Result<(), WireError> {
    let (mut passed, mut asked) = (Tree::default(), Tree::default());
    let mut offsets = Offsets::new(ranges);
    let mut questions = Asked(Offsets::new(ranges));
    let result = walk(signal, bytes, &mut offsets, &mut passed);
    assert_eq!(result, walk(signal, bytes, &mut questions, &mut asked));
    result?;
    assert_eq!(passed.values, asked.values);
    assert_eq!(passed.records, asked.records);
    assert_eq!(passed.containers, asked.containers);
    assert_eq!(passed.nests, asked.nests);
    assert_eq!(offsets.missed(), questions.0.missed());
    Ok(())
}

#[test]
fn spans_that_are_passed_change_nothing() {
    let (mut whole, mut faulty) = (0, 0);
    for span in spans() {
        let bytes = batch(vec![span.clone(), span.clone(), span]);
        for at in 0..bytes.len() {
            let range = at..at + 1;
            same_if_asked(Signal::Traces, &bytes, &[range]).unwrap();
        }
        let third = bytes.len() / 3;
        let near_the_end_of_the_second = 2 * third - 9..2 * third;
        for at in 0..bytes.len() {
            let some = [at / 2..at / 2 + 1, at..at + 2];
            for byte in [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x10] {
                let mut changed = bytes.clone();
                changed[at] = byte;
                for ranges in [std::slice::from_ref(&near_the_end_of_the_second), &some] {
                    match same_if_asked(Signal::Traces, &changed, ranges) {
                        Ok(()) => whole += 1,
                        Err(_) => faulty += 1,
                    }
                }
            }
            let cut = same_if_asked(Signal::Traces, &bytes[..at], &some);
            assert_eq!(cut.is_ok(), at == 0);
        }
    }
    assert!(whole > 1000 && faulty > 1000, "{whole} {faulty}");
}

fn ranges() -> impl Strategy<Value = Vec<(prop::sample::Index, usize)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 1..60_usize), 0..40)
}

/// The ranges of these lengths in a batch of this size, sorted.
fn placed(ranges: &[(prop::sample::Index, usize)], size: usize) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = ranges
        .iter()
        .map(|(at, length)| (at.index(size + 1), length))
        .map(|(at, length)| at..at + length)
        .collect();
    ranges.sort_by_key(|range| range.start);
    ranges
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn whether_passed_or_asked(signal in signals(), choices in choices(), ranges in ranges(), wrong: bool) {
        let oddity = if wrong { Oddity::Wrong } else { Oddity::Padded };
        let mut from = Choices::new(&choices);
        let bytes = Scrambler::write(signal, &mut from, oddity, None).bytes;
        let few = placed(&ranges[..ranges.len().min(2)], bytes.len());
        for ranges in [few, placed(&ranges, bytes.len())] {
            let result = same_if_asked(signal, &bytes, &ranges);
            prop_assert!(wrong || result.is_ok());
        }
    }

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
        ranges in ranges(),
    ) {
        let mut from = Choices::new(&choices);
        let bytes = Scrambler::write(signal, &mut from, Oddity::Padded, None).bytes;
        let all = walked(signal, &bytes);
        let ranges = placed(&ranges, bytes.len());
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
