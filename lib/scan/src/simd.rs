//! Vectors: what the kernel needs of them, and which of them this machine has.
//!
//! The kernel is written once, over the trait [`Simd`]. A value of a type that implements it is a
//! proof that the machine has the instructions, since it can only be had from `detect`; so the
//! methods are safe to call, and `unsafe` stays in the files below this one. Each engine has one
//! entry that is compiled with its instructions switched on; everything inside is inlined there.
//!
//! Must never: know what a mask is for.

#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(target_arch = "x86_64")]
mod x86;

use crate::Engine;
use crate::kernel::{BLOCK, Job};
use crate::window::{Table, WIDTH};

/// Bytes that a block's loads may touch: the block and what windows need after it.
pub(crate) const REACH: usize = BLOCK + WIDTH;

/// Vectors of bytes. `LANES` divides 64.
pub(crate) trait Simd: Copy {
    /// One vector.
    type Vector: Copy;
    /// A position of eight buckets, ready for look-ups.
    type Look: Copy;
    /// Bytes of a vector.
    const LANES: usize;

    /// Bytes `at..at + LANES`.
    fn load(self, block: &[u8; REACH], at: usize) -> Self::Vector;
    /// For each position of a window, the bytes that are there when windows start at `at..at + LANES`.
    #[inline(always)]
    fn neighbours(self, block: &[u8; REACH], at: usize) -> [Self::Vector; WIDTH] {
        let [first, second, third, fourth] = [at, at + 1, at + 2, at + 3];
        [
            self.load(block, first),
            self.load(block, second),
            self.load(block, third),
            self.load(block, fourth),
        ]
    }
    /// The same byte everywhere.
    fn splat(self, byte: u8) -> Self::Vector;
    /// Bitwise and.
    fn and(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// Bitwise or.
    fn or(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// A bit for each byte that is not zero.
    fn nonzero(self, v: Self::Vector) -> u64;
    /// A bit for each byte that is equal in both.
    fn equal(self, a: Self::Vector, b: Self::Vector) -> u64;
    /// A bit for each byte that is the one listed for its lower half. What is listed is below 0x80.
    fn among(self, by_low_half: &[u8; 16], v: Self::Vector) -> u64;
    /// A bit for each byte from `first` to `last`, both included and below 0x80.
    fn between(self, v: Self::Vector, first: u8, last: u8) -> u64;
    /// A bit for each byte of 0x80 and above.
    fn high(self, v: Self::Vector) -> u64;
    /// Prepares a position.
    fn prepare(self, table: &Table) -> Self::Look;
    /// The buckets that each byte is in.
    fn look(self, look: &Self::Look, v: Self::Vector) -> Self::Vector;
    /// `low[byte & 15] & high[byte >> 4]` for each byte.
    fn halves(self, low: &[u8; 16], high: &[u8; 16], v: Self::Vector) -> Self::Vector;
}

/// A proof that the machine has what an engine needs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Machine {
    Scalar(scalar::Scalar),
    #[cfg(target_arch = "x86_64")]
    Ssse3(x86::Ssse3),
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(x86::Avx512),
    #[cfg(target_arch = "aarch64")]
    Neon(neon::Neon),
}

impl Machine {
    /// The vectors of the engine, if the machine has them; for the automaton, which leaves only
    /// the classes to vectors, the best that the machine has.
    pub(crate) fn detect(engine: Engine) -> Option<Machine> {
        match engine {
            Engine::AhoCorasick => [
                Engine::Avx512,
                Engine::Avx2,
                Engine::Simd128,
                Engine::Scalar,
            ]
            .into_iter()
            .find_map(Machine::detect),
            Engine::Scalar => Some(Machine::Scalar(scalar::Scalar)),
            #[cfg(target_arch = "x86_64")]
            Engine::Simd128 => x86::Ssse3::detect().map(Machine::Ssse3),
            #[cfg(target_arch = "x86_64")]
            Engine::Avx2 => x86::Avx2::detect().map(Machine::Avx2),
            #[cfg(target_arch = "x86_64")]
            Engine::Avx512 => x86::Avx512::detect().map(Machine::Avx512),
            #[cfg(target_arch = "aarch64")]
            Engine::Simd128 => neon::Neon::detect().map(Machine::Neon),
            #[cfg(not(target_arch = "x86_64"))]
            Engine::Avx2 | Engine::Avx512 => None,
            #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
            Engine::Simd128 => None,
        }
    }

    /// Runs a job with these vectors.
    pub(crate) fn run(self, job: Job<'_>) {
        match self {
            Machine::Scalar(simd) => simd.run(job),
            #[cfg(target_arch = "x86_64")]
            Machine::Ssse3(simd) => simd.run(job),
            #[cfg(target_arch = "x86_64")]
            Machine::Avx2(simd) => simd.run(job),
            #[cfg(target_arch = "x86_64")]
            Machine::Avx512(simd) => simd.run(job),
            #[cfg(target_arch = "aarch64")]
            Machine::Neon(simd) => simd.run(job),
        }
    }
}
