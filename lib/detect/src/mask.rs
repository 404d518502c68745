//! Texts that stand for something already masked, ready to be searched for.
//!
//! Every anchor asks whether it lies in a mask, so what a search needs is made once. Must never tell
//! what a mask stood for.

use memchr::memmem::{Finder, FinderRev};

/// A text that every mask of some kind has in it.
#[derive(Debug)]
pub(crate) struct Mask {
    first: Finder<'static>,
    last: FinderRev<'static>,
}

impl Mask {
    /// The masks of a list, without those that are empty or stand in it twice.
    pub(crate) fn all(texts: &[&[u8]]) -> Vec<Mask> {
        let mut masks: Vec<Mask> = Vec::new();
        for text in texts.iter().filter(|text| !text.is_empty()) {
            if !masks.iter().any(|mask| mask.first.needle() == *text) {
                masks.push(Mask {
                    first: Finder::new(text).into_owned(),
                    last: FinderRev::new(text).into_owned(),
                });
            }
        }
        masks
    }

    /// The text.
    pub(crate) fn text(&self) -> &[u8] {
        self.first.needle()
    }

    /// Bytes of the text.
    pub(crate) fn len(&self) -> usize {
        self.first.needle().len()
    }

    /// Whether the text stands in this one.
    pub(crate) fn stands_in(&self, text: &[u8]) -> bool {
        self.first.find(text).is_some()
    }

    /// Where the text begins in this one for the last time.
    pub(crate) fn last_in(&self, text: &[u8]) -> Option<usize> {
        // Most have none, which a search from the front tells with vectors.
        self.first.find(text)?;
        self.last.rfind(text)
    }
}
