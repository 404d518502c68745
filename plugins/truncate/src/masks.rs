//! Where a scrubber's masks stand, so that a cut does not leave half of one.
//!
//! Half a mask is no leak, but it is found by no filter and read by nobody. What a mask looks like: a
//! word that begins with a known text (`REDACTED-card-number`), stars, a kind with a digest
//! (`password-1f608de15f41393f`), a digest alone, brackets around a known text (`[REDACTED:jwt]`,
//! `<redacted (12 chars)>`), and the plugin's own notes.
//!
//! Must never: look further than a mask can reach, or a hostile text would make every cut slow.

use std::ops::Range;

/// How far from a cut a mask may reach, in bytes.
const REACH: usize = 224;

/// Hexadecimal digits of a token's digest.
const TOKEN_DIGITS: usize = 16;

/// Hexadecimal digits of the digests that scrubbers write: MD5, SHA-1, SHA-256, SHA-512.
const DIGEST_DIGITS: [usize; 4] = [32, 40, 64, 128];

/// Stars, at the least.
const STARS_MIN: usize = 3;

/// A cut that moved into another mask moves again, so many times.
const MOVES_MAX: usize = 4;

/// What masks begin with.
#[derive(Debug, Clone)]
pub(crate) struct Masks(Vec<Vec<u8>>);

impl Masks {
    pub(crate) fn new(texts: &[String]) -> Self {
        let lower = |text: &String| text.to_ascii_lowercase().into_bytes();
        let own = [b"sha256:".to_vec()];
        Self(texts.iter().map(lower).chain(own).collect())
    }

    /// The place at or before `at` where no mask is cut.
    pub(crate) fn before(&self, text: &str, at: usize) -> usize {
        self.moved(text, at, |mask| mask.start)
    }

    /// The place at or behind `at` where no mask is cut.
    pub(crate) fn after(&self, text: &str, at: usize) -> usize {
        self.moved(text, at, |mask| mask.end)
    }

    fn moved(&self, text: &str, mut at: usize, to: impl Fn(Range<usize>) -> usize) -> usize {
        for _ in 0..MOVES_MAX {
            match self.around(text.as_bytes(), at) {
                Some(mask) => at = to(mask),
                None => break,
            }
        }
        at
    }

    /// The mask that a cut here would leave in two.
    fn around(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        let start = at.saturating_sub(REACH);
        let window = text.get(start..text.len().min(at + REACH))?;
        let inner = at - start;
        let found = [
            self.bracketed(window, inner),
            self.word(window, inner),
            stars(window, inner),
        ];
        let cut = |range: &Range<usize>| range.start < inner && inner < range.end;
        let range = found.into_iter().flatten().find(cut)?;
        Some(start + range.start..start + range.end)
    }

    fn bracketed(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        let (before, after) = text.split_at_checked(at)?;
        let opening = |byte: &u8| matches!(byte, b'[' | b'<');
        let start = before.iter().rposition(opening)?;
        let closing = match text.get(start)? {
            b'[' => b']',
            _ => b'>',
        };
        let between = before.get(start + 1..)?;
        if between.iter().any(|&byte| byte == closing || byte == b'\n') {
            return None;
        }
        let end = at + after.iter().position(|&byte| byte == closing)? + 1;
        let inside = text.get(start + 1..end - 1)?;
        let known = !inside.contains(&b'\n') && self.first_in(inside).is_some();
        known.then_some(start..end)
    }

    /// The mask in the word around a place, if there is one.
    fn word(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        let range = run(text, at, |byte| {
            byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
        });
        let word = text.get(range.clone())?;
        let all_hex = word.iter().all(u8::is_ascii_hexdigit);
        if all_hex && DIGEST_DIGITS.contains(&word.len()) {
            return Some(range);
        }
        if let Some(start) = self.first_in(word) {
            return Some(range.start + start..range.end);
        }
        token(word, at - range.start)
            .map(|token| range.start + token.start..range.start + token.end)
    }

    /// Where the first of the known texts begins.
    fn first_in(&self, text: &[u8]) -> Option<usize> {
        let found = |known: &Vec<u8>| {
            let mut windows = text.windows(known.len().max(1));
            windows.position(|window| window.eq_ignore_ascii_case(known))
        };
        self.0.iter().filter_map(found).min()
    }
}

/// A kind with its digest, around a place in a word.
fn token(word: &[u8], at: usize) -> Option<Range<usize>> {
    let dashes = word.iter().enumerate().filter(|(_, byte)| **byte == b'-');
    for (dash, _) in dashes {
        let rest = word.get(dash + 1..)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit());
        let end = dash + 1 + digits.count();
        let kind = word.get(..dash)?.iter().rev();
        let letters =
            |byte: &&u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || **byte == b'-';
        let start = dash - kind.take_while(letters).count();
        if end == dash + 1 + TOKEN_DIGITS && start < dash && start < at && at < end {
            return Some(start..end);
        }
    }
    None
}

fn stars(text: &[u8], at: usize) -> Option<Range<usize>> {
    let range = run(text, at, |byte| byte == b'*');
    (range.len() >= STARS_MIN).then_some(range)
}

/// The run of such bytes that a place stands in.
fn run(text: &[u8], at: usize, fits: impl Fn(u8) -> bool) -> Range<usize> {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, &[]));
    let left = before.iter().rev().take_while(|&&byte| fits(byte)).count();
    let right = after.iter().take_while(|&&byte| fits(byte)).count();
    at - left..at + right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks() -> Masks {
        Masks::new(&["REDACTED".to_owned(), "cut.".to_owned()])
    }

    #[test]
    fn no_mask_is_left_in_two() {
        let digest = "0123456789abcdef".repeat(4);
        let note = format!("[base64: 9 bytes, sha256:{digest}]");
        for mask in [
            "REDACTED-card-number",
            "REDACTED",
            "cut.pin.here",
            "****",
            "password-1f608de15f41393f",
            digest.as_str(),
            "[REDACTED:jwt token]",
            "<redacted (12 chars)>",
            note.as_str(),
        ] {
            let text = format!("key = {mask} and more");
            for at in 0..text.len() {
                let (before, after) = (masks().before(&text, at), masks().after(&text, at));
                let inside = (7..6 + mask.len()).contains(&at);
                assert_eq!(before, if inside { 6 } else { at }, "{mask} at {at}");
                let end = 6 + mask.len();
                assert_eq!(after, if inside { end } else { at }, "{mask} at {at}");
            }
        }
    }

    #[test]
    fn other_words_are_cut_anywhere() {
        for text in [
            "an-ordinary-word",
            "0123456789abcdef0",
            "**bold**",
            "[a list]",
            "<tag>",
            "x-0123456789abcdef0",
        ] {
            for at in 0..text.len() {
                assert_eq!(masks().before(text, at), at, "{text} at {at}");
            }
        }
    }

    #[test]
    fn a_text_made_of_masks_is_not_searched_far() {
        let text = "REDACTED[".repeat(10_000);
        let at = text.len() / 2 + 3;
        assert!(at - masks().before(&text, at) <= (REACH + 1) * MOVES_MAX);
        assert!(masks().after(&text, at) - at <= (REACH + 1) * MOVES_MAX);
    }
}
