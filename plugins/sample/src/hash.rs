//! The hashes that make randomness of ids: the Collector's for `hash_seed`, one of 56 bits for sessions.
//!
//! Both depend on nothing but seed and bytes, so every instance of every daemon decides alike.
//!
//! Must never: change. Two versions side by side would tear sessions and traces apart.

use crate::threshold::Randomness;

/// The Collector's hash: FNV-1a of 32 bits over the seed and what is hashed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fnv(u32);

impl Fnv {
    pub(crate) fn new(seed: u32) -> Self {
        Self(fnv(0x811c_9dc5, &seed.to_le_bytes()))
    }

    /// Randomness whose 14 highest bits make the Collector's decision. Of the hash, the lowest 14 bits
    /// count, upside down; the others only fill the number up.
    pub(crate) fn randomness(self, bytes: &[u8]) -> Randomness {
        let hash = u64::from(fnv(self.0, bytes));
        let (low, high) = (hash & 0x3fff, hash >> 18);
        let mixed = high ^ (high << 10);
        Randomness::new((0x3fff - low) << 42 | mixed << 14 | low)
    }
}

fn fnv(start: u32, bytes: &[u8]) -> u32 {
    let step = |hash: u32, &byte: &u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(start, step)
}

/// Randomness of a session: FNV-1a of 64 bits over the seed and the text, then mixed until every bit
/// depends on every other, for FNV leaves the high bits of short texts alike.
pub(crate) fn session(seed: u32, text: &[u8]) -> Randomness {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let seed = seed.to_le_bytes();
    let bytes = seed.iter().chain(text);
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325, step);
    for multiplier in [0xff51_afd7_ed55_8ccd_u64, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ hash >> 33).wrapping_mul(multiplier);
    }
    Randomness::new((hash ^ hash >> 33) >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threshold::Threshold;

    #[test]
    fn sessions_are_spread_evenly() {
        for percent in [1_u32, 10, 50] {
            let kept = Threshold::of(f64::from(percent) / 100.0, 14);
            let passes = |number: &u32| {
                let text = format!("session-{number}");
                kept.is_some_and(|kept| kept.passes(session(0, text.as_bytes())))
            };
            let count = (0..100_000).filter(passes).count() as f64;
            let expected = f64::from(percent) * 1000.0;
            assert!(
                (count - expected).abs() < 4.0 * expected.sqrt(),
                "{percent}: {count}"
            );
        }
    }

    #[test]
    fn the_hashes_stay_what_they_are() {
        let text = |randomness: Randomness| {
            let mut out = String::new();
            randomness.write(&mut out);
            out
        };
        assert_eq!(text(Fnv::new(22).randomness(b"abc")), "c088244e11cfdd");
        assert_eq!(text(session(0, b"0199-00001")), "d6d735d5060566");
        assert_eq!(text(session(1, b"0199-00001")), "a1e375b0eccee9");
    }
}
