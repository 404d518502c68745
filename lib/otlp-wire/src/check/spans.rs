//! Spans as all known senders write them, two at a time.
//!
//! In a span the place of each attribute waits for the length of the one before, and a processor looks little
//! further ahead than to the next span: one after the other, they take the time of that wait. Two side by side
//! hide it. (Lengths foretold from an earlier span of the same kind were tried, too: the branches that they
//! get wrong cost more than the wait.) A run of spans is one loop, since to come back to the table of rules
//! for each costs as much as three attributes.
//!
//! Must never: pass what the complete path would refuse. Whatever is not usual is left where it stands.

use super::row::{WINDOW, Window, half, quarter, row, two_rows, word};
use super::usual_length;

/// The tag of the attributes of a span.
const ATTRIBUTES: u8 = 0x4a;

/// Where a run of spans ended.
pub(super) struct Run {
    /// How many were passed whole.
    pub(super) spans: u64,
    /// The offset behind what was passed.
    pub(super) at: usize,
    /// The end of the span that this lies in, if it does.
    pub(super) inside: Option<usize>,
}

/// Passes spans in a row up to the first that is not a usual one, and the first fields of that. A usual one
/// has ids, name, kind and times in this order, attributes, a status of no more than a code, flags.
#[inline(never)]
pub(super) fn pass<const TEXT: bool>(bytes: &[u8], mut at: usize, end: usize) -> Run {
    let mut spans = 0;
    while let Some((start, stop)) = payload(bytes, at, end) {
        // Where the one before was usual, this one and the next will be.
        if spans > 0
            && let Some((next_start, next_stop)) = payload(bytes, stop, end)
            && let Some(span) = bytes.get(start..stop + WINDOW)
            && let Some(next) = bytes.get(next_start..next_stop + WINDOW)
            && are_usual::<TEXT>(span, next)
        {
            spans += 2;
            at = next_stop;
            continue;
        }
        let left = span::<TEXT>(bytes, start, stop);
        if left > 0 {
            return Run {
                spans,
                at: stop - left,
                inside: Some(stop),
            };
        }
        spans += 1;
        at = stop;
    }
    Run {
        spans,
        at,
        inside: None,
    }
}

/// Begin and end of the payload of the span at `at`.
#[inline(always)]
fn payload(bytes: &[u8], at: usize, end: usize) -> Option<(usize, usize)> {
    let &[0x12, low, high] = bytes.get(at..)?.first_chunk()? else {
        return None;
    };
    let (size, length) = usual_length([low, high])?;
    let start = at + 1 + size;
    (start + length <= end).then_some((start, start + length))
}

/// Whether two spans, each with a window behind it, have nothing but usual fields.
#[inline(never)]
fn are_usual<const TEXT: bool>(one: &[u8], two: &[u8]) -> bool {
    let (Some(one), Some(two)) = (head::<TEXT>(one), head::<TEXT>(two)) else {
        return false;
    };
    let (one, two) = two_rows::<TEXT>(one, two, ATTRIBUTES);
    tail(row::<TEXT>(one, ATTRIBUTES)).len() == WINDOW
        && tail(row::<TEXT>(two, ATTRIBUTES)).len() == WINDOW
}

/// How many bytes are left of a span behind its usual fields.
#[inline(never)]
fn span<const TEXT: bool>(bytes: &[u8], start: usize, end: usize) -> usize {
    let stop = bytes.len().min(end + WINDOW);
    let span = bytes.get(start..stop).unwrap_or_default();
    let rest = head::<TEXT>(span).map_or(span, |rest| tail(row::<TEXT>(rest, ATTRIBUTES)));
    end - (stop - rest.len())
}

/// Passes the ids, with that of the parent or without, the name, the kind and both times: what is left, if
/// that is a window or more.
#[inline(always)]
fn head<const TEXT: bool>(span: &[u8]) -> Option<&[u8]> {
    let window = span.first_chunk::<WINDOW>()?;
    if half(window, 0) != 0x100a || half(window, 18) != 0x0812 {
        return None;
    }
    let name = match [window[28], window[29]] {
        [0x22, 8] => 38,
        [0x22, _] => return None,
        _ => 28,
    };
    let named = half(window, name);
    if named & 0x80ff != 0x2a {
        return None;
    }
    let kind = name + 2 + usize::from(named >> 8 & 0x7f);
    if TEXT && !window.get(name..kind)?.is_ascii() {
        return None;
    }
    let is_whole = quarter(window, kind) & 0x00ff_80ff == 0x0039_0030 && window[kind + 11] == 0x41;
    if !is_whole {
        return None;
    }
    let rest = span.get(kind + 20..)?;
    (rest.len() >= WINDOW).then_some(rest)
}

/// Passes a status of no more than a code and the flags, whichever of them there is, if a window is left
/// behind them: what is left.
#[inline(always)]
fn tail(rest: &[u8]) -> &[u8] {
    let size = rest.first_chunk().map_or(0, tail_size);
    match rest.get(size..) {
        Some(behind) if behind.len() >= WINDOW => behind,
        _ => rest,
    }
}

#[inline(always)]
fn tail_size(window: &Window) -> usize {
    let tail = word(window, 0);
    if tail as u32 == 0x0185_007a {
        8
    } else if tail & 0xffff_80ff_ffff == 0x0185_0018_027a {
        10
    } else if tail as u16 == 0x007a {
        2
    } else if tail & 0x80ff_ffff == 0x0018_027a {
        4
    } else if tail as u16 == 0x0185 {
        6
    } else {
        0
    }
}
