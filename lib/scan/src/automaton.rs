//! The portable engine: the `aho-corasick` crate, driven so that no occurrence hides another.
//!
//! Few case-sensitive literals: a leftmost search, which runs on Teddy where the machine has it,
//! jumps to the next place where any literal starts; all literals are tried there and the search
//! goes on one byte later. Many places: the jumps cost more than they save, so the rest of the
//! haystack goes through an automaton that reports overlapping occurrences, in one pass, with a
//! cost that no input can raise. The vector engines use the same automaton when their filter is
//! flooded.
//!
//! Must never: report less than every occurrence from the offset asked for.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use crate::GateError;
use crate::hits::{Hits, What};
use crate::literal::{Case, Literal};

/// More literals than this do not fit Teddy.
const JUMP_LITERALS_MAX: usize = 64;
/// A DFA of this many literal bytes has at most about 8 MiB; more get the compact automaton.
const DFA_BYTES_MAX: usize = 12 << 10;
/// A jump costs about as much as the automaton takes for this many bytes.
const JUMP_COST_BYTES: usize = 64;
/// Jumps for so many bytes are made before their cost is looked at.
const FREE_BYTES: usize = 4096;

/// What an automaton is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// To scan everything.
    Engine,
    /// To scan where a filter is flooded, without jumps.
    Fallback,
}

/// Literals of one case mode each, since the crate knows one mode per automaton.
#[derive(Debug, Default)]
pub(crate) struct Automaton {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    /// Index in the gate's list, by index in the automaton.
    ids: Vec<u32>,
    overlapping: AhoCorasick,
    jump: Option<Jump>,
}

#[derive(Debug)]
struct Jump {
    search: AhoCorasick,
    /// Literals by their first byte.
    by_first: Vec<Vec<u32>>,
}

impl Automaton {
    pub(crate) fn new(literals: &[Literal], use_as: Use) -> Result<Self, GateError> {
        let all: Vec<u32> = (0u32..).zip(literals).map(|(id, _)| id).collect();
        let folded = |id: &u32| literals[*id as usize].case == Case::AsciiInsensitive;
        let sets = match use_as {
            Use::Engine => {
                let (folded, exact): (Vec<u32>, Vec<u32>) = all.into_iter().partition(folded);
                vec![(exact, Case::Sensitive), (folded, Case::AsciiInsensitive)]
            }
            // One pass, even if it shows more than there is.
            Use::Fallback if all.iter().any(folded) => vec![(all, Case::AsciiInsensitive)],
            Use::Fallback => vec![(all, Case::Sensitive)],
        };
        let sets = sets.into_iter().filter(|(ids, _)| !ids.is_empty());
        let parts = sets.map(|(ids, case)| Part::new(literals, ids, case, use_as));
        Ok(Automaton {
            parts: parts.collect::<Result<_, _>>()?,
        })
    }

    /// Reports every occurrence.
    pub(crate) fn scan(&self, literals: &[Literal], haystack: &[u8], hits: &mut Hits) {
        let mut push = |start, end, id| {
            hits.push(start, end, What::Literal(id));
            !hits.is_full()
        };
        for part in &self.parts {
            match &part.jump {
                Some(jump) => part.scan_jumping(jump, literals, haystack, &mut push),
                None => part.scan_all(literals, haystack, 0..haystack.len(), &mut push),
            }
        }
    }

    /// Shows every occurrence that lies within `range`, start, end and literal, in one pass that
    /// no input can slow down, until `show` says no.
    pub(crate) fn scan_range(
        &self,
        literals: &[Literal],
        haystack: &[u8],
        range: Range<usize>,
        show: &mut impl FnMut(usize, usize, u32) -> bool,
    ) {
        for part in &self.parts {
            part.scan_all(literals, haystack, range.clone(), show);
        }
    }
}

impl Part {
    fn new(
        literals: &[Literal],
        ids: Vec<u32>,
        case: Case,
        use_as: Use,
    ) -> Result<Self, GateError> {
        let patterns = || ids.iter().map(|&id| &literals[id as usize].bytes);
        let total: usize = patterns().map(Vec::len).sum();
        let kind = if total <= DFA_BYTES_MAX {
            AhoCorasickKind::DFA
        } else {
            AhoCorasickKind::ContiguousNFA
        };
        let overlapping = AhoCorasickBuilder::new()
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .ascii_case_insensitive(case == Case::AsciiInsensitive)
            .build(patterns())
            .map_err(GateError::Automaton)?;
        let few =
            ids.len() <= JUMP_LITERALS_MAX && case == Case::Sensitive && use_as == Use::Engine;
        let jump = few.then(|| Jump::new(literals, &ids)).transpose()?;
        Ok(Part {
            ids,
            overlapping,
            jump,
        })
    }

    fn scan_all(
        &self,
        literals: &[Literal],
        haystack: &[u8],
        range: Range<usize>,
        show: &mut impl FnMut(usize, usize, u32) -> bool,
    ) {
        let from = range.start;
        let Some(bytes) = haystack.get(range) else {
            return;
        };
        for found in self.overlapping.find_overlapping_iter(bytes) {
            let id = self.ids[found.pattern().as_usize()];
            let (start, end) = (from + found.start(), from + found.end());
            if literals[id as usize].stands_at(haystack, start) && !show(start, end, id) {
                return;
            }
        }
    }

    fn scan_jumping(
        &self,
        jump: &Jump,
        literals: &[Literal],
        haystack: &[u8],
        show: &mut impl FnMut(usize, usize, u32) -> bool,
    ) {
        let mut at = 0;
        let mut jumps = 0;
        while let Some(rest) = haystack.get(at..) {
            let Some(found) = jump.search.find(rest) else {
                return;
            };
            let start = at + found.start();
            for &id in &jump.by_first[usize::from(haystack[start])] {
                let literal = &literals[id as usize];
                let end = start + literal.bytes.len();
                if literal.stands_at(haystack, start) && !show(start, end, id) {
                    return;
                }
            }
            at = start + 1;
            jumps += 1;
            if jumps * JUMP_COST_BYTES > at + FREE_BYTES {
                return self.scan_all(literals, haystack, at..haystack.len(), show);
            }
        }
    }
}

impl Jump {
    fn new(literals: &[Literal], ids: &[u32]) -> Result<Self, GateError> {
        let search = AhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostFirst)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(ids.iter().map(|&id| &literals[id as usize].bytes))
            .map_err(GateError::Automaton)?;
        let mut by_first = vec![Vec::new(); 256];
        for &id in ids {
            by_first[usize::from(literals[id as usize].bytes[0])].push(id);
        }
        Ok(Jump { search, by_first })
    }
}
