//! A text that was scanned gives the same findings as one that was not.

use std::ops::Range;

use tamis_detect::{Context, Detect, DetectorSet, Finding, GateClass, Scanned, Scratch};

use crate::samples::samples;

/// Where the gate's literals stand, as a host finds them.
fn literals(detect: &Detect, text: &[u8]) -> Vec<Range<usize>> {
    let all = (0..text.len()).flat_map(|at| {
        let standing = detect.gate().literals.iter();
        let standing = standing.filter(move |literal| literal.stands_at(text, at));
        standing.map(move |literal| at..at + literal.bytes.len())
    });
    all.collect()
}

fn classes(detect: &Detect, text: &[u8]) -> Vec<GateClass> {
    let classes = detect.gate().classes.iter().copied();
    classes.filter(|class| class.stands_in(text)).collect()
}

/// Searches one text after the other with the same buffers, which must not remember any of them.
#[derive(Default)]
struct Search {
    scratch: Scratch,
}

impl Search {
    fn find(&mut self, detect: &Detect, text: &[u8], scanned: &Scanned<'_>) -> Vec<Finding> {
        let (context, mut findings) = (Context::default(), Vec::new());
        detect.find_scanned(text, &context, scanned, &mut self.scratch, &mut findings);
        findings
    }
}

/// All samples, alone and glued to each other, so that anchors overlap and stand in line.
fn texts() -> Vec<String> {
    let samples = samples();
    let found = samples.iter().flat_map(|sample| &sample.finds);
    let mut texts: Vec<String> = found.map(|marked| marked.text.clone()).collect();
    texts.extend(samples.iter().flat_map(|sample| sample.leaves.clone()));
    let glued = texts.windows(3).step_by(2).map(|some| some.concat());
    let glued: Vec<String> = glued.collect();
    texts.extend(glued);
    texts
}

#[test]
fn a_scan_stands_for_the_pass_over_the_text() {
    let (detect, mut search) = (Detect::new(&DetectorSet::all()), Search::default());
    for text in texts() {
        let text = text.as_bytes();
        let mut expected = Vec::new();
        detect.find(text, &Context::default(), &mut expected);
        let (literals, classes) = (literals(&detect, text), classes(&detect, text));
        let scanned = Scanned {
            literals: &literals,
            unsearched: &[],
            classes: &classes,
        };
        let found = search.find(&detect, text, &scanned);
        assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn what_was_not_scanned_is_searched() {
    let (detect, mut search) = (Detect::new(&DetectorSet::all()), Search::default());
    for text in texts() {
        let text = text.as_bytes();
        let mut expected = Vec::new();
        detect.find(text, &Context::default(), &mut expected);
        let middle = text.len() / 2;
        let around = detect.reach(text, &(middle..middle));
        // Neither half has what must follow in the other.
        let mut found = literals(&detect, &text[..middle]);
        let second = literals(&detect, &text[middle..]);
        let second = second.into_iter();
        found.extend(second.map(|at| at.start + middle..at.end + middle));
        let scanned = Scanned {
            literals: &found,
            unsearched: &[around],
            classes: &detect.gate().classes,
        };
        let findings = search.find(&detect, text, &scanned);
        assert_eq!(findings, expected, "{:?}", String::from_utf8_lossy(text));
    }
}

/// What stood where the text changed.
const OLD: [&str; 4] = ["\n", "", " <", "\"}"];

#[test]
fn what_a_change_brings_is_near_it() {
    for set in [DetectorSet::defaults(), DetectorSet::all()] {
        let (detect, mut search) = (Detect::new(&set), Search::default());
        for (number, text) in texts().into_iter().enumerate() {
            let text = text.as_bytes();
            let start = number * 7 % (text.len() + 1);
            let change = start..text.len().min(start + number * 5 % 24);
            let gone = OLD[number % OLD.len()].as_bytes();
            let old = [&text[..start], gone, &text[change.end..]].concat();
            let end = start + gone.len();
            let shift = |at: usize| at - end + change.end;
            let moved = literals(&detect, &old).into_iter().filter_map(|at| {
                let behind = (at.start >= end).then(|| shift(at.start)..shift(at.end));
                behind.or((at.end <= start).then_some(at))
            });
            let literals: Vec<_> = moved.collect();
            let mut classes = classes(&detect, &old);
            classes.extend(detect.brought(text, &change));
            let scanned = Scanned {
                literals: &literals,
                unsearched: &[detect.reach(text, &change)],
                classes: &classes,
            };
            let mut expected = Vec::new();
            detect.find(text, &Context::default(), &mut expected);
            let found = search.find(&detect, text, &scanned);
            assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(text));
        }
    }
}
