//! The header of a JSON web token.
//!
//! Must never look behind the header: what a token says is nobody's business here.

use memchr::memmem;

use super::base64::decode;

/// Whether base64 decodes to JSON that names an algorithm.
pub(crate) fn is_jwt_header(text: &[u8]) -> bool {
    let header = decode(text);
    let header = header.trim_ascii();
    let named = |name: &[u8]| memmem::find(header, name).is_some();
    header.starts_with(b"{") && (named(b"\"alg\"") || named(b"\"enc\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_name_an_algorithm() {
        assert!(is_jwt_header(b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"));
        assert!(!is_jwt_header(b"eyJ2ZXJzaW9uIjozLCJmaWxlIjoiYS5qcyJ9"));
        assert!(!is_jwt_header(b""));
    }
}
