//! Values that stand beside a name: `password=`, `"api_key": "..."`, `--token ...`.
//!
//! One grammar for shell, JSON at any escape level, YAML, INI, source code, XML, headers and
//! command lines: a name that ends with a keyword, the quote that closes it, an operator, and a
//! value in quotes or bare. What the value must look like is the judge's business. Must never
//! claim a placeholder, a reference or a mask.

use std::borrow::Cow;

use crate::bytes::ByteClass;
use crate::escape::backslashes_before;
use crate::find::Check;
use crate::gate::{GateKey, GateLiteral, Lead};
use crate::headers;
use crate::judge::{JUDGED_MAX, Style, is_placeholder, looks_chosen, looks_random};
use crate::look::{Anchor, Look};
use crate::slot::{NAME_MAX, SPACES_MAX, Slot, after_type, name_before, slot};
use crate::validators::{is_aws_secret, is_basic_pair};

/// Names and what their values look like.
#[derive(Debug)]
pub(crate) struct Assignment {
    /// What the name ends with, lower case; `_` stands for `_`, `-`, a space or nothing.
    pub keywords: &'static [&'static str],
    /// Which values count.
    pub judge: Judge,
}

/// Which values count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Judge {
    /// Whatever is no placeholder.
    Password,
    /// What someone may have chosen as a secret: no plain word.
    Chosen,
    /// What looks random.
    Random,
    /// The 40 characters of an AWS secret access key.
    AwsSecret,
    /// Base64 of `user:password`.
    BasicPair,
    /// The value of an Authorization header: a scheme, then the credential.
    Authorization,
    /// A list of cookies.
    Cookies,
}

const PRINTABLE: ByteClass = ByteClass::of(&[(0x20, 0x7e), (0x80, 0xff)]);
const AFTER_QUOTE: ByteClass = ByteClass::of(&[]).with(b":= \t],");
const ESCAPED_QUOTE: ByteClass = ByteClass::of(&[]).with(b"\\\"':= ,]");
const SPACED_OPERATOR: ByteClass = ByteClass::of(&[]).with(b"=: \t");

/// Names that end like a secret's and are none.
const NO_SECRETS: &[&str] = &[
    "next_token",
    "nexttoken",
    "page_token",
    "pagetoken",
    "pagination_token",
    "continuation_token",
    "continuationtoken",
    "cancellation_token",
    "cancellationtoken",
    "sync_token",
    "synctoken",
    "eos_token",
    "bos_token",
    "pad_token",
    "unk_token",
    "mask_token",
    "sep_token",
    "cls_token",
    "public_token",
    "per_token",
    "last_token",
    "first_token",
    "stop_token",
    "start_token",
    "end_token",
    "prompt_token",
    "completion_token",
    "input_token",
    "output_token",
    "cached_token",
    "total_token",
    "public_key_token",
    "publickeytoken",
];

impl Assignment {
    /// What a host must scan for.
    pub(crate) fn literals(&self, literals: &mut Vec<GateLiteral>) {
        let lead = match self.judge {
            Judge::Authorization => Lead::Header,
            Judge::Cookies => Lead::Cookies,
            _ => Lead::Name,
        };
        for keyword in self.spellings() {
            let mut form = |before: &str, after: &str, class: ByteClass, min: u8| {
                let bytes = [before, &keyword, after].concat().into_bytes();
                let literal = GateLiteral::insensitive(bytes).follow(class, min);
                literals.push(literal.lead(lead));
            };
            form("", "=", PRINTABLE, 4);
            if self.judge != Judge::BasicPair {
                form("", ":", PRINTABLE, 5);
                form("", ">", PRINTABLE, 4);
            }
            form("", "\"", AFTER_QUOTE, 1);
            form("", "'", AFTER_QUOTE, 1);
            form("", "\\", ESCAPED_QUOTE, 2);
            form("", " ", SPACED_OPERATOR, 1);
            form("-", " ", PRINTABLE, 4);
        }
    }

    /// What the key of a value may end with.
    pub(crate) fn keys(&self) -> impl Iterator<Item = GateKey> {
        let dotted = self.keywords.iter().filter(|keyword| keyword.contains('_'));
        let dotted = dotted.map(|keyword| keyword.replace('_', "."));
        let spelled = self.spellings().filter(|keyword| !keyword.contains(' '));
        spelled.chain(dotted).map(|keyword| GateKey {
            suffix: Cow::Owned(keyword.into_bytes()),
        })
    }

    fn spellings(&self) -> impl Iterator<Item = String> {
        self.keywords.iter().flat_map(|keyword| {
            let separators: &[&str] = match keyword.as_bytes() {
                [b'_', ..] => &["_", "-"],
                _ if keyword.contains('_') => &["_", "-", "", " "],
                _ => &["_"],
            };
            separators
                .iter()
                .map(|separator| keyword.replace('_', separator))
        })
    }

    /// Looks at one anchor: all but its last byte is the end of a name.
    pub(crate) fn look(&self, look: &mut Look<'_>, anchor: Anchor) {
        if look.is_done(anchor.detector, anchor.start) {
            return;
        }
        let name_end = anchor.end - 1;
        let name = name_before(look, name_end);
        if is_no_secret(name) || look.is_masked(name) || look.in_mask(anchor.start) {
            return;
        }
        let Some(slot) = slot(look, name, name_end) else {
            return;
        };
        let header = self.judge == Judge::Authorization || name.contains(&b'-');
        if slot.listed && !slot.flag && !header {
            return;
        }
        self.judge_slot(look, anchor.detector, name, slot);
    }

    fn judge_slot(&self, look: &mut Look<'_>, detector: u16, name: &[u8], slot: Slot) {
        match self.judge {
            Judge::Authorization => return headers::authorization(look, detector, slot),
            Judge::Cookies => return headers::cookies(look, detector, slot),
            _ => {}
        }
        let end = match slot.opening {
            Some(opening) => look.string_end(opening, slot.start),
            None => {
                let end = look.bare_end(slot.start);
                let dots = look.text[..end].ends_with(b"...");
                if dots { (end - 3).max(slot.start) } else { end }
            }
        };
        let value = look.text.get(slot.start..end).unwrap_or_default();
        let style = if slot.opening.is_some() {
            Style::Quoted
        } else {
            Style::Bare
        };
        if look.is_masked(value) {
            return;
        }
        if value.is_empty() || is_placeholder(value, style) {
            if let (Style::Bare, Some(slot)) = (style, after_type(look, slot.start)) {
                self.judge_slot(look, detector, name, slot);
            }
            return;
        }
        if look.before(slot.start) == Some(b'>') && look.at(end) != Some(b'<') {
            return;
        }
        let plainly =
            slot.opening.is_some() || slot.flag || is_plainly_assigned(look, name, &slot, end);
        if self.accepts(name, value, plainly) {
            look.claim(slot.start, end, detector, Check::None);
        }
    }

    /// Whether this is a secret, for a value that is `plainly` one by how it stands.
    fn accepts(&self, name: &[u8], value: &[u8], plainly: bool) -> bool {
        match self.judge {
            Judge::Password => is_password(name, value, plainly),
            Judge::Chosen => looks_random(value) || plainly && looks_chosen(value),
            Judge::Random => looks_random(value),
            Judge::AwsSecret => is_aws_secret(value),
            Judge::BasicPair => is_basic_pair(value),
            Judge::Authorization | Judge::Cookies => false,
        }
    }

    /// Looks at a whole value because of its key.
    pub(crate) fn look_whole(&self, look: &mut Look<'_>, detector: u16, key: &[u8]) {
        let name = key
            .get(key.len().saturating_sub(NAME_MAX)..)
            .unwrap_or_default();
        let text = look.text;
        let (start, end) = unwrapped(text);
        let value = text.get(start..end).unwrap_or_default();
        if is_no_secret(name) || look.is_masked(value) {
            return;
        }
        if look.context.numeric {
            if self.judge == Judge::Password && value.len() >= 4 {
                look.claim(start, end, detector, Check::None);
            }
            return;
        }
        let slot = Slot {
            start,
            opening: None,
            flag: false,
            listed: false,
            spaced: false,
        };
        match self.judge {
            Judge::Authorization => headers::authorization(look, detector, slot),
            Judge::Cookies => headers::cookies(look, detector, slot),
            _ if is_placeholder(value, Style::Quoted) => {}
            _ if self.accepts(name, value, true) => look.claim(start, end, detector, Check::None),
            _ => {}
        }
    }
}

/// The range of a value without blanks around it, and without the quotes and brackets of a list of
/// one string.
fn unwrapped(text: &[u8]) -> (usize, usize) {
    let start = text.len() - text.trim_ascii_start().len();
    let end = text.trim_ascii_end().len();
    match text.get(start..end) {
        Some([b'[', b'"', inner @ .., b'"', b']']) if !inner.contains(&b'"') => {
            (start + 2, end - 2)
        }
        Some([b'"', inner @ .., b'"']) if !inner.contains(&b'"') => (start + 1, end - 1),
        _ => (start.min(end), end),
    }
}

fn is_no_secret(name: &[u8]) -> bool {
    NO_SECRETS.iter().any(|no_secret| {
        let start = name.len().checked_sub(no_secret.len());
        start.is_some_and(|start| name[start..].eq_ignore_ascii_case(no_secret.as_bytes()))
    })
}

/// Whether a bare value stands where no code would: `NAME=value` without blanks, or the only
/// thing after `name:` on its line.
fn is_plainly_assigned(look: &Look<'_>, name: &[u8], slot: &Slot, end: usize) -> bool {
    let operator = look.before(slot.start);
    let ends_line = look
        .at(end)
        .is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b'\\' | b'"'));
    if operator == Some(b'=') && !slot.spaced {
        let name_start = slot.start - 1 - name.len().min(slot.start - 1);
        let separated = matches!(
            look.before(name_start),
            None | Some(b';' | b'&' | b'?' | b'"')
        );
        let shouted = !name.iter().any(u8::is_ascii_lowercase);
        return shouted || separated || look.at(end) == Some(b';') || ends_line;
    }
    let is_setting = name.contains(&b'_') || !name.iter().any(u8::is_ascii_lowercase);
    operator != Some(b'=') && ends_line && (is_setting || starts_line(look, slot.start, name))
}

/// Whether nothing but blanks and list marks stands before the name on its line.
fn starts_line(look: &Look<'_>, value_start: usize, name: &[u8]) -> bool {
    const BEFORE: ByteClass = ByteClass::of(&[]).with(b" \t-+>|:");
    let mut at = value_start;
    at -= BEFORE.with(b"\"'").run_back(look.text, at, SPACES_MAX);
    at = at.saturating_sub(name.len());
    at -= BEFORE.run_back(look.text, at, NAME_MAX);
    match look.before(at) {
        None | Some(b'\n' | b'\r') => true,
        Some(b'n') => backslashes_before(look.text, at - 1) > 0,
        Some(b'"' | b'\'') => true,
        Some(byte) => byte.is_ascii_digit() && look.before(value_start - 1) != Some(b' '),
    }
}

/// Whether this may be a password: anything that is no sentence, no path of the working
/// directory, and, where code could stand, no name.
fn is_password(name: &[u8], value: &[u8], plainly: bool) -> bool {
    let pwd = name.len() >= 3 && name[name.len() - 3..].eq_ignore_ascii_case(b"pwd");
    if value.len() < 4 || pwd && matches!(value, [b'/' | b'~', ..] | [_, b':', b'\\' | b'/', ..]) {
        return false;
    }
    if plainly {
        let value = &value[..value.len().min(JUDGED_MAX)];
        let words = value.split(|byte| *byte == b' ').count();
        return words < 3 || value[0].is_ascii_lowercase() && !value.ends_with(b".");
    }
    value
        .iter()
        .any(|byte| !byte.is_ascii_alphabetic() && !b"_-.:/".contains(byte))
}
