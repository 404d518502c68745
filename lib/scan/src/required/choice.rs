//! Which of several requirements of a pattern is the best to look for: the rarest.
//!
//! Must never: keep a literal that another one of the same choice makes superfluous.

use super::Required;
use crate::frequency;
use crate::{Case, Class, Literal};

/// More looks than this per byte cost more than trying the pattern everywhere.
const RATE_MAX: f64 = 1.0 / 512.0;

/// Something that stands in every match, and how often it is expected per byte of text.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    required: Required,
    rate: f64,
}

impl Candidate {
    pub(super) fn of_class(class: Class) -> Candidate {
        Candidate {
            required: Required::Class(class),
            rate: frequency::class_rate(class),
        }
    }

    /// Any of the literals, of which none is empty.
    pub(super) fn of_literals(mut literals: Vec<Literal>) -> Candidate {
        literals.sort_by(|a, b| (a.bytes.len(), &a.bytes).cmp(&(b.bytes.len(), &b.bytes)));
        let mut kept: Vec<Literal> = Vec::new();
        for literal in literals {
            if !kept.iter().any(|short| covers(short, &literal)) {
                kept.push(literal);
            }
        }
        let rate = kept.iter().map(frequency::literal_rate).sum();
        Candidate {
            required: Required::Any(kept),
            rate,
        }
    }

    /// One of two branches stands in the match. A literal and a class cannot be asked for at
    /// once, since the answer names one kind.
    pub(super) fn either(left: Candidate, right: Candidate) -> Option<Candidate> {
        match (left.required, right.required) {
            (Required::Any(mut literals), Required::Any(more)) => {
                literals.extend(more);
                Some(Candidate::of_literals(literals))
            }
            (Required::Class(a), Required::Class(b)) if a == b => Some(Candidate::of_class(a)),
            _ => None,
        }
    }

    pub(super) fn better(left: Option<Candidate>, right: Option<Candidate>) -> Option<Candidate> {
        match (left, right) {
            (Some(left), Some(right)) if right.rate < left.rate => Some(right),
            (left, right) => left.or(right),
        }
    }

    pub(super) fn is_useful(&self) -> bool {
        self.rate <= RATE_MAX || matches!(self.required, Required::Class(_))
    }

    pub(super) fn into_required(self) -> Required {
        self.required
    }
}

/// Whether every occurrence of `long` has an occurrence of `short` in it.
fn covers(short: &Literal, long: &Literal) -> bool {
    let mut places = long.bytes.windows(short.bytes.len());
    let inside = match (short.case, long.case) {
        (Case::AsciiInsensitive, _) => places.any(|place| place.eq_ignore_ascii_case(&short.bytes)),
        (Case::Sensitive, Case::Sensitive) => places.any(|place| place == short.bytes),
        (Case::Sensitive, Case::AsciiInsensitive) => false,
    };
    let same = short == long;
    inside && (short.follow.is_none() || same)
}
