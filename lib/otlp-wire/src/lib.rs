//! Serialized OTLP as it stands: check it, walk it, seek in it, splice it.
//!
//! A batch is one `Export{Trace,Logs,Metrics}ServiceRequest` in protobuf. Nothing here decodes
//! it into objects: [`check`] proves its structure down to the leaves ([`check_text`] its text as
//! well), [`count`] says how many records it has, [`walk`] lists where its
//! values stand (all of them, or with [`Offsets`] only those around the offsets that a scan
//! found), and [`splice`] writes the batch again with some ranges replaced, repairing the lengths
//! of the enclosing messages and copying everything else byte for byte; [`split`] cuts a batch that
//! is too large for its receiver at record borders. So unknown fields,
//! duplicates, odd encodings and the order of fields survive, and a batch that nobody changed is
//! never touched.
//!
//! ```
//! use otlp_wire::{Edit, Offsets, Signal, Tree, Written, check, splice, walk};
//!
//! // A batch of logs whose one record has a severity text, and what a scan found in it.
//! let batch = b"\x0a\x0c\x12\x0a\x12\x08\x1a\x06secret";
//! check(Signal::Logs, batch)?;
//! let found = [8..9];
//!
//! let mut tree = Tree::default();
//! walk(Signal::Logs, batch, &mut Offsets::new(&found), &mut tree)?;
//! let value = &tree.values[0];
//! let edit = Edit { nest: value.nest, range: value.payload.clone(), text: b"***" };
//!
//! let (mut out, mut written) = (Vec::new(), Written::default());
//! splice(batch, &tree.nests, &[edit], &mut out, &mut written)?;
//! assert_eq!(out, b"\x0a\x09\x12\x07\x12\x05\x1a\x03***");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate must never panic, whatever the bytes; never read or write anything but the slices
//! that it is handed; and never put scanned content into an error or a `Debug` output.

mod check;
mod count;
mod entries;
mod field;
mod name;
mod offsets;
mod read;
pub mod schema;
mod splice;
mod split;
mod tree;
pub mod varint;
mod walk;

pub use check::{check, check_text};
pub use count::count;
pub use entries::{keys_of, usual_key};
pub use field::{Member, write_any, write_attribute, write_len_field, write_member, write_tag};
pub use name::{Kind, Level, Place, RecordKind, Signal};
pub use offsets::Offsets;
pub use read::{Fault, WireError};
pub use splice::{Edit, SpliceError, Written, splice};
pub use split::{Piece, split};
pub use tree::{Container, Keys, NONE, Nest, Record, Tree, Value};
pub use walk::{Everything, Select, walk};

/// How many messages may nest below the batch itself.
///
/// The batch has depth 0. This is the limit of `prost` (32 nested lists in a log body pass, 33 do
/// not): what passed deeper here would be refused for ever by everything downstream.
pub const MAX_DEPTH: usize = 100;
