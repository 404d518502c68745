//! Passwords in command lines and in the small files that commands read.
//!
//! `curl -u user:password`, `sshpass -p`, `mysql -p...`, `redis-cli -a`, `.netrc`, `.pgpass`: no
//! name stands beside these, so the command or the format gives them away. Must never take the
//! flags of other commands for theirs.

use crate::bytes::{ALNUM, ByteClass};
use crate::escape::{backslashes_at, level, line_end};
use crate::find::Check;
use crate::gate::GateLiteral;
use crate::judge::{Style, is_placeholder};
use crate::look::{AROUND, Anchor, Look};
use crate::notes::Opening;
use crate::validators::is_aws_secret;

const ARGUMENT: ByteClass = ByteClass::of(&[(0x21, 0x7e), (0x80, 0xff)]);

pub(crate) fn anchors(literals: &mut Vec<GateLiteral>) {
    for flag in [" -u ", " --user ", " -u", " --user=", " --proxy-user "] {
        let after = if flag.ends_with([' ', '=']) {
            ARGUMENT
        } else {
            ALNUM.with(b"'\"\\")
        };
        literals.push(GateLiteral::sensitive(flag.as_bytes()).follow(after, 5));
    }
    for command in [
        "sshpass -p ",
        "sshpass -p",
        "redis-cli ",
        "mysql ",
        "mysqldump ",
        "mysqladmin ",
        "docker login ",
    ] {
        literals.push(GateLiteral::sensitive(command.as_bytes()).follow(ARGUMENT, 2));
    }
}

/// Looks at a flag or a command.
pub(crate) fn look(look: &mut Look<'_>, anchor: Anchor) {
    let literal = &look.text[anchor.start..anchor.end];
    match literal {
        [b' ', ..] => {
            if names_command(look, anchor.start, &[b"curl", b"wget", b"http", b"httpie"]) {
                pair(look, anchor.end, anchor.detector);
            }
        }
        b"sshpass -p" | b"sshpass -p " => argument(look, anchor.end, anchor.detector),
        b"redis-cli " => flag_value(look, anchor, b" -a "),
        b"docker login " => flag_value(look, anchor, b" -p "),
        _ => flag_value(look, anchor, b" -p"),
    }
}

/// Whether one of the commands stands before this position on the same line.
fn names_command(look: &mut Look<'_>, at: usize, commands: &[&[u8]]) -> bool {
    let start = at.saturating_sub(AROUND);
    let before = &look.text[start..at];
    look.work += before.len();
    let line = memchr::memrchr2(b'\n', b';', before).map_or(0, |end| end + 1);
    commands
        .iter()
        .any(|command| memchr::memmem::find(&before[line..], command).is_some())
}

/// The password of `user:password`.
fn pair(look: &mut Look<'_>, start: usize, detector: u16) {
    let (start, end) = argument_range(look, start);
    let pair = &look.text[start..end];
    let Some(colon) = memchr::memchr(b':', pair) else {
        return;
    };
    if colon > 0 && !pair.starts_with(b"http") {
        claim(look, start + colon + 1, end, detector);
    }
}

fn argument(look: &mut Look<'_>, start: usize, detector: u16) {
    let (start, end) = argument_range(look, start);
    claim(look, start, end, detector);
}

fn claim(look: &mut Look<'_>, start: usize, end: usize, detector: u16) {
    let value = look.text.get(start..end).unwrap_or_default();
    let word = value.len() >= 4 && value.iter().take(8).any(u8::is_ascii_alphanumeric);
    if word && !look.is_masked(value) && !is_placeholder(value, Style::Bare) {
        look.claim(start, end, detector, Check::None);
    }
}

/// The argument that starts here, without its quotes.
fn argument_range(look: &mut Look<'_>, start: usize) -> (usize, usize) {
    let start = start + usize::from(look.at(start) == Some(b' '));
    let backslashes = backslashes_at(look.text, start);
    match look.at(start + backslashes) {
        Some(quote @ (b'"' | b'\'')) => {
            let opening = Opening {
                quote,
                level: level(backslashes),
            };
            let start = start + backslashes + 1;
            (start, look.string_end(opening, start))
        }
        _ => (start, look.bare_end(start)),
    }
}

/// The value of a flag of the command, on the same line.
fn flag_value(look: &mut Look<'_>, anchor: Anchor, flag: &[u8]) {
    let start = anchor.end - 1;
    let end = look.text.len().min(start + AROUND);
    let rest = &look.text[start..end];
    look.work += rest.len();
    let line = (0..rest.len())
        .find(|at| line_end(rest, *at).is_some())
        .unwrap_or(rest.len());
    let Some(at) = memchr::memmem::find(&rest[..line], flag) else {
        return;
    };
    let value = start + at + flag.len();
    if flag.ends_with(b" ")
        || look
            .at(value)
            .is_some_and(|byte| byte != b' ' && byte != b'-')
    {
        argument(look, value, anchor.detector);
    }
}

const AWS_SECRET_BYTES: usize = 40;

pub(crate) fn aws_anchors(literals: &mut Vec<GateLiteral>) {
    const ID: ByteClass = ByteClass::of(&[(b'A', b'Z'), (b'0', b'9')]);
    for start in ["AKIA", "ASIA"] {
        literals.push(GateLiteral::sensitive(start.as_bytes()).follow(ID, 16));
    }
}

/// Looks behind an AWS key id for the 40 characters of its secret.
pub(crate) fn aws(look: &mut Look<'_>, anchor: Anchor) {
    const KEY: ByteClass = ALNUM.with(b"+/");
    let end = look.text.len().min(anchor.end + 16 + AROUND);
    let mut at = anchor.end + 16;
    while at < end {
        // No run that is long enough can stand before a byte of another kind.
        let window = look.text.get(at..at + AWS_SECRET_BYTES);
        let other = |byte: &u8| !KEY.contains(*byte);
        let Some(window) = window else { return };
        if let Some(other) = window.iter().rposition(other) {
            look.work += window.len() - other;
            at += other + 1;
            continue;
        }
        let length = look.count(&KEY, at, AWS_SECRET_BYTES + 1);
        if is_aws_secret(&look.text[at..at + length])
            && !KEY.contains(look.before(at).unwrap_or(b' '))
        {
            look.claim(at, at + length, anchor.detector, Check::None);
            return;
        }
        at += length;
    }
}

pub(crate) fn netrc_anchors(literals: &mut Vec<GateLiteral>) {
    for before in ["machine ", "login "] {
        literals.push(GateLiteral::sensitive(before.as_bytes()).follow(ARGUMENT, 1));
    }
    literals.push(GateLiteral::sensitive(&b":5432:"[..]).follow(ARGUMENT, 5));
}

/// Looks at a line of `.netrc` or `.pgpass`.
pub(crate) fn netrc(look: &mut Look<'_>, anchor: Anchor) {
    let end = look.text.len().min(anchor.end + AROUND);
    look.work += end - anchor.end;
    let rest = &look.text[anchor.end..end];
    if look.text[anchor.start..anchor.end].ends_with(b":") {
        return pgpass(look, anchor);
    }
    let word = ARGUMENT.with(b"\\").run(rest, 0, rest.len());
    let after = &rest[word..];
    let Some(at) = memchr::memmem::find(after, b"password ") else {
        return;
    };
    let between = &after[..at];
    let is_gap = |byte: &u8| byte.is_ascii_whitespace() || b"\\nt".contains(byte);
    let login = memchr::memmem::find(between, b"login ").is_some_and(|at| at < 16);
    if between.iter().all(is_gap) || login && between.len() < 128 {
        argument(
            look,
            anchor.end + word + at + b"password ".len(),
            anchor.detector,
        );
    }
}

/// `host:port:database:user:password`.
fn pgpass(look: &mut Look<'_>, anchor: Anchor) {
    const FIELD: ByteClass = ALNUM.with(b"_-.*\\");
    let database = look.count(&FIELD, anchor.end, 64);
    let user_start = anchor.end + database + 1;
    let user = look.count(&FIELD, user_start, 64);
    let start = user_start + user + 1;
    if database == 0
        || user == 0
        || look.before(user_start) != Some(b':')
        || look.before(start) != Some(b':')
    {
        return;
    }
    let end = look.bare_end(start);
    claim(look, start, end, anchor.detector);
}
