//! The fields of one protobuf message, one by one.
//!
//! Only for bytes that `otlp_wire::check` has passed: it gives no errors, and must simply end
//! where something is wrong all the same.

use otlp_wire::schema::Wire;
use otlp_wire::varint;

/// A field of a message.
#[derive(Clone, Copy)]
pub(crate) struct WireField<'a> {
    pub(crate) number: u32,
    pub(crate) payload: Payload<'a>,
}

/// What a field carries.
#[derive(Clone, Copy)]
pub(crate) enum Payload<'a> {
    Varint(u64),
    Fixed32(u32),
    Fixed64(u64),
    Len(&'a [u8]),
    /// A group, whose content nobody knows.
    Group,
}

/// An iterator over the fields of a message.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn varint(&mut self) -> Option<u64> {
        let (value, after) = varint::read(self.rest, 0)?;
        self.rest = self.rest.get(after..)?;
        Some(value)
    }

    fn tag(&mut self) -> Option<(u32, Wire)> {
        let tag = u32::try_from(self.varint()?).ok()?;
        Some((tag >> 3, Wire::from_bits((tag & 7) as u8)?))
    }

    fn payload(&mut self, wire: Wire) -> Option<Payload<'a>> {
        Some(match wire {
            Wire::Varint => Payload::Varint(self.varint()?),
            Wire::Fixed64 => Payload::Fixed64(u64::from_le_bytes(self.array()?)),
            Wire::Fixed32 => Payload::Fixed32(u32::from_le_bytes(self.array()?)),
            Wire::Len => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (payload, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                Payload::Len(payload)
            }
            Wire::GroupStart => self.group()?,
            Wire::GroupEnd => return None,
        })
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*array)
    }

    /// Passes everything up to the end of the group that has just begun.
    fn group(&mut self) -> Option<Payload<'a>> {
        let mut open = 1_usize;
        while open > 0 {
            match self.tag()?.1 {
                Wire::GroupStart => open += 1,
                Wire::GroupEnd => open -= 1,
                wire => drop(self.payload(wire)?),
            }
        }
        Some(Payload::Group)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = WireField<'a>;

    fn next(&mut self) -> Option<WireField<'a>> {
        let (number, wire) = self.tag()?;
        let payload = self.payload(wire)?;
        Some(WireField { number, payload })
    }
}
