//! Which member fills which gap, held against removing them one by one.

use proptest::prelude::*;

use super::*;

/// Members as text: one byte a key, those in `goes` go.
fn members<'a>(keys: &'a str, goes: &str) -> Vec<(&'a [u8], bool)> {
    let chars = keys.char_indices();
    let member = |(at, char): (usize, char)| (&keys.as_bytes()[at..=at], goes.contains(char));
    chars.map(member).collect()
}

#[test]
fn the_last_fills_the_gap() {
    for (keys, goes, expected) in [
        ("", "", &[][..]),
        ("abc", "", &[]),
        ("abc", "abc", &[]),
        ("abc", "c", &[]),
        ("abcd", "bcd", &[]),
        ("abc", "a", &[(0, 2)]),
        ("abcd", "ab", &[(0, 3), (1, 2)]),
        // What filled the gap goes next, and another takes its place.
        ("abcd", "ad", &[(0, 2)]),
        ("abcde", "ade", &[(0, 2)]),
        ("abcdef", "aef", &[(0, 3)]),
        // One key twice.
        ("xaxb", "x", &[(0, 3)]),
        ("xabx", "x", &[(0, 2)]),
        ("xyabxc", "xy", &[(0, 5), (1, 3)]),
    ] {
        assert_eq!(moves(&members(keys, goes)), expected, "{keys} {goes}");
    }
}

/// What the Collector does, step by step.
fn one_by_one(members: &[(&[u8], bool)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    for (key, _) in members.iter().filter(|(_, goes)| *goes) {
        let gap = order.iter().position(|&at| members[at].0 == *key).unwrap();
        order[gap] = *order.last().unwrap();
        order.pop();
    }
    order
}

proptest! {
    /// Members that stay in front keep their places, and every one behind finds a gap.
    #[test]
    fn the_arrangement_is_the_collectors(keys in "[a-h]{0,14}", goes in "[a-h]{0,4}") {
        let members = members(&keys, &goes);
        let moves = moves(&members);
        let order = one_by_one(&members);
        let expected: Vec<_> = order.iter().copied().enumerate().filter(|(gap, from)| gap != from).collect();
        prop_assert_eq!(&moves, &expected);
        for (gap, from) in moves {
            prop_assert!(members[gap].1 && !members[from].1 && from >= order.len());
        }
    }
}
