//! Case files: what a plugin is to make of a batch, as data, run on every form of the plugin.
//!
//! A [`CaseFile`] holds cases ([the format](CaseFile)), [`forms`] makes a plugin ready in every way
//! in which it runs, [`run`] runs a case on all of them and says where the result is not the
//! expected one. Beyond the expectations it asserts that every form gives the same bytes, that bytes
//! outside of the edits stay as they were, and that a second run changes nothing.
//! [`CaseFile::bless`] takes results over into the file.
//!
//! Must never: print. What a plugin says is content, and only its author's runner shows it.

#![warn(missing_docs)]

mod bless;
mod case;
mod diff;
pub mod notation;
mod run;

pub use case::{Batch, Case, CaseError, CaseFile, Ending, Lookup};
pub use run::{Form, FormError, Observed, Verdict, forms, run};
