//! Exact keys, compared with entries before these are looked into.
//!
//! Nearly every entry is a short key, a value and nothing else; one of those under another key is
//! passed by for the price of a comparison. Written in any other way, it is entered and judged.
//!
//! Must never: pass by an entry that has one of the keys.

use otlp_wire::varint;

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
        let Some(len) = usual_key_len(entry) else {
            return true;
        };
        self.lengths.wrapping_shr(len.into()) & 1 != 0 && self.holds(entry, usize::from(len))
    }

    fn holds(&self, entry: &[u8], len: usize) -> bool {
        let key = entry.get(2..len + 2).unwrap_or_default();
        self.keys.iter().any(|name| **name == *key)
    }
}

/// The length of the key of an entry that is a short key, a value and nothing else, in this order.
#[inline]
fn usual_key_len(entry: &[u8]) -> Option<u8> {
    let &[0x0a, len @ ..0x80] = entry.first_chunk()? else {
        return None;
    };
    let value = usize::from(len) + 2;
    let &[0x12, first] = entry.get(value..)?.first_chunk()? else {
        return None;
    };
    let (size, start) = match first {
        ..0x80 => (u64::from(first), value + 2),
        _ => varint::read(entry, value + 1)?,
    };
    (size == (entry.len() - start) as u64).then_some(len)
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
