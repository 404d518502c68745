//! Which signal a batch carries, where nobody says so.
//!
//! A guess serves people on the command line. It must say nothing rather than something that
//! another reading explains as well.

use otlp_wire::schema::Message;
use otlp_wire::{Kind, Place, Select, Signal, Tree, Value, check, walk};

use crate::read::field_named;
use crate::text::{Shape, Text};

/// The signal of an OTLP/JSON document, by the first top-level member that belongs to one
/// (`resourceLogs`, `resource_logs` ...). Reads no further; `None` if there is none.
pub fn signal_of(json: &[u8]) -> Option<Signal> {
    let mut text = Text::new(json);
    if text.shape().ok()? != Shape::Object {
        return None;
    }
    text.open(b'{');
    let mut first = true;
    while text.more(b'}', first).ok()? {
        first = false;
        let name = text.name().ok()?;
        let mut signals = Signal::ALL.iter().copied();
        let named = |signal: &Signal| field_named(Message::batch(*signal), &name).is_some();
        if let Some(signal) = signals.find(named) {
            return Some(signal);
        }
        text.skip().ok()?;
    }
    None
}

/// The signal of a protobuf batch: the one as which the bytes pass [`otlp_wire::check`] and leave
/// the fewest of them unexplained.
///
/// Unexplained is what stands in unknown fields, in ids of a wrong size, and in text that is not
/// UTF-8 or holds control characters. If two readings leave equally many, the one that finds more
/// values wins: it explains as structure what the other takes for one text. If they find equally
/// many, as in a batch without records or with nothing in it, the answer is `None`.
pub fn guess(protobuf: &[u8]) -> Option<Signal> {
    let readings = Signal::ALL.iter().filter_map(|&signal| {
        let Reading { unexplained, found } = read_as(signal, protobuf)?;
        Some(((unexplained, std::cmp::Reverse(found)), signal))
    });
    let mut readings: Vec<_> = readings.collect();
    readings.sort();
    match readings.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(_, signal), ..] => Some(*signal),
        [] => None,
    }
}

/// What a walk explains and what it does not.
#[derive(Default)]
struct Reading {
    /// Bytes.
    unexplained: usize,
    /// Values.
    found: usize,
}

fn read_as(signal: Signal, protobuf: &[u8]) -> Option<Reading> {
    check(signal, protobuf).ok()?;
    let mut reading = Reading::default();
    walk(signal, protobuf, &mut reading, &mut Tree::default()).ok()?;
    Some(reading)
}

impl Select for Reading {
    fn take(&mut self, value: &Value, bytes: &[u8]) -> bool {
        let payload = bytes.get(value.payload.clone()).unwrap_or_default();
        let is_text = matches!(value.kind, Kind::String | Kind::Key);
        let is_odd = matches!(value.place, Place::Unknown | Place::Id);
        if is_odd || (is_text && !is_plausible(payload)) {
            self.unexplained += value.field.len();
        } else {
            self.found += 1;
        }
        false
    }
}

/// Whether these bytes look like text. Terminal output with escapes does.
fn is_plausible(text: &[u8]) -> bool {
    let is_odd = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b);
    !text.iter().any(is_odd) && std::str::from_utf8(text).is_ok()
}
