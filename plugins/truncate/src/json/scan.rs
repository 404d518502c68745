//! Reads JSON as a row of events, whatever its depth, with a stack of one byte for each bracket.
//!
//! Why our own: a parser that recurses refuses what is deep, and what it refuses would be cut as plain
//! text and be broken for those who do read it. Several documents in a row, a line each, are read too.
//! Must never: accept what is no JSON.

use std::ops::{ControlFlow, Range};

/// What stands next in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// `{` or `[`, and where it stands.
    Open(u8, usize),
    /// `}` or `]`, and where it stands.
    Close(usize),
    /// What a key holds, without its quotes.
    Key(Range<usize>),
    /// What a string holds, without its quotes.
    String(Range<usize>),
    /// A number, `true`, `false` or `null`.
    Scalar(Range<usize>),
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    Colon,
    CommaOrClose,
    /// Nothing, or another document on a line of its own.
    End,
}

/// Reads a text and tells what stands in it, until it is told to stop. Whether all that was read is
/// JSON, and, if nobody stopped it, whether that is all.
pub(super) fn scan(text: &str, mut tell: impl FnMut(Event) -> ControlFlow<()>) -> bool {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
        stack: Vec::new(),
        wants: Wants::Value,
        is_list: false,
    };
    loop {
        match scan.next() {
            Step::Event(event) => {
                if tell(event).is_break() {
                    return true;
                }
            }
            Step::Quiet => {}
            Step::Done => return true,
            Step::Broken => return false,
        }
    }
}

enum Step {
    Event(Event),
    Quiet,
    Done,
    Broken,
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
    stack: Vec<u8>,
    wants: Wants,
    /// Whether the documents are objects or arrays, of which there may be several.
    is_list: bool,
}

impl Scan<'_> {
    fn next(&mut self) -> Step {
        let on_new_line = self.pass_gap();
        let Some(&byte) = self.bytes.get(self.at) else {
            return match self.wants {
                Wants::End => Step::Done,
                _ => Step::Broken,
            };
        };
        match (self.wants, byte) {
            (Wants::End, b'{' | b'[') if self.is_list && on_new_line => self.open(byte),
            (Wants::Value | Wants::ValueOrClose, b'{' | b'[') => self.open(byte),
            (Wants::ValueOrClose | Wants::CommaOrClose, b']') => self.close(b'['),
            (Wants::KeyOrClose | Wants::CommaOrClose, b'}') => self.close(b'{'),
            (Wants::Value | Wants::ValueOrClose, b'"') => match self.string() {
                Some(range) => self.after_value(Event::String(range)),
                None => Step::Broken,
            },
            (Wants::Value | Wants::ValueOrClose, _) => match self.scalar() {
                Some(range) => self.after_value(Event::Scalar(range)),
                None => Step::Broken,
            },
            (Wants::Key | Wants::KeyOrClose, b'"') => match self.string() {
                Some(range) => {
                    self.wants = Wants::Colon;
                    Step::Event(Event::Key(range))
                }
                None => Step::Broken,
            },
            (Wants::Colon, b':') => self.pass(Wants::Value),
            (Wants::CommaOrClose, b',') => match self.stack.last() {
                Some(b'{') => self.pass(Wants::Key),
                _ => self.pass(Wants::Value),
            },
            _ => Step::Broken,
        }
    }

    fn pass(&mut self, wants: Wants) -> Step {
        self.at += 1;
        self.wants = wants;
        Step::Quiet
    }

    fn open(&mut self, byte: u8) -> Step {
        let at = self.at;
        self.is_list |= self.stack.is_empty();
        self.stack.push(byte);
        self.at += 1;
        self.wants = match byte {
            b'{' => Wants::KeyOrClose,
            _ => Wants::ValueOrClose,
        };
        Step::Event(Event::Open(byte, at))
    }

    fn close(&mut self, opening: u8) -> Step {
        if self.stack.pop() != Some(opening) {
            return Step::Broken;
        }
        self.at += 1;
        self.after_value(Event::Close(self.at - 1))
    }

    fn after_value(&mut self, event: Event) -> Step {
        self.wants = match self.stack.is_empty() {
            true => Wants::End,
            false => Wants::CommaOrClose,
        };
        Step::Event(event)
    }

    /// Passes by white space; whether a line ended in it.
    fn pass_gap(&mut self) -> bool {
        let mut on_new_line = false;
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.bytes.get(self.at) {
            on_new_line |= *byte == b'\n';
            self.at += 1;
        }
        on_new_line
    }

    /// Passes by a string; what it holds.
    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            at += plain(self.bytes.get(at..)?);
            match *self.bytes.get(at)? {
                b'"' => break,
                b'\\' => match *self.bytes.get(at + 1)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                    b'u' => {
                        let digits = self.bytes.get(at + 2..at + 6)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return None;
                        }
                        at += 6;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
        self.at = at + 1;
        Some(start..at)
    }

    fn scalar(&mut self) -> Option<Range<usize>> {
        let rest = self.bytes.get(self.at..)?;
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
        let len = rest.iter().position(ends).unwrap_or(rest.len());
        let word = rest.get(..len)?;
        let fits = matches!(word, b"true" | b"false" | b"null") || is_number(word);
        let range = self.at..self.at + len;
        self.at = range.end;
        fits.then_some(range)
    }
}

/// How many bytes from the first on neither end a string nor begin an escape, and may stand in one.
fn plain(bytes: &[u8]) -> usize {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    // Sixteen at a time, which is one vector of a guest.
    let (chunks, _) = bytes.as_chunks::<16>();
    let all = |chunk: &&[u8; 16]| chunk.iter().fold(true, |all, &byte| all & is_plain(byte));
    let whole = 16 * chunks.iter().take_while(all).count();
    let rest = bytes.get(whole..).unwrap_or_default().iter();
    whole + rest.take_while(|&&byte| is_plain(byte)).count()
}

fn is_number(word: &[u8]) -> bool {
    let digits = |word: &[u8]| word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let word = word.strip_prefix(b"-").unwrap_or(word);
    let whole = digits(word);
    if whole == 0 || whole > 1 && word.starts_with(b"0") {
        return false;
    }
    let mut rest = word.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', exponent @ ..] => exponent,
            exponent => exponent,
        };
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    fn is_json(text: &str) -> bool {
        scan(text, |_| ControlFlow::Continue(()))
    }

    #[test]
    fn several_documents_stand_on_lines_of_their_own() {
        assert!(is_json("{\"a\":1}\n[2]\n"));
        assert!(!is_json("{} {}") && !is_json("1\n2") && !is_json("{}\n1"));
    }

    #[test]
    fn depth_is_no_fault() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(is_json(&deep) && !is_json(&deep[1..]));
    }

    proptest! {
        /// The oracle is serde_json; what is generated is nearly JSON.
        #[test]
        fn it_is_json_when_serde_says_so(
            text in r#"([\[\]{},: ]|"a"|"\\u00e9"|"\\x"|-?[01]?[0-9]|\.5|1\.5e[+-]?3|true|nul|\\|"){0,8}"#,
        ) {
            let wanted = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(is_json(&text), wanted, "{:?}", text);
        }

        #[test]
        fn what_serde_writes_is_json(
            keys in proptest::collection::vec("[a-c\"\\\\\u{e9}]{0,3}", 0..5),
            number in any::<f64>(),
        ) {
            let value = serde_json::json!({"list": keys, "n": number, "o": {"k": [{}, [], null]}});
            prop_assert!(is_json(&value.to_string()));
            let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
            prop_assert!(is_json(&pretty));
        }
    }
}
