//! A text as it would be after its spans were replaced, and the way back to the text before.
//!
//! A mask can make a secret of what stands beside it (`REDACTED-github-token=...`), so a rewritten
//! text is searched again before anything is edited. Must never: leave the bounds of either text.

use std::fmt;
use std::ops::Range;

use crate::span::Span;

/// A rewritten text. Its buffers serve one text after the other.
#[derive(Default)]
pub(crate) struct Rewritten {
    /// What it reads now.
    pub(crate) text: Vec<u8>,
    /// The new texts, one after the other.
    texts: String,
    /// Where each new text stands, and what it stands for in the old text; rising.
    segments: Vec<(Range<usize>, Range<usize>)>,
}

/// Without the text, which is content.
impl fmt::Debug for Rewritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rewritten")
            .field("segments", &self.segments)
            .finish_non_exhaustive()
    }
}

impl Rewritten {
    /// Makes it the text with each span replaced by what `substitute` appends for it. Spans rise and lie
    /// apart.
    pub(crate) fn write<E>(
        &mut self,
        text: &[u8],
        spans: &[Span],
        mut substitute: impl FnMut(&Span, &mut String) -> Result<(), E>,
    ) -> Result<(), E> {
        self.text.clear();
        self.texts.clear();
        self.segments.clear();
        let mut end = 0;
        for span in spans {
            let before = self.texts.len();
            substitute(span, &mut self.texts)?;
            let new = self.texts.get(before..).unwrap_or_default();
            self.text
                .extend_from_slice(text.get(end..span.range.start).unwrap_or_default());
            let start = self.text.len();
            self.text.extend_from_slice(new.as_bytes());
            self.segments
                .push((start..self.text.len(), span.range.clone()));
            end = span.range.end;
        }
        self.text
            .extend_from_slice(text.get(end..).unwrap_or_default());
        Ok(())
    }

    /// The new texts, in their order.
    pub(crate) fn new_texts(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.texts.as_str();
        self.new_ranges().map(move |new| {
            let (text, others) = rest.split_at_checked(new.len()).unwrap_or_default();
            rest = others;
            text
        })
    }

    /// Where the new texts stand, rising.
    pub(crate) fn new_ranges(&self) -> impl Iterator<Item = &Range<usize>> {
        self.segments.iter().map(|(new, _)| new)
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

    #[test]
    fn no_text_is_shown() {
        let shown = format!("{:?}", rewritten());
        assert!(shown.contains("segments"), "{shown}");
        assert!(!shown.contains("text"), "{shown}");
    }

    fn rewritten() -> Rewritten {
        let span = |range| Span {
            range,
            kind: 0,
            quote: Quote::None,
        };
        let mut rewritten = Rewritten::default();
        for text in [&b"another, longer one"[..], b"a=1234&b7c"] {
            let mut texts = ["XX", "YYYY"].into_iter();
            let spans = [span(2..6), span(8..9)];
            let next = |_: &Span, out: &mut String| {
                out.extend(texts.next());
                Ok::<_, ()>(())
            };
            assert_eq!(rewritten.write(text, &spans, next), Ok(()));
        }
        rewritten
    }

    #[test]
    fn spans_are_replaced() {
        assert_eq!(rewritten().text, b"a=XX&bYYYYc");
        assert!(rewritten().new_texts().eq(["XX", "YYYY"]));
        assert!(rewritten().new_ranges().eq([&(2..4), &(6..10)]));
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
