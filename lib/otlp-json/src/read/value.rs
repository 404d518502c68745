//! One leaf: from what JSON shows to what the wire carries.
//!
//! Which JSON types a leaf may have, and what they mean, is settled here for every type of the
//! schema. A value that does not fit is an error; nothing is rounded, cut or silently dropped.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use otlp_wire::schema::Type;
use otlp_wire::varint;

use super::{id, number};
use crate::error::{JsonFault, Stop};
use crate::text::{Result, Shape, Text};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A leaf as its wire type carries it.
pub(super) enum Scalar<'a> {
    Varint(u64),
    Fixed32(u32),
    Fixed64(u64),
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Scalar<'a> {
    /// Reads the leaf of this type that comes next.
    pub(super) fn read(text: &mut Text<'a>, kind: Type) -> Result<Self> {
        let shape = text.shape()?;
        let at = text.position();
        let is_text = matches!(kind, Type::String | Type::Bytes | Type::Id(_));
        let scalar = match (shape, kind) {
            (Shape::String, Type::String) => Some(text_bytes(text.string()?)),
            (Shape::String, _) => Self::of_string(&text.string()?, kind),
            (Shape::Number, _) if !is_text && !matches!(kind, Type::Bool) => {
                Self::of_number(text.number()?, kind)
            }
            (Shape::Bool, Type::Bool) => Some(Self::Varint(u64::from(text.bool()?))),
            _ => {
                let (expected, found) = (expected(kind), shape.name());
                return Err(Stop::new(at, JsonFault::Type { expected, found }));
            }
        };
        scalar.ok_or_else(|| Stop::new(at, JsonFault::Value(expected(kind))))
    }

    fn of_string(text: &str, kind: Type) -> Option<Self> {
        match kind {
            Type::Bytes => base64(text).map(Cow::Owned).map(Self::Bytes),
            Type::Id(size) => id::parse(text, usize::from(size))
                .map(Cow::Owned)
                .map(Self::Bytes),
            Type::Enum(names) => match names.number(text) {
                Some(number) => Some(Self::Varint(i64::from(number) as u64)),
                None => Self::of_number(number::written(text)?, kind),
            },
            _ => Self::of_number(number::written(text)?, kind),
        }
    }

    /// Of a number as it is written.
    fn of_number(text: &str, kind: Type) -> Option<Self> {
        let integer = |min: i128, max: i128| {
            let value = number::integer(text)?;
            (min..=max).contains(&value).then_some(value)
        };
        let int32 = || integer(i32::MIN.into(), i32::MAX.into());
        let int64 = || integer(i64::MIN.into(), i64::MAX.into());
        let uint32 = || integer(0, u32::MAX.into());
        let uint64 = || integer(0, u64::MAX.into());
        Some(match kind {
            Type::Int32 | Type::Enum(_) => Self::Varint(int32()? as u64),
            Type::Sint32 => {
                let value = int32()? as i32;
                Self::Varint(u64::from((value << 1 ^ value >> 31) as u32))
            }
            Type::Int64 => Self::Varint(int64()? as u64),
            Type::Uint32 => Self::Varint(uint32()? as u64),
            Type::Uint64 => Self::Varint(uint64()? as u64),
            Type::Fixed32 => Self::Fixed32(uint32()? as u32),
            Type::Fixed64 => Self::Fixed64(uint64()? as u64),
            Type::Sfixed64 => Self::Fixed64(int64()? as u64),
            Type::Double => Self::Fixed64(number::double(text)?.to_bits()),
            Type::String | Type::Bytes | Type::Id(_) | Type::Bool | Type::Message(_) => {
                return None;
            }
        })
    }

    /// Whether it is what an absent field means.
    pub(super) fn is_default(&self) -> bool {
        match self {
            Self::Varint(value) | Self::Fixed64(value) => *value == 0,
            Self::Fixed32(value) => *value == 0,
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }

    /// Appends it, without a tag.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Varint(value) => varint::write(*value, out),
            Self::Fixed32(value) => out.extend_from_slice(&value.to_le_bytes()),
            Self::Fixed64(value) => out.extend_from_slice(&value.to_le_bytes()),
            Self::Bytes(bytes) => {
                varint::write(bytes.len() as u64, out);
                out.extend_from_slice(bytes);
            }
        }
    }
}

fn text_bytes(text: Cow<'_, str>) -> Scalar<'_> {
    Scalar::Bytes(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    })
}

/// Decodes base64 of either alphabet, padded or not.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let url_safe = text.contains(['-', '_']);
    let engine = if url_safe { &URL_SAFE } else { &STANDARD };
    engine.decode(text).ok()
}

/// What has to stand where a value of this type belongs.
pub(super) fn expected(kind: Type) -> &'static str {
    match kind {
        Type::String => "a string",
        Type::Bytes => "a base64 string",
        Type::Id(16) => "an id of 32 hexadecimal digits",
        Type::Id(8) => "an id of 16 hexadecimal digits",
        Type::Id(_) => "an id in hexadecimal digits",
        Type::Bool => "true or false",
        Type::Int32 | Type::Sint32 => "a 32-bit integer",
        Type::Int64 | Type::Sfixed64 => "a 64-bit integer",
        Type::Uint32 | Type::Fixed32 => "an unsigned 32-bit integer",
        Type::Uint64 | Type::Fixed64 => "an unsigned 64-bit integer",
        Type::Double => "a number that a double can hold",
        Type::Enum(_) => "the number or name of an enum value",
        Type::Message(_) => "an object",
    }
}
