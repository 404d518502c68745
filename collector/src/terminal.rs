//! What differs between a person at a terminal and a program at the end of a pipe.

use std::env;
use std::fmt;
use std::io::IsTerminal;

/// Whether to colour what goes to this stream: a terminal, unless `NO_COLOR` is set to anything.
pub(crate) fn colours(stream: &impl IsTerminal) -> Colours {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match stream.is_terminal() && !refused {
        true => Colours::Ansi,
        false => Colours::None,
    }
}

/// How to show colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    None,
    Ansi,
}

/// A way to make a text stand out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paint {
    Bold,
    Dim,
    Red,
    Green,
}

impl Colours {
    /// The text in this paint.
    pub(crate) fn paint<T: fmt::Display>(self, paint: Paint, text: T) -> Painted<T> {
        let code = match (self, paint) {
            (Self::None, _) => None,
            (Self::Ansi, Paint::Bold) => Some("1"),
            (Self::Ansi, Paint::Dim) => Some("2"),
            (Self::Ansi, Paint::Red) => Some("31"),
            (Self::Ansi, Paint::Green) => Some("32"),
        };
        Painted { code, text }
    }
}

/// A text with its paint.
pub(crate) struct Painted<T> {
    code: Option<&'static str>,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            None => self.text.fmt(f),
            Some(code) => write!(f, "\x1b[{code}m{}\x1b[0m", self.text),
        }
    }
}

/// A text of the outside world, such as a file's name or a log's body, without what a terminal
/// would obey.
pub(crate) fn printable(text: &str) -> String {
    let harmless = |c: char| match c {
        '\n' | '\t' | '\r' => ' ',
        c if c.is_control() => '.',
        c => c,
    };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paint_is_for_terminals_only() {
        assert_eq!(Colours::None.paint(Paint::Red, "x").to_string(), "x");
        assert_eq!(
            Colours::Ansi.paint(Paint::Red, "x").to_string(),
            "\x1b[31mx\x1b[0m"
        );
        let file = std::fs::File::open("/dev/null").unwrap();
        assert_eq!(colours(&file), Colours::None);
    }

    #[test]
    fn a_terminal_has_nothing_to_obey() {
        assert_eq!(printable("a\x1b[2Jb\nc\u{9b}d"), "a.[2Jb c.d");
    }
}
