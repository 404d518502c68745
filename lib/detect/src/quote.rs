//! Which masks need quotes.
//!
//! A finding that is a bare JSON number leaves a text that does not parse when plain words take
//! its place. Must change nothing but the `quote` of findings.

use crate::escape::{backslashes_before, level};
use crate::find::{Finding, Quote};

/// Says for each finding, in rising order, what its mask needs.
pub(crate) fn fill(text: &[u8], findings: &mut [Finding]) {
    let mut strings = None;
    let mut seen = 0;
    for finding in findings {
        if !is_bare_number(text, finding) {
            continue;
        }
        let strings = strings.get_or_insert_with(|| Strings {
            open: 0,
            closed: starts_json(text).then_some(0),
        });
        let before = text.get(seen..finding.start).unwrap_or_default();
        for at in memchr::memchr_iter(b'"', before) {
            strings.quote(backslashes_before(text, seen + at));
        }
        seen = finding.end;
        if let Some(backslashes) = strings.closed {
            finding.quote = Quote::JsonString { backslashes };
        }
    }
}

/// Which strings are open, for JSON in JSON strings.
struct Strings {
    /// A bit for each level.
    open: u64,
    /// Backslashes of the last quote, if it closed its string: what stands behind it is no part of a
    /// string of its level.
    closed: Option<u8>,
}

impl Strings {
    /// Takes note of a quote behind so many backslashes.
    fn quote(&mut self, backslashes: usize) {
        // An even number of them are escaped backslashes, and the quote is one of the outermost.
        let own = if backslashes.is_multiple_of(2) {
            0
        } else {
            backslashes
        };
        let bit = 1 << level(own);
        let closes = self.open & bit != 0;
        self.open &= bit - 1;
        self.open |= if closes { 0 } else { bit };
        self.closed = u8::try_from(own).ok().filter(|_| closes);
    }
}

fn starts_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether the finding is a number between JSON punctuation.
fn is_bare_number(text: &[u8], finding: &Finding) -> bool {
    let (Some(before), Some(found), Some(after)) = (
        text.get(..finding.start),
        text.get(finding.start..finding.end),
        text.get(finding.end..),
    ) else {
        return false;
    };
    let number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    if !found.iter().all(number) {
        return false;
    }
    let before = before.trim_ascii_end();
    let opens = match before {
        [head @ .., b':'] => head.trim_ascii_end().ends_with(b"\""),
        [.., b'[' | b','] => true,
        _ => false,
    };
    let after = after.trim_ascii_start();
    let closes = match after {
        [] | [b',' | b']' | b'}', ..] => true,
        [b'\\', rest @ ..] => rest.iter().find(|byte| **byte != b'\\') == Some(&b'n'),
        _ => false,
    };
    opens && closes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::Check;

    fn quote(text: &str) -> Quote {
        let start = text.find('4').unwrap();
        let end = start + text[start..].bytes().take_while(u8::is_ascii_digit).count();
        let mut findings = [Finding {
            start,
            end,
            detector: 0,
            quote: Quote::None,
            check: Check::None,
        }];
        fill(text.as_bytes(), &mut findings);
        findings[0].quote
    }

    #[test]
    fn bare_json_numbers_need_quotes_of_their_level() {
        for (text, backslashes) in [
            (r#"{"pin": 4111}"#, 0),
            (r#"[4111, 2]"#, 0),
            (r#"{\"pin\":4111,\"x\":1}"#, 1),
            (r#"{\\\"pins\\\":[1, 4111]}"#, 3),
            ("{\"pin\": 4111\n}", 0),
        ] {
            assert_eq!(quote(text), Quote::JsonString { backslashes }, "{text}");
        }
    }

    #[test]
    fn other_numbers_need_none() {
        for text in [
            "pin: 4111",
            "\"4111\"",
            "a, 4111, b",
            "4111",
            "pin=4111",
            "{\"a\": \"x 4111\"}",
            "{\"a\": \"x, 4111, y\"}",
            "{\"a\": \"[4111, 2]\"}",
            "{\"a\": \"say \\\"x, 4111, \\\"\"}",
        ] {
            assert_eq!(quote(text), Quote::None, "{text}");
        }
    }
}
