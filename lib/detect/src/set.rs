//! Which detectors are on.
//!
//! A set is chosen by id and by class, in the order of the calls. Must never hold a detector
//! that the table does not have: unknown ids are the caller's error to report.

use crate::detector::DetectorClass;
use crate::table::detectors;

/// A choice of detectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetectorSet(Vec<bool>);

impl DetectorSet {
    /// The detectors that are on by default.
    #[must_use]
    pub fn defaults() -> DetectorSet {
        DetectorSet(
            detectors()
                .iter()
                .map(|detector| detector.on_by_default)
                .collect(),
        )
    }

    /// No detector.
    #[must_use]
    pub fn none() -> DetectorSet {
        DetectorSet(vec![false; detectors().len()])
    }

    /// Every detector.
    #[must_use]
    pub fn all() -> DetectorSet {
        DetectorSet(vec![true; detectors().len()])
    }

    /// Switches on the detector of that number.
    pub fn insert(&mut self, number: u16) {
        if let Some(on) = self.0.get_mut(usize::from(number)) {
            *on = true;
        }
    }

    /// Switches off the detector of that number.
    pub fn remove(&mut self, number: u16) {
        if let Some(on) = self.0.get_mut(usize::from(number)) {
            *on = false;
        }
    }

    /// Switches on every detector of the class.
    pub fn insert_class(&mut self, class: DetectorClass) {
        for (on, detector) in self.0.iter_mut().zip(detectors()) {
            *on |= detector.class == class;
        }
    }

    /// Switches off every detector of the class.
    pub fn remove_class(&mut self, class: DetectorClass) {
        for (on, detector) in self.0.iter_mut().zip(detectors()) {
            *on &= detector.class != class;
        }
    }

    /// Whether the detector of that number is on.
    #[must_use]
    pub fn contains(&self, number: u16) -> bool {
        self.0.get(usize::from(number)).copied().unwrap_or(false)
    }

    /// The numbers of the detectors that are on, rising.
    pub fn numbers(&self) -> impl Iterator<Item = u16> + '_ {
        (0u16..)
            .zip(&self.0)
            .filter(|(_, on)| **on)
            .map(|(number, _)| number)
    }
}

impl Default for DetectorSet {
    fn default() -> DetectorSet {
        DetectorSet::defaults()
    }
}

/// The number of the detector with that id: its index in [`detectors`].
#[must_use]
pub fn detector_number(id: &str) -> Option<u16> {
    (0u16..)
        .zip(detectors())
        .find(|(_, detector)| detector.id == id)
        .map(|(number, _)| number)
}
