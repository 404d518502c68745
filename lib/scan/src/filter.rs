//! The filter engine: chunk by chunk, masks from the kernel, literals from the index, runs from
//! the detectors, and the automaton where a chunk is flooded.
//!
//! Candidates are cheap to make and dear to confirm. Text that is made of near misses would cost
//! far more than an automaton, so each chunk has a budget; when it is spent, the automaton takes
//! over from that very byte for a stretch of chunks, and then the filter tries again. So the cost
//! per byte has a bound, and ordinary text after a hostile value is fast again.
//!
//! Must never: report an occurrence twice or not at all where the two meet. Occurrences belong to
//! the place of their window: the filter has those before the place of change, the automaton
//! those from there on.

use crate::automaton::Automaton;
use crate::class::{ClassSet, Detectors};
use crate::hits::{Hits, What};
use crate::index::Index;
use crate::kernel::{BLOCK, CHUNK, ChunkMasks, Classes, Job};
use crate::literal::Literal;
use crate::simd::Machine;
use crate::window::{Group, Plan};

/// What confirming may cost per chunk, in units of about one comparison (some 2 ns): a fraction
/// of what the automaton takes for the same bytes.
const BUDGET: usize = CHUNK / 4;
/// Chunks that the automaton takes when one is flooded.
const STRETCH: usize = 16 * CHUNK;

/// The rare-window filter of a gate.
#[derive(Debug)]
pub(crate) struct Filter {
    machine: Machine,
    groups: Vec<Group>,
    index: Index,
    /// Offset of the window in each literal.
    offsets: Vec<u32>,
    longest: usize,
    fallback: Automaton,
}

impl Filter {
    pub(crate) fn new(
        literals: &[Literal],
        plan: Plan,
        machine: Machine,
        fallback: Automaton,
    ) -> Filter {
        let mut offsets = vec![0; literals.len()];
        for window in &plan.windows {
            offsets[window.literal as usize] = window.offset;
        }
        Filter {
            machine,
            index: Index::new(literals, &plan.windows),
            groups: if literals.is_empty() {
                Vec::new()
            } else {
                plan.groups
            },
            offsets,
            longest: literals.iter().map(|l| l.bytes.len()).max().unwrap_or(0),
            fallback,
        }
    }

    pub(crate) fn scan(
        &self,
        literals: &[Literal],
        classes: ClassSet,
        haystack: &[u8],
        hits: &mut Hits,
    ) {
        let mut masks = ChunkMasks::new();
        let mut detectors = Detectors::new(haystack, classes);
        let make = if classes.is_empty() {
            Classes::Skip
        } else {
            Classes::Make
        };
        let mut flooded_to = 0;
        for base in (0..haystack.len()).step_by(CHUNK) {
            let flooded = base < flooded_to;
            self.machine.run(Job {
                haystack,
                base,
                groups: if flooded { &[] } else { &self.groups },
                classes: make,
                masks: &mut masks,
            });
            let blocks = (haystack.len() - base).div_ceil(BLOCK).min(CHUNK / BLOCK);
            if !flooded && !self.groups.is_empty() {
                let candidates = &masks.candidates[..blocks];
                if let Some(from) = self.confirm(literals, haystack, base, candidates, hits) {
                    flooded_to = base + STRETCH;
                    self.fall_back(literals, haystack, from, flooded_to, hits);
                }
            }
            if make == Classes::Make {
                for (index, masks) in masks.classes[..blocks].iter().enumerate() {
                    detectors.block(base + index * BLOCK, masks, hits);
                }
            }
            if hits.is_full() {
                return;
            }
        }
        detectors.finish(hits);
    }

    /// Confirms the candidates of a chunk, or says from which place on that is too dear.
    fn confirm(
        &self,
        literals: &[Literal],
        haystack: &[u8],
        base: usize,
        candidates: &[u64],
        hits: &mut Hits,
    ) -> Option<usize> {
        let mut spent = 0;
        for (index, &mask) in candidates.iter().enumerate() {
            let mut mask = mask;
            while mask != 0 {
                let at = base + index * BLOCK + mask.trailing_zeros() as usize;
                if spent > BUDGET {
                    return Some(at);
                }
                mask &= mask - 1;
                spent += self.index.confirm(literals, haystack, at, hits);
            }
        }
        None
    }

    /// Reports what has its window in `from..to`.
    #[cold]
    fn fall_back(
        &self,
        literals: &[Literal],
        haystack: &[u8],
        from: usize,
        to: usize,
        hits: &mut Hits,
    ) {
        let first = from.saturating_sub(self.longest);
        let last = haystack.len().min(to.saturating_add(self.longest));
        self.fallback
            .scan_range(literals, haystack, first..last, &mut |start, end, id| {
                let window = start + self.offsets[id as usize] as usize;
                if (from..to).contains(&window) {
                    hits.push(start, end, What::Literal(id));
                }
                !hits.is_full()
            });
    }
}
