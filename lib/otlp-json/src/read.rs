//! From OTLP/JSON to protobuf, in one pass over the text.
//!
//! The members of each object are looked up in the schema and written as they come; lengths are
//! filled in at the end. Duplicates keep protobuf's meaning because they are written as they
//! stand: the last scalar counts, messages merge, lists go on. Recursion is one call a message,
//! and no message may be entered below `MAX_DEPTH`.

mod id;
mod nests;
mod number;
mod value;

use otlp_wire::schema::{Field, Label, Message, Type};
use otlp_wire::{MAX_DEPTH, Signal, varint, write_tag};

use self::nests::Nests;
use self::value::{Scalar, expected};
use crate::error::{JsonError, JsonFault, Stop};
use crate::text::{Result, Shape, Text};

/// What came of a text beside the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transcoded {
    /// How many members the schema does not know; nothing of them is in the output. What stands
    /// inside of such a member is not counted.
    pub unknown_members: usize,
}

/// Appends the batch of this signal that the text holds, as protobuf.
///
/// Taken beside the canonical form: field names in snake_case; ids in base64; 32- and 64-bit
/// integers as numbers or strings, also as `5.0` or `1e3` where that is integral; enums by name;
/// doubles as strings and as bare `NaN` and `Infinity`; base64 of either alphabet, padded or not;
/// `null` for an absent member and for an empty message in a list; unknown and duplicate members;
/// a byte order mark. The output is at most four times as long as the text.
///
/// # Errors
/// The first fault. `out` is then as it was.
pub fn to_protobuf(
    signal: Signal,
    json: &[u8],
    out: &mut Vec<u8>,
) -> std::result::Result<Transcoded, JsonError> {
    let mut reader = Reader {
        text: Text::new(json),
        nests: Nests::default(),
        result: Transcoded::default(),
    };
    match reader.document(Message::batch(signal)) {
        Ok(()) => {
            reader.nests.finish(out);
            Ok(reader.result)
        }
        Err(stop) => Err(stop.locate(json)),
    }
}

/// The field of this name, in either spelling.
pub(crate) fn field_named(message: Message, name: &str) -> Option<&'static Field> {
    let mut fields = message.fields().iter();
    fields.find(|field| field.name == name || is_snake_case(name, field.name))
}

/// Whether `snake` is this name in snake_case, if that is another spelling.
fn is_snake_case(snake: &str, camel: &str) -> bool {
    let mut rest = snake.bytes();
    snake.len() > camel.len()
        && camel.bytes().all(|byte| match byte.is_ascii_uppercase() {
            true => rest.next() == Some(b'_') && rest.next() == Some(byte.to_ascii_lowercase()),
            false => rest.next() == Some(byte),
        })
        && rest.next().is_none()
}

struct Reader<'a> {
    text: Text<'a>,
    nests: Nests,
    result: Transcoded,
}

impl<'a> Reader<'a> {
    fn document(&mut self, batch: Message) -> Result<()> {
        self.shaped(Shape::Object, expected(Type::Message(batch)))?;
        self.message(batch, 0)?;
        self.text.end()
    }

    /// Fails unless a value of this JSON type comes next.
    fn shaped(&mut self, shape: Shape, expected: &'static str) -> Result<()> {
        let found = self.text.shape()?;
        if found == shape {
            return Ok(());
        }
        let found = found.name();
        let fault = JsonFault::Type { expected, found };
        Err(Stop::new(self.text.position(), fault))
    }

    /// The members of a message of this depth; its object comes next.
    fn message(&mut self, message: Message, depth: usize) -> Result<()> {
        let mut seen = 0_u32;
        let mut first = true;
        self.text.open(b'{');
        while self.text.more(b'}', first)? {
            first = false;
            let name = self.text.name()?;
            let Some(field) = field_named(message, &name) else {
                self.result.unknown_members += 1;
                self.text.skip()?;
                continue;
            };
            let bit = 1_u32.checked_shl(field.number).unwrap_or(0);
            let member = match (self.text.shape()?, field.label) {
                (Shape::Null, _) => self.text.null(),
                (_, Label::Repeated) => self.repeated(field, depth),
                _ => self.singular(field, seen & bit != 0, depth),
            };
            member.map_err(|stop| stop.within(field.name))?;
            seen |= bit;
        }
        Ok(())
    }

    /// A field that stands once. Its default is left out, unless it overrides an earlier value.
    fn singular(&mut self, field: &Field, overrides: bool, depth: usize) -> Result<()> {
        if let Type::Message(message) = field.kind {
            return self.child(field.number, message, depth);
        }
        let scalar = self.scalar(field.kind)?;
        if overrides || field.label != Label::Plain || !scalar.is_default() {
            write_tag(field.number, field.kind.wire(), &mut self.nests.bytes);
            scalar.write(&mut self.nests.bytes);
        }
        Ok(())
    }

    /// A message as the value of a field of a message of this depth.
    fn child(&mut self, number: u32, message: Message, depth: usize) -> Result<()> {
        self.shaped(Shape::Object, expected(Type::Message(message)))?;
        if depth >= MAX_DEPTH {
            return Err(Stop::new(self.text.position(), JsonFault::Depth));
        }
        let nest = self.nests.open(number);
        self.message(message, depth + 1)?;
        self.nests.close(nest);
        Ok(())
    }

    /// A list. Numbers are written packed, and none of them as no field.
    fn repeated(&mut self, field: &Field, depth: usize) -> Result<()> {
        self.shaped(Shape::Array, "an array")?;
        self.text.open(b'[');
        let is_number = !matches!(field.kind, Type::String | Type::Message(_));
        let mut packed = None;
        let mut index = 0;
        while self.text.more(b']', index == 0)? {
            if is_number && index == 0 {
                packed = Some(self.nests.open(field.number));
            }
            let element = self.element(field, depth);
            element.map_err(|stop| stop.element(index))?;
            index += 1;
        }
        if let Some(packed) = packed {
            self.nests.close(packed);
        }
        Ok(())
    }

    fn element(&mut self, field: &Field, depth: usize) -> Result<()> {
        match field.kind {
            Type::Message(_) if self.text.shape()? == Shape::Null => {
                self.text.null()?;
                write_tag(field.number, field.kind.wire(), &mut self.nests.bytes);
                varint::write(0, &mut self.nests.bytes);
            }
            Type::Message(message) => self.child(field.number, message, depth)?,
            kind => {
                let scalar = self.scalar(kind)?;
                if let Scalar::Bytes(_) = scalar {
                    write_tag(field.number, kind.wire(), &mut self.nests.bytes);
                }
                scalar.write(&mut self.nests.bytes);
            }
        }
        Ok(())
    }

    fn scalar(&mut self, kind: Type) -> Result<Scalar<'a>> {
        Scalar::read(&mut self.text, kind)
    }
}
