//! What a JSON string holds, and how a text is written into one.
//!
//! Must never: fail. A lone surrogate, which the grammar allows and no text can hold, becomes the
//! replacement character.

/// The text that a string holds, whose escapes were found to be well formed.
pub(super) fn decode(held: &str) -> String {
    let mut out = String::with_capacity(held.len());
    let mut rest = held;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let (char, len) = escaped(rest.get(at + 1..).unwrap_or_default());
        out.push(char);
        rest = rest.get(at + 1 + len..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The character that an escape means, and how much of the text behind the backslash that is.
fn escaped(text: &str) -> (char, usize) {
    let char = match text.as_bytes().first() {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text),
        Some(&byte) => byte.into(),
        None => char::REPLACEMENT_CHARACTER,
    };
    (char, 1)
}

fn unicode(text: &str) -> (char, usize) {
    let unit = |from: usize| u32::from_str_radix(text.get(from..from + 4)?, 16).ok();
    let first = unit(1).unwrap_or(0xfffd);
    if (0xd800..0xdc00).contains(&first)
        && text.get(5..7) == Some("\\u")
        && let Some(second @ 0xdc00..0xe000) = unit(7)
    {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (or_replacement(code), 11);
    }
    (or_replacement(first), 5)
}

fn or_replacement(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What a string holds that means this text.
pub(super) fn encode(text: &str) -> String {
    let mut quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.pop();
    quoted.drain(..quoted.len().min(1));
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lone_surrogates_are_replaced() {
        assert_eq!(decode(r"a\ud800b\udc00\u0041"), "a\u{fffd}b\u{fffd}A");
        assert_eq!(decode(r"\ud83d\ude00\/"), "\u{1f600}/");
        assert_eq!(decode(r"\ud83d\u0041"), "\u{fffd}A");
    }

    proptest! {
        #[test]
        fn it_reads_as_serde_does(text in "([a\"\\\\\n\u{1}\u{e9}\u{1f600}]){0,9}") {
            prop_assert_eq!(decode(&encode(&text)), text.as_str());
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let read: String = serde_json::from_str(&format!("\"{escaped}\"")).unwrap();
            prop_assert_eq!(decode(&escaped), read);
        }
    }
}
