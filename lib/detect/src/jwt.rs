//! JSON web tokens and encrypted ones, with or without their signature.
//!
//! The header must decode to JSON that names an algorithm; many other base64 texts start with
//! `eyJ`. Must never decode more than a header.

use crate::bytes::{B64U, B64U_DOT};
use crate::find::Check;
use crate::gate::GateLiteral;
use crate::look::{Anchor, CUT_MIN, Look};
use crate::validators::is_jwt_header;

/// The longest header, in bytes of base64.
const HEADER_MAX: usize = 2048;

/// How far a token may start behind the border of raw bytes: a length byte may look like base64.
const LOOSE_START_MAX: usize = 2;

pub(crate) fn anchors(literals: &mut Vec<GateLiteral>) {
    for start in ["eyJ", "eyAi", "ewog"] {
        literals.push(GateLiteral::sensitive(start.as_bytes()).follow(B64U, 12));
    }
}

/// Looks at what may be the start of a header.
pub(crate) fn look(look: &mut Look<'_>, anchor: Anchor) {
    if look.is_done(anchor.detector, anchor.start) {
        return;
    }
    let glued = look.count_back(&B64U, anchor.start, LOOSE_START_MAX + 1);
    let starts = if look.loose() {
        glued <= LOOSE_START_MAX
    } else {
        glued == 0 || look.starts_word(anchor.start)
    };
    if !starts {
        return;
    }
    let header_end = look.run_end(&B64U, anchor.start);
    let header = &look.text[anchor.start..header_end];
    if header.len() > HEADER_MAX || look.at(header_end) != Some(b'.') {
        return;
    }
    let payload = look.count(&B64U, header_end + 1, CUT_MIN);
    let encrypted_without_key = look.at(header_end + 1) == Some(b'.');
    look.work += header.len();
    if payload < CUT_MIN && !encrypted_without_key || !is_jwt_header(header) {
        return;
    }
    let mut end = look.run_end(&B64U_DOT, anchor.start);
    while look.before(end) == Some(b'.') {
        end -= 1;
    }
    look.claim(anchor.start, end, anchor.detector, Check::Valid);
}
