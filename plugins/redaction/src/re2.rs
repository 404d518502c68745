//! Turns a pattern as the Collector reads it (RE2 as Go has it) into one that means the same to the
//! `regex` crate.
//!
//! The two differ in small and silent ways: `\d \w \s \b` are ASCII in RE2, `\s` has no vertical tab,
//! `[` and `&&` are plain inside a class, `{` is plain where it counts nothing, `\Q..\E` and octal
//! escapes exist, `\<` is a plain character. So a pattern is read by RE2's grammar and written anew,
//! never passed through. Groups lose their numbers and names, which nobody asks for here.
//!
//! Must never: write something that was not understood, or quote the pattern in an error.

mod class;
mod escape;

use std::fmt;

/// The highest count that RE2 takes in a repetition.
const REPEAT_MAX: u32 = 1000;

/// Why a pattern cannot be used: what is wrong and behind which character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Re2Error {
    /// Characters before the fault.
    pub(crate) at: usize,
    /// What is wrong.
    pub(crate) what: &'static str,
}

impl fmt::Display for Re2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at character {}", self.what, self.at + 1)
    }
}

/// What the translation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// To be matched against valid UTF-8: matches just what RE2 matches.
    Exact,
    /// To find values in their raw bytes: what matches any character also takes a byte that is no
    /// UTF-8, as RE2 does.
    Gate,
}

/// Translates a pattern.
pub(crate) fn translate(pattern: &str, purpose: Use) -> Result<String, Re2Error> {
    let mut translation = Translation {
        input: pattern.chars().collect(),
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        last: Last::Nothing,
        groups: 0,
        purpose,
    };
    while let Some(char) = translation.next() {
        translation.step(char)?;
    }
    match translation.groups {
        0 => Ok(translation.out),
        _ => Err(translation.fault("a group is not closed")),
    }
}

/// What stands before, for an operator that repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Atom,
    Repetition,
}

/// A pattern while it is read.
struct Translation {
    input: Vec<char>,
    at: usize,
    out: String,
    last: Last,
    groups: usize,
    purpose: Use,
}

impl Translation {
    fn next(&mut self) -> Option<char> {
        let char = self.peek(0);
        self.at += usize::from(char.is_some());
        char
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.input.get(self.at + ahead).copied()
    }

    fn eat(&mut self, char: char) -> bool {
        let there = self.peek(0) == Some(char);
        self.at += usize::from(there);
        there
    }

    fn fault(&self, what: &'static str) -> Re2Error {
        Re2Error {
            at: self.at.saturating_sub(1),
            what,
        }
    }

    fn step(&mut self, char: char) -> Result<(), Re2Error> {
        match char {
            '(' => self.group(),
            ')' => self.close(),
            '|' => {
                self.out.push('|');
                self.last = Last::Nothing;
                Ok(())
            }
            '*' | '+' | '?' => self.repeat(&char.to_string()),
            '{' => match self.count()? {
                Some(count) => self.repeat(&count),
                None => self.literal('{'),
            },
            '[' => self.class(),
            '.' => self.any_char("."),
            '^' | '$' => self.atom(char.encode_utf8(&mut [0; 4])),
            '\\' => self.escape(),
            _ => self.literal(char),
        }
    }

    fn atom(&mut self, text: &str) -> Result<(), Re2Error> {
        self.out.push_str(text);
        self.last = Last::Atom;
        Ok(())
    }

    /// An atom that matches characters which the pattern does not name.
    fn any_char(&mut self, text: &str) -> Result<(), Re2Error> {
        match self.purpose {
            Use::Exact => self.atom(text),
            Use::Gate => self.atom(&format!(r"(?:{text}|(?-u:[\x80-\xff]))")),
        }
    }

    fn literal(&mut self, char: char) -> Result<(), Re2Error> {
        push_literal(&mut self.out, char);
        self.last = Last::Atom;
        Ok(())
    }

    fn repeat(&mut self, operator: &str) -> Result<(), Re2Error> {
        match self.last {
            Last::Nothing => return Err(self.fault("a repetition operator has nothing to repeat")),
            Last::Repetition => return Err(self.fault("a repetition is repeated")),
            Last::Atom => {}
        }
        self.out.push_str(operator);
        if self.eat('?') {
            self.out.push('?');
        }
        self.last = Last::Repetition;
        Ok(())
    }

    /// A count behind `{`; none when the brace is a plain character.
    fn count(&mut self) -> Result<Option<String>, Re2Error> {
        let start = self.at;
        let count = self.count_at();
        if count.is_none() {
            self.at = start;
        }
        let Some((min, max)) = count else {
            return Ok(None);
        };
        let highest = max.flatten().unwrap_or(min);
        if min > REPEAT_MAX || highest > REPEAT_MAX || highest < min {
            return Err(self.fault("a repetition count is not valid"));
        }
        Ok(Some(match max {
            None => format!("{{{min}}}"),
            Some(None) => format!("{{{min},}}"),
            Some(Some(max)) => format!("{{{min},{max}}}"),
        }))
    }

    /// `min`, and behind a comma perhaps `max`.
    fn count_at(&mut self) -> Option<(u32, Option<Option<u32>>)> {
        let min = self.number()?;
        let max = match self.eat(',') {
            false => None,
            true if self.peek(0) == Some('}') => Some(None),
            true => Some(Some(self.number()?)),
        };
        self.eat('}').then_some((min, max))
    }

    /// A number without leading zeros; one that is too large counts as more than any limit.
    fn number(&mut self) -> Option<u32> {
        let start = self.at;
        let mut number: u32 = 0;
        while let Some(digit) = self.peek(0).and_then(|char| char.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit);
            self.at += 1;
        }
        let digits = self.at - start;
        let padded = digits > 1 && self.input.get(start) == Some(&'0');
        (digits > 0 && !padded).then_some(number)
    }

    fn group(&mut self) -> Result<(), Re2Error> {
        if !self.eat('?') {
            return self.open("(?:");
        }
        let named = self.peek(0) == Some('P') && self.peek(1) == Some('<');
        if named || self.peek(0) == Some('<') && !matches!(self.peek(1), Some('=' | '!')) {
            self.at += 1 + usize::from(named);
            return self.name();
        }
        self.flags()
    }

    fn open(&mut self, text: &str) -> Result<(), Re2Error> {
        self.out.push_str(text);
        self.groups += 1;
        self.last = Last::Nothing;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Re2Error> {
        if self.groups == 0 {
            return Err(self.fault("a parenthesis closes no group"));
        }
        self.groups -= 1;
        self.atom(")")
    }

    fn name(&mut self) -> Result<(), Re2Error> {
        let start = self.at;
        while self
            .peek(0)
            .is_some_and(|char| char.is_ascii_alphanumeric() || char == '_')
        {
            self.at += 1;
        }
        if self.at == start || !self.eat('>') {
            return Err(self.fault("a group's name is not valid"));
        }
        self.open("(?:")
    }

    /// Flags, for the rest of the group or for one of their own.
    fn flags(&mut self) -> Result<(), Re2Error> {
        let mut flags = String::from("(?");
        let (mut negative, mut named) = (false, false);
        loop {
            match self.next() {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => {
                    flags.push(flag);
                    named = true;
                }
                Some('-') if !negative => {
                    flags.push('-');
                    (negative, named) = (true, false);
                }
                Some(end @ (':' | ')')) if named || !negative => {
                    flags.push(end);
                    if end == ':' {
                        return self.open(&flags);
                    }
                    // `(?)` sets nothing, and the regex crate has no word for that.
                    if flags.len() > 3 {
                        self.out.push_str(&flags);
                    }
                    self.last = Last::Nothing;
                    return Ok(());
                }
                _ => return Err(self.fault("RE2 has no such group")),
            }
        }
    }
}

/// Writes a character that stands for itself.
fn push_literal(out: &mut String, char: char) {
    match char {
        '0'..='9' | 'A'..='Z' | 'a'..='z' => out.push(char),
        char if char.is_ascii() => out.push_str(&format!(r"\x{:02x}", char as u32)),
        char => out.push(char),
    }
}

#[cfg(test)]
mod tests;
