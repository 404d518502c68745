//! Blocks that nobody reads: base64, hexadecimal, binary. A note says as much and is shorter.
//!
//! Must never: take words for a block: what is one has no space in hundreds of characters.

use std::ops::Range;

/// Bytes of a block, at the least.
const BYTES_MIN: usize = 256;

/// Letters of a line of a block that is broken into lines, at the least.
const LINE_BYTES_MIN: usize = 60;

/// Letters of the first line of any block, at the least: two bytes may fill up its end.
const LETTERS_MIN: usize = LINE_BYTES_MIN - FILL_MAX;

/// Signs that fill up the end of a line, at the most.
const FILL_MAX: usize = 2;

/// How much of a text is looked at to tell whether it is one.
const LOOK_CHARS: usize = 4_096;

/// One character of so many may be a control character in a text.
const CONTROLS_OF: usize = 16;

/// The blocks in a text, in order, each with what it is made of.
pub(crate) fn blocks(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = next_line(bytes, at) {
        at = start;
        let end = at + letters(bytes, at);
        let until = more_lines(bytes, at..end);
        if until - at >= BYTES_MIN {
            found.push((at..until, kind(bytes.get(at..until).unwrap_or_default())));
        }
        at = until;
    }
    found
}

/// Where the next run of letters begins, from the border of a run on, that is long enough for the first
/// line of a block. Looks at one byte of so many: no run that is long enough can stand beside it.
fn next_line(bytes: &[u8], from: usize) -> Option<usize> {
    let mut start = from;
    loop {
        let run = bytes.get(start..start + LETTERS_MIN)?;
        match run.iter().rposition(|byte| !is_letter(byte)) {
            Some(other) => start += other + 1,
            None => return Some(start),
        }
    }
}

/// Whether a text is none.
pub(crate) fn is_binary(text: &str) -> bool {
    let is_strange = |char: char| match char {
        '\t' | '\n' | '\r' | '\x1b' => false,
        char => char.is_control() || char == char::REPLACEMENT_CHARACTER,
    };
    let is_fine = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | b'\x1b');
    let first = text.as_bytes().get(..LOOK_CHARS).unwrap_or(text.as_bytes());
    if first.iter().fold(true, |all, &byte| all & is_fine(byte)) {
        return false;
    }
    let (mut chars, mut strange) = (0, 0);
    for char in text.chars().take(LOOK_CHARS) {
        chars += 1;
        strange += usize::from(is_strange(char));
    }
    strange * CONTROLS_OF > chars
}

fn kind(block: &[u8]) -> &'static str {
    let is_hex = |byte: &u8| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace();
    match block.iter().all(is_hex) {
        true => "hex",
        false => "base64",
    }
}

/// How many letters of a block stand from here on, with what fills up its end.
fn letters(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let count = rest.iter().take_while(|byte| is_letter(byte)).count();
    let end = rest.get(count..).unwrap_or_default().iter();
    count + end.take(FILL_MAX).take_while(|&&byte| byte == b'=').count()
}

fn is_letter(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/_-".contains(byte)
}

/// The end of a block whose first line this is: lines as long as it, and a last one that is shorter.
fn more_lines(bytes: &[u8], first: Range<usize>) -> usize {
    if first.len() < LINE_BYTES_MIN {
        return first.end;
    }
    let mut end = first.end;
    loop {
        let rest = bytes.get(end..).unwrap_or_default();
        let gap = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            _ => return end,
        };
        let line = letters(bytes, end + gap);
        if line == 0 || line > first.len() {
            return end;
        }
        end += gap + line;
        if line < first.len() {
            return end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Blocks, by a look at every run of letters.
    fn every_run(text: &str) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let (mut found, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let until = more_lines(bytes, at..at + letters(bytes, at));
            if until - at >= BYTES_MIN {
                found.push(at..until);
            }
            at = until.max(at + 1);
        }
        found
    }

    proptest! {
        #[test]
        fn no_block_is_passed_by(
            parts in proptest::collection::vec(("[a-f/=\n. \u{e9}]{0,3}", 50_usize..70, 1_usize..6), 0..8),
        ) {
            let line = |(between, letters, lines): &(String, usize, usize)| {
                format!("{between}{}", vec!["a".repeat(*letters); *lines].join("\n"))
            };
            let text: String = parts.iter().map(line).collect();
            let found: Vec<_> = blocks(&text).into_iter().map(|(range, _)| range).collect();
            prop_assert_eq!(found, every_run(&text));
        }
    }

    #[test]
    fn blocks_are_found_and_words_are_not() {
        let line = "QUJD".repeat(19);
        let wrapped = format!("{}YQ==", format!("{line}\n").repeat(5));
        let long = "Zm9v".repeat(70);
        let digits = "0123456789abcdef".repeat(20);
        let path = format!("{}.txt", "folder/".repeat(30));
        for (text, wanted) in [
            (
                format!("data:image/png;base64,{long}, end"),
                vec![(22..302, "base64")],
            ),
            (
                format!("a\n{wrapped}\nz"),
                vec![(2..2 + wrapped.len(), "base64")],
            ),
            (format!("x={digits}."), vec![(2..322, "hex")]),
            (
                format!("{digits} {long}"),
                vec![(0..320, "hex"), (321..601, "base64")],
            ),
            (path, vec![]),
            ("words and more words, ".repeat(50), vec![]),
            ("x\n".repeat(600), vec![]),
            (String::new(), vec![]),
        ] {
            assert_eq!(blocks(&text), wanted, "{text}");
        }
    }

    #[test]
    fn text_with_colours_is_text_and_bytes_are_none() {
        assert!(!is_binary(&"\x1b[31mred\x1b[0m\n".repeat(20)));
        assert!(!is_binary(""));
        assert!(is_binary("\0\u{1}\u{2}PNG"));
        assert!(is_binary(&"\u{fffd}ab".repeat(9)));
    }
}
