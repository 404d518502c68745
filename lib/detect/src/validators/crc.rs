//! Checksums that providers write into their tokens.
//!
//! The algorithms come from public descriptions; the samples that pass them were made with the same
//! algorithms, so no test here has seen a token that a provider issued. Because a wrong checksum
//! never clears, a mistake costs a border, not a leak. Must never allocate more than a few bytes: a
//! token is short, and a longer text is not one.

use sha2::{Digest, Sha256};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE62_LOWER_FIRST: &[u8; 62] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The longest text that any checksum is computed of, in bytes.
const LENGTH_MAX: usize = 512;

const CRC_TABLE: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                0xEDB8_8320 ^ (value >> 1)
            } else {
                value >> 1
            };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

/// CRC-32 as in IEEE 802.3.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        CRC_TABLE[usize::from((crc as u8) ^ byte)] ^ (crc >> 8)
    })
}

/// The last digits of a number in the base of the alphabet, padded on the left.
pub(crate) fn digits<const N: usize>(mut value: u64, alphabet: &[u8]) -> [u8; N] {
    let base = alphabet.len() as u64;
    let mut out = [0; N];
    for digit in out.iter_mut().rev() {
        *digit = alphabet[usize::try_from(value % base).unwrap_or(0)];
        value /= base;
    }
    out
}

pub(super) fn base62(token: &[u8], prefix: usize, length: usize) -> bool {
    let Some((body, sum)) = token
        .get(prefix..length)
        .and_then(|rest| rest.split_last_chunk())
    else {
        return false;
    };
    *sum == digits::<6>(crc32(body).into(), BASE62)
}

pub(super) fn base62_lower_first(token: &[u8], length: usize) -> bool {
    let Some((body, sum)) = token.get(..length).and_then(<[u8]>::split_last_chunk) else {
        return false;
    };
    *sum == digits::<6>(crc32(body).into(), BASE62_LOWER_FIRST)
}

pub(super) fn base36(token: &[u8]) -> bool {
    let Some((body, sum)) = token.split_last_chunk::<7>() else {
        return false;
    };
    body.len() <= LENGTH_MAX
        && sum.eq_ignore_ascii_case(&digits::<7>(crc32(body).into(), &BASE62[..36]))
}

pub(super) fn hex_lower(token: &[u8], prefix: usize) -> bool {
    let Some((body, sum)) = token.get(prefix..).and_then(<[u8]>::split_last_chunk) else {
        return false;
    };
    let body = body.strip_suffix(b"_").unwrap_or(body);
    body.len() <= LENGTH_MAX && *sum == digits::<8>(crc32(body).into(), b"0123456789abcdef")
}

pub(super) fn hex_upper(token: &[u8]) -> bool {
    let Some((body, sum)) = token.split_last_chunk() else {
        return false;
    };
    body.len() <= LENGTH_MAX && *sum == digits::<8>(crc32(body).into(), b"0123456789ABCDEF")
}

pub(super) fn base64(token: &[u8], prefix: usize) -> bool {
    let Some((body, sum)) = token.get(prefix..).and_then(<[u8]>::split_last_chunk::<6>) else {
        return false;
    };
    if body.len() > LENGTH_MAX {
        return false;
    }
    let [a, b, c, d] = crc32(body).to_le_bytes();
    let bits = u64::from_be_bytes([0, 0, a, b, c, d, 0, 0]) >> 12;
    *sum == digits::<6>(bits, BASE64)
}

pub(super) fn sha256_base32(token: &[u8]) -> bool {
    let (Some(body), Some(sum)) = (token.get(..77), token.get(77..85)) else {
        return false;
    };
    let hash = Sha256::digest(body);
    let bits = hash
        .iter()
        .take(5)
        .fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    sum.eq_ignore_ascii_case(&digits::<8>(bits, BASE32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn digits_are_padded() {
        assert_eq!(&digits::<6>(61, BASE62), b"00000z");
        assert_eq!(&digits::<8>(0xDEAD, b"0123456789abcdef"), b"0000dead");
    }

    #[test]
    fn each_checksum_takes_its_own_and_no_other() {
        let mut token = b"ghp_".to_vec();
        token.extend([b'a'; 30]);
        let sum = digits::<6>(crc32(&token[4..]).into(), BASE62);
        token.extend(sum);
        assert!(base62(&token, 4, 40));
        token.extend(b"tail");
        assert!(base62(&token, 4, 40));
        token[10] = b'b';
        assert!(!base62(&token, 4, 40));
        assert!(!base62(b"ghp_", 4, 40));
    }

    #[test]
    fn short_and_long_texts_are_no_tokens() {
        for text in [&b""[..], b"a", b"abcdef", &[b'a'; 5000]] {
            assert!(!base36(text) && !hex_lower(text, 5) && !hex_upper(text));
            assert!(!base64(text, 4) && !sha256_base32(text) && !base62_lower_first(text, 46));
        }
    }
}
