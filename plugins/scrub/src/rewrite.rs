//! A text as it would be after its spans were replaced, and the way back to the text before.
//!
//! A mask can make a secret of what stands beside it (`REDACTED-github-token=...`), so a rewritten
//! text is searched again before anything is edited. Must never: leave the bounds of either text.

use std::ops::Range;

use crate::span::Span;

/// A rewritten text.
#[derive(Debug)]
pub(crate) struct Rewritten {
    /// What it reads now.
    pub(crate) text: Vec<u8>,
    /// Where each new text stands, and what it stands for in the old text; rising.
    segments: Vec<(Range<usize>, Range<usize>)>,
}

impl Rewritten {
    /// The text with each span replaced by the text of the same number. Spans rise and lie apart.
    pub(crate) fn new(text: &[u8], spans: &[Span], texts: &[String]) -> Self {
        let added: usize = texts.iter().map(String::len).sum();
        let mut after = Vec::with_capacity(text.len() + added);
        let mut segments = Vec::with_capacity(spans.len());
        let mut end = 0;
        for (span, new) in spans.iter().zip(texts) {
            after.extend_from_slice(text.get(end..span.range.start).unwrap_or_default());
            let start = after.len();
            after.extend_from_slice(new.as_bytes());
            segments.push((start..after.len(), span.range.clone()));
            end = span.range.end;
        }
        after.extend_from_slice(text.get(end..).unwrap_or_default());
        Self {
            text: after,
            segments,
        }
    }

    /// What a range stands for in the old text; a replaced span counts whole.
    pub(crate) fn old(&self, range: &Range<usize>) -> Range<usize> {
        let start = self
            .segments
            .partition_point(|(new, _)| new.end <= range.start);
        let start = match self.segments.get(start) {
            Some((new, old)) if new.start <= range.start => old.start,
            _ => self.shift(start, range.start),
        };
        let end = self
            .segments
            .partition_point(|(new, _)| new.end < range.end);
        let end = match self.segments.get(end) {
            Some((new, old)) if new.start < range.end => old.end,
            _ => self.shift(end, range.end),
        };
        start..end.max(start)
    }

    /// Where a range of the old text stands now, unless a replaced span touches it.
    pub(crate) fn new_range(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let before = self
            .segments
            .partition_point(|(_, old)| old.end <= range.start);
        let next = self.segments.get(before);
        if next.is_some_and(|(_, old)| old.start < range.end) {
            return None;
        }
        let last = before
            .checked_sub(1)
            .and_then(|last| self.segments.get(last));
        let shift = |at: usize| last.map_or(at, |(new, old)| at - old.end + new.end);
        Some(shift(range.start)..shift(range.end))
    }

    /// The new texts, each with as many bytes before and behind it as are said for where it starts.
    pub(crate) fn around(&self, reach: impl Fn(usize) -> (usize, usize)) -> Vec<Range<usize>> {
        let mut stretches: Vec<Range<usize>> = Vec::new();
        for (new, _) in &self.segments {
            let (before, behind) = reach(new.start);
            let start = new.start.saturating_sub(before);
            let end = new.end.saturating_add(behind).min(self.text.len());
            match stretches.last_mut() {
                Some(last) if start <= last.end => last.end = end,
                _ => stretches.push(start..end),
            }
        }
        stretches
    }

    /// A position behind so many segments, in the old text.
    fn shift(&self, segments: usize, at: usize) -> usize {
        let last = segments
            .checked_sub(1)
            .and_then(|last| self.segments.get(last));
        last.map_or(at, |(new, old)| at - new.end + old.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tamis_detect::Quote;

    fn rewritten() -> Rewritten {
        let span = |range| Span {
            range,
            kind: 0,
            quote: Quote::None,
        };
        let spans = [span(2..6), span(8..9)];
        Rewritten::new(b"a=1234&b7c", &spans, &["XX".to_owned(), "YYYY".to_owned()])
    }

    #[test]
    fn spans_are_replaced() {
        assert_eq!(rewritten().text, b"a=XX&bYYYYc");
    }

    #[test]
    fn what_is_not_touched_moves_along() {
        for (old, new) in [
            (0..2, Some(0..2)),
            (1..3, None),
            (6..8, Some(4..6)),
            (7..9, None),
            (9..10, Some(10..11)),
        ] {
            assert_eq!(rewritten().new_range(&old), new, "{old:?}");
        }
        for (reach, all) in [(1, 1..11), (usize::MAX, 0..11)] {
            assert_eq!(rewritten().around(|_| (reach, reach)).first(), Some(&all));
        }
        assert_eq!(rewritten().around(|_| (0, 0)), [2..4, 6..10]);
        assert_eq!(rewritten().around(|_| (1, 0)), [1..4, 5..10]);
    }

    #[test]
    fn ranges_find_back() {
        for (new, old) in [
            (0..2, 0..2),
            (2..4, 2..6),
            (3..5, 2..7),
            (4..6, 6..8),
            (5..7, 7..9),
            (7..8, 8..9),
            (10..11, 9..10),
            (0..11, 0..10),
            (9..11, 8..10),
        ] {
            assert_eq!(rewritten().old(&new), old, "{new:?}");
        }
    }
}
