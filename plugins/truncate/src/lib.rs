//! The plugin `truncate`: cuts long values without breaking what they hold.
//!
//! The host shows only what is longer than a rule allows. What is cut stays what it was: JSON still
//! parses, a patch keeps its file names, a character, an escape and a scrubber's mask stay whole. Every
//! result is within its limit, so that a second run changes nothing. It uses nothing but the public
//! SDK.
//!
//! Must never: let anything stand in a result that was not in the value, but for the marker and the
//! note, which are made of counts and a digest.

mod block;
mod budget;
mod choice;
mod interest;
mod json;
mod labels;
mod maps;
mod marker;
mod masks;
mod measure;
mod note;
mod patch;
mod said;
mod settings;
mod share;
mod shorten;
mod text;
mod truncate;

pub use settings::{
    Attribute, Depth, Maps, PlaceName, Rule, Settings, SignalName, Strategy, Structure,
};
pub use truncate::Truncate;

tamis_sdk::export!(Truncate);
