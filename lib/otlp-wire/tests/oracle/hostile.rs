//! Nests and edits that no walk made: an error or some bytes, never a panic.

use otlp_wire::{Edit, NONE, Nest, Written, splice};
use proptest::prelude::*;

use crate::edits::config;

fn nests() -> impl Strategy<Value = Vec<Nest>> {
    let offset = || 0..40_usize;
    let parent = prop_oneof![Just(NONE), 0..6_u32, any::<u32>()];
    let wild = (parent, offset(), offset(), offset(), offset()).prop_map(
        |(parent, field, len, start, end)| Nest {
            parent,
            field,
            len,
            start,
            end,
        },
    );
    let sane = (0..4_u32, 1..20_usize, 20..40_usize).prop_map(|(parent, field, end)| Nest {
        parent,
        field,
        len: field + 1,
        start: field + 2,
        end: end.max(field + 2),
    });
    prop::collection::vec(prop_oneof![wild, sane], 0..8)
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn splices_survive(
        mut nests in nests(),
        rooted: bool,
        edits in prop::collection::vec((0..9_u32, 0..40_usize, 0..40_usize, 0..300_usize), 0..6),
    ) {
        let bytes = [b'x'; 32];
        if rooted {
            nests.insert(0, Nest { parent: NONE, field: 0, len: 0, start: 0, end: 32 });
        }
        let text = [b'y'; 300];
        let edits: Vec<Edit<'_>> = edits
            .iter()
            .map(|&(nest, start, end, size)| Edit { nest, range: start..end, text: &text[..size] })
            .collect();
        let (mut out, mut written) = (Vec::new(), Written::default());
        if splice(&bytes, &nests, &edits, &mut out, &mut written).is_ok() {
            for (edit, place) in edits.iter().zip(written.texts()) {
                prop_assert_eq!(edit.text, &out[place.clone()]);
            }
        }
    }
}
