//! Trace and span ids: hexadecimal in OTLP/JSON, base64 from senders that follow plain proto3.
//!
//! Hexadecimal comes first, so that what we write reads back as it was. Base64 must give the
//! proper size, or any word would be an id.

use super::value::base64;

/// The bytes of an id whose proper size is `size`; empty text is an absent id.
///
/// Hexadecimal digits may give any size: an id of another size is passed on, as protobuf does,
/// and is a value like others to whoever scans.
pub(super) fn parse(text: &str, size: usize) -> Option<Vec<u8>> {
    hexadecimal(text).or_else(|| base64(text).filter(|id| id.len() == size))
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |&[high, low]: &[u8; 2]| Some((digit(high)? << 4 | digit(low)?) as u8);
    match rest {
        [] => pairs.iter().map(byte).collect(),
        _ => None,
    }
}
