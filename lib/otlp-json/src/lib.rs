//! OTLP/JSON to OTLP/protobuf and back, bytes to bytes.
//!
//! JSON is a form of a batch at the door and at the exit; everything between works on protobuf.
//! Both directions are driven by the schema tables of `otlp-wire`, so that JSON knows every field
//! that the check and the walk know, and both stream: there is no tree of values, nor of messages.
//! [`to_protobuf`] takes what senders really write, [`to_json`] writes the canonical form.
//! [`documents`], [`signal_of`] and [`guess`] serve files, which do not say what they hold.
//!
//! ```
//! use otlp_json::{Style, to_json, to_protobuf};
//! use otlp_wire::Signal;
//!
//! let mut batch = Vec::new();
//! let json = br#"{"resourceLogs": [{"schema_url": "x", "extra": [1]}]}"#;
//! let transcoded = to_protobuf(Signal::Logs, json, &mut batch)?;
//! assert_eq!(transcoded.unknown_members, 1);
//!
//! let mut text = Vec::new();
//! to_json(Signal::Logs, &batch, Style::Compact, &mut text)?;
//! assert_eq!(text, br#"{"resourceLogs":[{"schemaUrl":"x"}]}"#);
//!
//! let wrong = to_protobuf(Signal::Logs, br#"{"resourceLogs": [{}, 7]}"#, &mut batch);
//! let error = wrong.map_err(|error| error.to_string());
//! let says = "line 1, column 23, resourceLogs[1]: expected an object, found a number";
//! assert_eq!(error, Err(says.to_owned()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The text is read by a small tokenizer of our own: the usual libraries lose integers that are
//! written like `1e3` beyond 53 bits, refuse the bare `NaN` of Python, recurse by the depth of the
//! text or stop below the depth that OTLP allows, and put what they found into their errors.
//!
//! The crate must never panic, whatever the bytes; never recurse deeper than
//! [`otlp_wire::MAX_DEPTH`] messages; and never put anything of the text into an error.

mod documents;
mod error;
mod fields;
mod guess;
mod read;
mod text;
mod write;

pub use documents::{Documents, documents};
pub use error::{JsonError, JsonFault};
pub use guess::{guess, signal_of};
pub use read::{Transcoded, to_protobuf};
pub use write::{Style, Written, to_json};
