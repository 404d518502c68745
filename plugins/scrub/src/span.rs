//! Ranges of one value that were found, and what becomes of them where they overlap.
//!
//! Must never: hold text.

use std::ops::Range;

use tamis_detect::Quote;

/// A range of a value and its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// Where it stands, in bytes.
    pub(crate) range: Range<usize>,
    /// Number of the kind among the detectors of the interest.
    pub(crate) kind: u32,
    /// What a mask needs around it.
    pub(crate) quote: Quote,
}

/// Joins what overlaps into one span, named by the longest of its parts; sorted.
pub(crate) fn join(spans: &mut Vec<Span>) {
    spans.sort_unstable_by_key(|span| (span.range.start, span.range.end, span.kind));
    let mut longest = spans.first().map_or(0, |first| first.range.len());
    spans.dedup_by(|span, last| {
        if span.range.start >= last.range.end {
            longest = span.range.len();
            return false;
        }
        let whole = last.range.start..last.range.end.max(span.range.end);
        if span.range.len() > longest {
            longest = span.range.len();
            last.kind = span.kind;
        }
        if whole == span.range && span.quote != Quote::None {
            last.quote = span.quote;
        } else if whole != last.range {
            last.quote = Quote::None;
        }
        last.range = whole;
        true
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTED: Quote = Quote::JsonString { backslashes: 0 };

    fn joined(spans: &[(Range<usize>, u32, Quote)]) -> Vec<(Range<usize>, u32, Quote)> {
        let spans = spans.iter().cloned();
        let mut spans: Vec<Span> = spans
            .map(|(range, kind, quote)| Span { range, kind, quote })
            .collect();
        join(&mut spans);
        spans
            .into_iter()
            .map(|span| (span.range, span.kind, span.quote))
            .collect()
    }

    #[test]
    fn the_longest_names_what_overlaps() {
        let none = Quote::None;
        assert_eq!(
            joined(&[(4..6, 1, none), (0..5, 2, none), (5..7, 3, none)]),
            [(0..7, 2, none)]
        );
        assert_eq!(
            joined(&[(0..2, 1, none), (2..4, 2, none)]),
            [(0..2, 1, none), (2..4, 2, none)]
        );
        assert_eq!(
            joined(&[(0..9, 1, none), (1..2, 2, none), (3..9, 3, none)]),
            [(0..9, 1, none)]
        );
    }

    #[test]
    fn quotes_stay_with_their_number() {
        let none = Quote::None;
        assert_eq!(
            joined(&[(3..6, 1, QUOTED), (3..5, 2, none)]),
            [(3..6, 1, QUOTED)]
        );
        assert_eq!(
            joined(&[(3..5, 2, none), (3..6, 1, QUOTED)]),
            [(3..6, 1, QUOTED)]
        );
        assert_eq!(
            joined(&[(3..6, 1, QUOTED), (3..8, 2, none)]),
            [(3..8, 2, none)]
        );
    }
}
