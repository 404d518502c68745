//! Vectors of x86-64: SSSE3, AVX2 and AVX-512 with byte permutations.
//!
//! SSSE3 and AVX2 differ in names and width only, so one macro writes both. AVX-512 VBMI has a
//! look-up in 128 bytes, which makes exact sets out of the half-byte ones, and masks as results.
//!
//! Must never: hand out a value without having asked the processor.

#![expect(
    unsafe_code,
    reason = "vector instructions; each block says why it is sound"
)]

use std::arch::x86_64::*;

use super::{REACH, Simd};
use crate::kernel::Job;
use crate::window::{Table, WIDTH};

macro_rules! half_byte_vectors {
    (
        $name:ident, $features:literal, $detected:expr, $vector:ty, $lanes:literal, $mask:ty,
        $load:ident, $splat:ident, $and:ident, $or:ident, $equal:ident, $zero:ident,
        $movemask:ident, $shift:ident, $shuffle:ident, $spread:ident, $add:ident, $greater:ident
    ) => {
        /// A proof that the processor has the instructions.
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name(());

        impl $name {
            pub(crate) fn detect() -> Option<Self> {
                $detected.then_some($name(()))
            }

            pub(crate) fn run(self, job: Job<'_>) {
                #[target_feature(enable = $features)]
                fn entry(simd: $name, job: Job<'_>) {
                    job.run(simd);
                }
                // SAFETY: `self` exists, so `detect` has found the instructions.
                unsafe { entry(self, job) }
            }
        }

        impl Simd for $name {
            type Vector = $vector;
            type Look = ($vector, $vector);
            const LANES: usize = $lanes;

            #[inline(always)]
            fn load(self, block: &[u8; REACH], at: usize) -> $vector {
                let bytes: &[u8] = &block[at..at + $lanes];
                // SAFETY: the slice has the length of a vector, the load needs no alignment, and
                // `self` proves the instructions.
                unsafe { $load(bytes.as_ptr().cast()) }
            }

            #[inline(always)]
            fn splat(self, byte: u8) -> $vector {
                // SAFETY: `self` proves the instructions.
                unsafe { $splat(byte as i8) }
            }

            #[inline(always)]
            fn and(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: `self` proves the instructions.
                unsafe { $and(a, b) }
            }

            #[inline(always)]
            fn or(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: `self` proves the instructions.
                unsafe { $or(a, b) }
            }

            #[inline(always)]
            fn nonzero(self, v: $vector) -> u64 {
                // SAFETY: `self` proves the instructions.
                let zeros = unsafe { $movemask($equal(v, $zero())) } as $mask;
                u64::from(!zeros)
            }

            #[inline(always)]
            fn equal(self, a: $vector, b: $vector) -> u64 {
                // SAFETY: `self` proves the instructions.
                u64::from(unsafe { $movemask($equal(a, b)) } as $mask)
            }

            #[inline(always)]
            fn among(self, by_low_half: &[u8; 16], v: $vector) -> u64 {
                // SAFETY: `self` proves the instructions.
                let listed = unsafe { $shuffle($spread(by_low_half), v) };
                self.equal(listed, v)
            }

            /// Comparisons are signed: moved up to the largest numbers, those between are greater than all others.
            #[inline(always)]
            fn between(self, v: $vector, first: u8, last: u8) -> u64 {
                // SAFETY: `self` proves the instructions.
                let top = unsafe { $add(v, self.splat(0x7f - last)) };
                // SAFETY: `self` proves the instructions.
                let above = unsafe { $greater(top, self.splat(0x7e - (last - first))) };
                self.high(above)
            }

            #[inline(always)]
            fn high(self, v: $vector) -> u64 {
                // SAFETY: `self` proves the instructions.
                u64::from(unsafe { $movemask(v) } as $mask)
            }

            #[inline(always)]
            fn prepare(self, table: &Table) -> ($vector, $vector) {
                // SAFETY: `self` proves the instructions.
                unsafe { ($spread(&table.low), $spread(&table.high)) }
            }

            #[inline(always)]
            fn look(self, look: &($vector, $vector), v: $vector) -> $vector {
                // SAFETY: `self` proves the instructions.
                unsafe {
                    let half = $splat(15);
                    let low = $shuffle(look.0, $and(v, half));
                    let high = $shuffle(look.1, $and($shift::<4>(v), half));
                    $and(low, high)
                }
            }

            #[inline(always)]
            fn halves(self, low: &[u8; 16], high: &[u8; 16], v: $vector) -> $vector {
                // SAFETY: `self` proves the instructions.
                let look = unsafe { ($spread(low), $spread(high)) };
                self.look(&look, v)
            }
        }
    };
}

/// # Safety
/// The processor has SSE2, as every x86-64 has; unsafe to be like its wider sisters.
#[inline(always)]
unsafe fn spread_128(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: the array has the length of a vector; SSE2 belongs to the target.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// # Safety
/// The processor has AVX2.
#[inline(always)]
unsafe fn spread_256(bytes: &[u8; 16]) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe { _mm256_broadcastsi128_si256(spread_128(bytes)) }
}

/// # Safety
/// The processor has AVX-512 F.
#[inline(always)]
unsafe fn spread_512(bytes: &[u8; 16]) -> __m512i {
    // SAFETY: the caller vouches for AVX-512 F.
    unsafe { _mm512_broadcast_i32x4(spread_128(bytes)) }
}

half_byte_vectors!(
    Ssse3,
    "ssse3",
    std::is_x86_feature_detected!("ssse3"),
    __m128i,
    16,
    u16,
    _mm_loadu_si128,
    _mm_set1_epi8,
    _mm_and_si128,
    _mm_or_si128,
    _mm_cmpeq_epi8,
    _mm_setzero_si128,
    _mm_movemask_epi8,
    _mm_srli_epi16,
    _mm_shuffle_epi8,
    spread_128,
    _mm_add_epi8,
    _mm_cmpgt_epi8
);

half_byte_vectors!(
    Avx2,
    "avx2",
    std::is_x86_feature_detected!("avx2"),
    __m256i,
    32,
    u32,
    _mm256_loadu_si256,
    _mm256_set1_epi8,
    _mm256_and_si256,
    _mm256_or_si256,
    _mm256_cmpeq_epi8,
    _mm256_setzero_si256,
    _mm256_movemask_epi8,
    _mm256_srli_epi16,
    _mm256_shuffle_epi8,
    spread_256,
    _mm256_add_epi8,
    _mm256_cmpgt_epi8
);

/// A proof that the processor has AVX-512 F, BW, VBMI and VBMI2, which shifts over the border of two words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512(());

impl Avx512 {
    pub(crate) fn detect() -> Option<Self> {
        let has = std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vbmi")
            && std::is_x86_feature_detected!("avx512vbmi2");
        has.then_some(Avx512(()))
    }

    pub(crate) fn run(self, job: Job<'_>) {
        #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt")]
        fn entry(simd: Avx512, job: Job<'_>) {
            job.run(simd);
        }
        // SAFETY: `self` exists, so `detect` has found the instructions.
        unsafe { entry(self, job) }
    }
}

impl Simd for Avx512 {
    type Vector = __m512i;
    type Look = (__m512i, __m512i);
    const LANES: usize = 64;

    #[inline(always)]
    fn load(self, block: &[u8; REACH], at: usize) -> __m512i {
        let bytes: &[u8] = &block[at..at + 64];
        // SAFETY: the slice has the length of a vector, the load needs no alignment, and `self`
        // proves the instructions.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    /// A load across the border of two cache lines takes twice as long, and all but one would be: two are enough,
    /// as each word and the one behind it hold what is in between.
    #[inline(always)]
    fn neighbours(self, block: &[u8; REACH], at: usize) -> [__m512i; WIDTH] {
        let (here, behind) = (self.load(block, at), self.load(block, at + WIDTH));
        // SAFETY: `self` proves the instructions.
        unsafe {
            [
                here,
                _mm512_shrdi_epi32::<8>(here, behind),
                _mm512_shrdi_epi32::<16>(here, behind),
                _mm512_shrdi_epi32::<24>(here, behind),
            ]
        }
    }

    #[inline(always)]
    fn splat(self, byte: u8) -> __m512i {
        // SAFETY: `self` proves the instructions.
        unsafe { _mm512_set1_epi8(byte as i8) }
    }

    #[inline(always)]
    fn and(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: `self` proves the instructions.
        unsafe { _mm512_and_si512(a, b) }
    }

    #[inline(always)]
    fn or(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: `self` proves the instructions.
        unsafe { _mm512_or_si512(a, b) }
    }

    #[inline(always)]
    fn nonzero(self, v: __m512i) -> u64 {
        // SAFETY: `self` proves the instructions.
        unsafe { _mm512_test_epi8_mask(v, v) }
    }

    #[inline(always)]
    fn equal(self, a: __m512i, b: __m512i) -> u64 {
        // SAFETY: `self` proves the instructions.
        unsafe { _mm512_cmpeq_epi8_mask(a, b) }
    }

    #[inline(always)]
    fn among(self, by_low_half: &[u8; 16], v: __m512i) -> u64 {
        // SAFETY: `self` proves the instructions.
        let listed = unsafe { _mm512_shuffle_epi8(spread_512(by_low_half), v) };
        self.equal(listed, v)
    }

    #[inline(always)]
    fn between(self, v: __m512i, first: u8, last: u8) -> u64 {
        let (first, width) = (self.splat(first), self.splat(last.wrapping_sub(first)));
        // SAFETY: `self` proves the instructions.
        unsafe { _mm512_cmple_epu8_mask(_mm512_sub_epi8(v, first), width) }
    }

    #[inline(always)]
    fn high(self, v: __m512i) -> u64 {
        // SAFETY: `self` proves the instructions.
        unsafe { _mm512_movepi8_mask(v) }
    }

    #[inline(always)]
    fn prepare(self, table: &Table) -> (__m512i, __m512i) {
        let (first, second) = table.seven.split_at(64);
        // SAFETY: both halves have the length of a vector; `self` proves the instructions.
        unsafe {
            (
                _mm512_loadu_si512(first.as_ptr().cast()),
                _mm512_loadu_si512(second.as_ptr().cast()),
            )
        }
    }

    #[inline(always)]
    fn look(self, look: &(__m512i, __m512i), v: __m512i) -> __m512i {
        // SAFETY: `self` proves the instructions.
        unsafe { _mm512_permutex2var_epi8(look.0, v, look.1) }
    }

    #[inline(always)]
    fn halves(self, low: &[u8; 16], high: &[u8; 16], v: __m512i) -> __m512i {
        // SAFETY: `self` proves the instructions.
        unsafe {
            let half = _mm512_set1_epi8(15);
            let low = _mm512_shuffle_epi8(spread_512(low), _mm512_and_si512(v, half));
            let up = _mm512_and_si512(_mm512_srli_epi16::<4>(v), half);
            _mm512_and_si512(low, _mm512_shuffle_epi8(spread_512(high), up))
        }
    }
}
