//! Personal data: off unless someone asks for it.
//!
//! These shapes stand in much harmless text, which is why no default set has them. Must never be
//! loosened for the sake of a default.

use crate::bytes::{ALNUM, ByteClass, DIGIT, WORD};
use crate::escape::escape_tail;
use crate::find::Check;
use crate::gate::GateLiteral;
use crate::look::{AROUND, Anchor, Look};

const LOCAL: ByteClass = ALNUM.with(b".-_%+");
const DOMAIN: ByteClass = ALNUM.with(b".-");

/// Looks at one `@`.
pub(crate) fn email(look: &mut Look<'_>, anchor: Anchor) {
    let local = look.count_back(&LOCAL, anchor.start, 64);
    let domain = look.count(&DOMAIN, anchor.end, AROUND);
    let mut start = anchor.start - local;
    let mut end = anchor.end + domain;
    while look
        .before(end)
        .is_some_and(|byte| byte == b'.' || byte == b'-')
    {
        end -= 1;
    }
    start += escape_tail(look.text, start);
    while look.at(start).is_some_and(|byte| b".-%+".contains(&byte)) {
        start += 1;
    }
    if start >= anchor.start || end <= anchor.end || !is_domain(&look.text[anchor.end..end]) {
        return;
    }
    let local = &look.text[start..anchor.start];
    if local == b"git" || look.is_masked(local) {
        return;
    }
    look.claim(start, end, anchor.detector, Check::None);
}

/// At least two labels, the last of letters.
fn is_domain(text: &[u8]) -> bool {
    let mut labels = text.rsplit(|byte| *byte == b'.');
    let top = labels.next().unwrap_or_default();
    let second = labels.next().unwrap_or_default();
    text[0].is_ascii_alphanumeric()
        && (2..=24).contains(&top.len())
        && top.iter().all(u8::is_ascii_alphabetic)
        && !second.is_empty()
        && labels.all(|label| !label.is_empty())
}

pub(crate) fn ssn_anchors(literals: &mut Vec<GateLiteral>) {
    literals.extend((1..=99).map(|group| {
        GateLiteral::sensitive(format!("-{group:02}-").into_bytes()).follow(DIGIT, 4)
    }));
}

/// Looks at the middle group of a social security number.
pub(crate) fn ssn(look: &mut Look<'_>, anchor: Anchor) {
    let area_length = look.count_back(&DIGIT, anchor.start, 4);
    let serial_length = look.count(&DIGIT, anchor.end, 5);
    if area_length != 3 || serial_length != 4 {
        return;
    }
    let (start, end) = (anchor.start - 3, anchor.end + 4);
    let area = &look.text[start..anchor.start];
    let serial = &look.text[anchor.end..end];
    let glued = look
        .at(end)
        .is_some_and(|byte| WORD.contains(byte) || byte == b'-')
        || look
            .before(start)
            .is_some_and(|byte| matches!(byte, b'-' | b'.'));
    if look.starts_word(start)
        && !glued
        && area != b"000"
        && area != b"666"
        && area[0] != b'9'
        && serial != b"0000"
    {
        look.claim(start, end, anchor.detector, Check::None);
    }
}

const PHONE: ByteClass = DIGIT.with(b" ()-.");

pub(crate) fn phone_anchors(literals: &mut Vec<GateLiteral>) {
    literals
        .extend((1..=9).map(|digit| {
            GateLiteral::sensitive(format!("+{digit}").into_bytes()).follow(PHONE, 7)
        }));
}

/// Looks at the country code of a telephone number.
pub(crate) fn phone(look: &mut Look<'_>, anchor: Anchor) {
    if !look.starts_word(anchor.start) {
        return;
    }
    let length = 1 + look.count(&PHONE, anchor.end, 24);
    let mut end = anchor.start + 1 + length;
    while look.before(end).is_some_and(|byte| !byte.is_ascii_digit()) {
        end -= 1;
    }
    let digits = look.text[anchor.start..end]
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .count();
    let glued = look.at(end).is_some_and(|byte| WORD.contains(byte));
    if (8..=15).contains(&digits) && !glued {
        look.claim(anchor.start, end, anchor.detector, Check::None);
    }
}

pub(crate) fn ipv4_anchors(literals: &mut Vec<GateLiteral>) {
    let mut literal = |text: String| {
        literals.push(GateLiteral::sensitive(text.into_bytes()).follow(DIGIT, 1));
    };
    literal("10.".to_owned());
    literal("192.168.".to_owned());
    (16..=31).for_each(|second| literal(format!("172.{second}.")));
}

/// Looks at the start of a private address.
pub(crate) fn ipv4(look: &mut Look<'_>, anchor: Anchor) {
    let length = look.count(&DIGIT.with(b"."), anchor.start, 16);
    let mut end = anchor.start + length;
    while end > anchor.start && look.before(end) == Some(b'.') {
        end -= 1;
    }
    let address = &look.text[anchor.start..end];
    let octet = |part: &[u8]| {
        let value = part
            .iter()
            .fold(0u32, |value, byte| value * 10 + u32::from(byte - b'0'));
        (1..=3).contains(&part.len()) && value <= 255
    };
    let mut parts = address.split(|byte| *byte == b'.');
    let is_address = parts.clone().count() == 4 && parts.all(octet);
    let glued = look.at(end).is_some_and(|byte| WORD.contains(byte))
        || look.before(anchor.start) == Some(b'.');
    if is_address && !glued && look.starts_word(anchor.start) {
        look.claim(anchor.start, end, anchor.detector, Check::None);
    }
}

pub(crate) fn home_anchors(literals: &mut Vec<GateLiteral>) {
    let mut literal = |text: String| {
        literals.push(GateLiteral::sensitive(text.into_bytes()).follow(WORD, 1));
    };
    literal("/home/".to_owned());
    literal("/Users/".to_owned());
    for level in 0..4 {
        let backslashes = "\\".repeat(1 << level);
        literal(format!(":{backslashes}Users{backslashes}"));
    }
}

/// Looks at a path to a user's own folder: the name of the user goes.
pub(crate) fn home(look: &mut Look<'_>, anchor: Anchor) {
    const SHARED: &[&[u8]] = &[b"runner", b"Shared", b"Public", b"user", b"node", b"ubuntu"];
    let length = look.count(&WORD.with(b".-"), anchor.end, 64);
    let end = anchor.end + length;
    let name = &look.text[anchor.end..end];
    if !SHARED.contains(&name) && !look.is_masked(name) {
        look.claim(anchor.end, end, anchor.detector, Check::None);
    }
}
