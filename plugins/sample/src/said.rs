//! What a record says of the sampling before: its threshold and its explicit randomness.
//!
//! A span says so in its trace state, a log record in two attributes. Both are read into the same, and
//! a text that came is written as it came.
//!
//! Must never: take a text for a number that the Collector refuses.

use crate::threshold::{Randomness, Threshold};

/// What a record says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    /// Whether anything of it could not be read.
    pub(crate) malformed: bool,
    threshold: Option<(Threshold, &'a [u8])>,
    randomness: Option<(Randomness, &'a [u8])>,
}

/// What is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field<'a> {
    /// Nothing.
    None,
    /// A text as it came.
    Text(&'a [u8]),
    /// A threshold.
    Threshold(Threshold),
    /// Randomness.
    Randomness(Randomness),
}

impl<'a> Said<'a> {
    pub(crate) fn read_threshold(&mut self, text: &'a [u8]) {
        self.threshold = Threshold::parse(text).map(|threshold| (threshold, text));
        self.malformed |= self.threshold.is_none();
    }

    pub(crate) fn read_randomness(&mut self, text: &'a [u8]) {
        self.randomness = Randomness::parse(text).map(|randomness| (randomness, text));
        self.malformed |= self.randomness.is_none();
    }

    pub(crate) fn threshold(&self) -> Option<Threshold> {
        self.threshold.map(|(threshold, _)| threshold)
    }

    pub(crate) fn randomness(&self) -> Option<Randomness> {
        self.randomness.map(|(randomness, _)| randomness)
    }

    /// Forgets a threshold that cannot be true.
    pub(crate) fn clear_threshold(&mut self) {
        self.threshold = None;
    }

    pub(crate) fn threshold_field(&self) -> Field<'a> {
        self.threshold
            .map_or(Field::None, |(_, text)| Field::Text(text))
    }

    pub(crate) fn randomness_field(&self) -> Field<'a> {
        self.randomness
            .map_or(Field::None, |(_, text)| Field::Text(text))
    }
}

impl Field<'_> {
    pub(crate) fn is_empty(self) -> bool {
        match self {
            Self::None | Self::Threshold(Threshold::NEVER) => true,
            Self::Text(text) => text.is_empty(),
            Self::Threshold(_) | Self::Randomness(_) => false,
        }
    }

    pub(crate) fn write(self, out: &mut String) {
        match self {
            Self::None => {}
            // Only digits were read.
            Self::Text(text) => out.push_str(core::str::from_utf8(text).unwrap_or_default()),
            Self::Threshold(threshold) => threshold.write(out),
            Self::Randomness(randomness) => randomness.write(out),
        }
    }
}
