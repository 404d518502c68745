//! Finds secrets in the bytes of one value.
//!
//! Detectors are data ([`detectors`]): what must stand in a text for a detector to look at it
//! (its anchors), what is asked there, and what is said about it. [`Detect`] compiles a chosen
//! set of them; [`Detect::find`] gives ranges to redact. [`Detect::gate`] says what a host must
//! scan for so that no finding is missed: it is made from the same anchors that `find` starts
//! at, so the two cannot drift apart.
//!
//! A miss is a permanent leak and a false finding costs readability, so no checksum, entropy or
//! word list ever clears a token that its prefix identifies; those judge only values that
//! nothing but their name gives away.
//!
//! This crate must never do I/O, panic, recurse, take more than linear time, or keep, print or
//! return any of the text that it was shown: findings are numbers.

mod anchors;
mod assignment;
mod bytes;
mod cards;
mod commands;
mod detector;
mod digits;
mod encoded;
mod escape;
mod find;
mod gate;
mod headers;
mod judge;
mod jwt;
mod look;
mod mask;
mod masked;
mod notes;
mod pem;
mod personal;
mod quote;
mod set;
mod shape;
mod slot;
mod table;
mod tails;
mod url;
mod validators;

pub use bytes::ByteClass;
pub use cards::{may_hold_account, may_hold_account_raw};
pub use detector::{Detector, DetectorClass, Validator};
pub use find::{Boundaries, Check, Context, Detect, Finding, Quote, Scanned, Scratch};
pub use gate::{Follow, GateClass, GateKey, GateLiteral, GateNeeds, Lead, LiteralCase};
pub use masked::Masked;
pub use set::{DetectorSet, detector_number};
pub use table::detectors;
