//! What a backslash begins.

use super::{Re2Error, Translation};

impl Translation {
    /// An escape outside of a class.
    pub(super) fn escape(&mut self) -> Result<(), Re2Error> {
        match self.peek(0) {
            Some('b') => self.assertion(r"(?-u:\b)"),
            Some('B') => self.assertion(r"(?-u:\B)"),
            Some('A') => self.assertion(r"\A"),
            Some('z') => self.assertion(r"\z"),
            Some('Q') => self.quoted(),
            _ => {
                if let Some((class, any)) = self.class_escape()? {
                    return match any {
                        true => self.any_char(&class),
                        false => self.atom(&class),
                    };
                }
                let char = self.char_escape()?;
                self.literal(char)
            }
        }
    }

    fn assertion(&mut self, text: &str) -> Result<(), Re2Error> {
        self.at += 1;
        self.atom(text)
    }

    /// `\Q`: everything up to `\E` or the end stands for itself.
    fn quoted(&mut self) -> Result<(), Re2Error> {
        self.at += 1;
        while let Some(char) = self.next() {
            if char == '\\' && self.eat('E') {
                return Ok(());
            }
            self.literal(char)?;
        }
        Ok(())
    }

    /// `\d`, `\pN` and their like, as a class with its brackets; and whether it takes characters that
    /// it does not name. Behind the backslash; takes nothing when it is none.
    pub(super) fn class_escape(&mut self) -> Result<Option<(String, bool)>, Re2Error> {
        let class = match self.peek(0) {
            Some('d') => ("[0-9]", false),
            Some('D') => ("[^0-9]", true),
            Some('s') => (r"[\t\n\x0c\r\x20]", false),
            Some('S') => (r"[^\t\n\x0c\r\x20]", true),
            Some('w') => ("[0-9A-Za-z_]", false),
            Some('W') => ("[^0-9A-Za-z_]", true),
            Some('p' | 'P') => return self.unicode_class().map(Some),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some((class.0.to_owned(), class.1)))
    }

    fn unicode_class(&mut self) -> Result<(String, bool), Re2Error> {
        let mut negative = self.next() == Some('P');
        let name = match self.next() {
            Some('{') => {
                negative ^= self.eat('^');
                let rest = self.input.get(self.at..).unwrap_or_default();
                let len = rest.iter().position(|&char| char == '}');
                let len = len.ok_or_else(|| self.fault("a Unicode class is not closed"))?;
                let name: String = rest.iter().take(len).collect();
                self.at += len + 1;
                name
            }
            Some(char) => char.to_string(),
            None => return Err(self.fault("a Unicode class has no name")),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(self.fault("there is no such Unicode class"));
        }
        let letter = if negative { 'P' } else { 'p' };
        // RE2 reads a byte that is no UTF-8 as U+FFFD, which is in these classes and in no script.
        let any = negative || matches!(name.as_str(), "Any" | "S" | "So");
        Ok((format!(r"\{letter}{{{name}}}"), any))
    }

    /// An escaped character, behind the backslash.
    pub(super) fn char_escape(&mut self) -> Result<char, Re2Error> {
        let Some(char) = self.next() else {
            return Err(self.fault("a backslash has nothing behind it"));
        };
        let octal = |char: Option<char>| char.is_some_and(|char| char.is_digit(8));
        match char {
            'a' => Ok('\x07'),
            'f' => Ok('\x0c'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0b'),
            'x' => self.hex(),
            '0' => self.octal(char),
            '1'..='7' if octal(self.peek(0)) => self.octal(char),
            char if char.is_ascii() && !char.is_ascii_alphanumeric() => Ok(char),
            _ => Err(self.fault("RE2 has no such escape")),
        }
    }

    fn octal(&mut self, first: char) -> Result<char, Re2Error> {
        let mut code = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            let Some(digit) = self.peek(0).and_then(|char| char.to_digit(8)) else {
                break;
            };
            code = code * 8 + digit;
            self.at += 1;
        }
        self.code(code)
    }

    fn hex(&mut self) -> Result<char, Re2Error> {
        let digit = |char: Option<char>| char.and_then(|char| char.to_digit(16));
        if !self.eat('{') {
            let (high, low) = (digit(self.next()), digit(self.next()));
            let code = high.zip(low).map(|(high, low)| high * 16 + low);
            return self.code(code.unwrap_or(u32::MAX));
        }
        let (mut code, mut digits) = (0_u32, 0);
        while let Some(value) = digit(self.peek(0)) {
            code = code.saturating_mul(16).saturating_add(value);
            digits += 1;
            self.at += 1;
        }
        match digits > 0 && self.eat('}') {
            true => self.code(code),
            false => Err(self.fault("a hexadecimal escape is not valid")),
        }
    }

    fn code(&self, code: u32) -> Result<char, Re2Error> {
        char::from_u32(code).ok_or_else(|| self.fault("an escape names no character"))
    }
}
