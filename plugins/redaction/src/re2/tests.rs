//! Holds the translation against what Go made of the same patterns (`tests/reference/re2`).

use super::*;
use proptest::prelude::*;
use regex::bytes::RegexBuilder;
use serde_json::Value;

const GO: &str = include_str!("go.jsonl");

fn find_all(pattern: &str, purpose: Use, text: &str) -> Option<Vec<(usize, usize)>> {
    let translated = translate(pattern, purpose).ok()?;
    let regex = RegexBuilder::new(&translated).build().ok()?;
    let found = regex.find_iter(text.as_bytes());
    let found = found.filter(|found| text.is_char_boundary(found.start()));
    Some(found.map(|found| (found.start(), found.end())).collect())
}

#[test]
fn every_pattern_matches_what_go_matches() {
    let mut lines = GO.lines();
    let texts: Vec<String> = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for line in lines {
        let line: Value = serde_json::from_str(line).unwrap();
        let pattern = line[0].as_str().unwrap();
        let Some(all) = line[1].as_array() else {
            if let Ok(translated) = translate(pattern, Use::Exact)
                && RegexBuilder::new(&translated).build().is_ok()
            {
                wrong.push(format!("{pattern} is refused by Go, became {translated}"));
            }
            continue;
        };
        for (text, expected) in texts.iter().zip(all) {
            let expected: Vec<(usize, usize)> =
                serde_json::from_value(expected.clone()).unwrap_or_default();
            let found = find_all(pattern, Use::Exact, text);
            if found.as_ref() != Some(&expected) {
                let translated = translate(pattern, Use::Exact);
                wrong.push(format!(
                    "{pattern} in {text:?}: {found:?}, Go {expected:?}, as {translated:?}"
                ));
            }
            let gate = find_all(pattern, Use::Gate, text);
            if gate.is_none_or(|gate| gate.is_empty() && !expected.is_empty()) {
                wrong.push(format!("the gate of {pattern} finds nothing in {text:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_gate_takes_bytes_that_are_no_utf8() {
    for pattern in [
        "sk-.{4}",
        r"sk-\D{4}",
        r"sk-[^ ]{4}",
        r"sk-\S+",
        r"sk-\PN{4}",
        "sk-[[:^digit:]]{4}",
    ] {
        let gate = regex::bytes::Regex::new(&translate(pattern, Use::Gate).unwrap()).unwrap();
        assert!(gate.is_match(b"sk-\xff\xc3a\x80"), "{pattern}");
    }
}

#[test]
fn a_fault_says_where_and_not_what() {
    let error = translate("hunter2(?=x)", Use::Exact).unwrap_err();
    assert_eq!(error.to_string(), "RE2 has no such group at character 10");
}

proptest! {
    /// Whatever is translated can be compiled or is refused; nothing panics.
    #[test]
    fn any_text_is_read(pattern in r"[ab\\\[\]^(){}?*+|.:<>=!PQEpdDbBwWsSxUi0-9,&~\u{e9}-]{0,24}") {
        if let Ok(translated) = translate(&pattern, Use::Exact) {
            let compiled = RegexBuilder::new(&translated).size_limit(1 << 22).build();
            if let Err(error) = compiled {
                let told = error.to_string();
                let fine = ["Unicode property not found", "size limit"];
                prop_assert!(fine.iter().any(|fine| told.contains(fine)), "{} became {}: {}", pattern, translated, told);
            }
        }
    }
}
