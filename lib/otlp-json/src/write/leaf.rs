//! One leaf: from what the wire carries to its text.
//!
//! Everything written must be valid JSON, whatever the bytes are, and read back as it was: numbers
//! exactly, text up to what is not UTF-8.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use otlp_wire::schema::Type;

use crate::fields::Payload;

/// Whether an absent field would mean the same.
pub(super) fn is_default(kind: Type, payload: Payload<'_>) -> bool {
    match (payload, kind) {
        (Payload::Varint(value), Type::Bool | Type::Int64 | Type::Uint64) => value == 0,
        (Payload::Varint(value), _) => value as u32 == 0,
        (Payload::Fixed32(value), _) => value == 0,
        (Payload::Fixed64(value), _) => value == 0,
        (Payload::Len(payload), _) => payload.is_empty(),
        (Payload::Group, _) => true,
    }
}

/// Appends a leaf of this type. Returns whether text had to be replaced because it is not UTF-8.
pub(super) fn write(kind: Type, payload: Payload<'_>, out: &mut Vec<u8>) -> bool {
    match (kind, payload) {
        (Type::String, Payload::Len(bytes)) => return text(bytes, out),
        (Type::Bytes, Payload::Len(bytes)) => {
            plain(format_args!("\"{}\"", STANDARD.encode(bytes)), out)
        }
        (Type::Id(_), Payload::Len(bytes)) => hexadecimal(bytes, out),
        (Type::Bool, Payload::Varint(value)) => plain(format_args!("{}", value != 0), out),
        (Type::Int32 | Type::Enum(_), Payload::Varint(value)) => {
            plain(format_args!("{}", value as i32), out);
        }
        (Type::Sint32, Payload::Varint(value)) => {
            let value = value as u32;
            let value = (value >> 1) as i32 ^ -((value & 1) as i32);
            plain(format_args!("{value}"), out);
        }
        (Type::Uint32, Payload::Varint(value)) => plain(format_args!("{}", value as u32), out),
        (Type::Fixed32, Payload::Fixed32(value)) => plain(format_args!("{value}"), out),
        (Type::Int64, Payload::Varint(value)) | (Type::Sfixed64, Payload::Fixed64(value)) => {
            plain(format_args!("\"{}\"", value as i64), out);
        }
        (Type::Uint64, Payload::Varint(value)) | (Type::Fixed64, Payload::Fixed64(value)) => {
            plain(format_args!("\"{value}\""), out);
        }
        (Type::Double, Payload::Fixed64(value)) => double(f64::from_bits(value), out),
        // The check lets no other wire type through; null reads as absent.
        _ => plain(format_args!("null"), out),
    }
    false
}

/// Writing to memory does not fail.
fn plain(text: std::fmt::Arguments<'_>, out: &mut Vec<u8>) {
    _ = out.write_fmt(text);
}

/// `{:?}` is the shortest text that reads back equal, with an exponent where that is shorter.
fn double(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        return out.extend_from_slice(b"\"NaN\"");
    }
    if value.is_infinite() {
        let name: &[u8] = if value > 0.0 {
            b"\"Infinity\""
        } else {
            b"\"-Infinity\""
        };
        return out.extend_from_slice(name);
    }
    plain(format_args!("{value:?}"), out);
    if out.ends_with(b".0") {
        out.truncate(out.len() - 2);
    }
}

fn hexadecimal(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
    out.push(b'"');
    out.extend(
        bytes
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]),
    );
    out.push(b'"');
}

/// A string with what JSON wants escaped; what is not UTF-8 becomes U+FFFD.
fn text(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    let mut replaced = false;
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    for chunk in bytes.utf8_chunks() {
        escaped(chunk.valid(), out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
            replaced = true;
        }
    }
    out.push(b'"');
    replaced
}

fn escaped(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    while let Some(length) = rest.iter().position(special) {
        let (run, from) = rest.split_at(length);
        out.extend_from_slice(run);
        let Some((&byte, after)) = from.split_first() else {
            return;
        };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => plain(format_args!("\\u{control:04x}"), out),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
}
