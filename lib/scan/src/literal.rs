//! What is searched for: literals, how their letters compare, and what has to follow them.
//!
//! A literal is judged on raw bytes, where the neighbours may be tags and lengths of the wire
//! format. So a literal has no word boundary here: that is judged on the value, after the seek.
//! `Follow` is sound nevertheless, because it only ever asks for bytes that would have to stand
//! in the same value, and any byte of the value is also a raw byte.
//!
//! Must never: show the bytes of a haystack.

/// How the letters of a literal compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Case {
    /// Every byte compares as it is.
    #[default]
    Sensitive,
    /// `A-Z` and `a-z` compare equal; all other bytes compare as they are.
    AsciiInsensitive,
}

/// A byte string to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    /// At least one byte.
    pub bytes: Vec<u8>,
    /// How letters compare.
    pub case: Case,
    /// What has to stand directly after the literal for it to count.
    pub follow: Option<Follow>,
}

/// At least `min` bytes of `class` follow directly, within the haystack.
///
/// The bytes are raw: a tag or a length that happens to be in the class counts too, so a hit may
/// be reported where the value itself ends earlier. The other way round cannot happen: whatever
/// holds inside a value is reported. More than [`Follow::MIN_CHECKED`] bytes are not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Follow {
    /// The bytes that may follow.
    pub class: ByteClass,
    /// How many of them have to, in bytes.
    pub min: u8,
    /// What it means if the haystack ends before.
    pub cut: Cut,
}

/// What it means for a demand that the haystack ends before it is fulfilled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cut {
    /// It fails.
    #[default]
    Fails,
    /// What is there has to fulfil it, be it nothing.
    Holds,
}

impl Follow {
    /// The largest `min` that is checked (bytes); a larger one is treated as this one, so that
    /// no input can make a hit expensive.
    pub const MIN_CHECKED: u8 = 32;

    /// Whether the bytes from `at` on fulfil the demand.
    pub(crate) fn holds(&self, haystack: &[u8], at: usize) -> bool {
        let min = usize::from(self.min.min(Self::MIN_CHECKED));
        let next = match (haystack.get(at..at.saturating_add(min)), self.cut) {
            (Some(next), _) => next,
            (None, Cut::Fails) => return false,
            (None, Cut::Holds) => haystack.get(at..).unwrap_or_default(),
        };
        next.iter().rev().all(|&byte| self.class.contains(byte))
    }
}

impl Literal {
    /// A literal that compares every byte as it is.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Literal {
            bytes: bytes.into(),
            case: Case::Sensitive,
            follow: None,
        }
    }

    /// A literal whose ASCII letters compare without case.
    pub fn ascii_insensitive(bytes: impl Into<Vec<u8>>) -> Self {
        Literal {
            bytes: bytes.into(),
            case: Case::AsciiInsensitive,
            follow: None,
        }
    }

    /// The same literal, counting only where at least `min` bytes of `class` follow.
    #[must_use]
    pub fn followed_by(mut self, class: ByteClass, min: u8) -> Self {
        let cut = Cut::Fails;
        self.follow = Some(Follow { class, min, cut });
        self
    }

    /// The same literal, counting only where a byte of `class` follows or nothing at all.
    #[must_use]
    pub fn followed_if_at_all(mut self, class: ByteClass) -> Self {
        let (min, cut) = (1, Cut::Holds);
        self.follow = Some(Follow { class, min, cut });
        self
    }

    /// What may stand so many bytes behind its start where it stands; zeros count for what is behind the end of the
    /// haystack, if that may be.
    pub(crate) fn class_at(&self, at: usize) -> ByteClass {
        let behind = at.checked_sub(self.bytes.len());
        match (self.bytes.get(at), self.case, self.follow) {
            (Some(&byte), Case::Sensitive, _) => ByteClass::of(&[byte]),
            (Some(&byte), Case::AsciiInsensitive, _) => {
                ByteClass::of(&[byte.to_ascii_lowercase(), byte.to_ascii_uppercase()])
            }
            (None, _, Some(follow)) if behind.is_some_and(|at| at < follow.min.into()) => {
                match follow.cut {
                    Cut::Fails => follow.class,
                    Cut::Holds => follow.class.with(0),
                }
            }
            _ => ByteClass::ANY,
        }
    }

    /// Whether the literal stands at `start`, its `follow` included.
    pub(crate) fn stands_at(&self, haystack: &[u8], start: usize) -> bool {
        let end = start.saturating_add(self.bytes.len());
        let Some(found) = haystack.get(start..end) else {
            return false;
        };
        // What follows tells more places apart than the bytes do, where a filter has seen those.
        self.follow.is_none_or(|follow| follow.holds(haystack, end))
            && match self.case {
                Case::Sensitive => found == self.bytes,
                Case::AsciiInsensitive => found.eq_ignore_ascii_case(&self.bytes),
            }
    }
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteClass {
    bits: [u64; 4],
}

impl ByteClass {
    /// No byte.
    pub const EMPTY: Self = ByteClass { bits: [0; 4] };
    /// `0-9`.
    pub const DIGIT: Self = Self::EMPTY.with_range(b'0', b'9');
    /// `A-Z`, `a-z`, `0-9`.
    pub const ALPHANUMERIC: Self = Self::DIGIT.with_range(b'A', b'Z').with_range(b'a', b'z');
    /// `A-Z`, `a-z`, `0-9`, `_`.
    pub const WORD: Self = Self::ALPHANUMERIC.with(b'_');
    /// What keys and tokens are made of: `A-Z`, `a-z`, `0-9`, `+`, `/`, `_`, `=`, `-`.
    pub const TOKEN: Self = Self::WORD.with(b'+').with(b'/').with(b'=').with(b'-');
    /// Visible ASCII, `!` to `~`.
    pub const GRAPHIC: Self = Self::EMPTY.with_range(b'!', b'~');
    /// 0x80 and above: what characters outside ASCII consist of in UTF-8.
    pub const NON_ASCII: Self = Self::EMPTY.with_range(0x80, 0xff);
    /// Every byte.
    pub const ANY: Self = Self::EMPTY.with_range(0, 0xff);

    /// The set of the bytes listed.
    #[must_use]
    pub const fn of(bytes: &[u8]) -> Self {
        let mut set = Self::EMPTY;
        let mut i = 0;
        while i < bytes.len() {
            set = set.with(bytes[i]);
            i += 1;
        }
        set
    }

    /// The same set with `byte`.
    #[must_use]
    pub const fn with(mut self, byte: u8) -> Self {
        self.bits[(byte >> 6) as usize] |= 1 << (byte & 63);
        self
    }

    /// The same set with every byte from `first` to `last`, both included.
    #[must_use]
    pub const fn with_range(mut self, first: u8, last: u8) -> Self {
        let mut byte = first as u16;
        while byte <= last as u16 {
            self = self.with(byte as u8);
            byte += 1;
        }
        self
    }

    /// Bytes that are in either set.
    #[must_use]
    pub const fn union(mut self, other: Self) -> Self {
        let mut i = 0;
        while i < 4 {
            self.bits[i] |= other.bits[i];
            i += 1;
        }
        self
    }

    /// Whether `byte` is in the set.
    #[must_use]
    pub const fn contains(&self, byte: u8) -> bool {
        self.bits[(byte >> 6) as usize] >> (byte & 63) & 1 == 1
    }

    /// Whether every byte of this set is in `other`.
    #[must_use]
    pub const fn is_subset(&self, other: &Self) -> bool {
        let mut i = 0;
        while i < 4 {
            if self.bits[i] & !other.bits[i] != 0 {
                return false;
            }
            i += 1;
        }
        true
    }

    /// Bytes that are in this set and not in the other.
    pub(crate) fn without(mut self, other: Self) -> Self {
        for (bits, others) in self.bits.iter_mut().zip(other.bits) {
            *bits &= !others;
        }
        self
    }

    /// The bytes of the set, in order.
    pub(crate) fn bytes(self) -> impl Iterator<Item = u8> {
        (0u8..4).zip(self.bits).flat_map(|(quarter, mut bits)| {
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros() as u8)?;
                bits &= bits - 1;
                Some(quarter << 6 | bit)
            })
        })
    }

    /// The same set with every byte that differs from one of it in the highest bit only.
    pub(crate) fn without_high_bit(self) -> Self {
        let (first, second) = (self.bits[0] | self.bits[2], self.bits[1] | self.bits[3]);
        ByteClass {
            bits: [first, second, first, second],
        }
    }

    /// The bytes made of the upper half of one byte of the set and the lower half of one.
    pub(crate) fn of_halves(self) -> Self {
        let sixteenth = |high: usize| (self.bits[high / 4] >> (high % 4 * 16)) & 0xffff;
        let lows = (0..16).fold(0, |lows, high| lows | sixteenth(high));
        let mut all = Self::EMPTY;
        for high in (0..16).filter(|&high| sixteenth(high) != 0) {
            all.bits[high / 4] |= lows << (high % 4 * 16);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_they_name() {
        for byte in 0..=255u8 {
            assert_eq!(ByteClass::DIGIT.contains(byte), byte.is_ascii_digit());
            assert_eq!(
                ByteClass::ALPHANUMERIC.contains(byte),
                byte.is_ascii_alphanumeric()
            );
            assert_eq!(ByteClass::GRAPHIC.contains(byte), byte.is_ascii_graphic());
            assert_eq!(ByteClass::NON_ASCII.contains(byte), !byte.is_ascii());
            assert_eq!(
                ByteClass::of(b"+=").contains(byte),
                byte == b'+' || byte == b'='
            );
            assert!(ByteClass::ANY.contains(byte));
        }
        assert!(ByteClass::DIGIT.is_subset(&ByteClass::TOKEN));
        assert!(!ByteClass::TOKEN.is_subset(&ByteClass::WORD));
    }

    #[test]
    fn follow_counts_raw_bytes_and_stops_at_the_end() {
        let literal = Literal::new("token=").followed_by(ByteClass::ALPHANUMERIC, 3);
        assert!(literal.stands_at(b"token=abc", 0));
        assert!(!literal.stands_at(b"token=ab", 0));
        assert!(!literal.stands_at(b"token=a-c", 0));
        assert!(!literal.stands_at(b"token=abc", 1));
        assert!(!literal.stands_at(b"token=abc", usize::MAX));
    }

    #[test]
    fn a_follow_may_be_cut_by_the_end() {
        let literal = Literal::new("key").followed_if_at_all(ByteClass::DIGIT);
        assert!(literal.stands_at(b"key", 0));
        assert!(literal.stands_at(b"key1", 0));
        assert!(!literal.stands_at(b"keys", 0));
        let two = Follow {
            class: ByteClass::DIGIT,
            min: 2,
            cut: Cut::Holds,
        };
        assert!(two.holds(b"1", 0) && !two.holds(b"x", 0));
    }

    #[test]
    fn a_follow_beyond_the_bound_is_weakened_not_refused() {
        let literal = Literal::new("k").followed_by(ByteClass::DIGIT, 255);
        let mut text = b"k".to_vec();
        text.extend([b'1'; 32]);
        assert!(literal.stands_at(&text, 0));
        text.pop();
        assert!(!literal.stands_at(&text, 0));
    }
}
