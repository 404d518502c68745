//! The kernel: one pass over a chunk of the haystack that turns bytes into bit masks.
//!
//! Everything that vectors do happens here and in `kernel/classes.rs`, once for all engines:
//! look-ups of the windows' buckets and the masks of the classes, from the same loads. A chunk is
//! small enough for the first cache level; what the masks mean is worked out afterwards by plain
//! code, so that the tables stay in registers and no branch here depends on the text.
//!
//! Must never: read beyond the haystack, or judge what it finds.

mod classes;

use crate::class::{ClassMarks, ClassSet};
use crate::simd::{REACH, Simd};
use crate::window::{Group, Table, WIDTH};
pub(crate) use classes::ClassWords;
use classes::{BlockWords, Kinds};

/// Bytes of a block: bits of a mask.
pub(crate) const BLOCK: usize = 64;
/// Blocks of a chunk.
pub(crate) const BLOCKS: usize = 64;
/// Bytes of a chunk.
pub(crate) const CHUNK: usize = BLOCK * BLOCKS;

/// A bit for each byte of a chunk.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Marks {
    words: [u64; BLOCKS],
    /// A bit for each word that counts: most are empty, and are not even looked at.
    marked: u64,
}

impl Default for Marks {
    fn default() -> Self {
        Marks {
            words: [0; BLOCKS],
            marked: 0,
        }
    }
}

impl Marks {
    /// Replaces all words. Most chunks have no mark at all.
    #[inline(always)]
    fn fill(&mut self, word: impl Fn(usize) -> u64) {
        let mut any = 0;
        for (index, slot) in self.words.iter_mut().enumerate() {
            *slot = word(index);
            any |= *slot;
        }
        self.marked = 0;
        if any != 0 {
            self.mark();
        }
    }

    /// Notes which words count.
    #[inline(always)]
    fn mark(&mut self) {
        let words = self.words.iter().enumerate();
        self.marked = words.fold(0, |marked, (index, &word)| {
            marked | u64::from(word != 0) << index
        });
    }

    /// Forgets them.
    pub(crate) fn clear(&mut self) {
        self.marked = 0;
    }

    /// The words that have marks, in order, with their indexes.
    #[inline(always)]
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (usize, u64)> {
        ones(self.marked).map(|index| (index, self.words[index % BLOCKS]))
    }

    /// Offset in the chunk of every mark, in order.
    #[inline(always)]
    pub(crate) fn bits(&self) -> impl Iterator<Item = usize> {
        self.blocks()
            .flat_map(|(index, word)| ones(word).map(move |bit| index * BLOCK + bit))
    }
}

/// The places of the ones in a word, from the lowest on.
#[inline(always)]
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}

/// What the kernel says of a chunk.
#[derive(Default)]
pub(crate) struct ChunkMarks {
    /// Where a window may start.
    pub(crate) candidates: Marks,
    /// The classes that were asked for.
    pub(crate) classes: ClassMarks,
}

/// The last bytes, zeros after them. Aligned as vectors are, so that the stack is and what of the tables finds
/// no register does not lie across cache lines.
#[repr(align(64))]
struct End([u8; REACH]);

/// What the kernel does with a chunk.
pub(crate) struct Job<'j> {
    /// All bytes.
    pub(crate) haystack: &'j [u8],
    /// Start of the chunk in them. Chunks come in order, as runs reach over their borders.
    pub(crate) base: usize,
    /// The buckets to look for: none, or up to four groups.
    pub(crate) groups: &'j [Group],
    /// The classes to look for.
    pub(crate) classes: ClassSet,
    /// What is kept from one chunk to the next.
    pub(crate) words: &'j mut ClassWords,
    /// Where the result goes.
    pub(crate) marks: &'j mut ChunkMarks,
}

impl Job<'_> {
    #[inline(always)]
    pub(crate) fn run<S: Simd>(self, simd: S) {
        let kinds = match (self.classes.is_empty(), self.classes.are_numbers()) {
            (true, _) => Kinds::NONE,
            (false, true) => Kinds::NUMBERS,
            (false, false) => Kinds::ALL,
        };
        match kinds {
            Kinds::NONE => self.groups::<S, { Kinds::NONE }>(simd),
            Kinds::NUMBERS => self.groups::<S, { Kinds::NUMBERS }>(simd),
            _ => self.groups::<S, { Kinds::ALL }>(simd),
        }
    }

    #[inline(always)]
    fn groups<S: Simd, const KINDS: u8>(self, simd: S) {
        match self.groups.len() {
            0 if KINDS == Kinds::NONE => {}
            0 => self.chunk::<S, 0, KINDS>(simd),
            1 => self.chunk::<S, 1, KINDS>(simd),
            2 => self.chunk::<S, 2, KINDS>(simd),
            3 => self.chunk::<S, 3, KINDS>(simd),
            _ => self.chunk::<S, 4, KINDS>(simd),
        }
    }

    #[inline(always)]
    fn chunk<S: Simd, const GROUPS: usize, const KINDS: u8>(mut self, simd: S) {
        // Closures would be compiled without the instructions, and called.
        let mut looks = [[simd.prepare(&Table::EMPTY); WIDTH]; GROUPS];
        for (looks, group) in looks.iter_mut().zip(self.groups) {
            for (look, table) in looks.iter_mut().zip(group) {
                *look = simd.prepare(table);
            }
        }
        let bytes = self.haystack.get(self.base..).unwrap_or_default();
        let blocks = bytes.len().div_ceil(BLOCK).min(BLOCKS);
        let mut rest = &bytes[..bytes.len().min(CHUNK + REACH - BLOCK)];
        let mut whole = 0;
        for index in 0..BLOCKS {
            let Some(block) = rest.first_chunk() else {
                break;
            };
            self.block::<S, GROUPS, KINDS>(simd, &looks, block, index);
            rest = &rest[BLOCK..];
            whole = index + 1;
        }
        for index in whole..blocks {
            let mut end = End([0; REACH]);
            end.0[..rest.len()].copy_from_slice(rest);
            self.block::<S, GROUPS, KINDS>(simd, &looks, &end.0, index);
            rest = rest.get(BLOCK..).unwrap_or_default();
        }
        if GROUPS > 0 {
            self.marks.candidates.words[blocks..].fill(0);
            self.marks.candidates.mark();
        }
        if KINDS != Kinds::NONE {
            let after = bytes.get(CHUNK..).unwrap_or_default();
            let marks = &mut self.marks.classes;
            self.words.mark(blocks, self.classes, after, marks);
        }
    }

    /// Fills the words of a block.
    #[inline(always)]
    fn block<S: Simd, const GROUPS: usize, const KINDS: u8>(
        &mut self,
        simd: S,
        looks: &[[S::Look; WIDTH]; GROUPS],
        block: &[u8; REACH],
        index: usize,
    ) {
        let (mut windows, mut kinds) = (0, BlockWords::default());
        for part in 0..BLOCK / S::LANES {
            let at = part * S::LANES;
            let bytes = simd.neighbours(block, at);
            kinds.add::<S, KINDS>(simd, &bytes, at);
            windows |= candidates(simd, looks, &bytes) << at;
        }
        if KINDS != Kinds::NONE {
            self.words.set::<KINDS>(index, &kinds);
        }
        if GROUPS > 0 {
            self.marks.candidates.words[index] = windows;
        }
    }
}

/// Where a window may start.
#[inline(always)]
fn candidates<S: Simd, const GROUPS: usize>(
    simd: S,
    looks: &[[S::Look; WIDTH]; GROUPS],
    bytes: &[S::Vector; WIDTH],
) -> u64 {
    let mut any = simd.splat(0);
    for look in looks {
        let first = simd.and(simd.look(&look[0], bytes[0]), simd.look(&look[1], bytes[1]));
        let second = simd.and(simd.look(&look[2], bytes[2]), simd.look(&look[3], bytes[3]));
        any = simd.or(any, simd.and(first, second));
    }
    simd.nonzero(any)
}
