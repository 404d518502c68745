//! Where the anchors of all chosen detectors stand in a text.
//!
//! By one pass of an automaton over the text; or, where a host has found the gate's literals
//! already, from their places: an anchor ends where a literal of the gate does, since the gate
//! leaves out only what ends with another of its literals. What the host has not seen is searched by
//! the ends of patterns. All give the same anchors in the same order, by their end and then by their
//! length.
//!
//! Must never judge what stands around an anchor.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::bytes::ByteClass;
use crate::gate::GateLiteral;
use crate::look::Anchor;
use crate::tails::Tails;

/// The bytes of a literal that its name in the index has, from its end.
const NAME_MAX: usize = 64;

/// What must follow most literals: so many bytes at the most.
const NEAR: usize = 8;

/// The anchors of a set of detectors, compiled.
#[derive(Debug)]
pub(crate) struct Anchors {
    /// Made when a text is searched as a whole: a plugin never does.
    automaton: OnceLock<Option<AhoCorasick>>,
    tails: Tails,
    /// For each pattern of the automaton, the literal and the detector that asked for it.
    patterns: Vec<(GateLiteral, u16)>,
    /// By the lower-case end of a literal of the gate, the patterns that end so.
    by_end: Named,
    /// No pattern is longer.
    longest: usize,
    /// What patterns are made of, in either case.
    made_of: ByteClass,
    /// No pattern asks for more to follow it.
    farthest: usize,
    /// What may follow those that ask for more than [`NEAR`] bytes.
    far: ByteClass,
}

/// An anchor before it is known to stand: its end, its length from the longest on, its pattern.
pub(crate) type Place = (usize, Reverse<usize>, u32);

impl Anchors {
    /// Anchors for these patterns; `needed` are the literals of the gate for them.
    pub(crate) fn new(patterns: Vec<(GateLiteral, u16)>, needed: &[GateLiteral]) -> Self {
        let mut named: HashMap<Vec<u8>, Vec<&GateLiteral>> = HashMap::new();
        for need in needed {
            named.entry(name(&need.bytes)).or_default().push(need);
        }
        let mut by_end: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
        for (number, (pattern, _)) in (0..).zip(&patterns) {
            let folded = name(&pattern.bytes);
            for start in 0..folded.len() {
                let end = &folded[start..];
                let needs = named.get(end).map_or(&[][..], Vec::as_slice);
                if needs.iter().any(|need| is_end(need, pattern)) {
                    by_end.entry(end.to_vec()).or_default().push(number);
                }
            }
        }
        let bytes = || {
            patterns
                .iter()
                .flat_map(|(pattern, _)| pattern.bytes.iter())
        };
        let follows = || patterns.iter().filter_map(|(pattern, _)| pattern.follow);
        let lengths = patterns.iter().map(|(pattern, _)| pattern.bytes.len());
        Self {
            automaton: OnceLock::new(),
            tails: Tails::new(patterns.iter().map(|(literal, _)| &*literal.bytes)),
            by_end: Named::new(by_end),
            far: follows()
                .filter(|follow| usize::from(follow.min) > NEAR)
                .fold(ByteClass::of(&[]), |all, follow| all.union(follow.class)),
            longest: lengths.max().unwrap_or(0),
            made_of: bytes().fold(ByteClass::of(&[]), |all, &byte| {
                all.with(&[byte.to_ascii_lowercase(), byte.to_ascii_uppercase()])
            }),
            farthest: follows().map(|follow| follow.min.into()).max().unwrap_or(0),
            patterns,
        }
    }

    /// Where the last byte of an anchor may stand that was no anchor before a change of this range, or
    /// had not what must follow it.
    ///
    /// One that stands before the change has nothing else behind it but what may follow it, and
    /// one that reaches over the end of the change goes on with what anchors are made of.
    pub(crate) fn reach(&self, text: &[u8], change: &Range<usize>) -> Range<usize> {
        let before = self.far.run_back(text, change.start, self.farthest);
        let behind = self.made_of.run(text, change.end, self.longest);
        change.start.saturating_sub(before.max(NEAR) + 1)..change.end.saturating_add(behind)
    }

    /// Whether a text stands in one of them, in either case.
    pub(crate) fn hold(&self, text: &[u8]) -> bool {
        let mut anchors = self.patterns.iter().map(|(literal, _)| &literal.bytes);
        anchors.any(|anchor| {
            let mut windows = anchor.windows(text.len().max(1));
            windows.any(|window| window.eq_ignore_ascii_case(text))
        })
    }

    /// Shows every anchor of the text.
    pub(crate) fn all(&self, text: &[u8], mut show: impl FnMut(&GateLiteral, Anchor)) {
        let automaton = self.automaton.get_or_init(|| compile(&self.patterns));
        for hit in automaton
            .iter()
            .flat_map(|all| all.find_overlapping_iter(text))
        {
            self.show(hit.end(), hit.pattern().as_usize(), &mut show);
        }
    }

    /// Shows every anchor of the text, given where literals of the gate stand and the stretches
    /// in which the last byte of more of them may, and some places where only the end of one is.
    pub(crate) fn at(
        &self,
        text: &[u8],
        literals: &[Range<usize>],
        unsearched: &[Range<usize>],
        places: &mut Vec<Place>,
        mut show: impl FnMut(&GateLiteral, Anchor),
    ) {
        places.clear();
        let mut latest = None;
        for found in literals {
            // A host shows each literal, and some have the same bytes.
            if latest.replace(found) == Some(found) {
                continue;
            }
            let bytes = text.get(found.clone()).unwrap_or_default();
            let patterns = self.by_end.get(bytes);
            places.extend(
                patterns
                    .iter()
                    .map(|&pattern| self.place(found.end, pattern)),
            );
        }
        for stretch in unsearched {
            self.tails.each(text, stretch.clone(), |end, pattern| {
                places.push(self.place(end, pattern));
            });
        }
        places.sort_unstable();
        places.dedup();
        for &(end, _, pattern) in places.iter() {
            self.show(end, pattern as usize, &mut show);
        }
    }

    fn place(&self, end: usize, pattern: u32) -> Place {
        let literal = self.patterns.get(pattern as usize);
        let length = literal.map_or(0, |(literal, _)| literal.bytes.len());
        (end, Reverse(length), pattern)
    }

    fn show(&self, end: usize, pattern: usize, show: &mut impl FnMut(&GateLiteral, Anchor)) {
        let Some((literal, detector)) = self.patterns.get(pattern) else {
            return;
        };
        if let Some(start) = end.checked_sub(literal.bytes.len()) {
            let detector = *detector;
            show(
                literal,
                Anchor {
                    start,
                    end,
                    detector,
                },
            );
        }
    }
}

/// Patterns by the lower-case end of a literal, found without a copy of it.
#[derive(Debug)]
struct Named {
    slots: Vec<Vec<(Vec<u8>, Vec<u32>)>>,
}

impl Named {
    fn new(by_name: HashMap<Vec<u8>, Vec<u32>>) -> Self {
        let mut slots = vec![Vec::new(); (2 * by_name.len()).next_power_of_two()];
        for (name, patterns) in by_name {
            let slot = Self::slot(&name, slots.len());
            slots[slot].push((name, patterns));
        }
        Self { slots }
    }

    fn get(&self, bytes: &[u8]) -> &[u32] {
        let end = &bytes[bytes.len().saturating_sub(NAME_MAX)..];
        let mut slot = self.slots[Self::slot(end, self.slots.len())].iter();
        let found = slot.find(|(name, _)| name.eq_ignore_ascii_case(end));
        found.map_or(&[], |(_, patterns)| patterns)
    }

    fn slot(name: &[u8], slots: usize) -> usize {
        let mixed = name.iter().fold(0x811c_9dc5_u32, |mixed, byte| {
            (mixed ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
        });
        (mixed ^ mixed >> 15) as usize & (slots - 1)
    }
}

/// Whether a literal stands wherever the end of a pattern does, and means the same.
fn is_end(need: &GateLiteral, pattern: &GateLiteral) -> bool {
    (pattern.case, pattern.follow) == (need.case, need.follow)
        && pattern.bytes.ends_with(&need.bytes)
}

/// What a literal is found by in the index.
fn name(bytes: &[u8]) -> Vec<u8> {
    bytes[bytes.len().saturating_sub(NAME_MAX)..].to_ascii_lowercase()
}

fn compile(patterns: &[(GateLiteral, u16)]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(patterns.iter().map(|(literal, _)| &literal.bytes))
        .ok()
}
