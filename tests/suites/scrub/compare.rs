//! Holds a batch after the scrub against the batch before, value by value.
//!
//! Both are read as trees of JSON. A text may differ only where a mask stands in it: what is around
//! the masks must be the text before, in order.

use serde_json::Value as Json;
use tamis_host::Signal;

/// A text that was changed.
pub(crate) struct Changed {
    pub(crate) path: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// Texts that were changed, and how many there are in all.
#[derive(Default)]
pub(crate) struct Comparison {
    pub(crate) changed: Vec<Changed>,
    pub(crate) values: usize,
}

/// Compares; fails where anything but the text under a mask differs.
pub(crate) fn compare(signal: Signal, before: &[u8], after: &[u8]) -> Comparison {
    let mut found = Comparison::default();
    walk(&tree(signal, before), &tree(signal, after), "", &mut found);
    found
}

fn tree(signal: Signal, batch: &[u8]) -> Json {
    let mut text = Vec::new();
    otlp_json::to_json(signal, batch, otlp_json::Style::Compact, &mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn walk(before: &Json, after: &Json, path: &str, found: &mut Comparison) {
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => {
            assert!(before.keys().eq(after.keys()), "other members at {path}");
            for (key, value) in before {
                walk(value, &after[key], &format!("{path}.{key}"), found);
            }
        }
        (Json::Array(before), Json::Array(after)) => {
            assert_eq!(before.len(), after.len(), "other elements at {path}");
            for (number, (before, after)) in before.iter().zip(after).enumerate() {
                let name = before["key"].as_str().map(str::to_owned);
                let name = name.unwrap_or_else(|| number.to_string());
                walk(before, after, &format!("{path}[{name}]"), found);
            }
        }
        (Json::String(before), Json::String(after)) => {
            found.values += 1;
            if before != after {
                assert!(
                    is_masked(before, after),
                    "more than a mask changed at {path}"
                );
                found.changed.push(Changed {
                    path: path.to_owned(),
                    before: before.clone(),
                    after: after.clone(),
                });
            }
        }
        _ => assert_eq!(before, after, "another value at {path}"),
    }
}

/// Whether what stands around the masks is the text before, in order.
fn is_masked(before: &str, after: &str) -> bool {
    let mut parts = after.split("REDACTED-");
    let Some(mut rest) = parts.next().and_then(|first| before.strip_prefix(first)) else {
        return false;
    };
    let mut ends = rest.is_empty();
    for part in parts {
        let name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let kind = part.bytes().take_while(|&byte| name(byte)).count();
        // The kind's name may run into the text behind it; any shorter name will do.
        let found = (0..=kind).rev().find_map(|kind| {
            let text = &part[kind..];
            (!text.is_empty()).then(|| rest.find(text).map(|at| at + text.len()))?
        });
        ends = kind == part.len();
        match found {
            Some(end) => rest = &rest[end..],
            None if ends => {}
            None => return false,
        }
    }
    ends || rest.is_empty()
}

#[test]
fn only_masks_may_differ() {
    let before = "a=1234 b=5678 c";
    assert!(is_masked(before, "a=REDACTED-pin b=REDACTED-pin c"));
    assert!(is_masked(before, "a=1234 b=REDACTED-pin"));
    assert!(!is_masked(before, "b=REDACTED-pin c"));
    assert!(!is_masked(before, "a=REDACTED-pin b=5678"));
    assert!(!is_masked(before, "a=REDACTED-pin x=5678 c"));
}
