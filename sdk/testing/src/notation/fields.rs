//! Values of fields, between text, a small tree for attribute values, and bytes.
//!
//! Must never: give a number back that reads as another one.

use otlp_wire::schema::Type;
use otlp_wire::{Member, varint, write_len_field, write_member};

/// An attribute value or body.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Any {
    Null,
    String(String),
    Bool(bool),
    Int(i64),
    Double(f64),
    Bytes(Vec<u8>),
    Array(Vec<Any>),
    Kvlist(Vec<(String, Option<Any>)>),
}

/// A bare word as an attribute value.
pub(super) fn literal(word: &str) -> Option<Any> {
    Some(match word {
        "null" => Any::Null,
        "true" => Any::Bool(true),
        "false" => Any::Bool(false),
        _ => match word.parse() {
            Ok(int) => Any::Int(int),
            Err(_) => Any::Double(word.parse().ok()?),
        },
    })
}

/// The payload of an `AnyValue`.
pub(super) fn any(value: &Any) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        Any::Null => {}
        Any::String(text) => write_member(Member::String(text), &mut out),
        Any::Bool(value) => write_member(Member::Bool(*value), &mut out),
        Any::Int(value) => write_member(Member::Int(*value), &mut out),
        Any::Double(value) => write_member(Member::Double(*value), &mut out),
        Any::Bytes(bytes) => write_member(Member::Bytes(bytes), &mut out),
        Any::Array(elements) => {
            let mut payload = Vec::new();
            for element in elements {
                write_len_field(1, &any(element), &mut payload);
            }
            write_member(Member::Array(&payload), &mut out);
        }
        Any::Kvlist(members) => {
            let members = members.iter();
            let payload: Vec<u8> = members
                .flat_map(|(key, value)| entry(1, key, value.as_ref()))
                .collect();
            write_member(Member::Kvlist(&payload), &mut out);
        }
    }
    out
}

/// A `KeyValue` as a field.
pub(super) fn entry(number: u32, key: &str, value: Option<&Any>) -> Vec<u8> {
    let (mut payload, mut out) = (Vec::new(), Vec::new());
    if !key.is_empty() {
        write_len_field(1, key.as_bytes(), &mut payload);
    }
    if let Some(value) = value {
        write_len_field(2, &any(value), &mut payload);
    }
    write_len_field(number, &payload, &mut out);
    out
}

/// A number in the encoding of its type, without tag; none for what is no number.
pub(super) fn number(kind: Type, word: &str) -> Option<Vec<u8>> {
    let varint = |value: u64| {
        let mut out = Vec::new();
        varint::write(value, &mut out);
        out
    };
    Some(match kind {
        Type::Bool => varint(u64::from(word.parse::<bool>().ok()?)),
        Type::Int32 | Type::Enum(_) => varint(i64::from(word.parse::<i32>().ok()?) as u64),
        Type::Int64 => varint(word.parse::<i64>().ok()? as u64),
        Type::Uint32 => varint(u64::from(word.parse::<u32>().ok()?)),
        Type::Uint64 => varint(word.parse().ok()?),
        Type::Sint32 => {
            let value = word.parse::<i32>().ok()?;
            varint(u64::from((value.wrapping_shl(1) ^ (value >> 31)) as u32))
        }
        Type::Fixed32 => word.parse::<u32>().ok()?.to_le_bytes().to_vec(),
        Type::Fixed64 => word.parse::<u64>().ok()?.to_le_bytes().to_vec(),
        Type::Sfixed64 => word.parse::<i64>().ok()?.to_le_bytes().to_vec(),
        Type::Double => word.parse::<f64>().ok()?.to_le_bytes().to_vec(),
        Type::String | Type::Bytes | Type::Id(_) | Type::Message(_) => return None,
    })
}

/// Whether a payload is its type's default, which proto3 leaves out.
pub(super) fn is_default(kind: Type, payload: &[u8]) -> bool {
    match kind {
        Type::String | Type::Bytes | Type::Id(_) | Type::Message(_) => payload.is_empty(),
        _ => payload.iter().all(|byte| *byte == 0),
    }
}

/// A number as text, from its bits: a varint's value, or the bytes of a fixed type.
pub(super) fn number_text(kind: Type, bits: u64) -> Option<String> {
    Some(match kind {
        Type::Bool => (bits != 0).to_string(),
        Type::Int32 => (bits as i32).to_string(),
        Type::Int64 | Type::Sfixed64 => (bits as i64).to_string(),
        Type::Uint32 | Type::Fixed32 => (bits as u32).to_string(),
        Type::Uint64 | Type::Fixed64 => bits.to_string(),
        Type::Sint32 => ((bits as u32 >> 1) as i32 ^ -((bits & 1) as i32)).to_string(),
        Type::Double => double_text(f64::from_bits(bits)),
        Type::Enum(names) => {
            let number = bits as i32;
            let name = names.values.iter().find(|(known, _)| *known == number);
            name.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
        }
        Type::String | Type::Bytes | Type::Id(_) | Type::Message(_) => return None,
    })
}

/// A double that does not read as an int.
pub(super) fn double_text(value: f64) -> String {
    format!("{value:?}")
}

/// A text as a JSON string, with what would end a TOML literal escaped.
pub(super) fn quote(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted
        .replace("'''", "\\u0027\\u0027\\u0027")
        .replace('\u{7f}', "\\u007f")
}
