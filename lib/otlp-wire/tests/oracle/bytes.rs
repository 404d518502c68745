//! The oracle by bytes: what is planted anywhere is found, and what is not edited does not change.

use otlp_wire::{
    Edit, Everything, Kind, Offsets, Place, Tree, Value, Written, check, splice, walk,
};
use proptest::prelude::*;

use crate::edits::{choices, config, signals};
use crate::generate::Choices;
use crate::model::Batch;
use crate::scramble::{Oddity, Scrambler};

const SECRET: &[u8] = b"sk-planted-0123456789-abcdefghij";

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn holds(value: &Value, bytes: &[u8]) -> bool {
    let leaf = matches!(value.kind, Kind::String | Kind::Bytes | Kind::Key);
    leaf && find(&bytes[value.payload.clone()], SECRET).is_some()
}

/// The edit that takes a value out of the batch: whole if it is unknown, else its text.
fn edit<'a>(tree: &Tree, value: &Value, text: &'a [u8]) -> Edit<'a> {
    if value.place == Place::Unknown {
        let nest = tree.holder(value);
        Edit {
            nest,
            range: value.field.clone(),
            text: b"",
        }
    } else {
        Edit {
            nest: value.nest,
            range: value.payload.clone(),
            text,
        }
    }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn a_planted_secret_is_found_and_removed(
        signal in signals(),
        choices in choices(),
        chosen: usize,
    ) {
        let leaves = Scrambler::write(signal, &mut Choices::new(&choices), Oddity::Padded, None).leaves;
        prop_assume!(leaves > 0);
        let plant = Some((chosen % leaves, SECRET));
        let bytes =
            Scrambler::write(signal, &mut Choices::new(&choices), Oddity::Padded, plant).bytes;
        prop_assert_eq!(check(signal, &bytes).err(), None);
        prop_assert!(Batch::decode(signal, &bytes).is_ok());

        let mut all = Tree::default();
        walk(signal, &bytes, &mut Everything, &mut all).unwrap();
        let found = all.values.iter().filter(|value| holds(value, &bytes)).count();
        prop_assert_eq!(found, 1);

        let at = find(&bytes, SECRET).unwrap();
        let range = at..at + SECRET.len();
        let ranges = [range];
        let mut offsets = Offsets::new(&ranges);
        let mut tree = Tree::default();
        walk(signal, &bytes, &mut offsets, &mut tree).unwrap();
        prop_assert_eq!(offsets.missed(), 0);
        prop_assert_eq!(tree.values.len(), 1);
        prop_assert!(holds(&tree.values[0], &bytes));

        let (mut out, mut written) = (Vec::new(), Written::default());
        let edit = edit(&tree, &tree.values[0], b"***");
        splice(&bytes, &tree.nests, &[edit], &mut out, &mut written).unwrap();
        prop_assert!(find(&out, SECRET).is_none());
        prop_assert_eq!(check(signal, &out).err(), None);
    }

    #[test]
    fn an_edit_gives_the_bytes_that_would_have_been_written(
        signal in signals(),
        choices in choices(),
        chosen: usize,
        text in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let write = |plant| {
            Scrambler::write(signal, &mut Choices::new(&choices), Oddity::Minimal, plant)
        };
        let leaves = write(None).leaves;
        prop_assume!(leaves > 0);
        let bytes = write(Some((chosen % leaves, SECRET))).bytes;
        let expected = write(Some((chosen % leaves, &text))).bytes;
        let mut tree = Tree::default();
        walk(signal, &bytes, &mut Everything, &mut tree).unwrap();
        let value = tree.values.iter().find(|value| holds(value, &bytes)).unwrap();
        let group = tree.holder(value) == value.nest;
        prop_assume!(!group);
        let (mut out, mut written) = (Vec::new(), Written::default());
        let edit = Edit { nest: value.nest, range: value.payload.clone(), text: &text };
        splice(&bytes, &tree.nests, &[edit], &mut out, &mut written).unwrap();
        prop_assert_eq!(&out[written.texts()[0].clone()], &text);
        prop_assert_eq!(out, expected);
    }

    #[test]
    fn an_edit_of_the_same_length_changes_nothing_else(
        signal in signals(),
        choices in choices(),
        chosen: usize,
    ) {
        let mut from = Choices::new(&choices);
        let bytes = Scrambler::write(signal, &mut from, Oddity::Padded, None).bytes;
        let mut tree = Tree::default();
        walk(signal, &bytes, &mut Everything, &mut tree).unwrap();
        let leaves: Vec<&Value> = tree.values.iter().filter(|value| {
            matches!(value.kind, Kind::String | Kind::Bytes | Kind::Key)
        }).collect();
        prop_assume!(!leaves.is_empty());
        let value = leaves[chosen % leaves.len()];
        let text = vec![b'*'; value.payload.len()];
        let mut expected = bytes.clone();
        expected[value.payload.clone()].copy_from_slice(&text);
        let (mut out, mut written) = (Vec::new(), Written::default());
        let edit = Edit { nest: value.nest, range: value.payload.clone(), text: &text };
        splice(&bytes, &tree.nests, &[edit], &mut out, &mut written).unwrap();
        prop_assert_eq!(out, expected);
    }
}
