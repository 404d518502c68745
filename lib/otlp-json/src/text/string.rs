//! Strings of JSON: escapes, surrogates, and what may not stand in them.
//!
//! A string without an escape is borrowed from the text. Whatever comes out is UTF-8; nothing is
//! replaced, since a sender that writes half a character has lost the other half already.

use std::borrow::Cow;

use super::{Result, Text};
use crate::error::JsonFault;

impl<'a> Text<'a> {
    /// The string that comes next; borrowed if it holds no escape.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>> {
        if !self.eat(b'"') {
            return self.stop(JsonFault::Syntax("a string"));
        }
        let first = self.run()?;
        if self.byte() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(first));
        }
        let mut text = first.to_owned();
        while self.byte() == Some(b'\\') {
            text.push(self.escape()?);
            text.push_str(self.run()?);
        }
        self.at += 1;
        Ok(Cow::Owned(text))
    }

    /// The text up to the next quote or escape.
    fn run(&mut self) -> Result<&'a str> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let length = rest.iter().position(special).unwrap_or(rest.len());
        let run = rest.get(..length).unwrap_or_default();
        match std::str::from_utf8(run) {
            Ok(text) => {
                self.at += length;
                match self.byte() {
                    Some(b'"' | b'\\') => Ok(text),
                    _ => self.stop(JsonFault::Control),
                }
            }
            Err(error) => {
                self.at += error.valid_up_to();
                self.stop(JsonFault::Utf8)
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let start = *self;
        self.at += 1;
        let byte = self.byte();
        let plain = match byte {
            Some(b'"' | b'\\' | b'/') => byte,
            Some(b'b') => Some(0x08),
            Some(b'f') => Some(0x0c),
            Some(b'n') => Some(b'\n'),
            Some(b'r') => Some(b'\r'),
            Some(b't') => Some(b'\t'),
            Some(b'u') => None,
            _ => return self.stop(JsonFault::Escape),
        };
        self.at += 1;
        if let Some(plain) = plain {
            return Ok(char::from(plain));
        }
        let mut code = self.unit()?;
        if (0xd800..0xdc00).contains(&code) {
            if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                return start.stop(JsonFault::Surrogate);
            }
            self.at += 2;
            let low = self.unit()?;
            if !(0xdc00..0xe000).contains(&low) {
                return start.stop(JsonFault::Surrogate);
            }
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        char::from_u32(code).map_or_else(|| start.stop(JsonFault::Surrogate), Ok)
    }

    /// The four digits of an escape.
    fn unit(&mut self) -> Result<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.stop(JsonFault::Escape);
            };
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }
}
