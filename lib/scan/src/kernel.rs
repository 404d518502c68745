//! The kernel: one pass over a chunk of the haystack that turns bytes into bit masks.
//!
//! Everything that vectors do happens here, once for all engines: look-ups of the windows'
//! buckets and the masks of the classes, from the same loads. A chunk is small enough for the
//! first cache level; what the masks mean is worked out afterwards by plain code, so that the
//! tables stay in registers and no branch depends on the text.
//!
//! Must never: read beyond the haystack, or judge what it finds.

use crate::class::{INT_TAG, Masks};
use crate::simd::{REACH, Simd};
use crate::window::{Group, WIDTH};

/// Bytes of a block: bits of a mask.
pub(crate) const BLOCK: usize = 64;
/// Blocks of a chunk.
pub(crate) const BLOCKS: usize = 64;
/// Bytes of a chunk.
pub(crate) const CHUNK: usize = BLOCK * BLOCKS;

/// Masks of a chunk, a word for each block.
#[derive(Debug)]
pub(crate) struct ChunkMasks {
    /// Where a window may start.
    pub(crate) candidates: [u64; BLOCKS],
    /// The classes, where they are asked for.
    pub(crate) classes: [Masks; BLOCKS],
}

impl ChunkMasks {
    pub(crate) fn new() -> Self {
        ChunkMasks {
            candidates: [0; BLOCKS],
            classes: [Masks::default(); BLOCKS],
        }
    }
}

/// What the kernel does with a chunk.
pub(crate) struct Job<'j> {
    /// All bytes.
    pub(crate) haystack: &'j [u8],
    /// Start of the chunk in them.
    pub(crate) base: usize,
    /// The buckets to look for: none, or one or two groups.
    pub(crate) groups: &'j [Group],
    /// Whether the classes are asked for.
    pub(crate) classes: Classes,
    /// Where the masks go; blocks beyond the end of the haystack are left alone.
    pub(crate) masks: &'j mut ChunkMasks,
}

/// Whether the kernel makes the masks of the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Classes {
    /// Leave them alone.
    Skip,
    /// Make all of them.
    Make,
}

impl Job<'_> {
    #[inline(always)]
    pub(crate) fn run<S: Simd>(self, simd: S) {
        match (self.groups, self.classes) {
            ([], Classes::Skip) => {}
            ([], Classes::Make) => self.chunk::<S, 0, true>(simd),
            ([_], Classes::Skip) => self.chunk::<S, 1, false>(simd),
            ([_], Classes::Make) => self.chunk::<S, 1, true>(simd),
            (_, Classes::Skip) => self.chunk::<S, 2, false>(simd),
            (_, Classes::Make) => self.chunk::<S, 2, true>(simd),
        }
    }

    #[inline(always)]
    fn chunk<S: Simd, const GROUPS: usize, const CLASSES: bool>(self, simd: S) {
        let looks: [[S::Look; WIDTH]; GROUPS] = std::array::from_fn(|group| {
            std::array::from_fn(|at| simd.prepare(&self.groups[group][at]))
        });
        let bytes = self.haystack.get(self.base..).unwrap_or_default();
        let blocks = bytes.len().div_ceil(BLOCK).min(BLOCKS);
        let whole = (bytes.len().saturating_sub(REACH - BLOCK) / BLOCK).min(blocks);
        for index in 0..whole {
            if let Some(block) = bytes[index * BLOCK..].first_chunk::<REACH>() {
                one_block::<S, GROUPS, CLASSES>(simd, &looks, block, index, self.masks);
            }
        }
        for index in whole..blocks {
            let rest = &bytes[index * BLOCK..];
            let mut block = [0; REACH];
            let len = rest.len().min(REACH);
            block[..len].copy_from_slice(&rest[..len]);
            one_block::<S, GROUPS, CLASSES>(simd, &looks, &block, index, self.masks);
        }
    }
}

#[inline(always)]
fn one_block<S: Simd, const GROUPS: usize, const CLASSES: bool>(
    simd: S,
    looks: &[[S::Look; WIDTH]; GROUPS],
    block: &[u8; REACH],
    index: usize,
    masks: &mut ChunkMasks,
) {
    if GROUPS > 0 {
        masks.candidates[index] = candidates(simd, looks, block);
    }
    if CLASSES {
        masks.classes[index] = class_masks(simd, block);
    }
}

#[inline(always)]
fn candidates<S: Simd, const GROUPS: usize>(
    simd: S,
    looks: &[[S::Look; WIDTH]; GROUPS],
    block: &[u8; REACH],
) -> u64 {
    let mut mask = 0;
    for part in 0..BLOCK / S::LANES {
        let at = part * S::LANES;
        let bytes: [S::Vector; WIDTH] = std::array::from_fn(|k| simd.load(block, at + k));
        let mut any = simd.splat(0);
        for look in looks {
            let found: [S::Vector; WIDTH] = std::array::from_fn(|k| simd.look(&look[k], bytes[k]));
            let first = simd.and(found[0], found[1]);
            let second = simd.and(found[2], found[3]);
            any = simd.or(any, simd.and(first, second));
        }
        mask |= simd.nonzero(any) << at;
    }
    mask
}

/// Kinds of bytes as half-byte sets: bit `i` of both halves has to agree.
const KINDS: ([u8; 16], [u8; 16]) = half_tables(&[
    (
        &[0x4, 0x6],
        &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    ),
    (&[0x5, 0x7], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    (&[0x5], &[15]),
    (&[0x3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (&[0x3], &[13]),
    (&[0x2], &[11, 15]),
    (&[0x2], &[13]),
    (&[0x2], &[0]),
]);
const DIGIT: u8 = 1 << 3;
const SEPARATOR: u8 = 1 << 6 | 1 << 7;
const TOKEN: u8 = 0x7f;

const fn half_tables(kinds: &[(&[usize], &[usize]); 8]) -> ([u8; 16], [u8; 16]) {
    let (mut low, mut high) = ([0; 16], [0; 16]);
    let mut kind = 0;
    while kind < 8 {
        let (highs, lows) = kinds[kind];
        let mut i = 0;
        while i < highs.len() {
            high[highs[i]] |= 1 << kind;
            i += 1;
        }
        let mut i = 0;
        while i < lows.len() {
            low[lows[i]] |= 1 << kind;
            i += 1;
        }
        kind += 1;
    }
    (low, high)
}

#[inline(always)]
fn class_masks<S: Simd>(simd: S, block: &[u8; REACH]) -> Masks {
    let mut masks = Masks::default();
    for part in 0..BLOCK / S::LANES {
        let at = part * S::LANES;
        let bytes = simd.load(block, at);
        let kinds = simd.halves(&KINDS.0, &KINDS.1, bytes);
        let any = |kind: u8| simd.nonzero(simd.and(kinds, simd.splat(kind))) << at;
        masks.digit |= any(DIGIT);
        masks.separator |= any(SEPARATOR);
        masks.token |= any(TOKEN);
        masks.at_sign |= simd.equal(bytes, simd.splat(b'@')) << at;
        let tag = simd.equal(bytes, simd.splat(INT_TAG)) & simd.high(simd.load(block, at + 1));
        masks.int_tag |= tag << at;
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use crate::simd::Machine;

    #[test]
    fn class_masks_are_those_of_plain_code() {
        let mut haystack: Vec<u8> = (0..=255).collect();
        haystack.extend([INT_TAG, 0x80, INT_TAG, 0x7f, INT_TAG]);
        haystack.extend((0..=255u8).rev());
        for machine in Engine::ALL.into_iter().filter_map(Machine::detect) {
            let mut masks = ChunkMasks::new();
            machine.run(Job {
                haystack: &haystack,
                base: 0,
                groups: &[],
                classes: Classes::Make,
                masks: &mut masks,
            });
            for index in 0..haystack.len().div_ceil(BLOCK) {
                let plain = Masks::of_block(&haystack, index * BLOCK);
                assert_eq!(masks.classes[index], plain, "{machine:?}, block {index}");
            }
        }
    }
}
