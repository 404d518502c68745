//! Vectors of aarch64, which always has NEON: the same 16-byte form as SSSE3.
//!
//! NEON has no instruction that makes a bit mask of a vector; the bytes are weighted with powers
//! of two and added up instead.
//!
//! Must never: be reached on a machine without NEON (the target has it by definition).

#![expect(
    unsafe_code,
    reason = "vector instructions; each block says why it is sound"
)]

use std::arch::aarch64::*;

use super::{REACH, Simd};
use crate::kernel::Job;
use crate::window::Table;

/// A proof that the processor has NEON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neon(());

impl Neon {
    pub(crate) fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Neon(()))
    }

    pub(crate) fn run(self, job: Job<'_>) {
        job.run(self);
    }
}

fn vector(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the array has the length of the load; NEON belongs to the target.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

/// One bit for each byte of a vector whose bytes are 0x00 or 0xff.
#[inline(always)]
fn bits(v: uint8x16_t) -> u64 {
    const WEIGHTS: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
    // SAFETY: NEON belongs to the target.
    unsafe {
        let weighted = vandq_u8(v, vector(&WEIGHTS));
        let low = vaddv_u8(vget_low_u8(weighted));
        let high = vaddv_u8(vget_high_u8(weighted));
        u64::from(low) | u64::from(high) << 8
    }
}

impl Simd for Neon {
    type Vector = uint8x16_t;
    type Look = (uint8x16_t, uint8x16_t);
    const LANES: usize = 16;

    #[inline(always)]
    fn load(self, block: &[u8; REACH], at: usize) -> uint8x16_t {
        let bytes: &[u8] = &block[at..at + 16];
        // SAFETY: the slice has the length of a vector; NEON belongs to the target.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }

    #[inline(always)]
    fn splat(self, byte: u8) -> uint8x16_t {
        // SAFETY: NEON belongs to the target.
        unsafe { vdupq_n_u8(byte) }
    }

    #[inline(always)]
    fn and(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON belongs to the target.
        unsafe { vandq_u8(a, b) }
    }

    #[inline(always)]
    fn or(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON belongs to the target.
        unsafe { vorrq_u8(a, b) }
    }

    #[inline(always)]
    fn nonzero(self, v: uint8x16_t) -> u64 {
        // SAFETY: NEON belongs to the target.
        unsafe {
            if vmaxvq_u8(v) == 0 {
                return 0;
            }
            bits(vtstq_u8(v, v))
        }
    }

    #[inline(always)]
    fn equal(self, a: uint8x16_t, b: uint8x16_t) -> u64 {
        // SAFETY: NEON belongs to the target.
        bits(unsafe { vceqq_u8(a, b) })
    }

    #[inline(always)]
    fn among(self, by_low_half: &[u8; 16], v: uint8x16_t) -> u64 {
        // SAFETY: the array has the length of a vector; NEON belongs to the target.
        bits(unsafe {
            let half = vandq_u8(v, vdupq_n_u8(15));
            vceqq_u8(vqtbl1q_u8(vld1q_u8(by_low_half.as_ptr()), half), v)
        })
    }

    #[inline(always)]
    fn between(self, v: uint8x16_t, first: u8, last: u8) -> u64 {
        // SAFETY: NEON belongs to the target.
        bits(unsafe {
            let from = vsubq_u8(v, vdupq_n_u8(first));
            vcleq_u8(from, vdupq_n_u8(last.wrapping_sub(first)))
        })
    }

    #[inline(always)]
    fn high(self, v: uint8x16_t) -> u64 {
        // SAFETY: NEON belongs to the target.
        bits(unsafe { vcgeq_u8(v, vdupq_n_u8(0x80)) })
    }

    #[inline(always)]
    fn prepare(self, table: &Table) -> Self::Look {
        (vector(&table.low), vector(&table.high))
    }

    #[inline(always)]
    fn look(self, look: &Self::Look, v: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON belongs to the target.
        unsafe {
            let low = vqtbl1q_u8(look.0, vandq_u8(v, vdupq_n_u8(15)));
            let high = vqtbl1q_u8(look.1, vshrq_n_u8::<4>(v));
            vandq_u8(low, high)
        }
    }

    #[inline(always)]
    fn halves(self, low: &[u8; 16], high: &[u8; 16], v: uint8x16_t) -> uint8x16_t {
        self.look(&(vector(low), vector(high)), v)
    }
}
