//! Any edits on any batch: no panic, and what comes out of a sound batch is sound.
//!
//! The first byte is the signal, the second the number of edits; each edit takes four bytes (two
//! for the value, one for what to do, one for the length of the text); the rest is the batch.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otlp_wire::{Edit, Everything, Kind, NONE, Signal, Tree, Written, check, splice, walk};

fuzz_target!(|data: &[u8]| {
    let [signal, count, rest @ ..] = data else {
        return;
    };
    let Some(signal) = Signal::from_u8(signal % 3) else {
        return;
    };
    let Some((orders, bytes)) = rest.split_at_checked(4 * usize::from(count % 16)) else {
        return;
    };
    let mut tree = Tree::default();
    if walk(signal, bytes, &mut Everything, &mut tree).is_err() || tree.values.is_empty() {
        return;
    }
    let text = [b'*'; 255];
    let mut edits = Vec::new();
    for order in orders.chunks_exact(4) {
        let index = usize::from(order[0]) << 8 | usize::from(order[1]);
        let value = &tree.values[index % tree.values.len()];
        let own = matches!(value.kind, Kind::String | Kind::Bytes | Kind::Key)
            && tree.holder(value) != value.nest;
        edits.push(match order[2] % 3 {
            0 if own => Edit {
                nest: value.nest,
                range: value.payload.clone(),
                text: &text[..usize::from(order[3])],
            },
            1 if value.entry != NONE => {
                let entry = &tree.nests[value.entry as usize];
                Edit {
                    nest: entry.parent,
                    range: entry.field..entry.end,
                    text: b"",
                }
            }
            _ => Edit {
                nest: tree.holder(value),
                range: value.field.clone(),
                text: b"",
            },
        });
    }
    let (mut out, mut written) = (Vec::new(), Written::default());
    if splice(bytes, &tree.nests, &edits, &mut out, &mut written).is_err() {
        assert!(out.is_empty());
        return;
    }
    assert_eq!(check(signal, &out), Ok(otlp_wire::count(signal, &out)));
    for (edit, place) in edits.iter().zip(written.texts()) {
        assert_eq!(edit.text, &out[place.clone()]);
    }
});
