//! A budget for the texts of one record: the longest give way first.
//!
//! Only texts that are longer than a note count, and none is cut to less, so that what fits once fits
//! again. Must never: cut a text that no budget was exceeded by.

use crate::note;
use crate::share;

/// Texts of no more bytes do not count, and are not cut.
pub(crate) const TEXT_BYTES_MIN: usize = note::BYTES_MAX;

/// The most bytes that each of these texts may have; none when all of them may stay.
pub(crate) fn share_of(budget: usize, sizes: impl Iterator<Item = usize>) -> Option<usize> {
    let sizes: Vec<usize> = sizes.filter(|&size| size > TEXT_BYTES_MIN).collect();
    let level = share::level(&sizes, budget);
    (level < usize::MAX).then(|| level.max(TEXT_BYTES_MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_give_way_and_the_short_stay() {
        let share = |sizes: &[usize]| share_of(2_000, sizes.iter().copied());
        assert_eq!(share(&[100; 500]), None);
        assert_eq!(share(&[1_500, 500, 100]), None);
        assert_eq!(share(&[9_000, 500, 100]), Some(1_500));
        assert_eq!(share(&[9_000; 100]), Some(TEXT_BYTES_MIN));
    }
}
