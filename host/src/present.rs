//! Which keys a resource or scope has, for plugins that add attributes to these and to nothing else.
//!
//! They add to every batch, so no value is made of what they do not ask for: the keys are read once
//! for each container that they add to.
//!
//! Must never: take a key that is there for absent.

use std::cell::RefCell;
use std::ops::Range;

use otlp_wire::{NONE, Tree, keys_of};

use crate::edit_fault::EditFault;
use crate::steps::Steps;

/// Keys that most resources do not exceed.
const KEYS: usize = 32;

/// The keys of the container that was asked about last.
#[derive(Debug)]
pub(crate) struct Present(RefCell<Keys>);

#[derive(Debug)]
struct Keys {
    container: u32,
    ranges: Vec<Range<usize>>,
}

impl Present {
    pub(crate) fn new() -> Self {
        Self(RefCell::new(Keys {
            container: NONE,
            ranges: Vec::with_capacity(KEYS),
        }))
    }

    /// Whether a container has an entry of this key.
    pub(crate) fn has(
        &self,
        tree: &Tree,
        bytes: &[u8],
        container: u32,
        key: &str,
        steps: &Steps,
    ) -> Result<bool, EditFault> {
        let mut known = self.0.borrow_mut();
        if known.container != container {
            known.container = container;
            known.ranges.clear();
            if let Some(found) = tree.containers.get(container as usize) {
                keys_of(bytes, tree, found, &mut known.ranges);
            }
            steps.spend(known.ranges.len())?;
        }
        steps.spend(known.ranges.len())?;
        let same = |range: &Range<usize>| {
            range.len() == key.len() && bytes.get(range.clone()) == Some(key.as_bytes())
        };
        Ok(known.ranges.iter().any(same))
    }
}
