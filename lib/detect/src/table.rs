//! The table of detectors, one file a family.
//!
//! The order is part of the interface: new detectors go to the end of their family only between
//! releases, and a number is never stored anywhere outside a running process. Must hold data
//! only.

mod clouds;
mod code;
mod contextual;
mod keys;
mod models;
mod people;
mod services;

use std::sync::LazyLock;

use crate::detector::Detector;

static TABLE: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let families: [Vec<Detector>; 7] = [
        models::DETECTORS.into(),
        code::DETECTORS.into(),
        clouds::DETECTORS.into(),
        services::DETECTORS.into(),
        keys::DETECTORS.into(),
        contextual::DETECTORS.into(),
        people::DETECTORS.into(),
    ];
    families.into_iter().flatten().collect()
});

/// Every detector; the number of a detector is its index here.
#[must_use]
pub fn detectors() -> &'static [Detector] {
    &TABLE
}
