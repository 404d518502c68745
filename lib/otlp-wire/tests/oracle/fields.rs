//! Fields as bytes, and what becomes of bytes of which one is lost or comes twice.

use otlp_wire::write_len_field;

/// A field of bytes.
pub(crate) fn field(number: u32, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    write_len_field(number, payload.as_ref(), &mut out);
    out
}

/// The same bytes without the one that stands there, with that one twice, and cut off before it.
pub(crate) fn without_twice_cut(bytes: &[u8], at: usize) -> [Vec<u8>; 3] {
    let (mut without, mut twice) = (bytes.to_vec(), bytes.to_vec());
    without.remove(at);
    twice.insert(at, bytes[at]);
    [without, twice, bytes[..at].to_vec()]
}
