//! Runs of a class that every match of a pattern has in it, and what follows a text.
//!
//! The same shapes that [`crate::Class`] looks for, recognised in the syntax tree: a stretch of
//! nodes that match token bytes only, 32 at least; digits with at most one separator between two
//! of them, 13 at least; a lone `@` between address bytes.
//!
//! Must never: claim a run that some match lacks.

use regex_syntax::hir::{self, Hir, HirKind, Repetition};

use crate::{ByteClass, Class, Cut, Follow};

/// The class of which every match of the node has a run.
pub(super) fn class_of(hir: &Hir) -> Option<Class> {
    let children = match hir.kind() {
        HirKind::Concat(children) => children.as_slice(),
        HirKind::Capture(capture) => return class_of(&capture.sub),
        _ => std::slice::from_ref(hir),
    };
    if has_digits(children) {
        return Some(Class::Digits13);
    }
    has_tokens(children).then_some(Class::Token32)
}

fn has_tokens(children: &[Hir]) -> bool {
    let mut run = 0usize;
    children.iter().any(|child| {
        run = match bytes_of(child) {
            Some(bytes) if bytes.is_subset(&ByteClass::TOKEN) => {
                run.saturating_add(child.properties().minimum_len().unwrap_or(0))
            }
            _ => 0,
        };
        run >= Class::TOKEN_MIN
    })
}

/// Every byte that a match of the node can have in it; `None` if that is not known.
fn bytes_of(hir: &Hir) -> Option<ByteClass> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(ByteClass::EMPTY),
        HirKind::Literal(literal) => Some(ByteClass::of(&literal.0)),
        HirKind::Class(class) => Some(bytes_of_class(class)),
        HirKind::Capture(capture) => bytes_of(&capture.sub),
        HirKind::Repetition(repetition) => bytes_of(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().try_fold(ByteClass::EMPTY, |all, part| {
                Some(all.union(bytes_of(part)?))
            })
        }
    }
}

fn bytes_of_class(class: &hir::Class) -> ByteClass {
    let mut bytes = ByteClass::EMPTY;
    match class {
        hir::Class::Bytes(class) => {
            for range in class.iter() {
                bytes = bytes.with_range(range.start(), range.end());
            }
        }
        hir::Class::Unicode(class) => {
            for range in class.iter() {
                let (first, last) = (u32::from(range.start()), u32::from(range.end()));
                if first < 0x80 {
                    bytes = bytes.with_range(first as u8, last.min(0x7f) as u8);
                }
                if last >= 0x80 {
                    bytes = bytes.union(ByteClass::NON_ASCII);
                }
            }
        }
    }
    bytes
}

/// What has to follow a text that stands directly before this node. A character has at least
/// one byte, so characters may be counted as bytes.
pub(super) fn follow_of(hir: &Hir) -> Option<Follow> {
    match hir.kind() {
        HirKind::Class(class) => Some(Follow {
            class: bytes_of_class(class),
            min: 1,
            cut: Cut::Fails,
        }),
        HirKind::Repetition(Repetition { min, sub, .. }) if *min > 0 => match sub.kind() {
            HirKind::Class(class) => Some(Follow {
                class: bytes_of_class(class),
                min: u8::try_from(*min).unwrap_or(u8::MAX),
                cut: Cut::Fails,
            }),
            _ => None,
        },
        HirKind::Capture(capture) => follow_of(&capture.sub),
        _ => None,
    }
}

/// Whether a lone `@` stands between nodes that put an address byte on each side of it.
pub(super) fn at_sign(children: &[Hir]) -> Option<Class> {
    children
        .windows(3)
        .any(|three| {
            let lone = matches!(three[1].kind(), HirKind::Literal(text) if &*text.0 == b"@");
            lone && touches(&three[0]) && touches(&three[2])
        })
        .then_some(Class::AtSign)
}

/// Whether the node matches address bytes only, and at least one.
fn touches(hir: &Hir) -> bool {
    hir.properties().minimum_len().is_some_and(|min| min > 0)
        && bytes_of(hir).is_some_and(|bytes| bytes.is_subset(&Class::ADDRESS))
}

/// A node that matches digits with single separators between them, and perhaps one at each end.
#[derive(Clone, Copy)]
struct Digits {
    min: usize,
    may_start_with_separator: bool,
    may_end_with_separator: bool,
    may_be_empty: bool,
}

const NO_DIGITS: Digits = Digits {
    min: 0,
    may_start_with_separator: false,
    may_end_with_separator: false,
    may_be_empty: true,
};

impl Digits {
    fn of_class(bytes: ByteClass) -> Option<Digits> {
        let separator = bytes.is_subset(&ByteClass::of(b" -"));
        let digit = bytes.is_subset(&ByteClass::DIGIT);
        (bytes != ByteClass::EMPTY && (digit || separator)).then_some(Digits {
            min: usize::from(digit),
            may_start_with_separator: separator,
            may_end_with_separator: separator,
            may_be_empty: false,
        })
    }

    /// Both, one after the other, unless two separators could meet.
    fn then(self, next: Digits) -> Option<Digits> {
        if self.may_end_with_separator && next.may_start_with_separator {
            return None;
        }
        Some(Digits {
            min: self.min.saturating_add(next.min),
            may_start_with_separator: self.may_start_with_separator
                || self.may_be_empty && next.may_start_with_separator,
            may_end_with_separator: next.may_end_with_separator
                || next.may_be_empty && self.may_end_with_separator,
            may_be_empty: self.may_be_empty && next.may_be_empty,
        })
    }

    fn repeated(self, repetition: &Repetition) -> Option<Digits> {
        if repetition.max != Some(1) {
            self.then(self)?;
        }
        Some(Digits {
            min: self.min.saturating_mul(repetition.min as usize),
            may_be_empty: self.may_be_empty || repetition.min == 0,
            ..self
        })
    }
}

fn digits_of(hir: &Hir) -> Option<Digits> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(NO_DIGITS),
        HirKind::Literal(literal) => literal.0.iter().try_fold(NO_DIGITS, |run, &byte| {
            run.then(Digits::of_class(ByteClass::EMPTY.with(byte))?)
        }),
        HirKind::Class(class) => Digits::of_class(bytes_of_class(class)),
        HirKind::Capture(capture) => digits_of(&capture.sub),
        HirKind::Repetition(repetition) => digits_of(&repetition.sub)?.repeated(repetition),
        HirKind::Concat(children) => children
            .iter()
            .try_fold(NO_DIGITS, |run, child| run.then(digits_of(child)?)),
        HirKind::Alternation(branches) => {
            let branches: Option<Vec<Digits>> = branches.iter().map(digits_of).collect();
            branches?.into_iter().reduce(|a, b| Digits {
                min: a.min.min(b.min),
                may_start_with_separator: a.may_start_with_separator || b.may_start_with_separator,
                may_end_with_separator: a.may_end_with_separator || b.may_end_with_separator,
                may_be_empty: a.may_be_empty || b.may_be_empty,
            })
        }
    }
}

fn has_digits(children: &[Hir]) -> bool {
    let mut run = NO_DIGITS;
    children.iter().any(|child| {
        run = match digits_of(child) {
            Some(digits) => run.then(digits).unwrap_or(digits),
            None => NO_DIGITS,
        };
        run.min >= Class::DIGITS_MIN
    })
}
