//! How long a text is: in bytes or characters, and as it stands inside JSON strings.
//!
//! A text inside a JSON string is longer on the outside than it is itself, and once more in a string
//! of JSON in a string. That length has a closed form, so a text can be cut to measure without being
//! written first. Must never: give less than the text takes when it is written.

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Characters,
}

/// How a text is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    unit: Unit,
    /// In how many JSON strings the text stands.
    level: u32,
}

impl Measure {
    pub(crate) fn new(unit: Unit) -> Self {
        Self { unit, level: 0 }
    }

    /// The measure of what stands in a JSON string of a text measured by this one.
    pub(crate) fn inside(self) -> Self {
        Self {
            level: self.level + 1,
            ..self
        }
    }

    /// In how many JSON strings the text stands.
    pub(crate) fn level(self) -> u32 {
        self.level
    }

    /// What a text takes.
    pub(crate) fn text(self, text: &str) -> usize {
        let plain = match self.unit {
            Unit::Bytes => text.len(),
            Unit::Characters => text.chars().count(),
        };
        if self.level == 0 {
            return plain;
        }
        // What takes more than itself is of one byte, and of three sizes.
        let more = |char| self.char(char) - 1;
        let bytes = text.as_bytes();
        let quotes = count(bytes, |byte| matches!(byte, b'"' | b'\\'));
        let short = count(bytes, |byte| matches!(byte, 8..=10 | 12..=13));
        let controls = count(bytes, |byte| byte < b' ');
        plain + quotes * more('"') + short * more('\n') + (controls - short) * more('\0')
    }

    /// Whether a text takes no more than this.
    pub(crate) fn fits(self, text: &str, max: usize) -> bool {
        // A character has four bytes at the most, so most texts that do not are told by their bytes.
        let least = match self.unit {
            Unit::Bytes => text.len(),
            Unit::Characters => text.len() / 4,
        };
        least <= max && self.text(text) <= max
    }

    /// What a character takes.
    pub(crate) fn char(self, char: char) -> usize {
        let plain = match self.unit {
            Unit::Bytes => char.len_utf8(),
            Unit::Characters => 1,
        };
        let Some(outer) = self.level.checked_sub(1) else {
            return plain;
        };
        // Each level doubles the backslashes of the one inside, and adds one before each quote.
        let backslashes = 1 << outer;
        match char {
            '"' | '\\' => 2 * backslashes,
            '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => backslashes + 1,
            '\0'..='\x1f' => backslashes + "u0000".len(),
            _ => plain,
        }
    }
}

/// How many bytes are so.
fn count(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    // As many as a byte can count, so that the counts of a vector stay as wide as its bytes.
    let counts = bytes.chunks(255).map(|chunk| {
        let one = |&byte: &u8| u8::from(is_so(byte));
        usize::from(chunk.iter().map(one).sum::<u8>())
    });
    counts.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The oracle writes the text into a JSON string, and that into the next.
        #[test]
        fn the_closed_form_is_what_is_written(text in "[a\"\\\\\n\t\u{1}\u{e9}\u{1f600}]{0,20}", level in 0_u32..4) {
            let mut written = text.clone();
            let mut measure = [Unit::Bytes, Unit::Characters].map(Measure::new);
            for _ in 0..level {
                let quoted = serde_json::to_string(&written).unwrap();
                written = quoted[1..quoted.len() - 1].to_owned();
                measure = measure.map(Measure::inside);
            }
            prop_assert_eq!(measure[0].text(&text), written.len());
            prop_assert_eq!(measure[1].text(&text), written.chars().count());
        }
    }
}
