//! The plugin `scrub`: takes secrets out of telemetry.
//!
//! What a secret looks like is the business of `tamis-detect`; this crate asks the host for what
//! the detectors need to see, decides what becomes of a finding (mask, keyed hash, drop, report),
//! and keeps the text around it valid. It uses nothing but the public SDK.
//!
//! Must never: put scanned content, the hash key or a custom pattern into an error or a log.

mod borders;
mod choice;
mod mask;
mod need;
mod rewrite;
mod scan;
mod scrub;
mod settings;
mod span;
mod value;

pub use scrub::Scrub;
pub use settings::{Action, Custom, Exclude, KindName, Mode, OnOff, Settings};

tamis_sdk::export!(Scrub);
