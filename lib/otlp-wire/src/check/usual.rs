//! What nearly all of any batch is made of, passed with few instructions: entries of a key and one
//! short value, and spans as all known senders write them.
//!
//! One comparison says that a window of bytes may be read, the place of the next entry waits for one
//! load alone, and which kind of value an entry has is read off a table. Whatever is longer, rarer,
//! wrong, or so near to the end of the batch that there is no window, is left where it stands for the
//! complete path: nothing may be passed here that it would refuse.

use crate::varint;

/// How far a look at one entry reaches, whatever its lengths say: two tags and lengths, a key, the
/// first eight bytes of a value.
const WINDOW: usize = 4 + u8::MAX as usize + 8;

type Window = [u8; WINDOW];

/// The highest bits of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Passes the first fields of a span, all of them if it is a usual one: ids, name, kind and times in
/// this order, attributes, a status of no more than a code, flags. How many bytes are left of it.
#[inline(never)]
pub(super) fn span<const TEXT: bool>(bytes: &[u8], at: usize, end: usize) -> usize {
    let mut message = Usual::new(bytes, at, end);
    if message.span_head::<TEXT>().is_some() {
        message.entries::<TEXT>(0x4a);
        message.span_tail();
    }
    message.left
}

/// Passes entries of one field that are each a key and one string or number, up to the first that is
/// anything else. How many bytes are left of the message that ends at `end`.
#[inline(never)]
pub(super) fn entries<const TEXT: bool>(bytes: &[u8], at: usize, end: usize) -> usize {
    let mut message = Usual::new(bytes, at, end);
    if let Some(&tag) = message.rest.first() {
        message.entries::<TEXT>(tag);
    }
    message.left
}

/// A length of one byte or two: how many bytes it takes, and what it says.
#[inline(always)]
pub(super) fn length(bytes: [u8; 2]) -> Option<(usize, usize)> {
    match bytes {
        [one @ ..0x80, _] => Some((1, usize::from(one))),
        [low, high @ ..0x80] => Some((2, usize::from(low & 0x7f) | usize::from(high) << 7)),
        _ => None,
    }
}

/// A message from where it is read.
struct Usual<'a> {
    /// The bytes up to the end of the batch.
    rest: &'a [u8],
    /// How many of them are the message's.
    left: usize,
}

impl<'a> Usual<'a> {
    #[inline(always)]
    fn new(bytes: &'a [u8], at: usize, end: usize) -> Self {
        Self {
            rest: bytes.get(at..).unwrap_or_default(),
            left: end - at,
        }
    }

    #[inline(always)]
    fn window(&self) -> Option<&'a Window> {
        self.rest.first_chunk()
    }

    /// Passes so many bytes, if the message has them.
    #[inline(always)]
    fn pass(&mut self, size: usize) -> Option<()> {
        self.left = self.left.checked_sub(size)?;
        self.rest = self.rest.get(size..)?;
        Some(())
    }

    #[inline(always)]
    fn entries<const TEXT: bool>(&mut self, tag: u8) {
        while let Some(window) = self.window() {
            let size = entry::<TEXT>(window, tag);
            if size.and_then(|size| self.pass(size)).is_none() {
                break;
            }
        }
    }

    /// The ids, with that of the parent or without, the name, the kind and both times.
    #[inline(always)]
    fn span_head<const TEXT: bool>(&mut self) -> Option<()> {
        let window = self.window()?;
        let begins = |at: usize, tag: u8, length: u8| window[at] == tag && window[at + 1] == length;
        if !begins(0, 0x0a, 16) || !begins(18, 0x12, 8) {
            return None;
        }
        let name = match [window[28], window[29]] {
            [0x22, 8] => 38,
            [0x22, _] => return None,
            _ => 28,
        };
        let [0x2a, length @ ..0x80] = [window[name], window[name + 1]] else {
            return None;
        };
        let kind = name + 2 + usize::from(length);
        if TEXT && !window.get(name..kind)?.is_ascii() {
            return None;
        }
        let is_number = window[kind] == 0x30 && window[kind + 1] < 0x80;
        if !is_number || window[kind + 2] != 0x39 || window[kind + 11] != 0x41 {
            return None;
        }
        self.pass(kind + 20)
    }

    #[inline(always)]
    fn span_tail(&mut self) -> Option<()> {
        match *self.window()? {
            [0x7a, 0, ..] => self.pass(2)?,
            [0x7a, 2, 0x18, ..0x80, ..] => self.pass(4)?,
            _ => {}
        }
        match *self.window()? {
            [0x85, 1, ..] => self.pass(6),
            _ => None,
        }
    }
}

/// The size of the entry with this tag, if it is a usual one.
#[inline(always)]
fn entry<const TEXT: bool>(window: &Window, tag: u8) -> Option<usize> {
    // Byte by byte: the way to the next entry is this length, and a wider load would make it longer.
    let [found, length @ ..0x80, 0x0a, key, ..] = *window else {
        return None;
    };
    if found != tag {
        return None;
    }
    let (length, key) = (usize::from(length), usize::from(key));
    let (size, any) = (2 + length, 4 + key);
    // What is left for the payload of the value behind its own tag and length; a key that is too long
    // for the entry leaves more than any value says that it has.
    let inner = size.wrapping_sub(any + 2);
    let value = word(window, any);
    // The tags and lengths of a string that takes all of it; more than 32 bits if that is nothing.
    let string = inner.wrapping_mul(0x0100_0100).wrapping_sub(0x01f5_ffee);
    let texts = if u64::from(value as u32) == string as u64 {
        size
    } else if is_number(window, any, inner, value) {
        any
    } else {
        return None;
    };
    (!TEXT || is_ascii(window, texts)).then_some(size)
}

/// Whether the value at `any` is one bool, integer or double of all that is left for it.
#[inline(always)]
fn is_number(window: &Window, any: usize, inner: usize, value: u64) -> bool {
    match NUMBERS.get(inner) {
        Some((mask, number)) if value & mask == *number => true,
        _ => is_long_integer(window, any, inner),
    }
}

#[cold]
fn is_long_integer(window: &Window, any: usize, inner: usize) -> bool {
    let [0x12, length, 0x10 | 0x18] = [window[any], window[any + 1], window[any + 2]] else {
        return false;
    };
    let end = varint::read(window, any + 3).map(|(_, end)| end);
    usize::from(length) == inner && end == Some(any + 2 + inner)
}

/// By the length of a value's payload, the bits that tell a number in its first eight bytes, and what
/// they are: those of its tags and length, and that all bytes of an integer but the last say that
/// another one follows. The length of no number has what never is.
static NUMBERS: [(u64, u64); 10] = {
    let mut numbers = [(0, 1); 10];
    let mut inner = 2;
    while inner <= 6 {
        let highs = HIGH << 24 & u64::MAX >> (8 * (6 - inner));
        let last = 0x80 << (8 * (inner + 1));
        // Bools and integers differ in one bit of the tag.
        numbers[inner] = (
            highs | 0xf7_ffff,
            highs ^ last | 0x10_0012 | (inner as u64) << 8,
        );
        inner += 1;
    }
    numbers[9] = (0xff_ffff, 0x21_0912);
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

/// Eight bytes as an integer, the first of them the lowest.
#[inline(always)]
fn word(window: &Window, at: usize) -> u64 {
    let bytes = window.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
