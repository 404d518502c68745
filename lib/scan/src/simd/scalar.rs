//! Vectors of sixteen bytes in plain Rust: the portable form, and the check for the others.
//!
//! Must never: need anything of the machine.

use super::{REACH, Simd};
use crate::kernel::Job;
use crate::window::Table;

/// Plain arrays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar;

const LANES: usize = 16;

impl Scalar {
    pub(crate) fn run(self, job: Job<'_>) {
        job.run(self);
    }
}

fn bits(lane: impl Fn(usize) -> bool) -> u64 {
    (0..LANES).fold(0, |bits, i| bits | u64::from(lane(i)) << i)
}

impl Simd for Scalar {
    type Vector = [u8; LANES];
    type Look = [u8; 128];
    const LANES: usize = LANES;

    #[inline(always)]
    fn load(self, block: &[u8; REACH], at: usize) -> Self::Vector {
        let mut v = [0; LANES];
        v.copy_from_slice(&block[at..at + LANES]);
        v
    }

    #[inline(always)]
    fn splat(self, byte: u8) -> Self::Vector {
        [byte; LANES]
    }

    #[inline(always)]
    fn and(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|i| a[i] & b[i])
    }

    #[inline(always)]
    fn or(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|i| a[i] | b[i])
    }

    #[inline(always)]
    fn nonzero(self, v: Self::Vector) -> u64 {
        if u128::from_ne_bytes(v) == 0 {
            return 0;
        }
        bits(|i| v[i] != 0)
    }

    #[inline(always)]
    fn equal(self, a: Self::Vector, b: Self::Vector) -> u64 {
        bits(|i| a[i] == b[i])
    }

    #[inline(always)]
    fn among(self, by_low_half: &[u8; 16], v: Self::Vector) -> u64 {
        bits(|i| by_low_half[usize::from(v[i] & 15)] == v[i])
    }

    #[inline(always)]
    fn between(self, v: Self::Vector, first: u8, last: u8) -> u64 {
        bits(|i| (first..=last).contains(&v[i]))
    }

    #[inline(always)]
    fn high(self, v: Self::Vector) -> u64 {
        bits(|i| v[i] >= 0x80)
    }

    #[inline(always)]
    fn prepare(self, table: &Table) -> Self::Look {
        table.seven
    }

    #[inline(always)]
    fn look(self, look: &Self::Look, v: Self::Vector) -> Self::Vector {
        std::array::from_fn(|i| look[usize::from(v[i] & 0x7f)])
    }

    #[inline(always)]
    fn halves(self, low: &[u8; 16], high: &[u8; 16], v: Self::Vector) -> Self::Vector {
        std::array::from_fn(|i| low[usize::from(v[i] & 15)] & high[usize::from(v[i] >> 4)])
    }
}
