//! What patterns require, on hand-picked ones and by matching them against random texts.

use proptest::prelude::*;
use tamis_scan::{ByteClass, Class, Defeat, Literal, Required, required_literals};

use crate::ask::oracle;

fn any(literals: impl IntoIterator<Item = Literal>) -> Required {
    Required::Any(literals.into_iter().collect())
}

#[test]
fn patterns_give_the_text_or_run_that_every_match_has() {
    let upper = ByteClass::DIGIT.with_range(b'A', b'Z');
    let word = ByteClass::ALPHANUMERIC;
    let cases: Vec<(&str, Required)> = vec![
        (
            r"\bAKIA[0-9A-Z]{16}\b",
            any([Literal::new("AKIA").followed_by(upper, 16)]),
        ),
        (
            r"(?:ghp|gho)_[A-Za-z0-9]{36}",
            any(["gho_", "ghp_"].map(|text| Literal::new(text).followed_by(word, 36))),
        ),
        (
            r"[0-9]+:AA[A-Za-z0-9_-]{5}xyzzy",
            any([Literal::new("xyzzy")]),
        ),
        (
            r"(?-u)(?i:api_token)",
            any([Literal::ascii_insensitive("api_token")]),
        ),
        (
            r"(?i)q-k",
            any([
                Literal::ascii_insensitive("q-k"),
                Literal::ascii_insensitive("q-\u{212a}"),
            ]),
        ),
        (r"(?:\d[ -]?){13,16}", Required::None(Defeat::NoFixedText)),
        (r"(?:[0-9][ -]?){13,16}", Required::Class(Class::Digits13)),
        (
            r"[0-9]{4}(?:[ -]?[0-9]{4}){3}",
            Required::Class(Class::Digits13),
        ),
        (
            r"(?:[0-9][ -]*){13,16}",
            Required::None(Defeat::NoFixedText),
        ),
        (r"\b[A-Za-z0-9/+]{40}\b", Required::Class(Class::Token32)),
        (
            r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            Required::Class(Class::Token32),
        ),
        (
            r"(?-u)[\w.+-]+@[\w.-]+\.[a-z]{2,}",
            Required::Class(Class::AtSign),
        ),
        (r".*", Required::None(Defeat::MatchesEmpty)),
        (r"^$", Required::None(Defeat::MatchesEmpty)),
        (r"[a-z]{3,20}", Required::None(Defeat::NoFixedText)),
        (r"e[a-z]", Required::None(Defeat::TooCommon)),
        (r"[a&&b]", Required::None(Defeat::MatchesNothing)),
        (r"ghp_x|[a-z]+", Required::None(Defeat::NoFixedText)),
        (r"(?:foo_qxar+)+baz", any([Literal::new("foo_qxar")])),
        (
            r"(?:zq-token)?[a-z]{9}",
            Required::None(Defeat::NoFixedText),
        ),
    ];
    for (pattern, expected) in cases {
        assert_eq!(required_literals(pattern).unwrap(), expected, "{pattern}");
    }
}

#[test]
fn an_invalid_pattern_is_an_error_with_its_cause() {
    let error = required_literals("(").unwrap_err();
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn a_text_longer_than_any_literal_is_still_required() {
    let text = "zyxwv_".repeat(40);
    let Required::Any(literals) = required_literals(&text).unwrap() else {
        panic!("a plain text is required");
    };
    assert!(literals.iter().all(|literal| {
        text.as_bytes()
            .windows(literal.bytes.len())
            .any(|w| w == literal.bytes)
    }));
}

/// Patterns made of parts that the extraction treats differently.
fn pattern() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "sk-",
        "ab",
        "a",
        "@",
        "-",
        "[ab]",
        "[0-9]",
        "[0-9]{4}",
        "[0-9]{13}",
        "[A-Za-z0-9_-]{20}",
        "[ -]?",
        "(?i:ks)",
        "(?i:Ab-)",
        r"\b",
        "[a-z]+",
        "[^a]",
        ".",
        r"\w",
        "[abAB01+-]{33}",
        "q{2,3}",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|parts| format!("(?:{})", parts.join("|"))),
            (
                inner.clone(),
                prop::sample::select(vec!["?", "*", "+", "{2}", "{1,3}", "{13}"])
            )
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
            inner.prop_map(|part| format!("({part})")),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "sk-",
            "ab",
            "a",
            "b",
            "@",
            "-",
            " ",
            "ks",
            "K\u{17f}",
            "\u{212a}s",
            "AB-",
            "qq",
            "x"
        ])
        .prop_map(str::to_owned),
        prop::string::string_regex("[0-9]{1,20}|[a-zA-Z0-9_-]{15,40}|([0-9][ -]){3,9}")
            .expect("a pattern"),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_match_contains_what_is_required(pattern in pattern(), text in text()) {
        let required = required_literals(&pattern).unwrap();
        let Ok(regex) = regex::bytes::Regex::new(&pattern) else {
            return Ok(());
        };
        let Some(found) = regex.find(text.as_bytes()) else {
            return Ok(());
        };
        let hits = match &required {
            Required::Any(literals) => oracle(literals, &[], text.as_bytes()),
            Required::Class(class) => oracle(&[], &[*class], text.as_bytes()),
            Required::None(_) => return Ok(()),
        };
        let touched = hits.iter().any(|hit| hit.start < found.end() && found.start() < hit.end);
        prop_assert!(touched, "{} requires {:?}", pattern, required);
    }
}
