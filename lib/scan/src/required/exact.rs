//! Stretches of a pattern that can only match a few byte strings.
//!
//! Each node of the tree either has a small set of strings that it stands for, or it has not; in
//! a concatenation, neighbours that have one are multiplied into longer strings, and a neighbour
//! that has none ends the stretch. The bounds keep both the sets and the work small.
//!
//! Must never: leave out a string that the node can match.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::best;
use super::choice::Candidate;
use super::runs;
use crate::{Case, Follow, Literal};

/// Strings in one set.
const SET_MAX: usize = 32;
/// Bytes of one string.
const TEXT_MAX: usize = 64;
/// Alternatives that a class may have to count as text; a larger one ends the stretch.
const CLASS_MAX: usize = 8;

/// One string; `case` is that of its most liberal letter, which only makes it match more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Text {
    bytes: Vec<u8>,
    case: Case,
}

type Set = Vec<Text>;

fn single(bytes: &[u8]) -> Set {
    vec![Text {
        bytes: bytes.to_vec(),
        case: Case::Sensitive,
    }]
}

fn empty_text() -> Set {
    single(&[])
}

/// The best stretch in a node that is no alternation.
pub(super) fn stretches(hir: &Hir) -> Option<Candidate> {
    let children = match hir.kind() {
        HirKind::Concat(children) => children.as_slice(),
        _ => std::slice::from_ref(hir),
    };
    let mut chosen = runs::at_sign(children).map(Candidate::of_class);
    let mut stretch = empty_text();
    for child in children {
        if let Some(set) = exact(child) {
            stretch = product(&stretch, &set).unwrap_or_else(|| {
                chosen = Candidate::better(chosen.take(), candidate(&stretch, None));
                set
            });
            continue;
        }
        if let HirKind::Literal(text) = child.kind() {
            // Too long for a set: its two ends are good enough to look for.
            let (first, last) = (
                &text.0[..TEXT_MAX / 2],
                &text.0[text.0.len() - TEXT_MAX / 2..],
            );
            let joined = product(&stretch, &single(first)).unwrap_or(stretch);
            chosen = Candidate::better(chosen, candidate(&joined, None));
            stretch = single(last);
            continue;
        }
        if let Some(repeated) = repeated(child) {
            let last = product(&stretch, &repeated).unwrap_or(stretch);
            chosen = Candidate::better(chosen, candidate(&last, None));
            stretch = repeated;
            continue;
        }
        chosen = Candidate::better(chosen, candidate(&stretch, runs::follow_of(child)));
        if children.len() > 1 || is_wrapper(child) {
            chosen = Candidate::better(chosen, inside(child));
        }
        stretch = empty_text();
    }
    Candidate::better(chosen, candidate(&stretch, None))
}

fn is_wrapper(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Repetition(_))
}

/// What every match of a node without a set has in it.
fn inside(hir: &Hir) -> Option<Candidate> {
    match hir.kind() {
        HirKind::Repetition(repetition) if repetition.min == 0 => None,
        HirKind::Repetition(repetition) => best(&repetition.sub),
        _ => best(hir),
    }
}

/// All strings that the node can match, if they are few and short.
fn exact(hir: &Hir) -> Option<Set> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(empty_text()),
        HirKind::Literal(text) => (text.0.len() <= TEXT_MAX).then(|| single(&text.0)),
        HirKind::Class(class) => class_texts(class),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Repetition(repetition) => repeat(repetition),
        HirKind::Concat(children) => children
            .iter()
            .try_fold(empty_text(), |set, child| product(&set, &exact(child)?)),
        HirKind::Alternation(branches) => {
            branches.iter().try_fold(Set::new(), |mut set, branch| {
                set.extend(exact(branch)?);
                bounded(set)
            })
        }
    }
}

fn repeat(repetition: &Repetition) -> Option<Set> {
    let max = repetition.max.filter(|&max| max as usize <= TEXT_MAX)?;
    let sub = exact(&repetition.sub)?;
    let mut power = empty_text();
    let mut all = Set::new();
    for times in 0..=max {
        if times >= repetition.min {
            all = bounded([all, power.clone()].concat())?;
        }
        if times < max {
            power = product(&power, &sub)?;
        }
    }
    Some(all)
}

/// The strings of one round of a repetition that happens at least once.
fn repeated(hir: &Hir) -> Option<Set> {
    match hir.kind() {
        HirKind::Repetition(repetition) if repetition.min > 0 => exact(&repetition.sub),
        HirKind::Capture(capture) => repeated(&capture.sub),
        _ => None,
    }
}

fn class_texts(class: &Class) -> Option<Set> {
    let mut bytes: Vec<Vec<u8>> = Vec::new();
    match class {
        Class::Unicode(class) => {
            for range in class.iter() {
                for char in (range.start()..=range.end()).take(2 * CLASS_MAX + 1) {
                    bytes.push(char.to_string().into_bytes());
                }
            }
        }
        Class::Bytes(class) => {
            for range in class.iter() {
                bytes.extend((range.start()..=range.end()).map(|byte| vec![byte]));
            }
        }
    }
    if bytes.len() > 2 * CLASS_MAX {
        return None;
    }
    let mut set = Set::new();
    for text in &bytes {
        let upper = text.to_ascii_uppercase();
        let both = upper != text.to_ascii_lowercase()
            && bytes.contains(&upper)
            && bytes.contains(&text.to_ascii_lowercase());
        if both && *text == upper {
            continue;
        }
        let case = if both {
            Case::AsciiInsensitive
        } else {
            Case::Sensitive
        };
        set.push(Text {
            bytes: text.clone(),
            case,
        });
    }
    (set.len() <= CLASS_MAX).then_some(set)
}

fn product(left: &Set, right: &Set) -> Option<Set> {
    if left.len() * right.len() > SET_MAX {
        return None;
    }
    let mut set = Set::with_capacity(left.len() * right.len());
    for first in left {
        for second in right {
            let bytes = [first.bytes.as_slice(), &second.bytes].concat();
            if bytes.len() > TEXT_MAX {
                return None;
            }
            set.push(Text {
                bytes,
                case: first.case.max(second.case),
            });
        }
    }
    bounded(set)
}

fn bounded(mut set: Set) -> Option<Set> {
    set.sort_by(|a, b| (&a.bytes, a.case).cmp(&(&b.bytes, b.case)));
    set.dedup();
    (set.len() <= SET_MAX).then_some(set)
}

/// The stretch as a candidate, if each of its strings has a byte.
fn candidate(set: &Set, follow: Option<Follow>) -> Option<Candidate> {
    if set.iter().any(|text| text.bytes.is_empty()) {
        return None;
    }
    let literals = set.iter().map(|text| Literal {
        bytes: text.bytes.clone(),
        case: text.case,
        follow,
    });
    Some(Candidate::of_literals(literals.collect()))
}
