//! The note that stands for a whole text or block: its kind, its size, its SHA-256.
//!
//! It is known again by its form, so a note is never noted once more. Must never: hold anything of
//! the text.

use tamis_sdk::host::{Algorithm, HostError, hash};

/// Bytes of the longest note.
pub(crate) const BYTES_MAX: usize = 128;

/// What is between size and digest.
const BYTES: &str = " bytes, sha256:";

/// Digits of a SHA-256.
const DIGITS: usize = 64;

/// The SHA-256 of some bytes, in hexadecimal, from the host.
pub(crate) fn sha256(bytes: &[u8]) -> Result<String, HostError> {
    let digest = hash(Algorithm::Sha256, bytes)?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The note of a text of this kind.
pub(crate) fn note(kind: &str, bytes: &[u8], sha256: &str) -> String {
    format!("[{kind}: {}{BYTES}{sha256}]", bytes.len())
}

/// Whether a text is a note and nothing else.
pub(crate) fn is_note(text: &str) -> bool {
    if text.len() > BYTES_MAX {
        return false;
    }
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let Some((kind, rest)) = inner.and_then(|inner| inner.split_once(": ")) else {
        return false;
    };
    let Some((size, digest)) = rest.split_once(BYTES) else {
        return false;
    };
    let letters = |text: &str, fits: fn(&u8) -> bool| text.bytes().all(|byte| fits(&byte));
    !kind.is_empty()
        && letters(kind, |byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit()
        })
        && !size.is_empty()
        && letters(size, u8::is_ascii_digit)
        && digest.len() == DIGITS
        && letters(digest, u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_known_again_and_nothing_else_is() {
        let digest = "0123456789abcdef".repeat(4);
        let own = note("base64", &[0; 70_000], &digest);
        assert!(is_note(&own) && own.len() <= BYTES_MAX);
        for other in [
            "",
            "[]",
            "[a: b]",
            &own[1..],
            &format!("{own} "),
            &own.replace("base64", "a secret"),
            &own.replace("70000", "7000a"),
            &own.replace("0123", "wxyz"),
        ] {
            assert!(!is_note(other), "{other}");
        }
    }
}
