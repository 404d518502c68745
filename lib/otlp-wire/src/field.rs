//! Writing fields: what an edit puts in place of a value, and what it inserts.
//!
//! Only the few shapes that edits need. Everything written is minimal and complete; a writer must
//! never leave a length to be repaired later.

use crate::schema::Wire;
use crate::varint;

/// The content of an `AnyValue`. It has no `Debug`, for it is content.
#[derive(Clone, Copy, PartialEq)]
pub enum Member<'a> {
    /// Text.
    String(&'a str),
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating point number.
    Double(f64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// The payload of an `ArrayValue`: elements written with [`write_any`] as field 1.
    Array(&'a [u8]),
    /// The payload of a `KeyValueList`: entries written with [`write_attribute`] as field 1.
    Kvlist(&'a [u8]),
}

/// Appends the tag of a field.
pub fn write_tag(number: u32, wire: Wire, out: &mut Vec<u8>) {
    varint::write(u64::from(number) << 3 | wire as u64, out);
}

/// Appends a whole length-delimited field: tag, length, payload.
pub fn write_len_field(number: u32, payload: &[u8], out: &mut Vec<u8>) {
    write_tag(number, Wire::Len, out);
    varint::write(payload.len() as u64, out);
    out.extend_from_slice(payload);
}

/// Appends the field of an `AnyValue` that holds this content: what replaces `Value::field` to
/// give a value another kind.
pub fn write_member(member: Member<'_>, out: &mut Vec<u8>) {
    match member {
        Member::String(text) => write_len_field(1, text.as_bytes(), out),
        Member::Bool(value) => write_varint_field(2, u64::from(value), out),
        Member::Int(value) => write_varint_field(3, value as u64, out),
        Member::Double(value) => {
            write_tag(4, Wire::Fixed64, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Member::Array(elements) => write_len_field(5, elements, out),
        Member::Kvlist(entries) => write_len_field(6, entries, out),
        Member::Bytes(bytes) => write_len_field(7, bytes, out),
    }
}

/// Appends an `AnyValue` with this content as a field: the value of an entry (2), a body (5), an
/// element of an array (1).
pub fn write_any(number: u32, member: Member<'_>, out: &mut Vec<u8>) {
    write_tag(number, Wire::Len, out);
    varint::write(member_size(member) as u64, out);
    write_member(member, out);
}

/// Appends an entry, a `KeyValue` with this key and content, as a field: what is inserted at the
/// end of a container, whose `field` is the number.
pub fn write_attribute(number: u32, key: &str, member: Member<'_>, out: &mut Vec<u8>) {
    let size = len_field_size(key.len()) + len_field_size(member_size(member));
    if let (Member::String(text), 0..16, 0..0x80) = (member, number, size) {
        // Tags and lengths of one byte each: nearly every attribute that is inserted.
        let value = len_field_size(text.len());
        out.extend_from_slice(&[(number << 3) as u8 | 2, size as u8, 0x0a, key.len() as u8]);
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(&[0x12, value as u8, 0x0a, text.len() as u8]);
        out.extend_from_slice(text.as_bytes());
        return;
    }
    write_tag(number, Wire::Len, out);
    varint::write(size as u64, out);
    write_len_field(1, key.as_bytes(), out);
    write_any(2, member, out);
}

/// Bytes that [`write_member`] appends.
fn member_size(member: Member<'_>) -> usize {
    match member {
        Member::String(text) => len_field_size(text.len()),
        Member::Bytes(bytes) | Member::Array(bytes) | Member::Kvlist(bytes) => {
            len_field_size(bytes.len())
        }
        Member::Bool(_) => 2,
        Member::Int(value) => 1 + varint::size(value as u64),
        Member::Double(_) => 9,
    }
}

/// Bytes of a length-delimited field with a tag of one byte.
fn len_field_size(payload: usize) -> usize {
    1 + varint::size(payload as u64) + payload
}

fn write_varint_field(number: u32, value: u64, out: &mut Vec<u8>) {
    write_tag(number, Wire::Varint, out);
    varint::write(value, out);
}
