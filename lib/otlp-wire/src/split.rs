//! Cutting a batch that is too large for its receiver into smaller batches.
//!
//! One pass by lengths: what fits into the part at hand is copied as it stands, and only what does
//! not is entered. A message that is cut stands in both parts with everything but its records
//! (resource, scope, schema URLs, name and temporality of a metric, unknown fields). Context that
//! stands again costs bytes, so parts that repeat it may add no more than the batch itself has:
//! what is left then stays together, however large.
//!
//! Must never lose, double or reorder a record, nor bring to life what another field hides.

use std::mem;
use std::ops::Range;

use crate::name::Signal;
use crate::read::{Fault, Part, WireError, at as fault_at, pass_unknown, read_part, read_tag};
use crate::schema::{Field, Label, Message, Role, Type, Wire};
use crate::varint;

/// A part of a batch; a batch of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// The serialized batch.
    pub bytes: Vec<u8>,
    /// Its records: spans, log records, data points.
    pub records: u64,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} records in {} bytes", self.records, self.bytes.len())
    }
}

/// Cuts a batch into parts of at most `bytes_max` bytes, in order.
///
/// A part is larger if it holds but one record (or one metric that is written in an odd way), or if
/// its context is so large that cutting further would more than double the bytes of the batch. All
/// parts together take at most twice the bytes, tags and lengths aside. What fits comes back as it
/// is.
///
/// ```
/// use otlp_wire::{Signal, split};
///
/// // Two log records in one scope.
/// let batch = b"\x0a\x0c\x12\x0a\x12\x03\x1a\x01a\x12\x03\x1a\x01b";
/// let parts = split(Signal::Logs, batch, 9)?;
/// assert_eq!(parts[0].bytes, b"\x0a\x07\x12\x05\x12\x03\x1a\x01a");
/// assert_eq!(parts[1].bytes, b"\x0a\x07\x12\x05\x12\x03\x1a\x01b");
/// # Ok::<(), otlp_wire::WireError>(())
/// ```
///
/// # Errors
/// A fault in the structure above the records; records are copied unread.
pub fn split(signal: Signal, bytes: &[u8], bytes_max: usize) -> Result<Vec<Piece>, WireError> {
    if bytes.len() <= bytes_max {
        return Ok(vec![Piece {
            bytes: bytes.to_vec(),
            records: count(bytes, Message::batch(signal), 0..bytes.len())?,
        }]);
    }
    let message = Message::batch(signal);
    let all = 0..bytes.len();
    let mut cutter = Cutter {
        bytes,
        bytes_max,
        repeated: 0,
        open: Vec::new(),
        records: 0,
        empty: true,
        pieces: Vec::new(),
    };
    cutter.enter(message, 0, all)?;
    if !cutter.empty {
        cutter.cut();
    }
    Ok(cutter.pieces)
}

/// A message whose begin was written to the part at hand, and whose end was not.
struct Open {
    /// The tag of its field; 0 for the batch.
    number: u32,
    /// Everything in it but what may hold records.
    context: Vec<u8>,
    /// What stands behind the context in this part.
    content: Vec<u8>,
    /// Whether it stands in an earlier part.
    written: bool,
}

impl Open {
    fn len(&self) -> usize {
        self.context.len() + self.content.len()
    }
}

struct Cutter<'a> {
    bytes: &'a [u8],
    bytes_max: usize,
    /// Bytes of context that stand in more than one part.
    repeated: usize,
    open: Vec<Open>,
    /// Records in the part at hand.
    records: u64,
    /// Whether the part at hand holds nothing but the context of open messages.
    empty: bool,
    pieces: Vec<Piece>,
}

impl Cutter<'_> {
    /// Writes a message, in as many parts as it takes.
    fn enter(
        &mut self,
        message: Message,
        number: u32,
        range: Range<usize>,
    ) -> Result<(), WireError> {
        let mut context = Vec::new();
        fields(self.bytes, message, range.clone(), |child, field| {
            if child.is_none() {
                context.extend_from_slice(self.bytes.get(field).unwrap_or_default());
            }
            Ok(())
        })?;
        self.open.push(Open {
            number,
            context,
            content: Vec::new(),
            written: false,
        });
        let bytes = self.bytes;
        fields(bytes, message, range, |child, field| match child {
            Some((known, part)) => self.child(known, &part, field),
            None => Ok(()),
        })?;
        self.leave();
        Ok(())
    }

    /// Ends the innermost message.
    fn leave(&mut self) {
        let Some(done) = self.open.pop() else { return };
        if done.written && done.content.is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(around) => write_message(
                done.number,
                &done.context,
                &done.content,
                &mut around.content,
            ),
            None => self.open.push(done),
        }
        self.empty = false;
    }

    /// Writes a field that may hold records: as it stands if it fits or cannot be cut.
    fn child(
        &mut self,
        known: &'static Field,
        part: &Part,
        field: Range<usize>,
    ) -> Result<(), WireError> {
        let Type::Message(message) = known.kind else {
            return Ok(());
        };
        let fits = self.size_with(field.len()) <= self.bytes_max;
        let is_record = matches!(known.role, Role::Record(_));
        if !fits && !is_record && may_cut(self.bytes, message, part.payload())? {
            return self.enter(message, known.number, part.payload());
        }
        let records = if is_record {
            1
        } else {
            count(self.bytes, message, part.payload())?
        };
        if !fits && !self.empty && self.may_repeat() {
            self.cut();
        }
        if let Some(around) = self.open.last_mut() {
            let whole = self.bytes.get(field).unwrap_or_default();
            around.content.extend_from_slice(whole);
        }
        self.records += records;
        self.empty = false;
        Ok(())
    }

    /// What the part at hand would take if so many bytes were added to the innermost message.
    fn size_with(&self, more: usize) -> usize {
        let size = |inner: usize, open: &Open| {
            let len = open.len() + inner;
            match open.number {
                0 => len,
                number => tag_len(number) + varint::size(len as u64) + len,
            }
        };
        self.open.iter().rev().fold(more, size)
    }

    /// Whether the context of the messages that the part at hand holds may be written once more.
    fn may_repeat(&mut self) -> bool {
        let depth = self.open.iter().rposition(|open| !open.content.is_empty());
        let held = self.open.iter().take(depth.map_or(0, |depth| depth + 1));
        self.repeated += held.map(|open| open.context.len()).sum::<usize>();
        self.repeated <= self.bytes.len()
    }

    /// Ends the part at hand and begins another with the same open messages.
    fn cut(&mut self) {
        let mut inner = Vec::new();
        for open in self.open.iter_mut().rev() {
            let mut content = mem::take(&mut open.content);
            content.append(&mut inner);
            if content.is_empty() && open.number != 0 {
                continue;
            }
            open.written = true;
            write_message(open.number, &open.context, &content, &mut inner);
        }
        self.pieces.push(Piece {
            bytes: inner,
            records: mem::take(&mut self.records),
        });
        self.empty = true;
    }
}

fn write_message(number: u32, context: &[u8], content: &[u8], out: &mut Vec<u8>) {
    if number != 0 {
        varint::write(u64::from(number) << 3 | Wire::Len as u64, out);
        varint::write((context.len() + content.len()) as u64, out);
    }
    out.extend_from_slice(context);
    out.extend_from_slice(content);
}

fn tag_len(number: u32) -> usize {
    varint::size(u64::from(number) << 3)
}

/// Whether a field of this message holds records, or is one.
fn holds_records(message: Message, field: &Field) -> bool {
    match field.role {
        Role::Group(_) | Role::Record(_) => true,
        Role::Member(_) => message == Message::ScopeMetrics,
        Role::Part => message == Message::Metric,
        _ => false,
    }
}

/// Calls `each` for every field, with the field and its part if it holds records.
fn fields(
    bytes: &[u8],
    message: Message,
    range: Range<usize>,
    mut each: impl FnMut(Option<(&'static Field, Part)>, Range<usize>) -> Result<(), WireError>,
) -> Result<(), WireError> {
    let mut at = range.start;
    while at < range.end {
        let fault = fault_at(message, at);
        let tag = read_tag(bytes, at, range.end).map_err(fault)?;
        let known = message
            .field(tag.number)
            .filter(|field| holds_records(message, field));
        let after = match known {
            Some(_) if tag.wire != Wire::Len => return Err(fault(Fault::WireType)),
            Some(field) => {
                let part = read_part(bytes, at, tag.after, range.end).map_err(fault)?;
                each(Some((field, part)), at..part.end)?;
                part.end
            }
            None => {
                let after = pass_unknown(bytes, tag, range.end, 0).map_err(fault)?;
                each(None, at..after)?;
                after
            }
        };
        at = after;
    }
    Ok(())
}

/// Whether a message may be cut: it holds a record, and no alternative hides another one.
fn may_cut(bytes: &[u8], message: Message, range: Range<usize>) -> Result<bool, WireError> {
    let mut alternatives = 0;
    fields(bytes, message, range.clone(), |child, _| {
        let is_alternative = child.is_some_and(|(field, _)| field.label == Label::Oneof);
        alternatives += usize::from(is_alternative);
        Ok(())
    })?;
    Ok(alternatives <= 1 && count(bytes, message, range)? > 0)
}

fn count(bytes: &[u8], message: Message, range: Range<usize>) -> Result<u64, WireError> {
    let mut records = 0;
    fields(bytes, message, range, |child, _| {
        let Some((field, part)) = child else {
            return Ok(());
        };
        records += match (field.role, field.kind) {
            (Role::Record(_), _) => 1,
            (_, Type::Message(inner)) => count(bytes, inner, part.payload())?,
            _ => 0,
        };
        Ok(())
    })?;
    Ok(records)
}
