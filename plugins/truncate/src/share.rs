//! How room is shared out: the longest give way first, and what is short stays whole.
//!
//! Must never: give out more room than there is.

use std::ops::Range;

use crate::measure::Measure;

/// The length that the longest of these may have so that all together fit into the room.
pub(crate) fn level(sizes: &[usize], room: usize) -> usize {
    let mut sizes = sizes.to_vec();
    sizes.sort_unstable();
    let (mut left, mut count) = (room, sizes.len());
    for size in sizes {
        let even = left / count;
        if size > even {
            return even;
        }
        left -= size;
        count -= 1;
    }
    usize::MAX
}

/// A text whose parts give way while the rest of it stays.
pub(crate) struct Parts<'t> {
    pub(crate) text: &'t str,
    /// What may be cut, in order.
    pub(crate) soft: Vec<Range<usize>>,
}

impl<'t> Parts<'t> {
    /// A text of which those of these ranges may be cut that are longer than `least`.
    pub(crate) fn new(
        text: &'t str,
        ranges: impl IntoIterator<Item = Range<usize>>,
        least: usize,
        measure: Measure,
    ) -> Self {
        let is_long = |range: &Range<usize>| {
            text.get(range.clone())
                .is_some_and(|part| measure.text(part) > least)
        };
        Self {
            text,
            soft: ranges.into_iter().filter(is_long).collect(),
        }
    }

    /// The text with its parts cut so that it fits; none when it cannot with `least` for each of them.
    pub(crate) fn fit<E>(
        &self,
        max: usize,
        least: usize,
        measure: Measure,
        mut cut: impl FnMut(&'t str, usize) -> Result<String, E>,
    ) -> Result<Option<String>, E> {
        let sizes: Vec<usize> = self.soft().map(|part| measure.text(part)).collect();
        let firm = measure.text(self.text) - sizes.iter().sum::<usize>();
        let smallest = sizes.iter().map(|&size| size.min(least)).sum::<usize>();
        if firm + smallest > max {
            return Ok(None);
        }
        let level = level(&sizes, max - firm);
        let mut out = String::with_capacity(self.text.len().min(4 * max));
        let mut done = 0;
        for (range, size) in self.soft.iter().zip(sizes) {
            if size > level {
                out.push_str(self.text.get(done..range.start).unwrap_or_default());
                out.push_str(&cut(
                    self.text.get(range.clone()).unwrap_or_default(),
                    level,
                )?);
                done = range.end;
            }
        }
        out.push_str(self.text.get(done..).unwrap_or_default());
        Ok(Some(out))
    }

    fn soft(&self) -> impl Iterator<Item = &'t str> {
        self.soft
            .iter()
            .map(|range| self.text.get(range.clone()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_give_way_first() {
        assert_eq!(level(&[10, 100, 1_000], 1_200), usize::MAX);
        assert_eq!(level(&[10, 100, 1_000], 610), 500);
        assert_eq!(level(&[10, 100, 1_000], 110), 50);
        assert_eq!(level(&[10, 100, 1_000], 0), 0);
        assert_eq!(level(&[], 0), usize::MAX);
    }

    proptest! {
        #[test]
        fn no_more_is_given_than_there_is(sizes in proptest::collection::vec(0_usize..50, 0..20), room in 0_usize..600) {
            let level = level(&sizes, room);
            let given: usize = sizes.iter().map(|&size| size.min(level)).sum();
            prop_assert!(given <= room);
            let more: usize = sizes.iter().map(|&size| size.min(level.saturating_add(1))).sum();
            prop_assert!(level == usize::MAX || more > room);
        }
    }
}
