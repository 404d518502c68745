//! Tokens and keys inside base64.
//!
//! Three bytes become four characters, so a text has three spellings in base64, and each has a
//! middle that does not depend on what stands around it. Those middles are anchors, and the run
//! around a hit is decoded there to see what it is. Must never claim encoded certificates.

use memchr::memmem;

use crate::bytes::{B64_ANY, B64U, ByteClass};
use crate::escape::escape_tail;
use crate::find::Check;
use crate::gate::GateLiteral;
use crate::look::{AROUND, Anchor, Look};
use crate::validators::decode;

/// What to look for, and what must follow it in clear.
const TEXTS: &[(&str, Follows)] = &[
    ("-----BEGIN ", Follows::PrivateKey),
    ("github_pat_", Follows::Token(B64U, 16)),
    ("ghp_", Follows::Token(B64U, 20)),
    ("sk-ant-", Follows::Token(B64U, 16)),
    ("sk-proj-", Follows::Token(B64U, 16)),
    ("glpat-", Follows::Token(B64U, 16)),
    ("xoxb-", Follows::Token(B64U, 12)),
    ("AKIA", Follows::Token(UPPER, 16)),
    ("\"private_key\"", Follows::Token(ANY, 16)),
    ("\"auths\"", Follows::Token(ANY, 16)),
];

const UNPADDED: ByteClass = B64U.with(b"+/");
const UPPER: ByteClass = ByteClass::of(&[(b'A', b'Z'), (b'0', b'9')]);
const ANY: ByteClass = ByteClass::of(&[(0, 255)]);

#[derive(Clone, Copy)]
enum Follows {
    /// A label of a private key.
    PrivateKey,
    /// So many bytes of a class.
    Token(ByteClass, usize),
}

/// The shortest middle that is distinctive, in characters.
const MIDDLE_MIN: usize = 5;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// How many characters around an anchor are decoded.
const DECODED: usize = 128;

pub(crate) fn anchors(literals: &mut Vec<GateLiteral>) {
    for (text, _) in TEXTS {
        for offset in 0..3 {
            let middle = middle(text.as_bytes(), offset);
            if middle.len() >= MIDDLE_MIN {
                literals.push(GateLiteral::sensitive(middle).follow(B64_ANY, 12));
            }
        }
    }
}

/// The characters that spell the text wherever it starts `offset` bytes into a group of three.
fn middle(text: &[u8], offset: usize) -> Vec<u8> {
    let bit = |index: usize| {
        let byte = text
            .get((index / 8).wrapping_sub(offset))
            .copied()
            .unwrap_or(0);
        usize::from(byte >> (7 - index % 8) & 1)
    };
    let first = (offset * 8).div_ceil(6);
    let last = (offset + text.len()) * 8 / 6;
    (first..last)
        .map(|character| {
            BASE64[(0..6).fold(0, |value, index| value << 1 | bit(character * 6 + index))]
        })
        .collect()
}

/// Looks at the middle of an encoded text: the run that holds it goes if it decodes to a secret.
pub(crate) fn look(look: &mut Look<'_>, anchor: Anchor) {
    if look.is_done(anchor.detector, anchor.start) {
        return;
    }
    let back = look.count_back(&B64_ANY, anchor.start, 4);
    let ahead = look.count(&B64_ANY, anchor.end, DECODED);
    let around = &look.text[anchor.start - back..anchor.end + ahead];
    look.work += 4 * around.len();
    if !(0..4).any(|skip| holds_secret(&decode(around.get(skip..).unwrap_or_default()))) {
        return;
    }
    let start = anchor.start
        - look.count_back(
            &UNPADDED,
            anchor.start,
            anchor.start - look.done(anchor.detector),
        );
    let end = look.run_end(&B64_ANY, anchor.start);
    let start = start + escape_tail(look.text, start);
    look.claim(start, end, anchor.detector, Check::None);
}

fn holds_secret(clear: &[u8]) -> bool {
    TEXTS.iter().any(|(text, follows)| {
        memmem::find_iter(clear, text.as_bytes()).any(|at| {
            let rest = &clear[at + text.len()..];
            match follows {
                Follows::Token(class, min) => class.run(rest, 0, *min) == *min,
                Follows::PrivateKey => {
                    let label = &rest[..rest.len().min(AROUND / 8)];
                    memmem::find(label, b"PRIVATE KEY").is_some()
                }
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middles_are_those_of_the_encoding() {
        let middles: Vec<_> = (0..3)
            .map(|offset| middle(b"github_pat_", offset))
            .collect();
        assert_eq!(
            middles,
            [&b"Z2l0aHViX3BhdF"[..], b"dpdGh1Yl9wYXRf", b"naXRodWJfcGF0X"]
        );
        assert_eq!(middle(b"AKIA", 0), b"QUtJQ");
    }
}
