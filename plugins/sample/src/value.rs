//! What values say: as text, as the Collector has it, and as numbers.
//!
//! Must never: fail on any value.

use std::borrow::Cow;

use tamis_sdk::{Kind, ValueView, double_text};

/// The bytes of a value that the Collector hashes: bytes as they are, all else as text. Arrays and maps
/// are taken as they are serialized.
pub(crate) fn bytes<'a>(value: &ValueView<'a>) -> Cow<'a, [u8]> {
    match value.kind {
        Kind::Bool => Cow::Owned(value.bool().unwrap_or_default().to_string().into_bytes()),
        Kind::Int => Cow::Owned(value.int().unwrap_or_default().to_string().into_bytes()),
        Kind::Double => Cow::Owned(double_text(value.double().unwrap_or_default()).into_bytes()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_in_go() {
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
