//! AWS secret access keys: forty characters without a mark of their own.
//!
//! They are found by their name or beside a key id, so what counts here is to tell them from
//! hashes and words. Must never be asked about text that nothing else points to.

use crate::bytes::ALNUM;

const LENGTH: usize = 40;

/// Whether this is spelled like a secret access key; `\/` counts as one character.
pub(crate) fn is_aws_secret(text: &[u8]) -> bool {
    let mut length = 0;
    let (mut upper, mut lower, mut other, mut hex) = (false, false, false, true);
    for byte in text
        .iter()
        .copied()
        .filter(|byte| *byte != b'\\')
        .take(LENGTH + 1)
    {
        if !ALNUM.contains(byte) && byte != b'/' && byte != b'+' {
            return false;
        }
        length += 1;
        upper |= byte.is_ascii_uppercase();
        lower |= byte.is_ascii_lowercase();
        other |= !byte.is_ascii_alphabetic();
        hex &= byte.is_ascii_hexdigit();
    }
    length == LENGTH && upper && lower && other && !hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_no_hashes() {
        let key = ["wJalrXUtnFEMI", "/K7MDENG/bPxRfiCYEXAMPLEKEY"].concat();
        assert!(is_aws_secret(key.as_bytes()));
        assert!(is_aws_secret(key.replace('/', "\\/").as_bytes()));
        assert!(!is_aws_secret(&key.as_bytes()[1..]));
        assert!(!is_aws_secret(b"da39a3ee5e6b4b0d3255bfef95601890afd80709"));
        assert!(!is_aws_secret(b"DA39a3ee5e6b4b0d3255bfef95601890afd80709"));
        assert!(!is_aws_secret(b""));
    }
}
