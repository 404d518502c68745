//! Base-128 integers, as protobuf writes them.
//!
//! Reading accepts what `prost` accepts: up to ten bytes, padded or not, as long as the value fits
//! in 64 bits. Writing is always minimal. Nothing here may panic on any input.

/// Reads the integer that begins at `at`: its value, and the offset behind it.
///
/// `None` if the bytes end within it, or if it does not fit in 64 bits.
#[inline]
pub fn read(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    if first < 0x80 {
        return Some((u64::from(first), at + 1));
    }
    read_long(bytes, at)
}

fn read_long(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            let overflows = index == 9 && byte > 1;
            return (!overflows).then_some((value, at + index + 1));
        }
    }
    None
}

/// How many bytes [`fn@write`] needs for this value: 1 to 10.
#[inline]
pub const fn size(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Appends the value in the fewest bytes.
#[inline]
pub fn write(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
