//! Passwords in URLs: `scheme://user:password@host`.
//!
//! The user and the host stay. Must never claim the `@`, so that the URL still parses.

use std::ops::Range;

use crate::bytes::{ALNUM, ByteClass};
use crate::escape::backslashes_before;
use crate::find::Check;
use crate::gate::{GateLiteral, Lead};
use crate::judge::{Style, is_placeholder, looks_random};
use crate::look::{Anchor, Look};

/// What stands between `://` and `@`.
pub(crate) const USERINFO: ByteClass = ByteClass::of(&[(0x21, 0x7e), (0x80, 0xff)])
    .inverse()
    .with(b"/?#\"'`<>\\")
    .inverse();

/// The longest user information, in bytes.
pub(crate) const USERINFO_MAX: usize = 1024;

/// What the name of a host is made of.
const HOST: ByteClass = ALNUM.with(b".-");

/// The longest name of a host that is looked at, in bytes.
const HOST_MAX: usize = 255;

/// Whether an `@` may end a user information only since this range of a text is new: because it stands
/// before it, a little after it, or at the end of what it belongs to.
pub(crate) fn may_come_with(text: &[u8], change: &Range<usize>) -> bool {
    const SLASHES: ByteClass = ByteClass::of(&[]).with(b"/\\");
    let behind = change.end + SLASHES.run(text, change.end, USERINFO_MAX);
    let end = behind + USERINFO.run(text, behind, USERINFO_MAX);
    let start = change.start - HOST.run_back(text, change.start, HOST_MAX);
    let near = text.get(start.saturating_sub(1)..(end + 1).min(text.len()));
    memchr::memchr(b'@', near.unwrap_or_default()).is_some()
}

/// Whether a text ends with `://`, each slash after any number of backslashes.
pub(crate) fn ends_scheme(text: &[u8]) -> bool {
    fn without_slash(text: &[u8]) -> Option<&[u8]> {
        let text = text.strip_suffix(b"/")?;
        Some(&text[..text.len() - backslashes_before(text, text.len())])
    }
    let rest = without_slash(text).and_then(without_slash);
    rest.is_some_and(|rest| rest.ends_with(b":"))
}

/// Looks at one `@`.
pub(crate) fn userinfo(look: &mut Look<'_>, anchor: Anchor) {
    let start = look.run_start(&USERINFO, anchor.start);
    if anchor.start - start > USERINFO_MAX || !ends_scheme(&look.text[..start]) {
        return;
    }
    let info = &look.text[start..anchor.start];
    let host = &look.text[anchor.end..];
    if host
        .first()
        .is_none_or(|byte| byte.is_ascii_whitespace() || b"\"'/<>\\".contains(byte))
    {
        return;
    }
    let Some(colon) = memchr::memchr(b':', info) else {
        if looks_random(info) && info.len() >= 16 && !look.is_masked(info) && !is_public(host) {
            look.claim(start, anchor.start, anchor.detector, Check::None);
        }
        return;
    };
    claim_password(look, start + colon + 1, anchor.start, anchor.detector);
}

fn claim_password(look: &mut Look<'_>, start: usize, end: usize, detector: u16) {
    let password = &look.text[start..end];
    if !password.is_empty() && !look.is_masked(password) && !is_placeholder(password, Style::Quoted)
    {
        look.claim(start, end, detector, Check::None);
    }
}

/// A host that takes public keys as users.
fn is_public(host: &[u8]) -> bool {
    let host = &host[..HOST.run(host, 0, HOST_MAX)];
    host.ends_with(b"sentry.io")
}

/// Schemes of databases and queues.
const SCHEMES: &[&str] = &[
    "postgres://",
    "postgresql://",
    "mysql://",
    "mariadb://",
    "mongodb://",
    "mongodb+srv://",
    "redis://",
    "rediss://",
    "amqp://",
    "amqps://",
    "mssql://",
    "sqlserver://",
    "clickhouse://",
    "snowflake://",
    "cockroachdb://",
    "nats://",
    "mqtt://",
    "mqtts://",
    "ldap://",
    "ldaps://",
    "ftp://",
    "sftp://",
    "smtp://",
    "smtps://",
];

pub(crate) fn database_anchors(literals: &mut Vec<GateLiteral>) {
    let schemes = SCHEMES
        .iter()
        .map(|scheme| GateLiteral::insensitive(scheme.as_bytes()));
    literals.extend(schemes.map(|literal| literal.follow(USERINFO, 3).lead(Lead::Scheme)));
}

/// Looks at the scheme of a database: its password counts even where the value is cut before the
/// `@`, and where it holds characters that belong in no URL.
pub(crate) fn database(look: &mut Look<'_>, anchor: Anchor) {
    if look.is_done(anchor.detector, anchor.start) {
        return;
    }
    let end = look.run_end(&USERINFO, anchor.end);
    let info = look.text.get(anchor.end..end).unwrap_or_default();
    let info = &info[..info.len().min(USERINFO_MAX)];
    let Some(colon) = memchr::memchr(b':', info) else {
        return;
    };
    let start = anchor.end + colon + 1;
    if let Some(at) = memchr::memrchr(b'@', info) {
        if at > colon {
            claim_password(look, start, anchor.end + at, anchor.detector);
        }
        return;
    }
    let port = info
        .iter()
        .skip(colon + 1)
        .all(|byte| byte.is_ascii_digit() || *byte == b',');
    if !port && look.is_cut(end) && !info[colon + 1..].contains(&b':') {
        claim_password(look, start, end, anchor.detector);
    }
}

/// A public key as the user of an error tracker.
pub(crate) fn dsn_anchors(literals: &mut Vec<GateLiteral>) {
    literals.push(GateLiteral::sensitive(&b".ingest."[..]));
    literals.push(GateLiteral::sensitive(&b"sentry.io"[..]));
}

/// Looks at the host of an error tracker.
pub(crate) fn dsn(look: &mut Look<'_>, anchor: Anchor) {
    let host = anchor.start - look.count_back(&HOST, anchor.start, 64);
    if look.before(host) != Some(b'@') {
        return;
    }
    let user = look.count_back(&ALNUM, host - 1, 64);
    let start = host - 1 - user;
    if user == 32 && ends_scheme(&look.text[..start]) {
        look.claim(start, host - 1, anchor.detector, Check::None);
    }
}
