//! One scan over the raw bytes of a batch for everything that a chain of plugins asked for.
//!
//! Strings stand contiguously in protobuf, so a literal that stands nowhere in the bytes stands
//! in no field. A [`Gate`] is compiled once per chain from [`Literal`]s and [`Class`]es; its scan
//! says where to look ([`Hits`]) and judges nothing. [`required_literals`] says what must stand
//! in any match of a pattern, so that patterns can use the gate too.
//!
//! No I/O, no panic on any input, and no allocation for a clean batch.

mod automaton;
mod bucket;
mod class;
mod cost;
mod engine;
mod explain;
mod filter;
mod frequency;
mod gate;
mod hits;
mod index;
mod kernel;
mod literal;
mod names;
mod required;
mod run;
mod screen;
mod simd;
mod window;

pub use class::Class;
pub use engine::Engine;
pub use explain::{ChosenBy, Explain};
pub use gate::{Gate, GateError, GateLimits};
pub use hits::{Hit, Hits, ScanOutcome, What};
pub use literal::{ByteClass, Case, Cut, Follow, Literal};
pub use required::{Defeat, PatternError, Required, required_literals};
