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

/// Literals of one case mode each, since the crate knows one mode per automaton.
#[derive(Debug)]
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
    pub(crate) fn new(literals: &[Literal]) -> Result<Self, GateError> {
        let mut parts = Vec::new();
        for case in [Case::Sensitive, Case::AsciiInsensitive] {
            let ids: Vec<u32> = (0u32..)
                .zip(literals)
                .filter(|(_, literal)| literal.case == case)
                .map(|(id, _)| id)
                .collect();
            if !ids.is_empty() {
                parts.push(Part::new(literals, ids, case)?);
            }
        }
        Ok(Automaton { parts })
    }

    /// Reports every occurrence that starts at `from` or later.
    pub(crate) fn scan(&self, literals: &[Literal], haystack: &[u8], from: usize, hits: &mut Hits) {
        for part in &self.parts {
            match &part.jump {
                Some(jump) => part.scan_jumping(jump, literals, haystack, from, hits),
                None => part.scan_all(literals, haystack, from, hits),
            }
        }
    }
}

impl Part {
    fn new(literals: &[Literal], ids: Vec<u32>, case: Case) -> Result<Self, GateError> {
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
        let few = ids.len() <= JUMP_LITERALS_MAX && case == Case::Sensitive;
        let jump = few.then(|| Jump::new(literals, &ids)).transpose()?;
        Ok(Part {
            ids,
            overlapping,
            jump,
        })
    }

    fn scan_all(&self, literals: &[Literal], haystack: &[u8], from: usize, hits: &mut Hits) {
        let Some(rest) = haystack.get(from..) else {
            return;
        };
        for found in self.overlapping.find_overlapping_iter(rest) {
            let id = self.ids[found.pattern().as_usize()];
            let (start, end) = (from + found.start(), from + found.end());
            let follow = literals[id as usize].follow;
            if follow.is_none_or(|follow| follow.holds(haystack, end)) {
                hits.push(start, end, What::Literal(id));
                if hits.is_full() {
                    return;
                }
            }
        }
    }

    fn scan_jumping(
        &self,
        jump: &Jump,
        literals: &[Literal],
        haystack: &[u8],
        from: usize,
        hits: &mut Hits,
    ) {
        let mut at = from;
        let mut jumps = 0;
        while let Some(rest) = haystack.get(at..) {
            let Some(found) = jump.search.find(rest) else {
                return;
            };
            let start = at + found.start();
            for &id in &jump.by_first[usize::from(haystack[start])] {
                let literal = &literals[id as usize];
                if literal.stands_at(haystack, start) {
                    hits.push(start, start + literal.bytes.len(), What::Literal(id));
                }
            }
            at = start + 1;
            jumps += 1;
            if hits.is_full() {
                return;
            }
            if jumps * JUMP_COST_BYTES > at - from + 4096 {
                return self.scan_all(literals, haystack, at, hits);
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
