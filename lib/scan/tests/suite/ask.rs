//! The oracle and the ways to ask every engine, shared by the suites.
//!
//! Slow on purpose: nothing here may use what it is meant to check.

use std::cell::RefCell;
use std::collections::HashMap;

use tamis_scan::{
    Case, Class, Cut, Engine, Gate, GateLimits, Hit, Hits, Literal, ScanOutcome, What,
};

/// The engines of this machine.
pub(crate) fn engines() -> impl Iterator<Item = Engine> {
    Engine::ALL
        .into_iter()
        .filter(|engine| engine.is_available())
}

pub(crate) fn gate(engine: Engine, literals: &[Literal], classes: &[Class]) -> Gate {
    Gate::with_engine(literals, classes, &GateLimits::default(), engine).expect("a gate")
}

pub(crate) fn engines_prepared(literals: &[Literal], classes: &[Class]) -> Vec<Gate> {
    engines()
        .map(|engine| gate(engine, literals, classes))
        .collect()
}

pub(crate) fn scan_with(gate: &Gate, haystack: &[u8]) -> Vec<Hit> {
    let mut hits = Hits::with_limit(1 << 20);
    let outcome = gate.scan(haystack, &mut hits);
    let clean = hits.as_slice().is_empty();
    assert_eq!(
        outcome,
        if clean {
            ScanOutcome::Clean
        } else {
            ScanOutcome::Found
        }
    );
    hits.as_slice().to_vec()
}

pub(crate) fn scan_all(
    engine: Engine,
    literals: &[Literal],
    classes: &[Class],
    haystack: &[u8],
) -> Vec<Hit> {
    scan_with(&gate(engine, literals, classes), haystack)
}

/// Everything that stands in the haystack, by trying everything everywhere.
pub(crate) fn oracle(literals: &[Literal], classes: &[Class], haystack: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (id, literal) in literals.iter().enumerate() {
        for start in 0..haystack.len() {
            if stands(literal, &haystack[start..]) {
                let end = start + literal.bytes.len();
                hits.push(Hit {
                    start,
                    end,
                    what: What::Literal(id as u32),
                });
            }
        }
    }
    for &class in classes {
        let mut at = 0;
        while at < haystack.len() {
            let end = class_end(class, haystack, at);
            if let Some((start, end)) = end {
                hits.push(Hit {
                    start,
                    end,
                    what: What::Class(class),
                });
            }
            at = match (class, end) {
                (Class::Digits13 | Class::Token32, Some((_, end))) => end,
                _ => at + 1,
            };
        }
    }
    hits.sort();
    hits
}

fn stands(literal: &Literal, rest: &[u8]) -> bool {
    let len = literal.bytes.len();
    if rest.len() < len {
        return false;
    }
    let same = (0..len).all(|i| match literal.case {
        Case::Sensitive => rest[i] == literal.bytes[i],
        Case::AsciiInsensitive => rest[i].eq_ignore_ascii_case(&literal.bytes[i]),
    });
    let follows = literal.follow.is_none_or(|follow| {
        let next = &rest[len..];
        let run = next.iter().take_while(|&&byte| follow.class.contains(byte));
        let run = run.count();
        run >= usize::from(follow.min) || follow.cut == Cut::Holds && run == next.len()
    });
    same && follows
}

fn class_end(class: Class, haystack: &[u8], at: usize) -> Option<(usize, usize)> {
    let byte = |i: usize| haystack.get(i).copied();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"+/_=-".contains(&b);
    let address = |b: u8| b.is_ascii_alphanumeric() || b"._%+-".contains(&b) || b >= 0x80;
    match class {
        Class::Digits13 => {
            let first = byte(at)?.is_ascii_digit();
            let mut end = at;
            let mut count = 0;
            while let Some(b) = byte(end) {
                let joins = matches!(b, b' ' | b'-')
                    && end > at
                    && haystack[end - 1].is_ascii_digit()
                    && byte(end + 1).is_some_and(|b| b.is_ascii_digit());
                if b.is_ascii_digit() {
                    count += 1;
                } else if !joins {
                    break;
                }
                end += 1;
            }
            let continues = at > 0 && haystack[at - 1].is_ascii_digit()
                || at > 1
                    && matches!(haystack[at - 1], b' ' | b'-')
                    && haystack[at - 2].is_ascii_digit();
            (first && count >= 13 && !continues).then_some((at, end))
        }
        Class::Token32 => {
            let len = haystack[at..].iter().take_while(|&&b| token(b)).count();
            let begins = at == 0 || !token(haystack[at - 1]);
            (len >= 32 && begins).then_some((at, at + len))
        }
        Class::AtSign => {
            let sides = at > 0 && address(haystack[at - 1]) && byte(at + 1).is_some_and(address);
            (byte(at) == Some(b'@') && sides).then(|| (at - 1, at + 2))
        }
        Class::BigInt => {
            let more = haystack[at + 1..]
                .iter()
                .take_while(|&&b| b >= 0x80)
                .count();
            let whole = (5..=9).contains(&more) && byte(at + 1 + more).is_some();
            (byte(at) == Some(0x18) && whole).then(|| (at, at + more + 2))
        }
    }
}

thread_local! {
    static PREPARED: RefCell<HashMap<usize, Vec<Gate>>> = RefCell::default();
}

/// Asserts that every engine reports literal `id` at `start`, and what the oracle reports.
pub(crate) fn expect_literal(literals: &[Literal], id: usize, start: usize, haystack: &[u8]) {
    PREPARED.with_borrow_mut(|prepared| {
        let gates = prepared
            .entry(literals.len())
            .or_insert_with(|| engines_prepared(literals, &[]));
        let end = start + literals[id].bytes.len();
        let hit = Hit {
            start,
            end,
            what: What::Literal(id as u32),
        };
        for gate in gates {
            let found = scan_with(gate, haystack);
            assert!(
                found.contains(&hit),
                "{} misses literal {id} at {start}",
                gate.engine()
            );
        }
    });
}
