//! Credentials in headers: `Authorization`, bearer and basic credentials, cookies.
//!
//! The scheme stays and the credential goes. Must never take the words of a sentence about
//! headers for credentials.

use crate::bytes::{ALNUM, ByteClass};
use crate::escape::{backslashes_at, level};
use crate::find::Check;
use crate::gate::{GateLiteral, Lead};
use crate::judge::{Style, is_placeholder, looks_chosen, looks_random};
use crate::look::{AROUND, Anchor, Look};
use crate::notes::Opening;
use crate::slot::Slot;
use crate::validators::is_basic_pair;

/// Schemes that are followed by one word.
const SCHEMES: &[&str] = &[
    "bearer",
    "basic",
    "token",
    "apikey",
    "api-key",
    "key",
    "bot",
    "jwt",
    "negotiate",
    "ntlm",
    "splunk",
    "geniekey",
    "pve",
    "signature",
    "access_token",
    "oauth",
];

/// The longest name of a scheme, and more.
const SCHEME_MAX: usize = 32;

/// Schemes that are followed by a list of parameters.
const LISTS: &[&str] = &["digest", "aws4-hmac-sha256", "hawk", "credential"];

/// What ends a header's value: quotes, backslashes, line ends.
const HEADER_END: ByteClass = ByteClass::of(&[(0, 8), (10, 0x1f), (0x7f, 0x7f)]).with(b"\"'`\\<");
const CREDENTIAL: ByteClass = ALNUM.with(b"-._~+/=:%$!*@|#");
/// What basic credentials are spelled with.
pub(crate) const BASIC: ByteClass = ALNUM.with(b"+/=_-");

fn header_end(look: &mut Look<'_>, slot: Slot) -> usize {
    match slot.opening {
        Some(opening) => look.string_end(opening, slot.start),
        None => look.run_end(&HEADER_END.inverse(), slot.start),
    }
}

/// The value of an Authorization header.
pub(crate) fn authorization(look: &mut Look<'_>, detector: u16, slot: Slot) {
    let end = header_end(look, slot);
    let Some((first, second)) = words(look, slot.start, end) else {
        return;
    };
    let scheme = &look.text[first.0..first.1.min(first.0 + SCHEME_MAX)];
    let scheme = scheme.to_ascii_lowercase();
    let scheme = scheme.strip_suffix(b":").unwrap_or(&scheme);
    let parameters = |(start, end): Range| {
        look.text[start..end]
            .iter()
            .take(SCHEME_MAX)
            .any(|byte| *byte == b'=')
    };
    let is_list = LISTS.iter().any(|list| scheme == list.as_bytes());
    if is_list || scheme == b"oauth" && second.is_some_and(parameters) {
        if let Some((start, _)) = second {
            let end = if slot.opening.is_none() {
                list_end(look, end)
            } else {
                end
            };
            claim(look, detector, start, end, |value| value.len() >= 16);
        }
        return;
    }
    match second {
        Some((start, stop)) if SCHEMES.iter().any(|known| scheme == known.as_bytes()) => {
            claim(look, detector, start, stop, is_credential);
        }
        Some((start, stop)) if scheme.iter().all(u8::is_ascii_alphabetic) => {
            claim(look, detector, start, stop, looks_random);
        }
        _ => claim(look, detector, first.0, first.1, |value| {
            looks_random(value) || is_basic_pair(value)
        }),
    }
}

/// Parameters may be quoted: where a bare header seems to end at such a quote, it goes on.
fn list_end(look: &mut Look<'_>, mut end: usize) -> usize {
    const PARAMETERS_MAX: usize = 16;
    for _ in 0..PARAMETERS_MAX {
        let backslashes = backslashes_at(look.text, end);
        let quote_at = end + backslashes;
        if look.before(end) != Some(b'=') || look.at(quote_at) != Some(b'"') {
            break;
        }
        let opening = Opening {
            quote: b'"',
            level: level(backslashes),
        };
        let closing = look.string_end(opening, quote_at + 1);
        let behind = closing + backslashes + 1;
        if look.before(behind) != Some(b'"') {
            return closing;
        }
        end = look.run_end(&HEADER_END.inverse(), behind);
    }
    end
}

fn claim(look: &mut Look<'_>, detector: u16, start: usize, end: usize, accepts: fn(&[u8]) -> bool) {
    let value = look.text.get(start..end).unwrap_or_default();
    if !look.is_masked(value) && !is_placeholder(value, Style::Quoted) && accepts(value) {
        look.claim(start, end, detector, Check::None);
    }
}

fn is_credential(value: &[u8]) -> bool {
    looks_chosen(value) || looks_random(value) || value.len() >= 24 || is_basic_pair(value)
}

type Range = (usize, usize);

/// The first two words in a range, without commas at their ends.
fn words(look: &mut Look<'_>, start: usize, end: usize) -> Option<(Range, Option<Range>)> {
    let first = word(look, start, end)?;
    let second = word(look, first.1, end);
    Some((first, second))
}

fn word(look: &mut Look<'_>, start: usize, end: usize) -> Option<Range> {
    const BLANK: ByteClass = ByteClass::of(&[]).with(b" \t");
    const INK: ByteClass = ByteClass::of(&[(0x21, 0xff)]);
    let start = start + look.count(&BLANK, start, 64);
    let mut stop = look.run_end(&INK, start).min(end);
    while stop > start && matches!(look.before(stop), Some(b',' | b';' | b')' | b']' | b'}')) {
        stop -= 1;
    }
    (start < stop).then_some((start, stop))
}

/// Parts of cookie names whose values open a session.
const SESSIONS: &[&str] = &[
    "sess", "sid", "auth", "token", "jwt", "csrf", "xsrf", "secret", "login", "remember",
];

/// A list of cookies: the values of those that open a session.
pub(crate) fn cookies(look: &mut Look<'_>, detector: u16, slot: Slot) {
    let end = header_end(look, slot);
    let text = look.text;
    let mut start = slot.start;
    while start < end {
        let rest = &text[start..end];
        let length = memchr::memchr(b';', rest).unwrap_or(rest.len());
        cookie(look, detector, start, start + length);
        start += length + 1;
    }
    look.work += end.saturating_sub(slot.start);
    look.finish(detector, end);
}

fn cookie(look: &mut Look<'_>, detector: u16, start: usize, end: usize) {
    let pair = &look.text[start..end];
    let Some(equals) = memchr::memchr(b'=', pair) else {
        return;
    };
    let name = pair[..equals].to_ascii_lowercase();
    if !SESSIONS
        .iter()
        .any(|part| memchr::memmem::find(&name, part.as_bytes()).is_some())
    {
        return;
    }
    let value = &pair[equals + 1..];
    let length = ByteClass::of(&[(0x21, 0x7e)]).run(value, 0, usize::MAX);
    let start = start + equals + 1;
    claim(look, detector, start, start + length, |value| {
        value.len() >= 6
    });
}

pub(crate) fn bearer_anchors(literals: &mut Vec<GateLiteral>) {
    let bearer = GateLiteral::insensitive(&b"bearer "[..]).follow(CREDENTIAL, 12);
    literals.push(bearer.lead(Lead::Name));
}

/// A bearer credential without its header's name.
pub(crate) fn bearer(look: &mut Look<'_>, anchor: Anchor) {
    if look.is_done(anchor.detector, anchor.start) || !look.starts_word(anchor.start) {
        return;
    }
    let end = look.run_end(&CREDENTIAL, anchor.end);
    claim(look, anchor.detector, anchor.end, end, is_bare_credential);
}

fn is_bare_credential(value: &[u8]) -> bool {
    let digits = value
        .iter()
        .take(AROUND)
        .filter(|byte| byte.is_ascii_digit())
        .count();
    looks_random(value) || value.len() >= 16 && digits >= 4
}

pub(crate) fn basic_anchors(literals: &mut Vec<GateLiteral>) {
    let basic = GateLiteral::insensitive(&b"basic "[..]).follow(BASIC, 8);
    literals.push(basic.lead(Lead::Name));
}

/// A basic credential without its header's name.
pub(crate) fn basic(look: &mut Look<'_>, anchor: Anchor) {
    if look.is_done(anchor.detector, anchor.start) || !look.starts_word(anchor.start) {
        return;
    }
    let end = look.run_end(&BASIC, anchor.end);
    claim(look, anchor.detector, anchor.end, end, is_basic_pair);
}
