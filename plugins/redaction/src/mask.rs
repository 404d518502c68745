//! What stands where something was blocked: four asterisks, or a digest of what was there.
//!
//! Must never: show its key.

use std::fmt;

use tamis_sdk::Fault;
use tamis_sdk::host::{self, Algorithm};

/// The mask without a hash function.
pub(crate) const STARS: &str = "****";

/// How blocked text is masked.
pub(crate) enum Mask {
    /// `****`, whatever the length.
    Stars,
    /// The digest in lower-case hexadecimal.
    Digest(Algorithm),
    /// The HMAC under a key in lower-case hexadecimal.
    Hmac(Algorithm, Vec<u8>),
}

impl Mask {
    /// The mask of some text.
    pub(crate) fn of(&self, text: &[u8]) -> Result<String, Fault> {
        Ok(match self {
            Self::Stars => STARS.to_owned(),
            Self::Digest(algorithm) => hex(&host::hash(*algorithm, text)?),
            Self::Hmac(algorithm, key) => hex(&host::hmac(*algorithm, key, text)?),
        })
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stars => "Stars",
            Self::Digest(_) => "Digest",
            Self::Hmac(..) => "Hmac",
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}
