//! The walk against the decoded batch, and random edits on both sides of the decoder.

use otlp_wire::{
    Edit, Everything, Kind, Member, NONE, Nest, Place, Signal, Tree, Written, check, splice, walk,
    write_any, write_attribute, write_len_field, write_member,
};
use proptest::prelude::*;

use crate::generate::Choices;
use crate::model::{Action, Batch, Model, Plan, Seen};

/// A run of so many cases that leaves no file behind.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

pub(crate) fn signals() -> impl Strategy<Value = Signal> {
    prop::sample::select(Signal::ALL)
}

pub(crate) fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..1500)
}

/// A walk over everything, as the model lists it.
fn seen(tree: &Tree, bytes: &[u8]) -> Vec<Seen> {
    let values = tree.values.iter().map(|value| Seen {
        place: value.place,
        kind: value.kind,
        payload: bytes[value.payload.clone()].to_vec(),
        key: value
            .key
            .clone()
            .map(|key| String::from_utf8(bytes[key].to_vec()).unwrap()),
        container: value.container as usize,
        record: (value.record != NONE).then_some(value.record as usize),
        depth: value.depth,
    });
    values.collect()
}

/// An edit that owns its text.
#[derive(Debug)]
struct Planned {
    nest: u32,
    range: std::ops::Range<usize>,
    text: Vec<u8>,
}

/// Draws edits that do not touch each other, as ranges and as a plan for the model.
fn plan(from: &mut Choices<'_>, tree: &Tree, bytes: &[u8]) -> (Plan, Vec<Planned>) {
    let mut plan = Plan::default();
    let mut edits = Vec::new();
    for _ in 0..from.below(12) {
        let candidate = match from.byte() % 8 {
            0 => drop_record(from, tree, &mut plan, &edits),
            1 | 2 => insert(from, tree, &mut plan, &edits),
            _ => change(from, tree, bytes, &mut plan, &edits),
        };
        edits.extend(candidate);
    }
    (plan, edits)
}

/// The edit, if it stands clear of the others.
fn clear(tree: &Tree, edits: &[Planned], edit: Planned) -> Option<Planned> {
    let inside = |nest: u32, range: &std::ops::Range<usize>| {
        let nest = tree.nests[nest as usize];
        nest.parent != NONE && range.start <= nest.field && nest.end <= range.end
    };
    let conflict = |other: &Planned| {
        let overlap = other.range.start < edit.range.end && edit.range.start < other.range.end;
        let same = other.range == edit.range && other.nest == edit.nest;
        overlap || same || inside(other.nest, &edit.range) || inside(edit.nest, &other.range)
    };
    (!edits.iter().any(conflict)).then_some(edit)
}

fn whole(tree: &Tree, nest: u32, text: Vec<u8>) -> Planned {
    let Nest {
        parent, field, end, ..
    } = tree.nests[nest as usize];
    Planned {
        nest: parent,
        range: field..end,
        text,
    }
}

fn drop_record(
    from: &mut Choices<'_>,
    tree: &Tree,
    plan: &mut Plan,
    edits: &[Planned],
) -> Option<Planned> {
    let index = from.below(tree.records.len());
    let record = tree.records.get(index)?;
    let edit = clear(tree, edits, whole(tree, record.nest, Vec::new()))?;
    plan.drops.insert(index);
    Some(edit)
}

fn insert(
    from: &mut Choices<'_>,
    tree: &Tree,
    plan: &mut Plan,
    edits: &[Planned],
) -> Option<Planned> {
    let index = from.below(tree.containers.len());
    let container = tree.containers.get(index)?;
    let (key, text) = (from.text(), from.text());
    let mut entry = Vec::new();
    write_attribute(container.field, &key, Member::String(&text), &mut entry);
    if container.absent != 0 {
        let inner = std::mem::take(&mut entry);
        write_len_field(container.absent, &inner, &mut entry);
    }
    let end = tree.nests[container.nest as usize].end;
    let edit = Planned {
        nest: container.nest,
        range: end..end,
        text: entry,
    };
    let edit = clear(tree, edits, edit)?;
    plan.inserts.entry(index).or_default().push((key, text));
    Some(edit)
}

fn change(
    from: &mut Choices<'_>,
    tree: &Tree,
    bytes: &[u8],
    plan: &mut Plan,
    edits: &[Planned],
) -> Option<Planned> {
    let index = from.below(tree.values.len());
    let value = tree.values.get(index)?;
    if value.place == Place::Id {
        return None;
    }
    let text = from.text();
    let (action, edit) = match from.byte() % 4 {
        0 if value.entry != NONE && value.kind != Kind::Key => {
            (Action::Remove, whole(tree, value.entry, Vec::new()))
        }
        1 | 2 if value.any != NONE => {
            let mut member = Vec::new();
            write_member(Member::String(&text), &mut member);
            let edit = Planned {
                nest: value.any,
                range: value.field.clone(),
                text: member,
            };
            (Action::Retype(text), edit)
        }
        1 | 2 if value.entry != NONE && value.kind == Kind::Empty => {
            let mut any = Vec::new();
            write_any(2, Member::String(&text), &mut any);
            let edit = Planned {
                nest: value.entry,
                range: value.field.clone(),
                text: any,
            };
            (Action::Retype(text), edit)
        }
        _ if matches!(value.kind, Kind::String | Kind::Key | Kind::Bytes) => {
            let content = String::from_utf8_lossy(&bytes[value.payload.clone()]).into_owned();
            let borders: Vec<usize> = (0..=content.len())
                .filter(|&at| content.is_char_boundary(at))
                .collect();
            let mut ends = [
                borders[from.below(borders.len())],
                borders[from.below(borders.len())],
            ];
            ends.sort_unstable();
            let start = value.payload.start;
            let range = start + ends[0]..start + ends[1];
            let edit = Planned {
                nest: value.nest,
                range,
                text: text.clone().into_bytes(),
            };
            (Action::Range(ends[0]..ends[1], text), edit)
        }
        _ => return None,
    };
    if plan.values.contains_key(&index) {
        return None;
    }
    let edit = clear(tree, edits, edit)?;
    plan.values.insert(index, action);
    Some(edit)
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn walks_and_splices_as_the_decoder_does(
        signal in signals(),
        message in choices(),
        changes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut batch = Batch::generate(signal, &mut Choices::new(&message));
        let bytes = batch.encode();
        prop_assert_eq!(check(signal, &bytes).err(), None);
        let mut tree = Tree::default();
        walk(signal, &bytes, &mut Everything, &mut tree).unwrap();

        let mut model = Model::default();
        model.batch(&mut batch.clone());
        let walked = seen(&tree, &bytes);
        for (index, (walked, modelled)) in walked.iter().zip(&model.seen).enumerate() {
            prop_assert_eq!(walked, modelled, "value {}", index);
        }
        prop_assert_eq!(walked.len(), model.seen.len());
        prop_assert_eq!(tree.containers.len(), model.containers);
        prop_assert_eq!(tree.records.len(), model.records);

        let (plan, planned) = plan(&mut Choices::new(&changes), &tree, &bytes);
        let mut model = Model { plan, ..Model::default() };
        model.batch(&mut batch);
        let edits: Vec<Edit<'_>> = planned
            .iter()
            .map(|edit| Edit { nest: edit.nest, range: edit.range.clone(), text: &edit.text })
            .collect();
        let (mut out, mut written) = (Vec::new(), Written::default());
        splice(&bytes, &tree.nests, &edits, &mut out, &mut written).unwrap();
        prop_assert_eq!(Batch::decode(signal, &out).unwrap(), batch);
        for (edit, place) in edits.iter().zip(written.texts()) {
            prop_assert_eq!(edit.text, &out[place.clone()]);
        }
        for value in &tree.values {
            let old = &value.payload;
            let list = matches!(value.kind, Kind::Array | Kind::Kvlist);
            let touched = edits.iter().any(|edit| edit.range.start < old.end && old.start < edit.range.end);
            if !list && !touched && !old.is_empty() {
                let new = written.place(old.start)..written.place(old.end - 1) + 1;
                prop_assert_eq!(&bytes[old.clone()], &out[new]);
            }
        }
        if edits.is_empty() {
            prop_assert_eq!(&bytes, &out);
        }
        prop_assert_eq!(check(signal, &out).err(), None);
    }
}
