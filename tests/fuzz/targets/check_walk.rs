//! Any bytes as a batch: no panic, and check, walk and seek agree.
//!
//! The first byte is the signal, the second where to seek; the rest is the batch. A walk over
//! everything must fail exactly where the check does, and what a seek finds must be a value that
//! the walk found too.

#![no_main]

use libfuzzer_sys::fuzz_target;
use otlp_wire::{Everything, Kind, Offsets, Signal, Tree, check, walk};

fuzz_target!(|data: &[u8]| {
    let [signal, at, bytes @ ..] = data else {
        return;
    };
    let Some(signal) = Signal::from_u8(signal % 3) else {
        return;
    };
    let mut tree = Tree::default();
    let checked = check(signal, bytes);
    assert_eq!(
        checked.is_ok(),
        walk(signal, bytes, &mut Everything, &mut tree).is_ok()
    );

    if let Ok(records) = checked {
        assert_eq!(records, tree.records.len() as u64);
    }

    let at = usize::from(*at) * bytes.len() / 256;
    let ranges = [at..at + 1];
    let mut offsets = Offsets::new(&ranges);
    let mut sought = Tree::default();
    if walk(signal, bytes, &mut offsets, &mut sought).is_err() {
        assert!(checked.is_err());
        return;
    }
    assert_eq!(offsets.missed() + sought.values.len(), 1);
    if checked.is_ok() {
        let mut touched = tree.values.iter().filter(|value| {
            let text = matches!(value.kind, Kind::String | Kind::Bytes | Kind::Key);
            text && value.payload.contains(&at)
        });
        let found = sought.values.first();
        let found = found.map(|value| (value.place, value.payload.clone(), value.key.clone()));
        let expected = touched.next();
        let expected =
            expected.map(|value| (value.place, value.payload.clone(), value.key.clone()));
        assert_eq!(found, expected);
    }
});
