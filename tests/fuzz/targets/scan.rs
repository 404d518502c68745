//! Any literals over any bytes: every engine reports the same hits, and none panics.
//!
//! The first bytes make the literals (length and kind, then the bytes), the rest is the haystack;
//! it is scanned again repeated, so that blocks and chunks have borders in all places.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tamis_scan::{ByteClass, Class, Engine, Gate, GateLimits, Hits, Literal};

fn literals(data: &mut &[u8]) -> Vec<Literal> {
    let mut literals = Vec::new();
    while let [head, rest @ ..] = *data {
        let length = usize::from(head & 7) + 1;
        *data = rest;
        let Some((bytes, rest)) = rest.split_at_checked(length) else {
            break;
        };
        *data = rest;
        let literal = match head & 8 {
            0 => Literal::new(bytes),
            _ => Literal::ascii_insensitive(bytes),
        };
        literals.push(match head >> 4 & 3 {
            0 => literal.followed_by(ByteClass::TOKEN, head >> 6),
            1 => literal.followed_if_at_all(ByteClass::DIGIT),
            _ => literal,
        });
        if head & 0xc0 == 0xc0 || literals.len() == 64 {
            break;
        }
    }
    literals
}

fuzz_target!(|data: &[u8]| {
    let mut rest = data;
    let literals = literals(&mut rest);
    let repeated = rest.repeat(1 + 9_000 / (rest.len() + 1));
    for haystack in [rest, &repeated] {
        let mut expected: Option<Hits> = None;
        for engine in Engine::ALL.into_iter().filter(|engine| engine.is_available()) {
            let limits = GateLimits::default();
            let Ok(gate) = Gate::with_engine(&literals, &Class::ALL, &limits, engine) else {
                return;
            };
            let mut hits = Hits::with_limit(1 << 20);
            gate.scan(haystack, &mut hits);
            match &expected {
                Some(expected) => assert_eq!(hits.as_slice(), expected.as_slice(), "{engine}"),
                None => expected = Some(hits),
            }
        }
    }
});
