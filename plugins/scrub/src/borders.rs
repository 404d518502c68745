//! Where an edit may begin and end so that the text around it stays valid.
//!
//! The detectors choose ranges that are whole values; a custom pattern may end anywhere. Here a
//! range is moved outwards to characters, escapes and bare JSON numbers. Must never: make a range
//! smaller, but for backslashes at its end that belong to a quote.

use std::ops::Range;

use tamis_detect::Quote;

/// Bytes of the longest escape, `\uXXXX`.
const ESCAPE_BYTES: usize = 6;

/// The range, moved to borders of characters and escapes.
pub(crate) fn fit(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let mut start = before_escape(text, range.start);
    let mut end = range.end;
    while start > 0 && text.get(start).is_some_and(is_continuation) {
        start -= 1;
    }
    while text.get(end).is_some_and(is_continuation) {
        end += 1;
    }
    start..behind_escape(text, start, end)
}

/// What a mask of the range needs, and the range as a bare JSON number would have it.
pub(crate) fn quote(text: &[u8], range: &Range<usize>) -> (Range<usize>, Quote) {
    let plain = (range.clone(), Quote::None);
    if !matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return plain;
    }
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let left = before.iter().rev().take_while(is_part).count();
    let right = after.iter().take_while(is_part).count();
    let whole = range.start - left..range.end + right;
    if !stands_bare(text, &whole) {
        return plain;
    }
    let opened = memchr::memrchr(b'"', &text[..whole.start]);
    let backslashes = opened.map_or(0, |at| backslashes_before(text, at));
    let backslashes = u8::try_from(backslashes).unwrap_or(0);
    (whole, Quote::JsonString { backslashes })
}

/// Whether the range is a number, `true`, `false` or `null` where JSON has a value.
fn stands_bare(text: &[u8], range: &Range<usize>) -> bool {
    let scalar = text.get(range.clone()).unwrap_or_default();
    let number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let word = matches!(scalar, b"true" | b"false" | b"null");
    if scalar.is_empty() || !word && !scalar.iter().all(number) {
        return false;
    }
    let opens = match text[..range.start].trim_ascii_end() {
        [head @ .., b':'] => head.trim_ascii_end().ends_with(b"\""),
        [.., b'[' | b','] => true,
        _ => false,
    };
    opens
        && matches!(
            text[range.end..].trim_ascii_start().first(),
            Some(b',' | b']' | b'}')
        )
}

/// The start of the escape that a position is inside of, else the position.
fn before_escape(text: &[u8], at: usize) -> usize {
    let near = text.get(at.saturating_sub(ESCAPE_BYTES - 1)..at);
    if near.is_none_or(|near| near.iter().all(|&byte| byte != b'\\')) {
        return at;
    }
    let named = text
        .get(at)
        .is_some_and(|byte| b"\"\\/bfnrtu".contains(byte));
    if named && backslashes_before(text, at) % 2 == 1 {
        return at - 1;
    }
    // `\uXXXX`: the position may be at any of the digits.
    for digits in 0..4 {
        let Some(letter) = at.checked_sub(digits + 1) else {
            break;
        };
        let hex = |range: Range<usize>| {
            let digits = text.get(range).unwrap_or_default();
            digits.iter().all(u8::is_ascii_hexdigit)
        };
        let is_escape = text.get(letter) == Some(&b'u')
            && hex(letter + 1..letter + 5)
            && letter + 5 <= text.len()
            && backslashes_before(text, letter) % 2 == 1;
        if is_escape {
            return letter - 1;
        }
    }
    at
}

/// The end, outside of any escape: backslashes before a quote are the quote's.
fn behind_escape(text: &[u8], start: usize, end: usize) -> usize {
    let inside = before_escape(text, end);
    if inside == end {
        return end;
    }
    if text.get(end) == Some(&b'"') {
        return end - backslashes_before(text, end).min(end - start);
    }
    if text.get(inside + 1) == Some(&b'u') {
        return (inside + 6).min(text.len());
    }
    end + 1
}

fn backslashes_before(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before
        .iter()
        .rev()
        .take_while(|&&byte| byte == b'\\')
        .count()
}

fn is_continuation(byte: &u8) -> bool {
    byte & 0xc0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(text: &str, part: &str) -> String {
        let start = text.find(part).unwrap();
        let range = fit(text.as_bytes(), &(start..start + part.len()));
        text[range].to_owned()
    }

    #[test]
    fn escapes_are_taken_whole() {
        for (text, part, wanted) in [
            (r#"{"a":"x\nsecret"}"#, "nsecret", r"\nsecret"),
            (r#"{"a":"x\nsecret"}"#, "secret", "secret"),
            (r#"{"a":"secret\n"}"#, r"secret\", r"secret\n"),
            (r#"{"a":"{\"b\":\"secret\"}"}"#, r"secret\", "secret"),
            (r#"{"a":"\u0041BC"}"#, "41BC", r"\u0041BC"),
            (r#"{"a":"ab\u0041"}"#, r"ab\u0", r"ab\u0041"),
            (r"C:\ghp_1", "ghp_1", "ghp_1"),
            (r#"{"a":"x\\nsecret"}"#, "nsecret", "nsecret"),
        ] {
            assert_eq!(fitted(text, part), wanted, "{text}");
        }
    }

    #[test]
    fn characters_are_taken_whole() {
        let text = "a\u{e9}b".as_bytes();
        assert_eq!(fit(text, &(2..3)), 1..3);
        assert_eq!(fit(text, &(0..2)), 0..3);
        assert_eq!(fit(&[0x80, 0x80], &(1..1)), 0..2);
    }

    #[test]
    fn a_bare_number_is_taken_whole_and_quoted() {
        let text = br#"{"pin": 123456, "x": [true]}"#;
        let quoted = Quote::JsonString { backslashes: 0 };
        assert_eq!(quote(text, &(9..11)), (8..14, quoted));
        assert_eq!(quote(text, &(22..24)), (22..26, quoted));
        assert_eq!(quote(text, &(2..5)), (2..5, Quote::None));
        let nested = br#"{"a":"{\"pin\":12}"}"#;
        let escaped = Quote::JsonString { backslashes: 1 };
        assert_eq!(quote(nested, &(15..17)), (15..17, escaped));
        assert_eq!(quote(b"pin: 12", &(5..7)), (5..7, Quote::None));
    }

    proptest::proptest! {
        #[test]
        fn any_range_of_any_text_is_fitted(text: Vec<u8>, start: usize, length: usize) {
            let start = start % (text.len() + 1);
            let end = start + length % (text.len() - start + 1);
            let fitted = fit(&text, &(start..end));
            proptest::prop_assert!(fitted.start <= fitted.end && fitted.end <= text.len());
            let (whole, _) = quote(&text, &fitted);
            proptest::prop_assert!(whole.start <= fitted.start && fitted.end <= whole.end);
        }
    }
}
