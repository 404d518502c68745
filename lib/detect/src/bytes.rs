//! Sets of bytes, and the ones that secrets are spelled with.
//!
//! A set is four words, built at compile time, so that detectors can be constants. Must never
//! know anything about detectors.

/// A set of byte values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct ByteClass([u64; 4]);

impl ByteClass {
    /// The set of all bytes in these inclusive ranges.
    #[must_use]
    pub const fn of(ranges: &[(u8, u8)]) -> ByteClass {
        let mut words = [0u64; 4];
        let mut index = 0;
        while index < ranges.len() {
            let (mut byte, last) = ranges[index];
            loop {
                words[(byte >> 6) as usize] |= 1 << (byte & 63);
                if byte >= last {
                    break;
                }
                byte += 1;
            }
            index += 1;
        }
        ByteClass(words)
    }

    /// A bit for each byte, the lowest of the first word for byte 0.
    #[must_use]
    pub const fn words(self) -> [u64; 4] {
        self.0
    }

    /// This set and these bytes.
    #[must_use]
    pub const fn with(self, bytes: &[u8]) -> ByteClass {
        let mut words = self.0;
        let mut index = 0;
        while index < bytes.len() {
            words[(bytes[index] >> 6) as usize] |= 1 << (bytes[index] & 63);
            index += 1;
        }
        ByteClass(words)
    }

    /// Every byte of either set.
    #[must_use]
    pub const fn union(self, other: ByteClass) -> ByteClass {
        let (a, b) = (self.0, other.0);
        ByteClass([a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3]])
    }

    /// Every byte that is not in this set.
    #[must_use]
    pub const fn inverse(self) -> ByteClass {
        ByteClass([!self.0[0], !self.0[1], !self.0[2], !self.0[3]])
    }

    /// Whether the byte is in the set.
    #[must_use]
    #[inline]
    pub const fn contains(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] >> (byte & 63) & 1 == 1
    }

    /// The set as a map of 256 bits: byte `b` is bit `b % 64` of word `b / 64`.
    #[must_use]
    pub const fn bits(&self) -> [u64; 4] {
        self.0
    }

    /// How many bytes from `at` on, at most `limit`, are in the set.
    pub(crate) fn run(&self, text: &[u8], at: usize, limit: usize) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        let rest = &rest[..rest.len().min(limit)];
        if rest.first().is_none_or(|&byte| !self.contains(byte)) {
            return 0;
        }
        // Four at a time, since a guest pays for each turn of a loop.
        let (fours, _) = rest.as_chunks::<4>();
        let all = |four: &&[u8; 4]| {
            four.iter()
                .fold(true, |all, &byte| all & self.contains(byte))
        };
        let whole = 4 * fours.iter().take_while(all).count();
        let others = &rest[whole..];
        let last = others.iter().position(|&byte| !self.contains(byte));
        whole + last.unwrap_or(others.len())
    }

    /// How many bytes directly before `at`, at most `limit`, are in the set.
    pub(crate) fn run_back(&self, text: &[u8], at: usize, limit: usize) -> usize {
        let rest = text.get(..at).unwrap_or_default();
        let rest = &rest[rest.len().saturating_sub(limit)..];
        rest.iter()
            .rev()
            .position(|&byte| !self.contains(byte))
            .unwrap_or(rest.len())
    }
}

pub(crate) const DIGIT: ByteClass = ByteClass::of(&[(b'0', b'9')]);
pub(crate) const HEX: ByteClass = ByteClass::of(&[(b'0', b'9'), (b'a', b'f'), (b'A', b'F')]);
pub(crate) const ALNUM: ByteClass = ByteClass::of(&[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z')]);
pub(crate) const WORD: ByteClass = ALNUM.with(b"_");
pub(crate) const UPPER_ALNUM: ByteClass = ByteClass::of(&[(b'0', b'9'), (b'A', b'Z')]);
pub(crate) const LOWER_ALNUM: ByteClass = ByteClass::of(&[(b'0', b'9'), (b'a', b'z')]);
/// The URL-safe base64 alphabet.
pub(crate) const B64U: ByteClass = ALNUM.with(b"_-");
/// The standard base64 alphabet with padding.
pub(crate) const B64: ByteClass = ALNUM.with(b"+/=");
/// Both base64 alphabets with padding.
pub(crate) const B64_ANY: ByteClass = ALNUM.with(b"+/=_-");
pub(crate) const B64U_DOT: ByteClass = B64U.with(b".");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_their_ranges_say() {
        for byte in 0..=255u8 {
            assert_eq!(ALNUM.contains(byte), byte.is_ascii_alphanumeric());
            assert_eq!(HEX.contains(byte), byte.is_ascii_hexdigit());
            assert_eq!(WORD.inverse().contains(byte), !WORD.contains(byte));
        }
        assert!(ByteClass::of(&[(0, 255)]).contains(255));
    }

    #[test]
    fn runs_stop_at_borders_and_limits() {
        assert_eq!(DIGIT.run(b"12345x", 1, 9), 4);
        assert_eq!(DIGIT.run(b"12345x", 1, 2), 2);
        assert_eq!(DIGIT.run(b"12", 7, 2), 0);
        assert_eq!(DIGIT.run_back(b"x123", 4, 9), 3);
        assert_eq!(DIGIT.run_back(b"123", 3, 2), 2);
        assert_eq!(DIGIT.run_back(b"123", 9, 2), 0);
    }
}
