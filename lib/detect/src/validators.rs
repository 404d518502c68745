//! The checksums and structure tests of token formats, one kind a file.
//!
//! A valid checksum raises confidence and makes up for a missing border; an invalid one never
//! clears. Must never be asked for anything but the bytes of one token.

mod crc;

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
            Validator::Sha256Base32 => crc::sha256_base32(token),
        }
    }
}
