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
use crate::kernel::{CHUNK, ChunkMarks, ClassWords, Job, Marks};
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
    static ROOM: RefCell<Room> = RefCell::new(Room::default());
}

/// Room for two chunks: of one the vectors are still at work, of the other what they found is confirmed. If
/// nothing stood between, every chunk would wait for its last word to be stored and read again.
#[derive(Default)]
struct Room {
    words: ClassWords,
    marks: [ChunkMarks; 2],
}

impl Room {
    /// Forgets the haystack before.
    fn begin(&mut self) -> (&mut ClassWords, [&mut ChunkMarks; 2]) {
        self.words.begin();
        for marks in &mut self.marks {
            marks.classes.clear();
        }
        (&mut self.words, self.marks.each_mut())
    }
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
        ROOM.with_borrow_mut(|room| self.scan_chunks(literals, haystack, room, hits));
    }

    fn scan_chunks(&self, literals: &[Literal], haystack: &[u8], room: &mut Room, hits: &mut Hits) {
        let mut scan = Scan {
            filter: self,
            literals,
            haystack,
            detectors: Detectors::new(haystack),
            flooded_to: 0,
            hits,
        };
        let (words, [mut latest, mut earlier]) = room.begin();
        let mut waiting = None;
        for base in (0..haystack.len()).step_by(CHUNK) {
            self.machine.run(Job {
                haystack,
                base,
                groups: scan.groups(base),
                classes: self.classes,
                words,
                marks: latest,
            });
            // What the marks mean is asked once the vectors have the next chunk to work on.
            if let Some(before) = waiting.replace(base) {
                scan.chunk(before, earlier);
            }
            std::mem::swap(&mut latest, &mut earlier);
            if scan.hits.is_full() {
                return;
            }
        }
        if let Some(base) = waiting {
            scan.chunk(base, earlier);
        }
        scan.detectors.finish(scan.hits);
    }
}

/// A scan under way: what becomes of the marks of a haystack.
struct Scan<'s> {
    filter: &'s Filter,
    literals: &'s [Literal],
    haystack: &'s [u8],
    detectors: Detectors<'s>,
    /// Up to here the automaton has been.
    flooded_to: usize,
    hits: &'s mut Hits,
}

impl<'s> Scan<'s> {
    /// What the vectors should look for in a chunk.
    fn groups(&self, base: usize) -> &'s [Group] {
        match base < self.flooded_to {
            true => &[],
            false => &self.filter.groups,
        }
    }

    /// Takes the marks of a chunk. Chunks come in order.
    fn chunk(&mut self, base: usize, marks: &ChunkMarks) {
        let flooded = match self.groups(base).is_empty() {
            true => None,
            false => self.confirm(base, &marks.candidates),
        };
        if let Some(from) = flooded {
            self.flooded_to = base + STRETCH;
            self.fall_back(from);
        }
        self.detectors.chunk(base, &marks.classes, self.hits);
        self.hits.settle();
    }

    /// Confirms the candidates of a chunk, or says from which place on that is too dear.
    fn confirm(&mut self, base: usize, candidates: &Marks) -> Option<usize> {
        let (index, haystack) = (&self.filter.index, self.haystack);
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
            if !index.may_stand(bytes) {
                continue;
            }
            if spent > BUDGET {
                return Some(at);
            }
            spent += index.confirm(self.literals, haystack, at, self.hits);
        }
        None
    }

    /// Reports what has its window between that place and the end of what the automaton takes.
    #[cold]
    fn fall_back(&mut self, from: usize) {
        let (filter, to) = (self.filter, self.flooded_to);
        let first = from.saturating_sub(filter.longest);
        let last = self.haystack.len().min(to.saturating_add(filter.longest));
        let hits = &mut *self.hits;
        filter.fallback.scan_range(
            self.literals,
            self.haystack,
            first..last,
            &mut |start, end, id| {
                let window = start + filter.offsets[id as usize] as usize;
                if (from..to).contains(&window) {
                    hits.push(start, end, What::Literal(id));
                }
                !hits.is_full()
            },
        );
    }
}
