//! Classes in brackets.

use super::{Re2Error, Translation, push_literal};

const NAMED: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

impl Translation {
    /// A class, behind its bracket.
    pub(super) fn class(&mut self) -> Result<(), Re2Error> {
        let mut class = String::from("[");
        let mut any = self.eat('^');
        if any {
            class.push('^');
        }
        let mut first = true;
        loop {
            match self.peek(0) {
                None => return Err(self.fault("a class is not closed")),
                Some(']') if !first => break,
                Some('[') if self.peek(1) == Some(':') && self.named(&mut class, &mut any)? => {}
                Some('\\') => {
                    self.at += 1;
                    match self.class_escape()? {
                        Some((escape, wide)) => {
                            class.push_str(&escape);
                            any |= wide;
                        }
                        None => {
                            let low = self.char_escape()?;
                            self.range(low, &mut class, &mut any)?;
                        }
                    }
                }
                Some(low) => {
                    self.at += 1;
                    self.range(low, &mut class, &mut any)?;
                }
            }
            first = false;
        }
        self.at += 1;
        class.push(']');
        match any {
            true => self.any_char(&class),
            false => self.atom(&class),
        }
    }

    /// `[:alpha:]` and its like; false when the bracket is a plain character.
    fn named(&mut self, class: &mut String, any: &mut bool) -> Result<bool, Re2Error> {
        let rest = self.input.get(self.at + 2..).unwrap_or_default();
        let end = rest.windows(2).position(|pair| pair == [':', ']']);
        let Some(len) = end else {
            return Ok(false);
        };
        let name: String = rest.iter().take(len).collect();
        let positive = name.strip_prefix('^').unwrap_or(&name);
        if !NAMED.contains(&positive) {
            return Err(self.fault("there is no class of this name"));
        }
        *any |= name.starts_with('^');
        class.push_str(&format!("[:{name}:]"));
        self.at += len + 4;
        Ok(true)
    }

    /// A character, or a range that begins with it.
    fn range(&mut self, low: char, class: &mut String, any: &mut bool) -> Result<(), Re2Error> {
        push_literal(class, low);
        if self.peek(0) != Some('-') || matches!(self.peek(1), None | Some(']')) {
            return Ok(());
        }
        self.at += 1;
        let high = match self.next() {
            Some('\\') => self.char_escape()?,
            Some(char) => char,
            None => return Err(self.fault("a class is not closed")),
        };
        if high < low {
            return Err(self.fault("a range ends before it begins"));
        }
        *any |= (low..=high).contains(&'\u{fffd}');
        class.push('-');
        push_literal(class, high);
        Ok(())
    }
}
