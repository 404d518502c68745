//! Exact keys, compared with entries before these are looked into.
//!
//! Nearly every entry is a short key, a value and nothing else; one of those under another key is
//! passed by for the price of a comparison. Written in any other way, it is entered and judged.
//!
//! Must never: pass by an entry that has one of the keys.

use otlp_wire::usual_key;

/// Keys, with what tells most others from them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    keys: Vec<Box<[u8]>>,
    /// Their lengths, a bit each, those above 63 from the lowest on again.
    lengths: u64,
}

impl Names {
    pub(crate) fn add(&mut self, key: &str) {
        self.lengths |= 1_u64.wrapping_shl(key.len() as u32);
        self.keys.push(key.as_bytes().into());
    }

    /// Whether the entry with this payload may have one of the keys.
    #[inline]
    pub(crate) fn may_name(&self, entry: &[u8]) -> bool {
        let Some(key) = usual_key(entry) else {
            return true;
        };
        self.lengths.wrapping_shr(key.len() as u32) & 1 != 0 && self.holds(key)
    }

    fn holds(&self, key: &[u8]) -> bool {
        self.keys.iter().any(|name| **name == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_as_usual_is_passed_by() {
        let mut names = Names::default();
        names.add("ab");
        let entry = |key: &[u8], rest: &[u8]| [&[0x0a, key.len() as u8], key, rest].concat();
        let value: &[u8] = &[0x12, 2, 0x10, 1];
        assert!(names.may_name(&entry(b"ab", value)));
        assert!(!names.may_name(&entry(b"xy", value)));
        assert!(!names.may_name(&entry(b"abc", value)));
        // A key of another length with the same bit.
        assert!(!names.may_name(&entry(&[b'a'; 66], value)));
        // No value, a value before, a second key, a length of two bytes: not for this to say.
        assert!(names.may_name(&entry(b"xy", b"")));
        assert!(names.may_name(&[value, &entry(b"xy", b"")].concat()));
        assert!(names.may_name(&entry(b"xy", &[value, &entry(b"ab", b"")].concat())));
        assert!(names.may_name(&[&[0x0a, 0x82, 0, b'a', b'b'], value].concat()));
    }
}
