//! The entries of a map, read from its bytes: whether one holds a key and a value and nothing else.
//!
//! Fields that nobody knows are shown only where a blocked value matches in them, so that they are
//! there is to be seen in the bytes alone.
//!
//! Must never: call an entry plain in which a field could be hidden.

/// Fields of an `AnyValue` as they stand on the wire: string, bool, int, double, array, map, bytes.
const ALTERNATIVES: [u64; 7] = [0x0a, 0x10, 0x18, 0x21, 0x2a, 0x32, 0x3a];
/// The key of an entry, and a member of a map.
const FIRST: u64 = 0x0a;
/// The value of an entry.
const VALUE: u64 = 0x12;

/// The entries of a serialized `KeyValueList`; none if it holds anything else.
pub(crate) fn entries(list: &[u8]) -> Option<Vec<&[u8]>> {
    let only_entries = |(tag, entry)| (tag == FIRST).then_some(entry);
    fields(list)?.into_iter().map(only_entries).collect()
}

/// Whether a serialized `KeyValue` holds one key, at most one value, and nothing else.
pub(crate) fn is_plain(entry: &[u8]) -> bool {
    let Some(fields) = fields(entry) else {
        return false;
    };
    let count = |wanted: u64| fields.iter().filter(|(tag, _)| *tag == wanted).count();
    let plain_value = |value: &[u8]| {
        let one_at_most = self::fields(value).filter(|fields| fields.len() <= 1);
        one_at_most.is_some_and(|fields| fields.iter().all(|(tag, _)| ALTERNATIVES.contains(tag)))
    };
    count(FIRST) == 1
        && count(VALUE) == fields.len() - 1
        && count(VALUE) <= 1
        && fields
            .iter()
            .all(|(tag, field)| *tag == FIRST || plain_value(field))
}

/// The fields of a message with their tags; the content only of those that have a length.
fn fields(mut rest: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        let len = match tag & 7 {
            0 => varint(&mut rest).map(|_| 0)?,
            1 => 8,
            2 => usize::try_from(varint(&mut rest)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (field, behind) = rest.split_at_checked(len)?;
        fields.push((tag, field));
        rest = behind;
    }
    Some(fields)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_key_and_one_value_are_plain() {
        for (entry, plain) in [
            (&b"\x0a\x01k\x12\x03\x0a\x01v"[..], true),
            (b"\x12\x03\x0a\x01v\x0a\x01k", true),
            (b"\x0a\x01k\x12\x02\x18\x07", true),
            (b"\x0a\x01k\x12\x00", true),
            (b"\x0a\x00", true),
            (b"\x8a\x00\x81\x00k", true),
            (b"", false),
            (b"\x12\x02\x18\x07", false),
            (b"\x0a\x01k\x0a\x01k", false),
            (b"\x0a\x01k\x12\x00\x12\x00", false),
            (b"\x0a\x01k\x12\x04\x18\x07\x18\x08", false),
            (b"\x0a\x01k\x12\x04\x18\x07\x48\x08", false),
            (b"\x0a\x01k\x12\x02\x48\x08", false),
            (b"\x0a\x01k\x4a\x01x", false),
            (b"\x0a\x01k\x13\x14", false),
            (b"\x0a\x02k", false),
        ] {
            assert_eq!(is_plain(entry), plain, "{entry:?}");
        }
    }

    #[test]
    fn a_list_holds_entries_alone() {
        assert_eq!(entries(b"\x0a\x01a\x0a\x00"), Some(vec![&b"a"[..], b""]));
        assert_eq!(entries(b"\x0a\x01a\x12\x00"), None);
        assert_eq!(
            entries(b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
            None
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = is_plain(&bytes);
            if let Some(entries) = entries(&bytes) {
                let total: usize = entries.iter().map(|entry| entry.len()).sum();
                prop_assert!(total <= bytes.len());
            }
        }
    }
}
