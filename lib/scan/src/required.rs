//! What must stand in every match of a pattern: the bridge from regular expressions to the gate.
//!
//! The pattern's syntax tree is read once. Wherever a stretch of it can only match a few byte
//! strings (`(?:ghp|gho)_`), those strings are a candidate, be they prefix, middle or end; a run
//! of a class that is long enough (`[0-9]{13,19}`) is another kind. Of all candidates the one
//! expected least often in ordinary text wins. Case folding is taken from the tree, where it has
//! its Unicode meaning: `(?i)k` also stands for the Kelvin sign, so it gives two literals.
//!
//! Must never: promise a literal that some match lacks. When in doubt the answer is
//! [`Required::None`] with a reason that the user of the pattern can act on.

mod choice;
mod exact;
mod runs;

use regex_syntax::hir::{Hir, HirKind};

use crate::{Class, Literal};
use choice::Candidate;

/// What stands in every match of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Required {
    /// At least one of these stands in every match.
    Any(Vec<Literal>),
    /// A run or mark of this class stands in every match.
    Class(Class),
    /// Nothing that the gate could look for: the pattern has to be tried on every value.
    None(Defeat),
}

/// Why a pattern defeats the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Defeat {
    /// It matches the empty string, so it matches everywhere.
    #[error("the pattern matches the empty string")]
    MatchesEmpty,
    /// It can match nothing at all.
    #[error("the pattern cannot match anything")]
    MatchesNothing,
    /// No stretch of it consists of few strings, and no run in it is long enough.
    #[error("the pattern has no fixed text and no long run of digits or token characters")]
    NoFixedText,
    /// There is fixed text, but ordinary text is full of it.
    #[error("the only fixed text of the pattern is too short or too common")]
    TooCommon,
}

/// The pattern could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the pattern is not a valid regular expression")]
pub struct PatternError(#[source] Box<regex_syntax::Error>);

/// What must stand in any match of `pattern` (syntax of the `regex` crate; it may match bytes
/// that are not UTF-8).
///
/// # Errors
/// When the pattern is not valid.
pub fn required_literals(pattern: &str) -> Result<Required, PatternError> {
    let hir = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .build()
        .parse(pattern)
        .map_err(|error| PatternError(Box::new(error)))?;
    Ok(required_by(&hir))
}

fn required_by(hir: &Hir) -> Required {
    match hir.properties().minimum_len() {
        None => return Required::None(Defeat::MatchesNothing),
        Some(0) => return Required::None(Defeat::MatchesEmpty),
        Some(_) => {}
    }
    match best(hir) {
        Some(candidate) if candidate.is_useful() => candidate.into_required(),
        Some(_) => Required::None(Defeat::TooCommon),
        None => Required::None(Defeat::NoFixedText),
    }
}

/// The best that every match of this part of the tree has in it.
fn best(hir: &Hir) -> Option<Candidate> {
    let by_run = runs::class_of(hir).map(Candidate::of_class);
    let by_text = match hir.kind() {
        HirKind::Alternation(branches) => branches
            .iter()
            .map(best)
            .reduce(|left, right| Candidate::either(left?, right?))
            .flatten(),
        HirKind::Capture(capture) => best(&capture.sub),
        _ => exact::stretches(hir),
    };
    Candidate::better(by_run, by_text)
}
