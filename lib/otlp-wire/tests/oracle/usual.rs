//! The borders of what the check passes in few steps, against the decoder: everything that is almost a
//! usual entry or a usual span, with enough behind it that the short way is taken at all.

use otlp_wire::{Signal, varint};

use crate::check::agree;
use crate::fields::{field, without_twice_cut};

/// The batch of one log record or span with these fields.
fn batch(record: &[u8]) -> Vec<u8> {
    field(1, field(2, field(2, record)))
}

/// An attribute of a log record.
fn entry(key: &[u8], value: &[u8]) -> Vec<u8> {
    field(6, [field(1, key), field(2, value)].concat())
}

/// The same between two usual ones, as a batch.
fn among_usual(entry: &[u8]) -> Vec<u8> {
    let usual = self::entry(b"key", b"\x0a\x04text");
    batch(&[&usual, entry, &usual].concat())
}

fn agree_about_entry(entry: &[u8]) {
    agree(Signal::Logs, &among_usual(entry)).unwrap();
}

/// A span as all known senders write it, with an attribute of each kind.
fn span() -> Vec<u8> {
    let mut span = Vec::new();
    span.extend(
        [
            field(1, [0xf1; 16]),
            field(2, [0xf2; 8]),
            field(4, [0xf3; 8]),
        ]
        .concat(),
    );
    span.extend(field(5, b"name"));
    span.extend(
        b"\x30\x01\x39\x91\x92\x93\x94\x95\x96\x97\x98\x41\x81\x82\x83\x84\x85\x86\x87\x88",
    );
    for value in [
        &b"\x0a\x02hi"[..],
        b"\x0a\x00",
        b"\x10\x01",
        b"\x18\x81\x82\x83\x84\x05",
        b"\x18\x81\x82\x83\x84\x85\x06",
        b"\x21\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8",
    ] {
        span.extend(field(9, [field(1, b"k"), field(2, value)].concat()));
    }
    span.extend(b"\x7a\x02\x18\x01\x85\x01\x01\x01\x00\x00");
    span
}

#[test]
fn every_byte_of_a_span_changed() {
    let base = batch(&span());
    for at in 0..base.len() {
        for byte in 0..=255 {
            let mut bytes = base.clone();
            bytes[at] = byte;
            agree(Signal::Traces, &bytes).unwrap();
        }
    }
}

#[test]
fn every_byte_of_a_span_left_out_or_doubled() {
    let base = span();
    for at in 0..base.len() {
        // Once with lengths that fit the record, once with those of the whole one.
        for record in without_twice_cut(&base, at) {
            agree(Signal::Traces, &batch(&record)).unwrap();
        }
        let whole = batch(&base);
        let behind = whole.len() - base.len() + at;
        for bytes in without_twice_cut(&whole, behind) {
            agree(Signal::Traces, &bytes).unwrap();
        }
    }
}

#[test]
fn spans_in_other_ways() {
    let ids = [field(1, [1; 16]), field(2, [2; 8])].concat();
    let parents = [
        vec![],
        field(4, [3; 8]),
        field(4, []),
        field(4, [3; 9]),
        field(3, b"k=v"),
    ];
    let names = [
        &b""[..],
        b"n",
        &[b'n'; 127],
        &[b'n'; 128],
        b"\xc3\xa9",
        b"\xc3",
        b"123456\xe9",
    ];
    let tails: [&[u8]; 9] = [
        b"",
        b"\x7a\x00",
        b"\x7a\x02\x18\x02",
        b"\x7a\x02\x18\x82",
        b"\x7a\x04\x12\x02hi\x85\x01\x01\x00\x00\x00",
        b"\x7a\x02\x12\x00\x85\x01\x01\x00\x00\x00",
        b"\x85\x01\x01\x00\x00\x00\x7a\x00",
        b"\x85\x81\x00\x01\x00\x00\x00",
        b"\x85\x00\x01\x00\x00\x00",
    ];
    let kinds: [&[u8]; 4] = [b"\x30\x03", b"\x30\x83\x00", b"\x30\xff", b""];
    let begin = [&[0x39][..], &[9; 8]].concat();
    let end = [&[0x41][..], &[9; 8]].concat();
    for (parent, name) in parents
        .iter()
        .flat_map(|parent| names.map(|name| (parent, name)))
    {
        for (kind, tail) in kinds
            .iter()
            .flat_map(|kind| tails.map(|tail| (*kind, tail)))
        {
            let head = [&ids, parent, &field(5, name), kind].concat();
            for times in [[&begin[..], &end], [&end, &begin], [&begin, &[]]] {
                agree(
                    Signal::Traces,
                    &batch(&[&head, times[0], times[1], tail].concat()),
                )
                .unwrap();
            }
        }
    }
}

#[test]
fn lengths_at_their_borders() {
    let sizes = || (0..5).chain(118..132);
    for (key, text) in sizes().flat_map(|key| sizes().map(move |text| (key, text))) {
        let value = field(1, vec![b'v'; text]);
        agree_about_entry(&entry(&vec![b'k'; key], &value));
        // The text says one more or less than there is, and so does what is around it.
        for change in [1, u8::MAX] {
            let mut wrong = value.clone();
            wrong[1] = wrong[1].wrapping_add(change);
            agree_about_entry(&entry(&vec![b'k'; key], &wrong));
            let mut wrong = entry(&vec![b'k'; key], &value);
            wrong[1] = wrong[1].wrapping_add(change);
            agree_about_entry(&wrong);
        }
    }
}

/// Packed numbers of eight bytes each, of a histogram's point.
#[test]
fn packed_numbers_of_every_length() {
    for size in (0..20).chain(120..140) {
        let point = field(1, field(6, vec![0x81; size]));
        let metric = field(2, field(9, &point));
        agree(Signal::Metrics, &field(1, field(2, &metric))).unwrap();
    }
}

/// A length of 128 or more in one byte begins a longer one, in whatever it is a length of.
#[test]
fn lengths_of_one_byte_too_few() {
    for (key, text) in (0..132_u8).flat_map(|key| [1, 100, 117, 130].map(|text| (key, text))) {
        let mut entry = vec![0x32, key.wrapping_add(text + 6), 0x0a, key];
        entry.extend(vec![b'k'; key.into()]);
        entry.extend([0x12, text + 2, 0x0a, text]);
        entry.extend(vec![b'v'; text.into()]);
        agree_about_entry(&entry);
    }
}

/// What a value must say depends on how much the key leaves of the entry: here it leaves less than nothing,
/// and what stands behind the entry is a field of its own.
#[test]
fn keys_longer_than_their_entry() {
    for (size, key) in (2..128_u8).flat_map(|size| (size..128).map(move |key| (size, key))) {
        let left = size.wrapping_sub(key).wrapping_sub(4);
        for inner in [left, left & 0x7f] {
            let text = inner.wrapping_sub(2);
            for value in [[0x12, inner, 0x0a, text], [0x12, inner, 0x18, 1]] {
                let within = usize::from(size) - 2;
                let behind = usize::from(key) - within + value.len() - 3;
                let mut entry = vec![0x32, size, 0x0a, key];
                entry.extend(vec![b'k'; within]);
                entry.extend([0x7a, behind as u8 | 0x80, (behind >> 7) as u8]);
                entry.extend(vec![b'u'; behind.saturating_sub(value.len())]);
                entry.extend(&value[value.len().saturating_sub(behind)..]);
                agree_about_entry(&entry);
            }
        }
    }
}

#[test]
fn numbers_of_every_length() {
    for (tag, bytes) in [0x10, 0x18, 0x40, 0x21, 0x20, 0x08]
        .iter()
        .flat_map(|tag| (0..13).map(move |bytes| (*tag, bytes)))
    {
        for last in [0x00, 0x01, 0x02, 0x7f, 0x80, 0xff] {
            let mut value = vec![0x80; bytes];
            if let Some(byte) = value.last_mut() {
                *byte = last;
            }
            value.insert(0, tag);
            agree_about_entry(&entry(b"k", &value));
            // The same with a byte that is none of its own, and with one integer that ends too early.
            agree_about_entry(&entry(b"k", &[&value[..], b"\x00"].concat()));
            if bytes > 2 {
                value[1] = 1;
                agree_about_entry(&entry(b"k", &value));
            }
        }
    }
    for value in [0, 1, 127, 128, 1 << 34, 1 << 35, 1 << 56, u64::MAX] {
        let mut integer = vec![0x18];
        varint::write(value, &mut integer);
        let whole = among_usual(&entry(b"count", &integer));
        assert!(otlp_wire::check_text(Signal::Logs, &whole).is_ok());
        agree(Signal::Logs, &whole).unwrap();
    }
}

#[test]
fn entries_in_other_ways() {
    let (key, value) = (field(1, b"key"), field(2, b"\x0a\x04text"));
    let shapes: [&[&[u8]]; 12] = [
        &[],
        &[&key],
        &[&value],
        &[&value, &key],
        &[&key, &key, &value],
        &[&key, &value, &value],
        &[&key, &value, b"\x18\x01"],
        &[&key, b"\x50\x01", &value],
        &[&key, &value, b"\x52\x01x"],
        &[&key, b"\x12\x00"],
        &[&key, b"\x12\x81\x00\x0a"],
        &[b"\x0a\x83\x00key", &value],
    ];
    for shape in shapes {
        agree_about_entry(&field(6, shape.concat()));
    }
    for value in [
        &b"\x0a\x01a\x0a\x01b"[..],
        b"\x0a\x01a\x10\x01",
        b"\x10\x01\x0a\x01a",
        b"\x0a\x81\x00a",
        b"\x2a\x04\x0a\x02\x18\x01",
        b"\x32\x03\x0a\x01x",
        b"\x3a\x02\xff\xfe",
        b"\x52\x01x",
        b"\x12\x01x",
    ] {
        agree_about_entry(&entry(b"key", value));
    }
}

#[test]
fn text_of_every_length_with_one_strange_byte() {
    for size in (0..70).chain([95, 119, 120]) {
        for at in 0..size {
            for strange in [&b"\xff"[..], b"\xc3\xa9"] {
                let mut text = vec![b't'; size];
                text.splice(at..(at + strange.len()).min(size), strange.iter().copied());
                agree_about_entry(&entry(b"key", &field(1, &text)));
                agree_about_entry(&entry(&text, b"\x18\x01"));
            }
        }
    }
}
