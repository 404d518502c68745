//! The checksums and structure tests of token formats, one kind a file.
//!
//! A valid checksum raises confidence and makes up for a missing border; an invalid one never
//! clears. Must never be asked for anything but the bytes of one token.

mod aws;
mod base64;
mod crc;
mod iban;
mod jwt;
mod luhn;

pub(crate) use aws::is_aws_secret;
pub(crate) use base64::{decode, is_basic_pair};
pub(crate) use iban::iban_length;
pub(crate) use jwt::is_jwt_header;
pub(crate) use luhn::is_card;

/// The test that a token's format carries in itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator {
    /// CRC-32 of what stands between a prefix of so many bytes and the last six, in base62.
    CrcBase62 {
        /// Length of the prefix, in bytes.
        prefix: usize,
        /// Length of the whole token, in bytes.
        length: usize,
    },
    /// CRC-32 of all but the last six bytes, in base62 that starts with lower case.
    CrcBase62LowerFirst {
        /// Length of the whole token, in bytes.
        length: usize,
    },
    /// CRC-32 of all but the last seven bytes, in base36.
    CrcBase36,
    /// CRC-32 of what stands between a prefix and the last eight bytes, in lower-case hex; an
    /// underscore before those is no part of it.
    CrcHexLower {
        /// Length of the prefix, in bytes.
        prefix: usize,
    },
    /// CRC-32 of all but the last eight bytes, in upper-case hex.
    CrcHexUpper,
    /// The four bytes of a CRC-32, lowest first, in base64, of which six characters are kept.
    CrcBase64 {
        /// Length of the prefix, in bytes.
        prefix: usize,
    },
    /// The last digit of a card number, and the issuers' number ranges.
    Luhn,
    /// An IBAN's remainder modulo 97, and the length of its country.
    Iban,
    /// The header of a JSON web token.
    JwtHeader,
    /// Base32 of the SHA-256 of the first 77 bytes, of which eight characters follow them.
    Sha256Base32,
}

impl Validator {
    /// Whether the token's own check is right.
    #[must_use]
    pub fn accepts(self, token: &[u8]) -> bool {
        match self {
            Validator::CrcBase62 { prefix, length } => crc::base62(token, prefix, length),
            Validator::CrcBase62LowerFirst { length } => crc::base62_lower_first(token, length),
            Validator::CrcBase36 => crc::base36(token),
            Validator::CrcHexLower { prefix } => crc::hex_lower(token, prefix),
            Validator::CrcHexUpper => crc::hex_upper(token),
            Validator::CrcBase64 { prefix } => crc::base64(token, prefix),
            Validator::Luhn => is_card(token),
            Validator::Iban => iban_length(token) == Some(token.len()),
            Validator::JwtHeader => {
                is_jwt_header(token.split(|byte| *byte == b'.').next().unwrap_or_default())
            }
            Validator::Sha256Base32 => crc::sha256_base32(token),
        }
    }
}
