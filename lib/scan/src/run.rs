//! Runs of set bits over successive 64-bit masks: the one run detector, whatever the class.
//!
//! Most blocks have no run worth reporting, so the common path only proves that: it shifts the
//! mask over itself until a bit survives only where a whole run ended, and looks how far the run
//! that is still open reaches.
//!
//! Must never: look at bytes.

/// Finds runs of at least `MIN` set bits in successive masks. `MIN` is at most 64.
#[derive(Default)]
pub(crate) struct Run<const MIN: usize> {
    /// Start of the run that reached the end of the last block, and its length so far.
    open_start: usize,
    open_len: usize,
}

impl<const MIN: usize> Run<MIN> {
    #[inline(always)]
    /// Takes the mask of the 64 positions from `base` on; `emit` gets start and end of each run
    /// that ends here. Blocks come in order, without gaps.
    pub(crate) fn block(&mut self, base: usize, mask: u64, emit: impl FnMut(usize, usize)) {
        let lead = mask.trailing_ones() as usize;
        if self.open_len + lead >= MIN || runs_of(mask, MIN as u32) != 0 {
            self.emit_block(base, mask, emit);
        } else {
            self.open_len = mask.leading_ones() as usize;
            self.open_start = base + 64 - self.open_len;
        }
    }

    #[cold]
    #[inline(never)]
    fn emit_block(&mut self, base: usize, mut mask: u64, mut emit: impl FnMut(usize, usize)) {
        if self.open_len == 0 {
            self.open_start = base;
        }
        let lead = mask.trailing_ones() as usize;
        if lead == 64 {
            self.open_len += 64;
            return;
        }
        if self.open_len + lead >= MIN {
            emit(self.open_start, base + lead);
        }
        mask &= u64::MAX << lead;
        let tail = mask.leading_ones();
        mask &= u64::MAX.checked_shr(tail).unwrap_or(0);
        while mask != 0 {
            let from = mask.trailing_zeros();
            let len = (mask >> from).trailing_ones();
            if len as usize >= MIN {
                emit(base + from as usize, base + (from + len) as usize);
            }
            mask &= u64::MAX.checked_shl(from + len).unwrap_or(0);
        }
        self.open_len = tail as usize;
        self.open_start = base + 64 - self.open_len;
    }

    /// Ends a run that reaches to `end`, the end of everything.
    pub(crate) fn finish(&mut self, end: usize, mut emit: impl FnMut(usize, usize)) {
        if self.open_len >= MIN {
            emit(self.open_start, end);
        }
        self.open_len = 0;
    }
}

/// Bits at which a run of at least `min` set bits (1 to 64) of `mask` ends.
#[inline(always)]
fn runs_of(mask: u64, min: u32) -> u64 {
    let mut ends = mask;
    let mut have = 1;
    while have < min {
        let step = have.min(min - have);
        ends &= ends << step;
        have += step;
    }
    ends
}
