//! Runs of digits that are long enough for a card or an account number.
//!
//! A run is a series of digits with single spaces or dashes between them, as the gate's class has
//! it. Must never judge a run: that is the business of the detectors.

use std::ops::Range;

use crate::bytes::{ALNUM, ByteClass};
use crate::gate::GateClass;

/// How long a number of a card or an account may be that a new text became a part of, in bytes.
/// Others stood before: their digits are in the old text, too.
const REACH: usize = 48;

/// What such numbers are written in.
const WRITTEN: ByteClass = ALNUM.with(b" -");

/// Whether a number may stand in a text only since this range of it is new.
pub(crate) fn may_come_with(text: &[u8], change: &Range<usize>) -> bool {
    // Most often a quote or the like stands on both sides.
    let reach = |at: Option<usize>| {
        let byte = at.and_then(|at| text.get(at));
        byte.filter(|byte| WRITTEN.contains(**byte))
            .map_or(0, |_| REACH)
    };
    let start = change.start - reach(change.start.checked_sub(1)).min(change.start);
    let end = change.end.saturating_add(reach(Some(change.end)));
    let near = text.get(start..end.min(text.len()));
    GateClass::Digits13.stands_in(near.unwrap_or_default())
}

/// The runs of at least 13 digits, as ranges from the first digit to behind the last.
pub(crate) fn runs(text: &[u8]) -> impl Iterator<Item = (usize, usize)> + use<'_> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let start = at + first_digit(&text[at..])?;
            let (end, digits) = run(text, start);
            at = end + 1;
            if digits >= 13 {
                return Some((start, end));
            }
        }
        None
    })
}

fn first_digit(text: &[u8]) -> Option<usize> {
    // Sixteen at a time, which is one vector of a guest.
    let (chunks, _) = text.as_chunks::<16>();
    let has_none = |chunk: &&[u8; 16]| {
        let any = |any, byte: &u8| any | byte.is_ascii_digit();
        !chunk.iter().fold(false, any)
    };
    let passed = 16 * chunks.iter().take_while(has_none).count();
    let at = text[passed..].iter().position(u8::is_ascii_digit)?;
    Some(passed + at)
}

/// Where the run that starts here ends, and how many digits it has.
fn run(text: &[u8], start: usize) -> (usize, usize) {
    let (mut end, mut digits) = (start, 0);
    loop {
        match (text.get(end), text.get(end + 1)) {
            (Some(b'0'..=b'9'), _) => {
                digits += 1;
                end += 1;
            }
            (Some(b' ' | b'-'), Some(b'0'..=b'9')) => end += 1,
            _ => return (end, digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_that_a_new_text_is_part_of_comes_with_it() {
        for (before, new, after, comes) in [
            ("", "x", "4111 1111 1111 1111", true),
            ("card 4111 1111 ", "1111", " 1111.", true),
            ("GB29 NWBK 6016 1331 9268 19", "x", "", true),
            ("4111111", "", "111111111", true),
            ("", "4111111111111111", "", true),
            ("4111 1111 1111 1111", "\"x\"", "4111", true),
            ("4111 1111 1111 1111 \"", "x", "\" 4111111111111111", false),
            ("\"", "123456789012", "\"", false),
            ("4111111", "x", "1111", false),
        ] {
            let text = [before, new, after].concat();
            let change = before.len()..before.len() + new.len();
            assert_eq!(may_come_with(text.as_bytes(), &change), comes, "{text}");
        }
    }

    #[test]
    fn runs_have_thirteen_digits_and_single_gaps() {
        let text = b"1 2 x 1234567890123, 4111 1111-1111 1111  9999999999999 1";
        let found: Vec<_> = runs(text).map(|(start, end)| &text[start..end]).collect();
        let expected: [&[u8]; 3] = [b"1234567890123", b"4111 1111-1111 1111", b"9999999999999 1"];
        assert_eq!(found, expected);
        assert_eq!(runs(b"").count() + runs(b"123").count(), 0);
    }
}
