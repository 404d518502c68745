//! What the gate found and no subscription can mean: dropped before anything is walked.
//!
//! Runs of digits stand in every timestamp and id. Where nobody asks for more than the numbers of
//! cards and accounts, their layout and check digits are judged on the raw bytes, where a run may
//! be cut by the borders of values: what passes is judged again on the value.
//!
//! Must never: drop what the value, wherever it begins and ends, could be shown for.

use tamis_detect::{may_hold_account, may_hold_account_raw};
use tamis_scan::{Class, Hit, What};

/// Which hits of a gate are looked at once more before the walk.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sieve {
    /// Runs of digits are there for cards and accounts alone.
    pub(crate) digits: bool,
    /// Big integers are.
    pub(crate) ints: bool,
}

impl Sieve {
    /// Whether a subscription may mean a hit in these bytes.
    pub(crate) fn keeps(self, bytes: &[u8], hit: &Hit) -> bool {
        match hit.what {
            What::Class(Class::Digits13) if self.digits => {
                may_hold_account_raw(bytes, hit.start..hit.end)
            }
            What::Class(Class::BigInt) if self.ints => may_be_account(bytes, hit.start + 1),
            _ => true,
        }
    }
}

/// Whether the integer that stands there may number a card.
fn may_be_account(bytes: &[u8], at: usize) -> bool {
    otlp_wire::varint::read(bytes, at).is_none_or(|(number, _)| {
        let digits = (number as i64).unsigned_abs().to_string();
        may_hold_account(digits.as_bytes(), 0..digits.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps(bytes: &[u8], class: Class) -> bool {
        let sieve = Sieve {
            digits: true,
            ints: true,
        };
        let hit = Hit {
            start: 0,
            end: bytes.len(),
            what: What::Class(class),
        };
        sieve.keeps(bytes, &hit) && Sieve::default().keeps(bytes, &hit)
    }

    #[test]
    fn cards_are_kept_whatever_their_borders() {
        for text in [
            "4111 1111 1111 1111",
            "94111111111111111",
            "20-4111 1111 1111 11119",
        ] {
            assert!(keeps(text.as_bytes(), Class::Digits13), "{text}");
        }
        for text in ["1760000000000000000", "0199-00000000-77"] {
            assert!(!keeps(text.as_bytes(), Class::Digits13), "{text}");
        }
    }

    #[test]
    fn integers_are_kept_by_their_digits() {
        let int = |number: i64| {
            let (mut bytes, mut rest) = (vec![0x18], number as u64);
            while rest > 0x7f {
                bytes.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push(rest as u8);
            bytes
        };
        assert!(keeps(&int(4_111_111_111_111_111), Class::BigInt));
        assert!(keeps(&int(-4_111_111_111_111_111), Class::BigInt));
        assert!(!keeps(&int(1_760_000_000_000_000_000), Class::BigInt));
    }
}
