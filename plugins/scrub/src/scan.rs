//! What the host has found in a value, for the detectors: no text is passed over a second time.
//!
//! The host shows each place where a literal of the gate stands. After a rewrite those outside of
//! the new texts stand where they stood, moved, and only what is near a new text is searched.
//! Must never: leave out a place that the host showed.

use std::ops::Range;

use tamis_detect::{Detect, GateClass, Scanned};
use tamis_sdk::HitView;

use crate::need::Purpose;
use crate::rewrite::Rewritten;

/// Where literals stand in a text, where more may stand, which classes stand in it, and what else the
/// host has found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    literals: Vec<Range<usize>>,
    unsearched: Vec<Range<usize>>,
    classes: Vec<GateClass>,
    /// What custom patterns match, by their number.
    pub(crate) customs: Vec<(usize, Range<usize>)>,
    /// Whether the key says that the value is a secret.
    pub(crate) is_keyed: bool,
}

impl Scan {
    fn clear(&mut self) {
        self.literals.clear();
        self.unsearched.clear();
        self.classes.clear();
        self.customs.clear();
        self.is_keyed = false;
    }

    /// Makes it what the hits in one value say.
    pub(crate) fn of(&mut self, hits: &[HitView], purposes: &[Purpose]) {
        self.clear();
        for hit in hits {
            match purposes.get(hit.subscription as usize) {
                Some(Purpose::Text) => self.literals.push(hit.range()),
                Some(Purpose::Class(class)) => self.classes.push(*class),
                Some(Purpose::Key) => self.is_keyed = true,
                Some(&Purpose::Custom(number)) => self.customs.push((number, hit.secret_range())),
                None => {}
            }
        }
    }

    /// Makes it the same for the text after a rewrite, which makes anchors no further from a new text
    /// than the detectors say.
    pub(crate) fn after(&mut self, before: &Scan, rewritten: &Rewritten, detect: &Detect) {
        self.clear();
        let literals = before.literals.iter();
        self.literals
            .extend(literals.filter_map(|found| rewritten.new_range(found)));
        self.classes.extend_from_slice(&before.classes);
        for new in rewritten.new_ranges() {
            let reach = detect.reach(&rewritten.text, new);
            match self.unsearched.last_mut() {
                Some(last) if reach.start <= last.end => {
                    *last = last.start.min(reach.start)..last.end.max(reach.end);
                }
                _ => self.unsearched.push(reach),
            }
            for class in detect.brought(&rewritten.text, new) {
                if !self.classes.contains(&class) {
                    self.classes.push(class);
                }
            }
        }
    }

    /// In the words of the detectors.
    pub(crate) fn scanned(&self) -> Scanned<'_> {
        Scanned {
            literals: &self.literals,
            unsearched: &self.unsearched,
            classes: &self.classes,
        }
    }
}
