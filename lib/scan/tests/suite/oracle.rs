//! Every engine against the plainest possible search, over random and hostile haystacks.
//!
//! The oracle knows nothing of filters, blocks or automata: it tries every literal at every
//! offset and reads runs byte by byte. Engines have to report exactly what it reports.

use crate::ask::{self, engines, oracle, scan_all};
use crate::literals::vendor_literals;
use proptest::prelude::*;
use tamis_scan::{ByteClass, Class, Literal};

/// Bytes from a small alphabet, so that literals, runs and near misses are frequent.
fn dense_bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(b"abAB-_=. @0123456789".to_vec()),
        2 => prop::sample::select(vec![b'1', b'2', b'-', b' ']),
        1 => prop::sample::select(vec![0x18, 0x80, 0xff, 0x00, 0x7f]),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..max)
}

/// Stretches of one kind of byte each, so that long runs and their borders are frequent.
fn stretched_bytes() -> impl Strategy<Value = Vec<u8>> {
    let unit = prop::sample::select(vec![
        "1", "a", "-", " ", "@", "1-", "1 ", "a@", "\u{18}", "sk-", "ab", "=", "\u{e9}",
    ]);
    prop::collection::vec((unit, 0usize..90), 0..12).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(unit, times)| unit.repeat(times).into_bytes())
            .collect()
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    let bytes = prop_oneof![
        3 => prop::collection::vec(prop::sample::select(b"abAB-_=.1".to_vec()), 1..7),
        1 => prop::collection::vec(any::<u8>(), 1..12),
        1 => prop::sample::select(vec!["sk-", "sk-ant-", "key_", "AKIA", "ab", "ba"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ];
    let class = prop::sample::select(vec![
        ByteClass::TOKEN,
        ByteClass::DIGIT,
        ByteClass::of(b"ab"),
    ]);
    (
        bytes,
        any::<bool>(),
        prop::option::weighted(0.4, (class, 0u8..6, any::<bool>())),
    )
        .prop_map(|(bytes, folded, follow)| {
            let literal = if folded {
                Literal::ascii_insensitive(bytes)
            } else {
                Literal::new(bytes)
            };
            match follow {
                Some((class, _, true)) => literal.followed_if_at_all(class),
                Some((class, min, false)) => literal.followed_by(class, min),
                None => literal,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn engines_report_what_the_oracle_reports(
        literals in prop::collection::vec(literal(), 0..20),
        haystack in dense_bytes(400),
    ) {
        let expected = oracle(&literals, &Class::ALL, &haystack);
        for engine in engines() {
            prop_assert_eq!(&scan_all(engine, &literals, &Class::ALL, &haystack), &expected, "{}", engine);
        }
    }

    #[test]
    fn runs_are_found_whole_across_blocks(haystack in stretched_bytes()) {
        let literals = [Literal::new("sk-"), Literal::ascii_insensitive("AB")];
        let expected = oracle(&literals, &Class::ALL, &haystack);
        for engine in engines() {
            prop_assert_eq!(&scan_all(engine, &literals, &Class::ALL, &haystack), &expected, "{}", engine);
        }
    }
}

#[test]
fn classes_alone_or_together_report_the_same() {
    let mut haystack = Vec::new();
    for i in 0..40 {
        haystack.extend(b"x@y ".repeat(i % 5));
        haystack.extend(b"4111 1111-1111 1111".iter().take(i));
        haystack.extend(
            [0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]
                .iter()
                .take(i % 9),
        );
        haystack.extend(b"Ab9+/_=-".repeat(i % 7));
        haystack.push(0);
    }
    for engine in engines() {
        for class in Class::ALL {
            let expected = oracle(&[], &[class], &haystack);
            assert!(!expected.is_empty());
            assert_eq!(
                scan_all(engine, &[], &[class], &haystack),
                expected,
                "{engine} {class:?}"
            );
        }
    }
}

#[test]
fn every_literal_is_found_at_every_alignment_and_at_both_ends() {
    let literals: Vec<Literal> = vendor_literals(30);
    for filler in [b'.', b'a', 0xff] {
        for (id, literal) in literals.iter().enumerate() {
            for before in (id % 2..132).step_by(2) {
                for after in [0, 1, 3, 64] {
                    let mut haystack = vec![filler; before];
                    haystack.extend(&literal.bytes);
                    haystack.extend(std::iter::repeat_n(filler, after));
                    ask::expect_literal(&literals, id, before, &haystack);
                }
            }
        }
    }
}

#[test]
fn overlapping_pairs_hide_nothing() {
    let mut literals = vendor_literals(24);
    literals.extend(
        [
            "sk-",
            "sk-ant-",
            "password=",
            "d=ghp_",
            "ghp_",
            "-sk",
            "aaaa",
            "aa",
            "a",
        ]
        .map(Literal::new),
    );
    literals.push(Literal::ascii_insensitive("Word=G"));
    let gates = ask::engines_prepared(&literals, &[]);
    for first in &literals {
        for second in &literals {
            for overlap in 0..first.bytes.len().min(second.bytes.len()) {
                let mut haystack = b"....".to_vec();
                haystack.extend(&first.bytes[..first.bytes.len() - overlap]);
                haystack.extend(&second.bytes);
                haystack.extend(b"....");
                let expected = oracle(&literals, &[], &haystack);
                for gate in &gates {
                    assert_eq!(
                        ask::scan_with(gate, &haystack),
                        expected,
                        "{}",
                        gate.engine()
                    );
                }
            }
        }
    }
}
