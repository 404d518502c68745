//! Base64 of either alphabet, decoded as far as it goes.
//!
//! Only short pieces are ever decoded, to see what an encoded text is about. Must never fail:
//! what does not decode ends the output.

/// The value of a base64 character in either alphabet.
fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// Decodes from the start until a byte that is not base64.
pub(crate) fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for value in text.iter().map_while(|byte| sextet(*byte)) {
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// Whether the text is base64 of `user:password` in printable characters.
pub(crate) fn is_basic_pair(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let body = text
        .iter()
        .take(513)
        .take_while(|byte| sextet(**byte).is_some())
        .count();
    if !(6..=512).contains(&body) || !text[body..].iter().all(|byte| *byte == b'=') {
        return false;
    }
    let pair = decode(text);
    let colon = pair.iter().position(|byte| *byte == b':');
    colon.is_some_and(|colon| colon > 0 && pair.len() - colon > 3)
        && pair.iter().all(|byte| (0x20..0x7f).contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_stops_where_base64_does() {
        assert_eq!(decode(b"aGVsbG8="), b"hello");
        assert_eq!(decode(b"aGVs bG8="), b"hel");
        assert_eq!(decode(b""), b"");
        assert_eq!(decode(b"_-8"), [0xff, 0xef]);
    }

    #[test]
    fn pairs_have_a_colon_between_printable_characters() {
        assert!(is_basic_pair(b"dXNlcjpwYXNzd29yZA=="));
        for text in [
            &b""[..],
            b"aGVsbG8gd29ybGQ=",
            b"authentication",
            b"/////////w==",
            b"==",
        ] {
            assert!(!is_basic_pair(text));
        }
    }
}
