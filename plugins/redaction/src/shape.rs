//! What can be said of a pattern without a text: whether it may bite where nobody means it to, and
//! whether it can match a number at all.
//!
//! Must never: quote the pattern.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Every character that numbers and bools can have as text.
const NUMBER_CHARS: &str = "0123456789+-.eINafilnrstuy";

/// What a pattern looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shape {
    /// It begins with a letter or digit and not with a boundary.
    pub(crate) bites_inside_words: bool,
    /// It ends in a run of any characters.
    pub(crate) eats_the_rest: bool,
    /// It matches nothing at all between any two characters.
    pub(crate) matches_empty: bool,
    /// It may match in the text of a number or bool.
    pub(crate) may_match_numbers: bool,
}

impl Shape {
    /// The shape of a translated pattern.
    pub(crate) fn of(translated: &str) -> Self {
        let parsed = ParserBuilder::new().utf8(false).build().parse(translated);
        let Ok(hir) = parsed else {
            return Self {
                may_match_numbers: true,
                ..Self::default()
            };
        };
        Self {
            bites_inside_words: begins_in_word(&hir),
            eats_the_rest: ends_in_any_run(&hir),
            matches_empty: hir.properties().minimum_len() == Some(0)
                && hir.properties().look_set().is_empty(),
            may_match_numbers: may_match_numbers(&hir),
        }
    }
}

fn begins_in_word(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.first().is_some_and(u8::is_ascii_alphanumeric),
        // Both cases of a letter; a wider class is meant as such.
        HirKind::Class(class) => letters(class) > 0 && letters(class) <= 4,
        HirKind::Capture(capture) => begins_in_word(&capture.sub),
        HirKind::Repetition(repetition) => repetition.min > 0 && begins_in_word(&repetition.sub),
        HirKind::Concat(parts) => parts.first().is_some_and(begins_in_word),
        HirKind::Alternation(parts) => parts.iter().any(begins_in_word),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

/// Characters of a class that begins with an ASCII letter or digit.
fn letters(class: &Class) -> usize {
    let Class::Unicode(class) = class else {
        return 0;
    };
    let word = class
        .ranges()
        .first()
        .is_some_and(|range| range.start().is_ascii_alphanumeric());
    let sizes = class.ranges().iter();
    let size = sizes.fold(0_usize, |size, range| size.saturating_add(range.len()));
    if word { size } else { 0 }
}

fn ends_in_any_run(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let any = matches!(repetition.sub.kind(), HirKind::Class(Class::Unicode(class))
            if [' ', 'a', '"', '\u{4e00}'].iter().all(|&char| {
                class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&char))
            }));
            repetition.max.is_none() && repetition.greedy && any
        }
        HirKind::Capture(capture) => ends_in_any_run(&capture.sub),
        HirKind::Concat(parts) => parts.last().is_some_and(ends_in_any_run),
        HirKind::Alternation(parts) => parts.iter().any(ends_in_any_run),
        _ => false,
    }
}

/// Whether every part that must match could be made of the characters that numbers have.
fn may_match_numbers(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal
            .0
            .iter()
            .all(|byte| NUMBER_CHARS.as_bytes().contains(byte)),
        HirKind::Class(Class::Unicode(class)) => class.ranges().iter().any(|range| {
            NUMBER_CHARS
                .chars()
                .any(|char| (range.start()..=range.end()).contains(&char))
        }),
        HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Capture(capture) => may_match_numbers(&capture.sub),
        HirKind::Repetition(repetition) => {
            repetition.min == 0 || may_match_numbers(&repetition.sub)
        }
        HirKind::Concat(parts) => parts.iter().all(may_match_numbers),
        HirKind::Alternation(parts) => parts.iter().any(may_match_numbers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::re2::{Use, translate};

    fn shape(pattern: &str) -> Shape {
        Shape::of(&translate(pattern, Use::Exact).unwrap())
    }

    #[test]
    fn what_the_usual_patterns_look_like() {
        for (pattern, bites, eats, numbers) in [
            ("sk-.*", true, true, false),
            (r"\bsk-.*", false, true, false),
            (r"(AKIA|ASIA)[A-Z0-9]{16}", true, false, false),
            (r"(?i)password\s*[:=]\s*\S+", true, false, false),
            (r"[\w.+-]+@[\w-]+\.[\w.-]+", false, false, false),
            ("4[0-9]{12}(?:[0-9]{3})?", true, false, true),
            (r"^(?:\d[ -]*?){13,16}$", false, false, true),
            ("(?s)-----BEGIN.*PRIVATE KEY-----", false, false, false),
            ("true", true, false, true),
            ("[^x]", false, false, true),
        ] {
            let shape = shape(pattern);
            let said = (
                shape.bites_inside_words,
                shape.eats_the_rest,
                shape.may_match_numbers,
            );
            assert_eq!(said, (bites, eats, numbers), "{pattern}");
        }
    }

    #[test]
    fn every_text_of_a_number_is_made_of_these_characters() {
        for text in ["true", "false", "NaN", "-Infinity", "1.5e+21", "-2e-7"] {
            assert!(
                text.chars().all(|char| NUMBER_CHARS.contains(char)),
                "{text}"
            );
        }
    }
}
