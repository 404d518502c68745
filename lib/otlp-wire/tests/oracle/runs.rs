//! Spans in a row, which the check passes two at a time, against the decoder: one that is almost usual in
//! every place of a run, rows of every length side by side, and the end of the batch behind each.

use otlp_wire::{Signal, check_text};

use crate::check::agree;
use crate::fields::{field, without_twice_cut};

/// The batch of one scope with spans of these fields.
fn batch(spans: &[&[u8]]) -> Vec<u8> {
    let spans: Vec<u8> = spans.iter().flat_map(|span| field(2, span)).collect();
    field(1, field(2, &spans))
}

const VALUES: [&[u8]; 8] = [
    b"\x0a\x02hi",
    b"\x0a\x00",
    b"\x0a\x1da text of more than two words",
    b"\x10\x01",
    b"\x18\x81\x02",
    b"\x18\x81\x82\x83\x84\x05",
    b"\x21\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8",
    b"\x18\x81\x82\x83\x84\x85\x86\x87\x88\x01",
];

/// The last of the values is one that takes the complete path.
const USUAL: usize = VALUES.len() - 1;

/// What stands before the attributes.
fn head(parent: bool, name: &[u8]) -> Vec<u8> {
    let mut head = [field(1, [0xf1; 16]), field(2, [0xf2; 8])].concat();
    if parent {
        head.extend(field(4, [0xf3; 8]));
    }
    head.extend(field(5, name));
    head.extend(
        b"\x30\x01\x39\x91\x92\x93\x94\x95\x96\x97\x98\x41\x81\x82\x83\x84\x85\x86\x87\x88",
    );
    head
}

fn attributes(values: impl IntoIterator<Item = usize>) -> Vec<u8> {
    let entry = |at: usize| field(9, [field(1, b"key"), field(2, VALUES[at])].concat());
    values.into_iter().flat_map(entry).collect()
}

/// A span that is usual in all.
fn span() -> Vec<u8> {
    let tail = b"\x7a\x02\x18\x01\x85\x01\x01\x01\x00\x00";
    [&head(true, b"name")[..], &attributes(0..USUAL), tail].concat()
}

/// The run in which this span is each of the first five, and the last.
fn agree_in_every_place(other: &[u8]) {
    let usual = span();
    for place in 0..6 {
        let mut spans = vec![&usual[..]; 6];
        spans[place] = other;
        agree(Signal::Traces, &batch(&spans)).unwrap();
    }
}

#[test]
fn usual_spans_pass() {
    let usual = span();
    for count in 0..7 {
        let spans = batch(&vec![&usual[..]; count]);
        assert_eq!(check_text(Signal::Traces, &spans), Ok(count as u64));
        agree(Signal::Traces, &spans).unwrap();
    }
}

#[test]
fn one_byte_of_one_span_changed() {
    let usual = span();
    for at in 0..usual.len() {
        let byte = usual[at];
        for other in [
            0,
            1,
            0x7f,
            0x80,
            0xff,
            byte ^ 1,
            byte ^ 0x80,
            byte.wrapping_add(1),
        ] {
            let mut changed = usual.clone();
            changed[at] = other;
            agree_in_every_place(&changed);
        }
    }
}

#[test]
fn one_byte_of_one_span_left_out_or_doubled() {
    let usual = span();
    for at in 0..usual.len() {
        for other in without_twice_cut(&usual, at) {
            agree_in_every_place(&other);
        }
        // The same with the length of the whole span before it.
        for place in 0..6 {
            let whole = batch(&[&usual[..]; 6]);
            let begin = whole.len() - (6 - place) * (usual.len() + 3) + 3;
            for bytes in without_twice_cut(&whole, begin + at) {
                agree(Signal::Traces, &bytes).unwrap();
            }
        }
    }
}

#[test]
fn rows_of_every_length_side_by_side() {
    let usual = span();
    let tail = b"\x7a\x00\x85\x01\x01\x00\x00\x00";
    let with = |values: &[usize]| {
        let attributes = attributes(values.iter().copied());
        [
            &head(values.len().is_multiple_of(2), b"n")[..],
            &attributes,
            tail,
        ]
        .concat()
    };
    let rows: Vec<Vec<u8>> = (0..6)
        .flat_map(|count| (0..VALUES.len()).map(move |from| (count, from)))
        .map(|(count, from)| {
            let values: Vec<usize> = (from..from + count).map(|at| at % VALUES.len()).collect();
            with(&values)
        })
        .collect();
    for one in &rows {
        for two in &rows {
            let spans = [&usual[..], one, two, &usual];
            agree(Signal::Traces, &batch(&spans)).unwrap();
        }
    }
}

#[test]
fn what_is_not_usual_in_a_run() {
    let (head, attributes) = (head(true, b"name"), attributes(0..USUAL));
    let tails: [&[u8]; 6] = [
        b"",
        b"\x7a\x00",
        b"\x7a\x02\x18\x02",
        b"\x85\x01\x01\x00\x00\x00",
        b"\x7a\x02\x18\x82",
        b"\x85\x01\x01",
    ];
    let others: [&[u8]; 5] = [
        b"\x5a\x00",
        b"\x5a\x04\x12\x02hi",
        b"\x50\x01",
        b"\x6a\x00",
        b"\x4a\x02\x0a\x00",
    ];
    for tail in tails {
        agree_in_every_place(&[&head[..], tail].concat());
        agree_in_every_place(&[&head[..], &attributes, tail].concat());
        for other in others {
            agree_in_every_place(&[&head[..], other, &attributes, tail].concat());
            agree_in_every_place(&[&head[..], &attributes, other, tail].concat());
            agree_in_every_place(&[&head[..], &attributes, tail, other].concat());
        }
    }
    agree_in_every_place(b"");
    agree_in_every_place(&attributes);
    agree_in_every_place(&[&attributes[..], &head].concat());
}
