//! The grammar of a name and its value: where a value stands beside a name, and where it ends.
//!
//! A name, the quote that closes it, an operator, and a value in quotes or bare, at any level of
//! JSON in strings. Must never ask what a value means.

use crate::bytes::{ALNUM, ByteClass};
use crate::escape::{backslashes_at, backslashes_before, escape_tail, level};
use crate::look::Look;
use crate::notes::Opening;

/// The longest name, in bytes; of a longer one its end is looked at.
pub(crate) const NAME_MAX: usize = 64;
/// The most spaces around an operator.
pub(crate) const SPACES_MAX: usize = 16;
const NAME: ByteClass = ALNUM.with(b"_.-");
const BARE_END: ByteClass = ByteClass::of(&[(0, 0x20), (0x7f, 0x7f)]).with(b"\"'`;&|<>");

/// Where a value starts and how it stands there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// Where the value starts, behind its opening quote.
    pub start: usize,
    /// The quote that opened it.
    pub opening: Option<Opening>,
    /// The name is a command-line flag.
    pub flag: bool,
    /// Name and value are members of a list or of an argument list.
    pub listed: bool,
    /// Blanks stand before the operator, as in source code.
    pub spaced: bool,
}

/// The name that ends at a position, at most `NAME_MAX` bytes of it.
pub(crate) fn name_before<'t>(look: &mut Look<'t>, end: usize) -> &'t [u8] {
    let count = look.count_back(&NAME, end, NAME_MAX);
    let start = end - count;
    let tail = escape_tail(look.text, start);
    let is_mark = matches!(look.at(start), Some(b'+' | b'-'));
    let start = if is_mark {
        start
    } else {
        (start + tail).min(end)
    };
    let name = look.text.get(start..end).unwrap_or_default();
    // A flag is a flag whatever is glued to it.
    let flag = memchr::memmem::rfind(name, b"--");
    flag.map_or(name, |at| &name[at..])
}

/// Where the value of a name starts, if an operator stands between them.
pub(crate) fn slot(look: &Look<'_>, name: &[u8], name_end: usize) -> Option<Slot> {
    let flag = name.starts_with(b"-");
    let mut at = name_end;
    let backslashes = backslashes_at(look.text, at);
    let mut quoted = false;
    if let Some(b'"' | b'\'' | b'`') = look.at(at + backslashes) {
        quoted = true;
        at += backslashes + 1;
        if look.at(at) == Some(b']') {
            at += 1;
        }
    } else if backslashes > 0 {
        return None;
    }
    let operator_at = skip_blanks(look, at);
    let spaced = operator_at > at;
    let (mut at, mut listed) = (operator_at, false);
    match (look.at(at)?, look.at(at + 1)) {
        (b':', Some(b':')) => return None,
        (b'=', Some(b'=' | b'>' | b'~')) | (b':', Some(b'=')) => at += 2,
        (b'=' | b':', _) => at += 1,
        (b'>', _) if !quoted && !spaced => at += 1,
        (b',', _) if quoted => {
            at += 1;
            listed = true;
        }
        _ if flag && spaced => {}
        _ => return None,
    }
    at = skip_blanks(look, at);
    let prefixed = matches!(look.at(at), Some(b'b' | b'f' | b'r' | b'u' | b'@'))
        && matches!(look.at(at + 1), Some(b'"' | b'\''));
    at += usize::from(prefixed);
    let backslashes = backslashes_at(look.text, at);
    let opening = match look.at(at + backslashes) {
        Some(quote @ (b'"' | b'\'' | b'`')) => Some(Opening {
            quote,
            level: level(backslashes),
        }),
        _ => None,
    };
    if let (Some(opening), false) = (opening, quoted)
        && closes_name(look, name, name_end, opening)
    {
        return None;
    }
    let start = if opening.is_some() {
        at + backslashes + 1
    } else {
        at
    };
    Some(Slot {
        start,
        opening,
        flag,
        listed,
        spaced,
    })
}

/// Whether a quote behind `name:` ends the string in which the name stands: `'Password: '`.
fn closes_name(look: &Look<'_>, name: &[u8], name_end: usize, opening: Opening) -> bool {
    let start = name_end.saturating_sub(name.len());
    let Some(quote_at) = start.checked_sub(1) else {
        return false;
    };
    look.at(quote_at) == Some(opening.quote)
        && level(backslashes_before(look.text, quote_at)) == opening.level
}

fn skip_blanks(look: &Look<'_>, at: usize) -> usize {
    const BLANK: ByteClass = ByteClass::of(&[]).with(b" \t");
    at + BLANK.run(look.text, at, SPACES_MAX)
}

/// Where a bare value ends.
pub(crate) fn bare_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => {
                let count = backslashes_at(text, at);
                match text.get(at + count) {
                    None | Some(b'n' | b'r' | b't' | b'u' | b'"' | b'\'' | b'`') => return at,
                    Some(byte) if BARE_END.contains(*byte) => return at,
                    Some(_) => at += count,
                }
            }
            b',' | b')' | b']' | b'}' if ends_at_closing(text, at) => return at,
            _ if BARE_END.contains(byte) => return at,
            _ => at += 1,
        }
    }
    at
}

/// Whether a comma or a bracket ends a bare value: when a border, or the next name, follows.
fn ends_at_closing(text: &[u8], at: usize) -> bool {
    let rest = text.get(at + 1..).unwrap_or_default();
    let Some(next) = rest.first() else {
        return true;
    };
    if BARE_END.contains(*next) || b",.)]}:\\".contains(next) {
        return true;
    }
    let name = NAME.run(rest, 0, NAME_MAX);
    name > 0 && matches!(rest.get(name), Some(b'=' | b':'))
}

/// The value behind a type: `password: &str = "..."`.
pub(crate) fn after_type(look: &Look<'_>, start: usize) -> Option<Slot> {
    const TYPE: ByteClass = ALNUM.with(b"_:&<>[]|?. ");
    let length = TYPE.run(look.text, start, NAME_MAX);
    let name_end = start + length;
    if length < 2 || look.before(name_end) != Some(b' ') || look.at(name_end) != Some(b'=') {
        return None;
    }
    slot(look, b"", name_end).filter(|slot| slot.opening.is_some())
}
