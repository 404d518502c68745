//! OTLP as text that people read and write.
//!
//! ```text
//! resource {service.name="web"}
//! scope name="http"
//! log severityText="ERROR" body="key AKIA..." {attempt=3, tags=["a", {b=1.5}]}
//! span name="GET" traceId=x"0102030405060708090a0b0c0d0e0f10"
//!   event name="exception"
//! ```
//!
//! A bare word opens a message (`resource`, `scope`, `log`, `span`, `event`, `link`, `status`,
//! `metric`, `sum`, `point`, `exemplar` and so on: the schema's own names in the singular), in the
//! nearest open message that can hold it; a `resource` and `scope` that nobody writes are implied.
//! `name=value` is a field of the open message, with the names of OTLP/JSON. `{key=value}` are its
//! attributes; a key that is no word stands in quotes, a key without a value has none. Text has the
//! escapes of JSON, `x"00ff"` is bytes or an id, `1` an int, `1.0` a double, `null` a value with
//! nothing in it. `99=x"00"` is a field that the schema does not know. `#` begins a comment, white
//! space means nothing.
//!
//! It is driven by the schema tables, so it knows every field, and writes the fields of a message in
//! the order of their numbers. What text cannot say (shadowed values, odd encodings) is
//! written as hexadecimal bytes.
//!
//! Must never: lose something quietly. [`to_text`] gives text only if that text gives the same
//! bytes, but for the order of fields.

mod fields;
mod hex;
mod read;
mod token;
mod write;

pub use hex::{from_hex, to_hex};
pub use read::{NotationError, to_bytes};
pub use write::to_text;

use otlp_wire::RecordKind;
use otlp_wire::schema::{Field, Label, Message, Role, Type};

/// The word that opens a field's message; none for what is written inside a line.
fn word(field: &Field) -> Option<&'static str> {
    let Type::Message(message) = field.kind else {
        return None;
    };
    if matches!(message, Message::AnyValue | Message::KeyValue) {
        return None;
    }
    Some(match field.role {
        Role::Owner(_) => return None,
        Role::Group(otlp_wire::Level::Resource) => "resource",
        Role::Group(_) => "scope",
        Role::Record(RecordKind::Log) => "log",
        Role::Record(RecordKind::Span) => "span",
        Role::Record(RecordKind::Point) => "point",
        _ if field.label == Label::Repeated => field.name.strip_suffix('s').unwrap_or(field.name),
        _ => field.name,
    })
}

/// The resource within its group, or the scope within its own: written on the group's line.
fn owner(message: Message) -> Option<(&'static Field, Message)> {
    let field = message
        .fields()
        .iter()
        .find(|field| matches!(field.role, Role::Owner(_)))?;
    match field.kind {
        Type::Message(message) => Some((field, message)),
        _ => None,
    }
}

/// The entries that `{}` alone stands for.
fn entries(message: Message) -> Option<&'static Field> {
    message
        .fields()
        .iter()
        .find(|field| matches!(field.role, Role::Entries(_)))
}
