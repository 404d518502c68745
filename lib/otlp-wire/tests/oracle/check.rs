//! The check against the decoder: the same bytes pass, but for text that is not UTF-8, and with
//! text exactly the same. The count against the walk.

use otlp_wire::{Everything, Fault, Kind, Signal, Tree, check, check_text, count, walk};
use proptest::prelude::*;

use crate::edits::{choices, config, signals};
use crate::generate::Choices;
use crate::model::Batch;
use crate::scramble::{Oddity, Scrambler};

/// An unknown field: what is usual is looked at through a window, which nothing near the end has.
const BEHIND: [u8; 303] = {
    let mut field = [b'b'; 303];
    (field[0], field[1], field[2]) = (0x7a, 0xac, 0x02);
    field
};

/// Both must agree, whatever stands behind, and a walk must not fail on what passed.
pub(crate) fn agree(signal: Signal, bytes: &[u8]) -> Result<(), TestCaseError> {
    agree_as_it_is(signal, bytes)?;
    agree_as_it_is(signal, &[bytes, &BEHIND].concat())
}

fn agree_as_it_is(signal: Signal, bytes: &[u8]) -> Result<(), TestCaseError> {
    let checked = check(signal, bytes);
    let decoded = Batch::decode(signal, bytes);
    let whole = check_text(signal, bytes);
    prop_assert_eq!(whole.is_ok(), decoded.is_ok(), "{:?} {:?}", whole, decoded);
    let counted = count(signal, bytes);
    let mut tree = Tree::default();
    let walked = walk(signal, bytes, &mut Everything, &mut tree);
    prop_assert_eq!(
        checked.is_ok(),
        walked.is_ok(),
        "{:?} {:?}",
        checked,
        walked
    );
    if checked.is_err() {
        prop_assert!(decoded.is_err(), "{:?}", checked);
        return Ok(());
    }
    let records = tree.records.len() as u64;
    prop_assert_eq!((counted, checked), (records, Ok(records)));
    prop_assert!(whole.is_err() || whole == checked);
    let invalid = tree.values.iter().any(|value| {
        let text = matches!(value.kind, Kind::String | Kind::Key);
        text && std::str::from_utf8(&bytes[value.payload.clone()]).is_err()
    });
    prop_assert_eq!(decoded.is_err(), invalid, "{:?}", decoded);
    Ok(())
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn over_random_bytes(signal in signals(), bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        agree(signal, &bytes)?;
    }

    #[test]
    fn over_wrong_batches(signal in signals(), choices in choices()) {
        let mut from = Choices::new(&choices);
        agree(signal, &Scrambler::write(signal, &mut from, Oddity::Wrong, None).bytes)?;
    }

    #[test]
    fn over_mutated_batches(
        signal in signals(),
        choices in choices(),
        at: prop::sample::Index,
        change in 0..4,
        byte: u8,
    ) {
        let mut from = Choices::new(&choices);
        let mut bytes = Scrambler::write(signal, &mut from, Oddity::Padded, None).bytes;
        prop_assume!(!bytes.is_empty());
        let at = at.index(bytes.len());
        match change {
            0 => bytes[at] = byte,
            1 => bytes.truncate(at),
            2 => bytes.insert(at, byte),
            _ => drop(bytes.remove(at)),
        }
        agree(signal, &bytes)?;
    }
}

/// The check passes a usual entry at once: every byte of one changed to every value, and every
/// combination of small lengths, with and without a field behind the value.
#[test]
fn over_every_change_of_a_usual_entry() {
    let bases: [&[u8]; 4] = [
        b"\x0a\x0c\x12\x0a\x12\x08\x32\x06\x0a\x00\x12\x02\x18\x01",
        b"\x0a\x0e\x12\x0c\x12\x0a\x32\x08\x0a\x01k\x12\x03\x0a\x01x",
        b"\x0a\x10\x12\x0e\x12\x0c\x32\x0a\x0a\x01k\x12\x03\x0a\x01x\x18\x01",
        b"\x0a\x10\x12\x0e\x12\x0c\x32\x0a\x0a\x01k\x12\x05\x0a\x01x\x18\x01",
    ];
    for base in bases {
        for at in 0..base.len() {
            for byte in 0..=255 {
                let mut bytes = base.to_vec();
                bytes[at] = byte;
                agree(Signal::Logs, &bytes).unwrap();
            }
        }
    }
    for lengths in 0..1000_u32 {
        for base in &bases[1..] {
            let mut bytes = base.to_vec();
            let (key, any, text) = (lengths % 10, lengths / 10 % 10, lengths / 100);
            (bytes[9], bytes[12], bytes[14]) = (key as u8, any as u8, text as u8);
            agree(Signal::Logs, &bytes).unwrap();
        }
    }
}

/// A log body of so many nested lists, with one more field at the innermost value.
fn nested(lists: usize, field: &[u8]) -> Vec<u8> {
    let wrap = |number: u8, inner: &[u8]| {
        let mut out = vec![number << 3 | 2];
        prost::encoding::encode_varint(inner.len() as u64, &mut out);
        out.extend_from_slice(inner);
        out
    };
    let mut bytes = field.to_vec();
    for _ in 0..lists {
        // The value becomes that of an entry, the entry that of a list, the list a member.
        bytes = wrap(6, &wrap(1, &wrap(2, &bytes)));
    }
    for number in [5, 2, 2, 1] {
        bytes = wrap(number, &bytes);
    }
    bytes
}

#[test]
fn depth_as_the_decoder_has_it() {
    for (lists, field, fits) in [
        (32, &b"\x0a\x01x"[..], true),
        (33, b"\x0a\x01x", false),
        // An array of one more message is too deep; so is an unknown field at the last depth.
        (32, b"\x2a\x00", false),
        (32, b"\x50\x01", false),
        (31, b"\x50\x01", true),
        // A usual entry (a key, a short text) in one more list.
        (31, b"\x32\x0a\x0a\x08\x0a\x01k\x12\x03\x0a\x01x", true),
        (32, b"\x32\x0a\x0a\x08\x0a\x01k\x12\x03\x0a\x01x", false),
    ] {
        let bytes = nested(lists, field);
        let deep = check(Signal::Logs, &bytes);
        assert_eq!(deep.is_ok(), fits, "{lists} {deep:?}");
        assert_eq!(Batch::decode(Signal::Logs, &bytes).is_ok(), fits, "{lists}");
        let mut tree = Tree::default();
        let walked = walk(Signal::Logs, &bytes, &mut Everything, &mut tree);
        assert_eq!(walked.err(), deep.err());
        if let Err(error) = deep {
            assert_eq!(error.fault, Fault::Depth);
        }
    }
}

#[test]
fn depth_of_every_shape_as_the_decoder_has_it() {
    let wrap = |number: u8, inner: &[u8]| {
        let mut out = vec![number << 3 | 2];
        prost::encoding::encode_varint(inner.len() as u64, &mut out);
        out.extend_from_slice(inner);
        out
    };
    let usual = b"\x32\x0a\x0a\x08\x0a\x01k\x12\x03\x0a\x01x".to_vec();
    let (mut passed, mut refused) = (0, 0);
    for innermost in [usual, b"\x18\x01".to_vec(), b"\x32\x00".to_vec()] {
        for (lists, arrays, in_body) in (27..35)
            .flat_map(|lists| (0..4).map(move |arrays| (lists, arrays)))
            .flat_map(|(lists, arrays)| [(lists, arrays, true), (lists, arrays, false)])
        {
            let mut any = innermost.clone();
            for _ in 0..arrays {
                any = wrap(5, &wrap(1, &any));
            }
            for _ in 0..lists {
                any = wrap(6, &wrap(1, &wrap(2, &any)));
            }
            let record = if in_body {
                wrap(5, &any)
            } else {
                wrap(6, &wrap(2, &any))
            };
            let bytes = wrap(1, &wrap(2, &wrap(2, &record)));
            let fits = Batch::decode(Signal::Logs, &bytes).is_ok();
            assert_eq!(
                check(Signal::Logs, &bytes).is_ok(),
                fits,
                "{lists} {arrays} {in_body}"
            );
            *(if fits { &mut passed } else { &mut refused }) += 1;
        }
    }
    assert!(passed > 20 && refused > 20, "{passed} {refused}");
}

#[test]
fn groups_as_deep_as_the_decoder_has_them() {
    for groups in [98, 99, 100, 101, 20_000] {
        let mut bytes = [0xa3, 0x06].repeat(groups);
        bytes.extend([0xa4, 0x06].repeat(groups));
        let fits = Batch::decode(Signal::Traces, &bytes).is_ok();
        assert_eq!(check(Signal::Traces, &bytes).is_ok(), fits, "{groups}");
        assert_eq!(fits, groups <= 100, "{groups}");
    }
}

#[test]
fn errors_say_where_and_never_what() {
    let bytes = b"\x0a\x0e\x12\x0c\x12\x0asecret-key\x7f";
    let error = check(Signal::Traces, bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid Span at byte 6: wire type does not fit the field"
    );
    for signal in Signal::ALL {
        for end in 0..bytes.len() {
            let Err(error) = check(*signal, &bytes[..end]) else {
                continue;
            };
            assert!(error.offset <= end);
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }
}

#[test]
fn text_is_named_and_not_shown() {
    // A log record whose severity text, and then an attribute's key, is one byte of no character.
    let severity = check_text(Signal::Logs, b"\x0a\x07\x12\x05\x12\x03\x1a\x01\xff");
    let key = check_text(
        Signal::Logs,
        b"\x0a\x09\x12\x07\x12\x05\x32\x03\x0a\x01\xff",
    );
    let said = [severity, key].map(|checked| checked.unwrap_err().to_string());
    assert_eq!(
        said,
        [
            "invalid LogRecord at byte 6: the text of severityText is not UTF-8",
            "invalid KeyValue at byte 8: the text of key is not UTF-8",
        ]
    );
}
