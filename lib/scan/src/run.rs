//! Runs of set bits over successive 64-bit masks: the one run detector, whatever the class.
//!
//! A mask is shifted over itself, together with the mask before it, until a bit survives only
//! where a run of at least the wanted length ends. Most masks have no such bit, and the shifting
//! is the same for all of them, so the compiler does it for several masks at once. Where bits do
//! survive, a run of them tells a run of the class: it starts `MIN - 1` places earlier and ends at
//! the same place.
//!
//! Must never: look at bytes.

/// Bits of `mask` at which at least `MIN` (1 to 32) set bits in a row end, counting the bits of
/// the mask before.
#[inline(always)]
pub(crate) fn run_ends<const MIN: usize>(before: u64, mask: u64) -> u64 {
    let (mut before, mut ends) = (before, mask);
    let mut have = 1;
    while have < MIN {
        let step = have.min(MIN - have);
        ends &= ends << step | before >> (64 - step);
        before &= before << step;
        have += step;
    }
    ends
}

/// Turns the ends of runs into runs.
#[derive(Debug, Default)]
pub(crate) struct Runs<const MIN: usize> {
    /// The latest run, which may go on.
    latest: Option<(usize, usize)>,
}

impl<const MIN: usize> Runs<MIN> {
    /// Takes the ends among the 64 positions from `base` on; `emit` gets start and end of each
    /// run that is over. Positions rise from call to call; words without ends may be left out.
    pub(crate) fn word(&mut self, base: usize, ends: u64, mut emit: impl FnMut(usize, usize)) {
        let mut ends = ends;
        while ends != 0 {
            let first = ends.trailing_zeros();
            let len = (ends >> first).trailing_ones();
            let (from, to) = (base + first as usize, base + (first + len) as usize);
            ends &= u64::MAX.checked_shl(first + len).unwrap_or(0);
            match &mut self.latest {
                Some((_, end)) if *end == from => *end = to,
                latest => {
                    let begun = from.saturating_sub(MIN - 1);
                    if let Some((start, end)) = latest.replace((begun, to)) {
                        emit(start, end);
                    }
                }
            }
        }
    }

    /// Hands out the last run.
    pub(crate) fn finish(&mut self, mut emit: impl FnMut(usize, usize)) {
        if let Some((start, end)) = self.latest.take() {
            emit(start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_those_that_counting_finds(
            stretches in prop::collection::vec((any::<bool>(), 1usize..80), 0..20),
        ) {
            let mut bits: Vec<bool> =
                stretches.iter().flat_map(|&(bit, times)| vec![bit; times]).collect();
            bits.resize(bits.len().next_multiple_of(64), false);
            let mut expected = Vec::new();
            let mut start = 0;
            for end in 0..=bits.len() {
                if end == bits.len() || !bits[end] {
                    if end - start >= 13 {
                        expected.push((start, end));
                    }
                    start = end + 1;
                }
            }
            let mut found = Vec::new();
            let mut runs = Runs::<13>::default();
            let mut before = 0;
            for (index, word) in bits.chunks(64).enumerate() {
                let word = (0..64).fold(0, |mask, i| mask | u64::from(word[i]) << i);
                let ends = run_ends::<13>(before, word);
                runs.word(index * 64, ends, |start, end| found.push((start, end)));
                before = word;
            }
            runs.finish(|start, end| found.push((start, end)));
            prop_assert_eq!(found, expected);
        }
    }
}
