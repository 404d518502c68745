//! W3C trace state, as far as sampling is concerned: the member `ot` with its `th` and `rv`.
//!
//! What the rules of the format refuse is malformed here too, with the same limits as in the
//! Collector. Members that are none of ours are written as they came; `ot` moves to the front, and in
//! it `rv` and `th`.
//!
//! Must never: panic on any text, or let a text through that is longer or stranger than the format
//! allows.

use crate::said::{Field, Said};

/// Bytes of a trace state.
const STATE_BYTES_MAX: usize = 1024;
/// List members, empty ones included, must be fewer.
const MEMBERS_END: usize = 32;
/// Bytes of a key, of the two parts of one with an `@`, and of a value.
const KEY_BYTES_MAX: usize = 256;
const TENANT_BYTES_MAX: usize = 241;
const SYSTEM_BYTES_MAX: usize = 14;
const VALUE_BYTES_MAX: usize = 256;

/// A trace state that was read.
#[derive(Debug, Default)]
pub(crate) struct State<'a> {
    pub(crate) said: Said<'a>,
    /// The other fields of `ot`.
    fields: Vec<(&'a str, &'a str)>,
    /// The other members.
    members: Vec<(&'a str, &'a str)>,
}

impl<'a> State<'a> {
    /// Reads a trace state. Of a malformed one, what could be read is there.
    pub(crate) fn parse(text: &'a [u8]) -> Self {
        let mut state = Self::default();
        if text.is_empty() {
            return state;
        }
        let valid = |text: &&str| text.len() <= STATE_BYTES_MAX && split(text, ',').all(is_member);
        let Some(text) = core::str::from_utf8(text).ok().filter(valid) else {
            state.said.malformed = true;
            return state;
        };
        for (number, member) in split(text, ',').enumerate() {
            if number + 1 >= MEMBERS_END {
                state.said.malformed = true;
                break;
            }
            let Some((key, value)) = member.split_once('=') else {
                continue;
            };
            if key == "ot" {
                state.ot(value);
            } else if is_long(key) {
                state.said.malformed = true;
            } else {
                state.members.push((key, value));
            }
        }
        state
    }

    /// A member `ot`: the last one counts, and no earlier one is forgiven.
    fn ot(&mut self, value: &'a str) {
        let malformed = self.said.malformed;
        self.said = Said::default();
        self.fields.clear();
        let fields = || value.split(';').map(|field| field.split_once(':'));
        let valid =
            |(key, value): (&str, &str)| is_field_key(key) && value.bytes().all(is_field_byte);
        if value.len() > VALUE_BYTES_MAX || !fields().all(|field| field.is_some_and(valid)) {
            self.said.malformed = true;
            return;
        }
        self.said.malformed = malformed;
        for (key, value) in fields().flatten() {
            match key {
                "rv" => self.said.read_randomness(value.as_bytes()),
                "th" => self.said.read_threshold(value.as_bytes()),
                _ => self.fields.push((key, value)),
            }
        }
    }

    /// Writes the state with this randomness and threshold.
    pub(crate) fn write(&self, randomness: Field<'_>, threshold: Field<'_>, out: &mut String) {
        out.clear();
        let begin = |out: &mut String| out.push_str(if out.is_empty() { "ot=" } else { ";" });
        for (name, field) in [("rv:", randomness), ("th:", threshold)] {
            if !field.is_empty() {
                begin(out);
                out.push_str(name);
                field.write(out);
            }
        }
        for (key, value) in &self.fields {
            begin(out);
            out.extend([key, ":", value]);
        }
        for (key, value) in &self.members {
            if !out.is_empty() {
                out.push(',');
            }
            out.extend([key, "=", value]);
        }
    }
}

/// The parts of a list, trimmed. A separator at the end begins no part.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let parts = text
        .strip_suffix(separator)
        .unwrap_or(text)
        .split(separator);
    parts.map(|part| part.trim_matches([' ', '\t']))
}

/// Whether this may be a list member: nothing, or key and value.
fn is_member(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else {
        return member.is_empty();
    };
    let key_is_good = match key.split_once('@') {
        Some((tenant, system)) => {
            starts(tenant, |byte| is_lower(byte) || byte.is_ascii_digit())
                && starts(system, is_lower)
        }
        None => starts(key, is_lower),
    };
    let value_is_good = (1..=VALUE_BYTES_MAX).contains(&value.len())
        && value
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && !b",=".contains(&byte))
        && !value.ends_with(' ');
    key_is_good && value_is_good
}

/// Whether a key begins with such a byte and goes on as keys may.
fn starts(key: &str, first: impl Fn(u8) -> bool) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(first)
        && bytes.all(|byte| is_lower(byte) || byte.is_ascii_digit() || b"_-*/".contains(&byte))
}

fn is_long(key: &str) -> bool {
    let parts = key.split_once('@');
    key.len() > KEY_BYTES_MAX
        || parts.is_some_and(|(tenant, system)| {
            tenant.len() > TENANT_BYTES_MAX || system.len() > SYSTEM_BYTES_MAX
        })
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase()
}

fn is_field_key(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(is_lower) && bytes.all(|byte| is_lower(byte) || byte.is_ascii_digit())
}

fn is_field_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threshold::Threshold;
    use proptest::prelude::*;

    fn again(text: &str) -> Option<String> {
        let state = State::parse(text.as_bytes());
        let said = state.said;
        let mut out = String::new();
        state.write(said.randomness_field(), said.threshold_field(), &mut out);
        (!said.malformed).then_some(out)
    }

    #[test]
    fn ot_moves_to_the_front_and_the_rest_stays() {
        for (text, expected) in [
            ("", Some("")),
            ("a=1", Some("a=1")),
            ("a=1,ot=p:8;th:8,b@c=2", Some("ot=th:8;p:8,a=1,b@c=2")),
            (
                "ot=x:1;th:4;rv:0123456789abcd",
                Some("ot=rv:0123456789abcd;th:4;x:1"),
            ),
            (" a=1 ,\t,b=x y,", Some("a=1,b=x y")),
            ("ot=p:1,ot=p:2", Some("ot=p:2")),
            ("ot=", None),
            ("ot=p:8;", None),
            ("ot=:8", None),
            ("ot=P:8", None),
            ("ot=p8", None),
            ("ot=p:\u{e9}", None),
            ("ot=th:123456789012345", None),
            ("ot=th:xyz,ot=p:8", None),
            ("ot=rv:12", None),
            ("UPPER=1", None),
            ("a=", None),
            ("a=1=2", None),
            ("@a=1", None),
            ("a@=1", None),
            ("1a=1", None),
            ("1a@b=1", Some("1a@b=1")),
            ("???", None),
            ("a=\u{1f511}", None),
        ] {
            assert_eq!(again(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn limits_are_those_of_the_format() {
        let list = |count: usize| vec!["a=1"; count].join(",");
        assert!(again(&list(31)).is_some());
        assert!(again(&list(32)).is_none());
        assert!(again(&format!("a={}", "x".repeat(256))).is_some());
        assert!(again(&format!("a={}", "x".repeat(257))).is_none());
        assert!(again(&format!("{}@b=1", "x".repeat(242))).is_none());
        assert!(again(&format!("a@{}=1", "x".repeat(15))).is_none());
        assert!(again(&format!("ot=x:{}", "x".repeat(255))).is_none());
        let long = vec![format!("a={}", "x".repeat(200)); 6].join(",");
        assert!(long.len() > STATE_BYTES_MAX && again(&long).is_none());
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_written_is_valid(text in "[ -~\\t\u{e9}]{0,60}|(ot=)?[a-z0-9:;=,@]{0,40}") {
            let state = State::parse(text.as_bytes());
            let mut out = String::new();
            state.write(Field::None, Field::Threshold(Threshold::ALWAYS), &mut out);
            let back = State::parse(out.as_bytes());
            prop_assert!(!back.said.malformed, "{} became {}", text, out);
        }
    }
}
