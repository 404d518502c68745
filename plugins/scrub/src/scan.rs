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

/// How long a number of a card or an account may be that a new text became a part of, in bytes.
/// Others are told by what the host has found: their digits stand in the old text, too.
const CLASS_REACH: usize = 48;

/// Where literals stand in a text, where more may stand, and which classes stand in it.
#[derive(Debug)]
pub(crate) struct Scan {
    literals: Vec<Range<usize>>,
    unsearched: Vec<Range<usize>>,
    classes: Vec<GateClass>,
}

impl Scan {
    /// What the hits in one value say.
    pub(crate) fn of(hits: &[HitView], purposes: &[Purpose]) -> Self {
        let mut scan = Self {
            literals: Vec::with_capacity(hits.len()),
            unsearched: Vec::new(),
            classes: Vec::new(),
        };
        for hit in hits {
            match purposes.get(hit.subscription as usize) {
                Some(Purpose::Text) => scan.literals.push(hit.range()),
                Some(Purpose::Class(class)) => scan.classes.push(*class),
                _ => {}
            }
        }
        scan
    }

    /// The same for the text after a rewrite, which makes anchors no further from a new text than
    /// the detectors say.
    pub(crate) fn after(&self, rewritten: &Rewritten, detect: &Detect) -> Self {
        let literals = self.literals.iter();
        let near = rewritten.around(|_| (CLASS_REACH, CLASS_REACH));
        let digits_stand = near.iter().any(|range| {
            let text = rewritten.text.get(range.clone());
            GateClass::Digits13.stands_in(text.unwrap_or_default())
        });
        // User information may begin near a new text and end far from it.
        let mut classes = [self.classes.as_slice(), &[GateClass::Userinfo]].concat();
        classes.extend(digits_stand.then_some(GateClass::Digits13));
        Self {
            literals: literals
                .filter_map(|found| rewritten.new_range(found))
                .collect(),
            unsearched: rewritten.around(|at| detect.reach(&rewritten.text, at)),
            classes,
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
