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

use std::cell::RefCell;

use crate::GateError;
use crate::automaton::{Automaton, Use};
use crate::class::{ClassSet, Detectors};
use crate::hits::{Hits, What};
use crate::index::Index;
use crate::kernel::{CHUNK, ChunkMarks, Job, Marks};
use crate::literal::Literal;
use crate::screen::{LOOK, bytes_at};
use crate::simd::Machine;
use crate::window::{Group, Plan};

/// What confirming may cost per chunk, in units of some 2 ns. Near misses are cheap to screen out,
/// so this is more than the automaton takes for plain text, and less than it takes for text made
/// of beginnings of literals.
const BUDGET: usize = 2 * CHUNK;
/// Chunks that the automaton takes when one is flooded.
const STRETCH: usize = 16 * CHUNK;

thread_local! {
    /// Large enough that to make it anew would take as long as a short scan.
    static MARKS: RefCell<ChunkMarks> = RefCell::new(ChunkMarks::default());
}

/// The rare-window filter of a gate.
#[derive(Debug)]
pub(crate) struct Filter {
    machine: Machine,
    classes: ClassSet,
    /// Empty if there is no literal to look for.
    groups: Vec<Group>,
    index: Index,
    /// Offset of the window in each literal.
    offsets: Vec<u32>,
    longest: usize,
    fallback: Automaton,
}

impl Filter {
    /// A filter for classes and, if there is a plan for them, for literals.
    pub(crate) fn new(
        literals: &[Literal],
        plan: Option<&Plan>,
        machine: Machine,
        classes: ClassSet,
    ) -> Result<Filter, GateError> {
        let mut filter = Filter {
            machine,
            classes,
            groups: Vec::new(),
            index: Index::default(),
            offsets: Vec::new(),
            longest: 0,
            fallback: Automaton::default(),
        };
        if let Some(plan) = plan {
            filter.offsets = vec![0; literals.len()];
            for window in &plan.windows {
                filter.offsets[window.literal as usize] = window.offset;
            }
            filter.groups = plan.groups.clone();
            filter.index = Index::new(literals, &plan.windows);
            filter.longest = literals
                .iter()
                .map(|literal| literal.bytes.len())
                .max()
                .unwrap_or(0);
            filter.fallback = Automaton::new(literals, Use::Fallback)?;
        }
        Ok(filter)
    }

    pub(crate) fn classes(&self) -> ClassSet {
        self.classes
    }

    /// Reports everything that stands in the haystack.
    pub(crate) fn scan(&self, literals: &[Literal], haystack: &[u8], hits: &mut Hits) {
        if self.groups.is_empty() && self.classes.is_empty() {
            return;
        }
        MARKS.with_borrow_mut(|marks| self.scan_chunks(literals, haystack, marks, hits));
    }

    fn scan_chunks(
        &self,
        literals: &[Literal],
        haystack: &[u8],
        marks: &mut ChunkMarks,
        hits: &mut Hits,
    ) {
        marks.begin();
        let mut detectors = Detectors::new(haystack);
        let mut flooded_to = 0;
        for base in (0..haystack.len()).step_by(CHUNK) {
            let groups = if base < flooded_to {
                &[]
            } else {
                self.groups.as_slice()
            };
            self.machine.run(Job {
                haystack,
                base,
                groups,
                classes: self.classes,
                marks,
            });
            if !groups.is_empty()
                && let Some(from) = self.confirm(literals, haystack, base, &marks.candidates, hits)
            {
                flooded_to = base + STRETCH;
                self.fall_back(literals, haystack, from, flooded_to, hits);
            }
            detectors.chunk(base, &marks.classes, hits);
            hits.settle();
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
        candidates: &Marks,
        hits: &mut Hits,
    ) -> Option<usize> {
        let mut spent = 0;
        // Where all of the chunk has bytes behind it, none of its places needs to be compared with the end.
        let chunk: Option<&[u8; CHUNK + LOOK]> = haystack[base..].first_chunk();
        for offset in candidates.bits() {
            let at = base + offset;
            let bytes = match chunk.and_then(|chunk| chunk[offset..].first_chunk()) {
                Some(bytes) => *bytes,
                None => bytes_at(haystack, at),
            };
            spent += 1;
            if !self.index.may_stand(bytes) {
                continue;
            }
            if spent > BUDGET {
                return Some(at);
            }
            spent += self.index.confirm(literals, haystack, at, hits);
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
