//! What crosses the boundary between the host and a plugin, in both directions.
//!
//! One definition for both sides: the host and the SDK link this crate, so a layout stands in one
//! place. Two kinds of data cross:
//!
//! - **cold**, once per instance, as JSON text that may grow without breaking anybody: what a
//!   plugin is ([`Description`]), what it asks to be shown ([`Interest`]), what is wrong with its
//!   settings ([`ConfigError`]);
//! - **hot**, once per batch, as one flat frame each way ([`ViewWriter`] to [`View`], and
//!   [`EditsWriter`] to [`EditsReader`]): sections of little-endian integers with a stride, and
//!   one arena. A WIT record can never grow without breaking every published plugin, and lists of
//!   records cost ten times as much; a frame with strides does neither.
//!
//! Nothing here trusts the other side: every reader checks bounds and never panics. Nothing here
//! does I/O, and nothing here prints what it carries.

#![warn(missing_docs)]

mod edits;
mod frame;
mod guest;
mod interest;
mod names;
mod view;

pub use edits::{EditRow, EditsReader, EditsWriter, Operation, Target};
pub use frame::FrameError;
pub use guest::{
    Algorithm, ConfigError, ConfigFault, Description, Guest, Imports, LogLevel, NativePlugin,
};
pub use interest::{
    ByteClass, Case, Class, Companion, Depth, Follow, Interest, Keys, Literal, Pattern, Records,
    Role, Subscription, Unless, When,
};
pub use otlp_wire::{Kind, Level, Place, RecordKind, Signal};
pub use view::{
    ContainerRow, ContainerView, HitRow, HitView, RecordRow, RecordView, ValueRow, ValueView, View,
    ViewWriter,
};

/// "No such index" in every index column.
pub const NONE: u32 = u32::MAX;
/// "No range" in a hit's `secret` columns and "no detector" in an edit's.
pub const ABSENT: u32 = u32::MAX;
/// Version of the WIT package that this crate speaks.
pub const CONTRACT_VERSION: &str = "0.1.0";
