//! Quotes and line ends in text that may be JSON in JSON strings.
//!
//! At level n a quote is spelled with 2^n - 1 backslashes before it: `"`, `\"`, `\\\"`,
//! `\\\\\\\"`. A value must never be cut inside an escape, so its end is found by counting
//! backslashes and not by looking for a byte.

use crate::bytes::{ALNUM, DIGIT, HEX};

/// The most backslashes that are counted before a quote: enough for level 5.
const BACKSLASHES_MAX: usize = 63;

/// How many backslashes stand directly before a position.
pub(crate) fn backslashes_before(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before
        .iter()
        .rev()
        .take(BACKSLASHES_MAX)
        .take_while(|&&byte| byte == b'\\')
        .count()
}

/// How many backslashes stand from a position on.
pub(crate) fn backslashes_at(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .take(BACKSLASHES_MAX)
        .take_while(|&&byte| byte == b'\\')
        .count()
}

/// The level of a quote that so many backslashes introduce.
pub(crate) fn level(backslashes: usize) -> u32 {
    (backslashes + 1).ilog2()
}

/// Whether a quote behind so many backslashes ends a string of this level, and how many of them
/// are its own spelling. A quote of an outer level ends the string, too: it was cut.
pub(crate) fn closes(mut backslashes: usize, level: u32) -> Option<usize> {
    for own in 0..=level {
        if backslashes.is_multiple_of(2) {
            return Some((1 << own) - 1);
        }
        backslashes /= 2;
    }
    None
}

/// Whether a line end starts here, and how long it is: a line feed, a carriage return, or the
/// escape of one (`\n`, `\\n`, `\r`).
pub(crate) fn line_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'\n' | b'\r' => Some(1),
        b'\\' => {
            let count = backslashes_at(text, at);
            matches!(text.get(at + count), Some(b'n' | b'r')).then_some(count + 1)
        }
        _ => None,
    }
}

/// The byte that an escape at the start of the text spells, and how long the escape is: `\/`,
/// `\u002f`, `%2F`.
pub(crate) fn escaped_byte(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'%', high, low, ..] => Some((hex_byte(*high, *low)?, 3)),
        [b'\\', ..] => {
            let slashes = text
                .iter()
                .take(8)
                .take_while(|&&byte| byte == b'\\')
                .count();
            match text.get(slashes..)? {
                [b'/', ..] => Some((b'/', slashes + 1)),
                [b'u', b'0', b'0', high, low, ..] => Some((hex_byte(*high, *low)?, slashes + 5)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    Some(digit(high)? << 4 | digit(low)?)
}

/// Whether the text ends with an escape whose last byte is a letter or digit.
pub(crate) fn ends_escape(text: &[u8]) -> bool {
    match text {
        [
            ..,
            b'\\',
            b'n' | b'r' | b't' | b'f' | b'b' | b'v' | b'a' | b'e' | b'0',
        ] => true,
        [.., b'%', high, low] if HEX.contains(*high) && HEX.contains(*low) => true,
        [.., b'\\', b'x', high, low] if HEX.contains(*high) && HEX.contains(*low) => true,
        [.., b'\\', b'u', a, b, c, d] if [a, b, c, d].iter().all(|byte| HEX.contains(**byte)) => {
            true
        }
        [.., last] if ALNUM.contains(*last) => ends_colour(text),
        _ => false,
    }
}

/// Whether the text ends with a terminal colour such as `ESC[1;31m`, however the ESC is spelled.
fn ends_colour(text: &[u8]) -> bool {
    let Some(rest) = text.strip_suffix(b"m") else {
        return false;
    };
    let codes = DIGIT.with(b";").run_back(rest, rest.len(), 16);
    let rest = &rest[..rest.len() - codes];
    let Some(rest) = rest.strip_suffix(b"[") else {
        return false;
    };
    [
        &b"\x1b"[..],
        b"u001b",
        b"u001B",
        b"x1b",
        b"x1B",
        b"033",
        b"\\e",
    ]
    .iter()
    .any(|escape| rest.ends_with(escape))
}

/// How many bytes from `start` on end an escape, a terminal colour or a mark of a diff that begins
/// before them or there: a run back over letters and digits takes them for its own.
pub(crate) fn escape_tail(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let before = text.get(..start).unwrap_or_default();
    match (before.last(), rest) {
        (Some(b'\\'), [b'n' | b'r' | b't' | b'f' | b'b' | b'e', ..]) => 1,
        (Some(b'\\'), [b'u', ..]) if HEX.run(rest, 1, 4) == 4 => 5,
        (Some(b'\\'), [b'x', ..]) if HEX.run(rest, 1, 2) == 2 => 3,
        (Some(b'%'), _) if HEX.run(rest, 0, 2) == 2 => 2,
        (Some(b'['), _) => {
            let codes = DIGIT.with(b";").run(rest, 0, 16);
            let end = start + codes + 1;
            if text.get(..end).is_some_and(ends_colour) {
                codes + 1
            } else {
                0
            }
        }
        (None | Some(b'\n' | b'\r'), [b'+' | b'-', ..]) => 1,
        (Some(b'n'), [b'+' | b'-', ..]) if backslashes_before(text, start - 1) > 0 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_close_strings_of_their_own_level() {
        for (backslashes, level, closing) in [
            (0, 0, Some(0)),
            (1, 0, None),
            (2, 0, Some(0)),
            (3, 0, None),
            (1, 1, Some(1)),
            (3, 1, None),
            (5, 1, Some(1)),
            (0, 1, Some(0)),
            (2, 1, Some(0)),
            (3, 2, Some(3)),
            (1, 2, Some(1)),
            (7, 2, None),
            (7, 3, Some(7)),
        ] {
            assert_eq!(
                closes(backslashes, level),
                closing,
                "{backslashes} at {level}"
            );
        }
    }

    #[test]
    fn levels_are_those_of_json_in_json() {
        assert_eq!([0, 1, 3, 7, 2, 15].map(level), [0, 1, 2, 3, 1, 4]);
    }

    #[test]
    fn line_ends_may_be_escaped() {
        assert_eq!(line_end(b"\\\\n", 0), Some(3));
        assert_eq!(line_end(b"\n", 0), Some(1));
        assert_eq!(line_end(b"\\x", 0), None);
        assert_eq!(line_end(b"", 0), None);
    }
}
