//! What values say: as text, as the Collector has it, and as numbers.
//!
//! Must never: fail on any value.

use std::borrow::Cow;

use tamis_sdk::{Kind, ValueView};

/// The bytes of a value that the Collector hashes: bytes as they are, all else as text. Arrays and maps
/// are taken as they are serialized.
pub(crate) fn bytes<'a>(value: &ValueView<'a>) -> Cow<'a, [u8]> {
    match value.kind {
        Kind::Bool => Cow::Owned(value.bool().unwrap_or_default().to_string().into_bytes()),
        Kind::Int => Cow::Owned(value.int().unwrap_or_default().to_string().into_bytes()),
        Kind::Double => Cow::Owned(double(value.double().unwrap_or_default()).into_bytes()),
        _ => Cow::Borrowed(value.bytes),
    }
}

/// The number that a value is or is the text of.
pub(crate) fn number(value: &ValueView<'_>) -> Option<f64> {
    match value.kind {
        Kind::Int => value.int().map(|number| number as f64),
        Kind::Double => value.double(),
        Kind::String => value.text().and_then(parse),
        _ => None,
    }
}

/// A number as Go reads it, but for hexadecimal ones: what is too large is none.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    (number.is_finite() || !digits).then_some(number)
}

/// A double as Go's JSON has it: shortest digits, an exponent outside of 1e-6 to 1e21.
fn double(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        let sign = if number < 0.0 { "-" } else { "" };
        return format!("{sign}Infinity");
    }
    let size = number.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let scientific = format!("{number:e}");
    match scientific.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => scientific,
    }
}

/// Whether a glob (`*` any run, `?` any byte) matches a whole text.
pub(crate) fn matches(glob: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // The last `*`, and what it has swallowed so far.
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match glob.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[from] => {
                at += 1;
                from += 1;
            }
            _ => match &mut star {
                Some((back, swallowed)) => {
                    *swallowed += 1;
                    (at, from) = (*back + 1, *swallowed);
                }
                None => return false,
            },
        }
    }
    glob.get(at..)
        .unwrap_or_default()
        .iter()
        .all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts() {
        for (glob, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "abcd", false),
            ("*b*b*", "abcb", true),
            ("*.turn", "session_task.turn", true),
            ("?b", "ab", true),
            ("?b", "b", false),
            ("codex.*", "codex", false),
        ] {
            assert_eq!(
                matches(glob.as_bytes(), text.as_bytes()),
                expected,
                "{glob} {text}"
            );
        }
    }

    #[test]
    fn doubles_and_numbers_are_written_and_read_as_in_go() {
        for (number, text) in [(1.5, "1.5"), (2.0, "2"), (1e-7, "1e-7"), (1e21, "1e+21")] {
            assert_eq!(double(number), text);
        }
        for (text, number) in [
            ("0.0", Some(0.0)),
            ("1e400", None),
            ("inf", Some(f64::INFINITY)),
            (" 1", None),
            ("high", None),
        ] {
            assert_eq!(parse(text), number, "{text}");
        }
    }
}
