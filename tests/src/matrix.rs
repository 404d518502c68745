//! Every position of the OTLP schema in which a text can stand, as one batch each.
//!
//! Made from the schema tables, so a field that is added there is tested without anybody's doing.
//! Around the planted text every message has harmless neighbours, to see that they stay.

use otlp_wire::schema::{Field, Label, Message, Role, Type};
use otlp_wire::{Kind, Signal, write_len_field};

/// A text that no rule minds.
pub const QUIET: &str = "quiet";

/// A field number that no message of the schema knows.
const UNKNOWN: u32 = 99;

/// How often a path may pass an `AnyValue` before it must end.
const NESTING: usize = 2;

/// One position.
#[derive(Debug, Clone)]
pub struct Position {
    /// The signal that it is in.
    pub signal: Signal,
    /// The way to it, such as `resourceLogs.resource.attributes.key`.
    pub path: String,
    steps: Vec<&'static Field>,
    unknown: bool,
}

/// All positions of all signals.
#[must_use]
pub fn positions() -> Vec<Position> {
    let mut all = Vec::new();
    for &signal in Signal::ALL {
        descend(signal, Message::batch(signal), &mut Vec::new(), &mut all);
    }
    all
}

fn descend(
    signal: Signal,
    message: Message,
    steps: &mut Vec<&'static Field>,
    all: &mut Vec<Position>,
) {
    let position = |steps: &[&'static Field], unknown: bool| {
        let mut names: Vec<&str> = steps.iter().map(|field| field.name).collect();
        names.extend(unknown.then_some("?"));
        Position {
            signal,
            path: names.join("."),
            steps: steps.to_vec(),
            unknown,
        }
    };
    all.push(position(steps, true));
    for field in message.fields() {
        steps.push(field);
        match field.kind {
            Type::String | Type::Bytes | Type::Id(_) => all.push(position(steps, false)),
            Type::Message(inner) => {
                let passed = steps
                    .iter()
                    .filter(|field| matches!(field.kind, Type::Message(Message::AnyValue)))
                    .count();
                if passed <= NESTING {
                    descend(signal, inner, steps, all);
                }
            }
            _ => {}
        }
        steps.pop();
    }
}

impl Position {
    /// A batch in which `text` stands here.
    #[must_use]
    pub fn batch(&self, text: &[u8]) -> Vec<u8> {
        message(Message::batch(self.signal), &self.steps, self.unknown, text)
    }

    /// The same batch without it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.unknown
    }
}

fn message(of: Message, steps: &[&'static Field], unknown: bool, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let Some((step, rest)) = steps.split_first() else {
        neighbours(of, None, &mut out);
        if unknown {
            write_len_field(UNKNOWN, text, &mut out);
        }
        return out;
    };
    let payload = match step.kind {
        Type::Message(inner) => message(inner, rest, unknown, text),
        _ => text.to_vec(),
    };
    write_len_field(step.number, &payload, &mut out);
    neighbours(of, Some(step), &mut out);
    out
}

/// Harmless text in every other text field, and one more entry where there are entries.
fn neighbours(of: Message, taken: Option<&Field>, out: &mut Vec<u8>) {
    for field in of.fields() {
        let alternative = field.label == Label::Oneof;
        let taken = taken.is_some_and(|taken| taken.number == field.number);
        match (field.kind, field.role) {
            _ if alternative => {}
            (Type::String, Role::Leaf(_) | Role::Key) if !taken => {
                write_len_field(field.number, QUIET.as_bytes(), out);
            }
            (_, Role::Entries(_)) => {
                otlp_wire::write_attribute(field.number, "k", otlp_wire::Member::Int(7), out);
            }
            _ => {}
        }
    }
}

/// What stands in a batch beside the values that hold `text`: place, kind and bytes of each.
#[must_use]
pub fn rest(signal: Signal, bytes: &[u8], text: &[u8]) -> Vec<(otlp_wire::Place, Kind, Vec<u8>)> {
    let mut tree = otlp_wire::Tree::default();
    let walked = otlp_wire::walk(signal, bytes, &mut otlp_wire::Everything, &mut tree);
    assert!(walked.is_ok(), "{walked:?}");
    tree.values
        .iter()
        .filter(|value| !matches!(value.kind, Kind::Array | Kind::Kvlist | Kind::Empty))
        .map(|value| {
            (
                value.place,
                value.kind,
                bytes[value.payload.clone()].to_vec(),
            )
        })
        .filter(|(_, _, payload)| !holds(payload, text))
        .collect()
}

/// Whether `text` stands in these bytes.
#[must_use]
pub fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes
        .windows(text.len().max(1))
        .any(|window| window == text)
}
