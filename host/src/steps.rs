//! What the check of one answer may cost.
//!
//! Edits are few enough by their own limit, but each may name a record again, or a run of records, and a
//! record may have many values: the product is what an answer of a hostile guest would be made for.

use std::cell::Cell;

use crate::edit_fault::EditFault;

/// Values and records that may be looked at for one answer: each edit may name many, over and over.
#[derive(Debug)]
pub(crate) struct Steps {
    max: usize,
    left: Cell<usize>,
}

impl Steps {
    pub(crate) fn new(max: usize) -> Self {
        let left = Cell::new(max);
        Self { max, left }
    }

    pub(crate) fn spend(&self, steps: usize) -> Result<(), EditFault> {
        let max = self.max;
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.ok_or(EditFault::TooFar { max })?);
        Ok(())
    }
}
