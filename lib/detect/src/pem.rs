//! Private-key blocks: PEM, OpenSSH, PGP, PuTTY, whole or cut.
//!
//! A block may stand in a listing with line numbers, in a diff, in a quoted mail, in JSON with its
//! line ends escaped up to three times, on one line, without its end or without its start. So it
//! is walked by pieces between blanks, and pieces that are no key material are forgiven for a
//! while. Must never claim certificates and public keys.

use crate::bytes::{ALNUM, B64, ByteClass};
use crate::escape::{backslashes_at, escape_tail};
use crate::find::Check;
use crate::gate::GateLiteral;
use crate::look::{Anchor, CUT_MIN, Look};

/// The shortest piece that is key material for sure, in bytes.
const PIECE_MIN: usize = 16;

/// How many other pieces may stand between two pieces of a block: headers and line numbers.
const OTHERS_MAX: usize = 10;

/// The longest label before `PRIVATE KEY`, in bytes.
const LABEL_MAX: usize = 32;

/// How far back a block without its start is followed, in bytes.
const BACK_MAX: usize = 8192;

const INK: ByteClass = ByteClass::of(&[(0, 0x20)]).with(b"\\\"'`<>").inverse();

pub(crate) fn anchors(literals: &mut Vec<GateLiteral>) {
    let follow = ByteClass::of(&[]).with(b"- \\");
    literals.push(GateLiteral::sensitive(&b"PRIVATE KEY"[..]).follow(follow, 1));
    literals.push(GateLiteral::sensitive(&b"Private-Lines: "[..]));
    literals.push(GateLiteral::sensitive(
        &b"minisign encrypted secret key"[..],
    ));
    literals.push(GateLiteral::sensitive(&b"b3BlbnNzaC1rZXktdjE"[..]));
}

/// Looks at a label, or at the start of a format that has none.
pub(crate) fn look(look: &mut Look<'_>, anchor: Anchor) {
    if look.is_done(anchor.detector, anchor.start) {
        return;
    }
    let literal = &look.text[anchor.start..anchor.end];
    match literal[0] {
        b'P' if literal.starts_with(b"PRIVATE") => label(look, anchor),
        b'b' => block(look, None, anchor.start, anchor.detector),
        _ => {
            let count = look.count(&ALNUM, anchor.end, LABEL_MAX);
            block(look, None, anchor.end + count, anchor.detector);
        }
    }
}

fn label(look: &mut Look<'_>, anchor: Anchor) {
    const LABEL: ByteClass = ALNUM.with(b" ");
    let start = anchor.start - look.count_back(&LABEL, anchor.start, LABEL_MAX);
    let dashes = look.count_back(&ByteClass::of(&[]).with(b"-"), start, 5);
    let words = &look.text[start..anchor.start];
    if dashes < 4 {
        return;
    }
    let label_end = anchor.end + look.count(&LABEL, anchor.end, LABEL_MAX);
    let label_end = label_end + look.count(&ByteClass::of(&[]).with(b"- "), label_end, 6);
    if words.starts_with(b"BEGIN ") {
        block(look, Some(start - dashes), label_end, anchor.detector);
    } else if words.starts_with(b"END ") {
        headless(look, start - dashes, label_end, anchor.detector);
    }
}

/// Claims a block if key material follows at `body`: from `start`, or from the material on.
fn block(look: &mut Look<'_>, mut start: Option<usize>, body: usize, detector: u16) {
    let (mut end, mut at, mut others) = (body, body, 0);
    let start_is_label = start.is_some();
    let mut material = 0;
    while let Some(piece) = next_piece(look, at) {
        if look.text[piece.start..].starts_with(b"Private-MAC") {
            break;
        }
        if is_end(look, piece.start) {
            end = end_of_label(look, piece.start);
            break;
        }
        let is_last = look.is_cut(piece.end) || look.text[piece.start..piece.end].ends_with(b"=");
        if piece.material >= PIECE_MIN
            || piece.material > 0 && (material > 0 || is_last) && others == 0
        {
            material += piece.material;
            start = start.or(Some(piece.start + piece.lead));
            end = piece.start + piece.lead + piece.material;
            others = 0;
        } else {
            others += 1;
        }
        if others > OTHERS_MAX || !piece.open {
            break;
        }
        at = piece.end;
    }
    let wanted = if start_is_label {
        PIECE_MIN
    } else {
        2 * PIECE_MIN
    };
    if material >= wanted || start_is_label && material >= CUT_MIN && look.is_cut(end) {
        look.claim(start.unwrap_or(body), end, detector, Check::None);
    }
}

/// One piece of a block: what stands between two blanks.
struct Piece {
    start: usize,
    end: usize,
    /// Bytes before the key material: the marks of a diff, a mail or a listing.
    lead: usize,
    /// Bytes of base64.
    material: usize,
    /// Whether the block may go on behind it.
    open: bool,
}

fn next_piece(look: &mut Look<'_>, at: usize) -> Option<Piece> {
    let start = skip_blanks(look, at);
    let end = start + look.count(&INK, start, 4096);
    if start == end {
        return None;
    }
    let lead = look.count(&ByteClass::of(&[]).with(b"+->|:"), start, 4);
    let marks = if look.text[start..end].starts_with(b"-----") {
        0
    } else {
        lead
    };
    let material = look.count(&B64, start + marks, end - start - marks);
    let open = start + marks + material == end || end - start < 64;
    Some(Piece {
        start,
        end,
        lead: marks,
        material,
        open,
    })
}

/// Behind blanks, line ends in any escape, arrows of listings and terminal colours.
fn skip_blanks(look: &mut Look<'_>, mut at: usize) -> usize {
    loop {
        let rest = look.text.get(at..).unwrap_or_default();
        let backslashes = backslashes_at(look.text, at);
        let length = match rest {
            [b' ' | b'\n' | b'\r' | b'\t', ..] => 1,
            [b'\\', ..] => match rest.get(backslashes) {
                Some(b'n' | b'r' | b't' | b'\n' | b'\r') => backslashes + 1,
                _ => return at,
            },
            [0xe2, 0x86, 0x92, ..] => 3,
            [0x1b, b'[', tail @ ..] => {
                2 + tail
                    .iter()
                    .take(12)
                    .position(|byte| *byte == b'm')
                    .map_or(0, |at| at + 1)
            }
            _ => return at,
        };
        look.work += length;
        at += length;
    }
}

fn is_end(look: &Look<'_>, at: usize) -> bool {
    let rest = look.text.get(at..).unwrap_or_default();
    let marks = rest
        .iter()
        .take(3)
        .take_while(|byte| b"+>|".contains(byte))
        .count();
    let rest = &rest[marks..];
    [&b"-----END"[..], b"---- END"]
        .iter()
        .any(|end| rest.starts_with(end))
}

/// Behind the dashes that end the closing label.
fn end_of_label(look: &mut Look<'_>, at: usize) -> usize {
    const LABEL: ByteClass = ALNUM.with(b" +>|-");
    at + look
        .count(&LABEL, at, LABEL_MAX * 2)
        .min(label_length(&look.text[at..]))
}

/// The length of `-----END ... -----`.
fn label_length(text: &[u8]) -> usize {
    let opening = text
        .iter()
        .take_while(|byte| b"+>|- ".contains(byte))
        .count();
    let words = ALNUM.with(b" ").run(text, opening, LABEL_MAX * 2);
    let closing = text
        .iter()
        .skip(opening + words)
        .take(5)
        .take_while(|byte| **byte == b'-')
        .count();
    opening + words + closing
}

/// Claims a block whose start was cut off, back from its closing label.
fn headless(look: &mut Look<'_>, end: usize, label_end: usize, detector: u16) {
    const BODY: ByteClass = B64.with(b" \n\r\t\\+-|>:");
    let floor = look
        .done(detector)
        .max(end.saturating_sub(BACK_MAX))
        .min(end);
    let count = look.count_back(&BODY, end, end - floor);
    let body = &look.text[end - count..end];
    look.work += count;
    let mut start = None;
    let mut at = body.len();
    for piece in body.rsplit(|byte| byte.is_ascii_whitespace() || *byte == b'\\') {
        at -= piece.len();
        let piece_start = end - count + at;
        at = at.saturating_sub(1);
        if B64.run(piece, 0, piece.len()) == piece.len() && piece.len() >= 32 {
            start = Some(piece_start);
        } else if start.is_some() && piece.len() > 8 {
            break;
        }
    }
    look.finish(detector, label_end);
    if let Some(start) = start {
        let start = start + escape_tail(look.text, start);
        look.claim(start, label_end, detector, Check::None);
    }
}
