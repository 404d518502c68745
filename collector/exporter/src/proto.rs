//! The fields of a protobuf message, for the small answers of backends.
//!
//! Must never: panic, recurse, or read beyond what it was given.

use otlp_wire::varint;

/// A field's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The varints and length-delimited fields of a message, up to the first fault.
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
}

pub(crate) fn fields(bytes: &[u8]) -> Fields<'_> {
    Fields { bytes }
}

/// The last bytes of this field number.
pub(crate) fn last_bytes(bytes: &[u8], number: u64) -> Option<&[u8]> {
    let found = fields(bytes).filter_map(|(field, payload)| match payload {
        Payload::Bytes(inner) if field == number => Some(inner),
        _ => None,
    });
    found.last()
}

/// The last number of this field number; 0 if there is none.
pub(crate) fn last_number(bytes: &[u8], number: u64) -> u64 {
    let found = fields(bytes).filter_map(|(field, payload)| match payload {
        Payload::Number(value) if field == number => Some(value),
        _ => None,
    });
    found.last().unwrap_or_default()
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Payload<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (key, after) = varint::read(self.bytes, 0)?;
            let rest = self.bytes.get(after..)?;
            let (payload, used) = match key & 7 {
                0 => {
                    let (value, used) = varint::read(rest, 0)?;
                    (Some(Payload::Number(value)), used)
                }
                2 => {
                    let (len, start) = varint::read(rest, 0)?;
                    let end = start.checked_add(usize::try_from(len).ok()?)?;
                    (Some(Payload::Bytes(rest.get(start..end)?)), end)
                }
                1 => (None, 8),
                5 => (None, 4),
                _ => return None,
            };
            self.bytes = rest.get(used..)?;
            if let Some(payload) = payload {
                return Some((key >> 3, payload));
            }
        }
    }
}
