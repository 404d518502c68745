//! The chain offline: files in, scrubbed files of the same format out.
//!
//! Must never: write anything that did not go through a chain, or show a value.

pub(crate) mod batches;
pub(crate) mod inputs;
pub(crate) mod report;
pub(crate) mod tally;
