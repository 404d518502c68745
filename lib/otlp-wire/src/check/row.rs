//! Rows of entries that are each a key and one short value: what most of any batch is made of.
//!
//! One comparison for each entry says that a window of bytes may be read where it stands, the way to the next
//! one waits for nothing but its length, and what its value must begin with is read off a table. How many
//! instructions that takes is what the check of dense batches costs.
//!
//! Must never: pass what the complete path would refuse. Whatever is longer, rarer, wrong, or so near to the
//! end of the batch that there is no window, is left where it stands.

use crate::varint;

/// How far a look at one entry reaches, whatever its lengths say: two tags and lengths, a key, the
/// first eight bytes of a value.
pub(super) const WINDOW: usize = 4 + u8::MAX as usize + 8;

pub(super) type Window = [u8; WINDOW];

/// The highest bits of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Passes entries of one field that are each a key and one string or number, up to the first that is
/// anything else. How many bytes are left of the message that ends at `end`.
#[inline(never)]
pub(super) fn pass<const TEXT: bool>(bytes: &[u8], at: usize, end: usize) -> usize {
    let stop = bytes.len().min(end + WINDOW);
    let mut rest = bytes.get(at..stop).unwrap_or_default();
    let Some(&[tag, ..]) = rest.first_chunk::<WINDOW>() else {
        return end - at;
    };
    loop {
        rest = row::<TEXT>(rest, tag);
        match long_integer::<TEXT>(rest, tag) {
            Some(next) => rest = next,
            None => return end - (stop - rest.len()),
        }
    }
}

/// Passes usual entries with this tag, as long as a window is left behind them: what is left.
#[inline(always)]
pub(super) fn row<const TEXT: bool>(mut rest: &[u8], tag: u8) -> &[u8] {
    let Some(mut window) = rest.first_chunk() else {
        return rest;
    };
    // Read before all else, or the compiler makes it a part of a wider load, which is later.
    let mut length = window[1];
    while is_usual::<TEXT>(window, length, tag) {
        let next = &rest[2 + usize::from(length)..];
        let Some(behind) = next.first_chunk() else {
            break;
        };
        (rest, window) = (next, behind);
        length = window[1];
    }
    rest
}

/// The same for two rows at a time, as long as both go on: neither waits for the lengths of the other.
#[inline(always)]
pub(super) fn two_rows<'a, const TEXT: bool>(
    mut one: &'a [u8],
    mut two: &'a [u8],
    tag: u8,
) -> (&'a [u8], &'a [u8]) {
    let (Some(mut first), Some(mut second)) = (one.first_chunk(), two.first_chunk()) else {
        return (one, two);
    };
    let (mut length, mut other) = (first[1], second[1]);
    while is_usual::<TEXT>(first, length, tag) && is_usual::<TEXT>(second, other, tag) {
        let next = (
            &one[2 + usize::from(length)..],
            &two[2 + usize::from(other)..],
        );
        let (Some(behind), Some(beside)) = (next.0.first_chunk(), next.1.first_chunk()) else {
            break;
        };
        (one, two) = next;
        (first, second) = (behind, beside);
        (length, other) = (first[1], second[1]);
    }
    (one, two)
}

/// Whether an entry is a usual one with this tag, of this length.
#[inline(always)]
fn is_usual<const TEXT: bool>(window: &Window, length: u8, tag: u8) -> bool {
    let head = quarter(window, 0);
    if head & 0x80ff_80ff != 0x000a_0000 | u32::from(tag) {
        return false;
    }
    let key = (head >> 24) as u8;
    let any = 4 + usize::from(key);
    // The rest of the entry: tag and length of the key, and the value.
    let rest = usize::from(length.wrapping_sub(key));
    let texts = if u64::from(quarter(window, any)) == STRINGS[rest] {
        2 + usize::from(length)
    } else if word(window, any) & NUMBERS[rest].0 == NUMBERS[rest].1 {
        any
    } else {
        return false;
    };
    !TEXT || is_ascii(window, texts)
}

/// Passes an entry whose value is one integer that takes more than its first eight bytes: what is left, if
/// that is a window or more.
#[inline(always)]
fn long_integer<const TEXT: bool>(rest: &[u8], tag: u8) -> Option<&[u8]> {
    match *rest.first_chunk::<WINDOW>()? {
        [found, length @ ..0x80, 0x0a, key @ ..0x80, ..] if found == tag => {
            integer::<TEXT>(rest, 2 + usize::from(length), 4 + usize::from(key))
        }
        _ => None,
    }
}

#[cold]
#[inline(never)]
fn integer<const TEXT: bool>(rest: &[u8], size: usize, any: usize) -> Option<&[u8]> {
    let window = rest.first_chunk::<WINDOW>()?;
    let [0x12, inner, 0x10 | 0x18] = [window[any], window[any + 1], window[any + 2]] else {
        return None;
    };
    let (_, end) = varint::read(window, any + 3)?;
    let is_whole = end == size && any + 2 + usize::from(inner) == size;
    let rest = rest.get(size..).filter(|rest| rest.len() >= WINDOW);
    rest.filter(|_| is_whole && (!TEXT || is_ascii(window, any)))
}

/// By the length of an entry less that of its key, what the value begins with if it is one string that takes
/// all of it: tags and lengths. More than 32 bits where it can be none: an entry has less than 128 bytes, and
/// what is above that is a key that is longer than it.
static STRINGS: [u64; 256] = {
    let mut strings = [u64::MAX; 256];
    let mut inner = 2;
    while inner + 4 < 0x80 {
        strings[inner + 4] = 0x0a_0012 | (inner as u64) << 8 | (inner as u64 - 2) << 24;
        inner += 1;
    }
    strings
};

/// The same for a bool, an integer or a double: the bits that tell it in the first eight bytes, and what they
/// are. They are those of tags and length, and that all bytes of an integer but the last say that another one
/// follows. What never is, where it can be none.
static NUMBERS: [(u64, u64); 256] = {
    let mut numbers = [(0, 1); 256];
    let mut inner = 2;
    while inner <= 6 {
        let highs = HIGH << 24 & u64::MAX >> (8 * (6 - inner));
        let last = 0x80 << (8 * (inner + 1));
        // Bools and integers differ in one bit of the tag.
        numbers[inner + 4] = (
            highs | 0xf7_ffff,
            highs ^ last | 0x10_0012 | (inner as u64) << 8,
        );
        inner += 1;
    }
    numbers[9 + 4] = (0xff_ffff, 0x21_0912);
    numbers
};

/// Whether the first bytes are ASCII: of a short text the words from its begin and those up to its end,
/// which overlap.
#[inline(always)]
fn is_ascii(window: &Window, count: usize) -> bool {
    let all = match count {
        ..8 => word(window, 0) & ((1 << (8 * count)) - 1),
        8..=16 => words::<1>(window, 0) | words::<1>(window, count - 8),
        17..=32 => words::<2>(window, 0) | words::<2>(window, count - 16),
        33..=64 => words::<4>(window, 0) | words::<4>(window, count - 32),
        _ => return window.get(..count).is_some_and(<[u8]>::is_ascii),
    };
    all & HIGH == 0
}

/// So many words in one.
#[inline(always)]
fn words<const COUNT: usize>(window: &Window, at: usize) -> u64 {
    (0..COUNT).fold(0, |all, index| all | word(window, at + 8 * index))
}

#[inline(always)]
pub(super) fn half(window: &Window, at: usize) -> u16 {
    let bytes = window.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

#[inline(always)]
pub(super) fn quarter(window: &Window, at: usize) -> u32 {
    let bytes = window.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Eight bytes as an integer, the first of them the lowest.
#[inline(always)]
pub(super) fn word(window: &Window, at: usize) -> u64 {
    let bytes = window.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
