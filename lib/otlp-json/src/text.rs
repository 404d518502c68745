//! JSON text, token by token: strings, numbers, and values passed unread.
//!
//! Takes what RFC 8259 takes, with a byte order mark before it and the bare `NaN`, `Infinity` and
//! `-Infinity` that some senders write. Nothing here recurses.

mod string;

use std::borrow::Cow;

use otlp_wire::MAX_DEPTH;

use crate::error::{JsonFault, Stop};

pub(crate) type Result<T> = std::result::Result<T, Box<Stop>>;

/// How deep a value may nest that is passed unread. A message takes two levels of JSON at most.
const MAX_LEVELS: usize = 2 * MAX_DEPTH + 2;

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The JSON type of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

impl Shape {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "a boolean",
            Self::Null => "null",
        }
    }
}

/// A text and how far it was read.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let marked = bytes.starts_with(BYTE_ORDER_MARK);
        let at = if marked { BYTE_ORDER_MARK.len() } else { 0 };
        Self { bytes, at }
    }

    /// Where reading stands: before the value whose shape was asked for, or behind what was read.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    fn stop<T>(&self, fault: JsonFault) -> Result<T> {
        let ended = self.at >= self.bytes.len();
        let fault = if ended { JsonFault::Truncated } else { fault };
        Err(Stop::new(self.at, fault))
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The first byte of the next token.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Passes this byte, if the next token is it.
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes the bracket that begins an object or an array.
    pub(crate) fn open(&mut self, bracket: u8) {
        self.eat(bracket);
    }

    /// Whether another member or element follows; passes the comma before it, or the bracket.
    pub(crate) fn more(&mut self, close: u8, first: bool) -> Result<bool> {
        if self.eat(close) {
            return Ok(false);
        }
        if first || self.eat(b',') {
            return Ok(true);
        }
        let expected = if close == b'}' {
            "`,` or `}`"
        } else {
            "`,` or `]`"
        };
        self.stop(JsonFault::Syntax(expected))
    }

    /// The name of a member; passes the colon after it.
    pub(crate) fn name(&mut self) -> Result<Cow<'a, str>> {
        if self.peek() != Some(b'"') {
            return self.stop(JsonFault::Syntax("the name of a member"));
        }
        let name = self.string()?;
        if !self.eat(b':') {
            return self.stop(JsonFault::Syntax("`:`"));
        }
        Ok(name)
    }

    /// The type of the value that comes next.
    #[inline]
    pub(crate) fn shape(&mut self) -> Result<Shape> {
        Ok(match self.peek() {
            Some(b'"') => Shape::String,
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::Array,
            Some(b'-' | b'0'..=b'9' | b'N' | b'I') => Shape::Number,
            Some(b't' | b'f') => Shape::Bool,
            Some(b'n') => Shape::Null,
            _ => return self.stop(JsonFault::Syntax("a value")),
        })
    }

    /// Passes the end, or fails if something else stands there.
    pub(crate) fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => self.stop(JsonFault::Trailing),
        }
    }

    pub(crate) fn null(&mut self) -> Result<()> {
        self.word("null")
    }

    pub(crate) fn bool(&mut self) -> Result<bool> {
        let value = self.peek() == Some(b't');
        self.word(if value { "true" } else { "false" })?;
        Ok(value)
    }

    fn word(&mut self, word: &'static str) -> Result<()> {
        for expected in word.bytes() {
            if self.byte() != Some(expected) {
                return self.stop(JsonFault::Syntax("a value"));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// The number that comes next, as it is written.
    pub(crate) fn number(&mut self) -> Result<&'a str> {
        self.peek();
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'N') if self.at == start => self.word("NaN")?,
            Some(b'I') => self.word("Infinity")?,
            _ => self.decimal()?,
        }
        let number = self.bytes.get(start..self.at).unwrap_or_default();
        Ok(std::str::from_utf8(number).unwrap_or_default())
    }

    /// A number behind its sign.
    fn decimal(&mut self) -> Result<()> {
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<()> {
        if !self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.stop(JsonFault::Syntax("a digit"));
        }
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    /// Passes a whole value, whatever it is.
    pub(crate) fn skip(&mut self) -> Result<()> {
        let mut open = Vec::new();
        loop {
            let entered = match self.shape()? {
                Shape::Object => Some(b'}'),
                Shape::Array => Some(b']'),
                Shape::String => self.string().map(|_| None)?,
                Shape::Number => self.number().map(|_| None)?,
                Shape::Bool => self.bool().map(|_| None)?,
                Shape::Null => self.null().map(|()| None)?,
            };
            if let Some(close) = entered {
                if open.len() == MAX_LEVELS {
                    return self.stop(JsonFault::Depth);
                }
                self.at += 1;
                open.push(close);
            }
            let mut first = entered.is_some();
            loop {
                let Some(&close) = open.last() else {
                    return Ok(());
                };
                if self.more(close, first)? {
                    if close == b'}' {
                        self.name()?;
                    }
                    break;
                }
                open.pop();
                first = false;
            }
        }
    }
}
