//! Payment cards and bank accounts.
//!
//! Telemetry is full of long numbers, and one in ten passes a card's check digit: issuer, length,
//! grouping and borders decide. Must never start but at a run of digits, or at the bank code of
//! the one country whose numbers have fewer than 13 digits in a row.

use std::ops::Range;

use crate::bytes::{ALNUM, ByteClass, DIGIT, HEX, WORD};
use crate::digits;
use crate::escape::escape_tail;
use crate::find::Check;
use crate::gate::GateLiteral;
use crate::look::{Anchor, Look};
use crate::validators::{iban_length, is_card};

/// The most groups of digits that one card number is written in.
const GROUPS_MAX: usize = 5;

/// Looks for cards in a run of digits.
pub(crate) fn card(look: &mut Look<'_>, anchor: Anchor) {
    let mut start = anchor.start;
    while start < anchor.end {
        let group = DIGIT.run(look.text, start, anchor.end - start);
        start = match card_at(look, start, anchor) {
            Some(end) => {
                look.claim(start, end, anchor.detector, Check::Valid);
                end + 1
            }
            None => start + group + 1,
        };
    }
}

/// Where the card number that starts with this group ends.
fn card_at(look: &mut Look<'_>, start: usize, run: Anchor) -> Option<usize> {
    let mut end = start;
    let mut groups = [0; GROUPS_MAX];
    let mut found = None;
    for count in 0..GROUPS_MAX {
        let group = look.count(&DIGIT, end, (run.end - end).min(24));
        groups[count] = group;
        end += group;
        if group > 19 || group == 0 {
            break;
        }
        let number = &look.text[start..end];
        if is_grouped(&groups[..=count]) && is_card(number) && has_borders(look, start, end, run) {
            found = Some(end);
        }
        if end >= run.end {
            break;
        }
        end += 1;
    }
    found.or_else(|| loose_card(look, start, run))
}

/// In raw bytes the length before a value may look like a digit.
fn loose_card(look: &Look<'_>, start: usize, run: Anchor) -> Option<usize> {
    if !look.loose() || start != run.start {
        return None;
    }
    let end = start + DIGIT.run(look.text, start, 24);
    let number = look.text.get(start + 1..end)?;
    is_card(number).then_some(end)
}

/// Whether the runs of digits within a stretch of a text may be numbers of cards or accounts, whatever
/// stands around them: if not, no detector that starts from [`crate::GateClass::Digits13`] finds
/// anything there.
///
/// For a host that has found the stretch, so that the timestamps and ids of telemetry go no further.
#[must_use]
pub fn may_hold_account(text: &[u8], within: Range<usize>) -> bool {
    let stretch = text.get(within.clone()).unwrap_or_default();
    digits::runs(stretch).any(|(start, end)| {
        may_hold_card(&stretch[start..end]) || may_hold_iban(text, within.start + start)
    })
}

/// The same for a run in raw bytes, of which any part may be the run in a value: lengths and tags
/// may look like digits, and values end where they do.
#[must_use]
pub fn may_hold_account_raw(bytes: &[u8], run: Range<usize>) -> bool {
    let Some(digits) = bytes.get(run.clone()) else {
        return true;
    };
    may_hold_card_part(digits) || may_hold_iban(bytes, run.start)
}

/// The longest run that is judged in raw bytes; telemetry has few that are longer.
const RAW_MAX: usize = 64;

/// Whether any part of a run may be a card number.
fn may_hold_card_part(run: &[u8]) -> bool {
    if run.len() > RAW_MAX {
        return true;
    }
    // A part begins at any digit: it is the last digits of a group and all of the next ones.
    has_groups(run)
        && (0..run.len()).any(|start| {
            let first = DIGIT.run(run, start, 24);
            let alone = (13..=first.min(19)).any(|length| is_card(&run[start..start + length]));
            alone || first >= 4 && may_begin_groups(&run[start..], first)
        })
}

/// Whether a group is long enough for a card number, or the next one as long as a card's second.
fn has_groups(run: &[u8]) -> bool {
    let groups = run.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len);
    let mut groups = groups.peekable();
    std::iter::from_fn(|| groups.next().map(|group| (group, groups.peek().copied())))
        .any(|(group, next)| group >= 13 || group >= 4 && matches!(next, Some(4 | 6)))
}

/// Whether a card number in groups, cut anywhere behind its third group, may stand at the begin of
/// a run; its first group has so many digits and may be cut, too.
fn may_begin_groups(run: &[u8], first: usize) -> bool {
    let (mut groups, mut end) = ([first, 0, 0, 0, 0], first);
    for count in 1..GROUPS_MAX {
        if end + 1 >= run.len() {
            break;
        }
        groups[count] = DIGIT.run(run, end + 1, 24);
        let whole = groups[count];
        let cut = (1..=whole.min(5)).any(|length| {
            groups[count] = length;
            is_grouped(&groups[..=count]) && is_card(&run[..end + 1 + length])
        });
        if cut {
            return true;
        }
        groups[count] = whole;
        end += 1 + whole;
    }
    false
}

fn may_hold_card(run: &[u8]) -> bool {
    let mut start = 0;
    while start < run.len() {
        let (mut end, mut groups) = (start, [0; GROUPS_MAX]);
        for count in 0..GROUPS_MAX {
            groups[count] = DIGIT.run(run, end, 24);
            end += groups[count];
            if groups[count] > 19 || groups[count] == 0 {
                break;
            }
            if is_grouped(&groups[..=count]) && is_card(&run[start..end]) {
                return true;
            }
            if end >= run.len() {
                break;
            }
            end += 1;
        }
        // The first digit may be the length of a value in raw bytes.
        if start == 0 && run.get(1..groups[0]).is_some_and(is_card) {
            return true;
        }
        start += DIGIT.run(run, start, run.len()) + 1;
    }
    false
}

/// Whether an account number stands around the digits that start there.
fn may_hold_iban(text: &[u8], start: usize) -> bool {
    let from = start.saturating_sub(IBAN_MAX);
    let before = &text[from..start];
    (from..).zip(before).any(|(at, byte)| {
        byte.is_ascii_uppercase()
            && iban_length(&text[at..text.len().min(at + 2 * IBAN_MAX)])
                .is_some_and(|length| at + length > start)
    })
}

/// Whether card numbers are written in such groups.
fn is_grouped(groups: &[usize]) -> bool {
    matches!(
        groups,
        [13..=19] | [4, 4, 4, 1..=4] | [4, 4, 4, 4, 1..=3] | [4, 6, 5] | [4, 6, 4]
    )
}

/// Whether nothing that belongs to a longer number or word touches this one.
fn has_borders(look: &Look<'_>, start: usize, end: usize, run: Anchor) -> bool {
    if look.loose() || look.context.numeric {
        return true;
    }
    let before = look.before(start);
    let left = if start == run.start {
        look.starts_word(start) && !is_sign(look, start)
    } else {
        before == Some(b' ')
    };
    let after = look.at(end);
    let then = look.at(end + 1);
    let right = match after {
        None => true,
        Some(b'.' | b'-' | b'+') => then.is_none_or(|byte| !WORD.contains(byte)),
        Some(byte) => !WORD.contains(byte),
    };
    left && right && !in_dump(look, start, end)
}

/// Whether a sign of a number or of an id stands before it, and not the mark of a diff.
fn is_sign(look: &Look<'_>, start: usize) -> bool {
    match look.before(start) {
        Some(b'.' | b'#') => true,
        Some(b'-' | b'+') => escape_tail(look.text, start - 1) == 0,
        _ => false,
    }
}

/// Whether groups of four are a part of a longer series of such groups, as in a dump.
fn in_dump(look: &Look<'_>, start: usize, end: usize) -> bool {
    if end - start != 19 {
        return false;
    }
    let is_blank = |byte: Option<u8>| matches!(byte, Some(b' ' | b'\n' | b'\t'));
    let before = is_blank(look.before(start))
        && HEX.run_back(look.text, start - 1, 5) == 4
        && start
            .checked_sub(5)
            .is_some_and(|at| is_blank(look.before(at)));
    let after =
        is_blank(look.at(end)) && HEX.run(look.text, end + 1, 5) == 4 && is_blank(look.at(end + 5));
    before || after
}

/// Codes of the banks of the country whose account numbers have ten digits.
const DUTCH_BANKS: &[&str] = &[
    "ABNA", "ASNB", "BUNQ", "FVLB", "HAND", "INGB", "KNAB", "RABO", "RBRB", "REVO", "SNSB", "TRIO",
    "NNBA", "ADYB", "BITS", "MOYO", "FBHL", "NTSB",
];

pub(crate) fn iban_anchors(literals: &mut Vec<GateLiteral>) {
    let banks = DUTCH_BANKS
        .iter()
        .map(|bank| GateLiteral::sensitive(bank.as_bytes()));
    literals.extend(banks.map(|literal| literal.follow(DIGIT.with(b" "), 10)));
}

/// How far a country code may stand before the digits, in bytes: a number with its spaces.
const IBAN_MAX: usize = 42;

/// Looks for account numbers around a run of digits.
pub(crate) fn iban(look: &mut Look<'_>, anchor: Anchor) {
    const UPPER: ByteClass = ByteClass::of(&[(b'A', b'Z')]);
    let mut at = anchor.start.saturating_sub(IBAN_MAX);
    while at < anchor.end {
        let letters = look.count(&UPPER, at, 2);
        if letters < 2 || !look.starts_word(at) {
            at += 1;
            continue;
        }
        let rest = &look.text[at..look.text.len().min(at + 2 * IBAN_MAX)];
        look.work += 2 * IBAN_MAX;
        match iban_length(rest) {
            Some(length) if at + length > anchor.start && ends_number(look, at + length) => {
                look.claim(at, at + length, anchor.detector, Check::Valid);
                at += length;
            }
            _ => at += 1,
        }
    }
}

fn ends_number(look: &Look<'_>, end: usize) -> bool {
    look.loose() || look.at(end).is_none_or(|byte| !ALNUM.contains(byte))
}
