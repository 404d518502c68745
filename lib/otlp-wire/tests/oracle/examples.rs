//! Small batches by hand: the shapes that a decoder hides, one at a time.

use otlp_wire::{
    Edit, Everything, Kind, Level, Member, NONE, Nest, Place, Signal, SpliceError, Tree, Value,
    Written, splice, varint, walk, write_any, write_attribute, write_member, write_tag,
};

use crate::fields::field;

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A batch of logs with one resource group, which is given.
fn logs(group: &[u8]) -> Vec<u8> {
    field(1, group)
}

/// A batch with one log record, which is given.
fn log(record: &[u8]) -> Vec<u8> {
    logs(&field(2, field(2, record)))
}

fn walked(signal: Signal, bytes: &[u8]) -> Tree {
    let mut tree = Tree::default();
    walk(signal, bytes, &mut Everything, &mut tree).unwrap();
    tree
}

fn texts<'a>(tree: &Tree, bytes: &'a [u8], kind: Kind) -> Vec<&'a str> {
    let values = tree.values.iter().filter(|value| value.kind == kind);
    values
        .map(|value| std::str::from_utf8(&bytes[value.payload.clone()]).unwrap())
        .collect()
}

fn the<'t>(tree: &'t Tree, bytes: &[u8], text: &str) -> &'t Value {
    let mut found = tree
        .values
        .iter()
        .filter(|value| &bytes[value.payload.clone()] == text.as_bytes());
    let value = found.next().expect(text);
    assert!(found.next().is_none(), "{text} stands twice");
    value
}

#[test]
fn every_alternative_of_a_value_is_shown() {
    let any = joined(&[&field(1, "first"), b"\x18\x07", &field(1, "second")]);
    let entry = joined(&[
        &field(1, "key"),
        &field(2, &any),
        &field(2, field(1, "third")),
    ]);
    let bytes = log(&field(6, entry));
    let tree = walked(Signal::Logs, &bytes);
    assert_eq!(
        texts(&tree, &bytes, Kind::String),
        ["first", "second", "third"]
    );
    assert_eq!(texts(&tree, &bytes, Kind::Int), ["\u{7}"]);
}

#[test]
fn every_key_of_an_entry_is_reachable_and_may_follow_the_value() {
    let list = field(5, field(1, field(1, "element")));
    let entry = joined(&[
        &field(2, field(1, "value")),
        &field(1, "password"),
        &field(2, &list),
        &field(1, "k"),
    ]);
    let bytes = log(&field(6, entry));
    let tree = walked(Signal::Logs, &bytes);
    assert_eq!(texts(&tree, &bytes, Kind::Key), ["password", "k"]);
    for text in ["value", "element"] {
        let value = the(&tree, &bytes, text);
        assert_eq!(&bytes[value.key.clone().unwrap()], b"k");
        assert_eq!(value.key_count, 2);
        let keys: Vec<&[u8]> = value.keys(&bytes).map(|key| &bytes[key]).collect();
        assert_eq!(keys, [&b"password"[..], b"k"]);
    }
    let element = the(&tree, &bytes, "element");
    assert_eq!((element.entry, element.depth), (NONE, 1));
}

#[test]
fn a_resource_in_two_parts_is_one_container_and_ends_in_the_last() {
    let attribute = |key| field(1, field(1, key));
    let group = joined(&[
        &field(1, attribute("a")),
        &field(2, field(2, field(12, "event"))),
        &field(1, attribute("b")),
    ]);
    let bytes = logs(&group);
    let tree = walked(Signal::Logs, &bytes);
    let resources: Vec<_> = tree
        .containers
        .iter()
        .filter(|container| container.level == Level::Resource)
        .collect();
    assert_eq!(resources.len(), 1);
    let b = the(&tree, &bytes, "b");
    assert_eq!(resources[0].absent, 0);
    assert_eq!(tree.nests[b.entry as usize].parent, resources[0].nest);
    assert_eq!(the(&tree, &bytes, "a").container, b.container);
}

#[test]
fn a_list_in_two_parts_is_one_container() {
    let list = |key| field(6, field(1, field(1, key)));
    for body in [
        field(5, joined(&[&list("a"), &list("b")])),
        joined(&[&field(5, list("a")), &field(5, list("b"))]),
    ] {
        let bytes = log(&body);
        let tree = walked(Signal::Logs, &bytes);
        let a = the(&tree, &bytes, "a");
        let b = the(&tree, &bytes, "b");
        assert_eq!(a.container, b.container);
        let container = &tree.containers[b.container as usize];
        assert_eq!(
            (container.level, container.place),
            (Level::Body, Place::Body)
        );
        assert_eq!(tree.nests[b.entry as usize].parent, container.nest);
    }
}

#[test]
fn bodies_of_different_records_share_nothing() {
    let record = field(2, field(5, field(6, field(1, field(1, "key")))));
    let bytes = logs(&field(2, joined(&[&record, &record])));
    let tree = walked(Signal::Logs, &bytes);
    let bodies = tree
        .containers
        .iter()
        .filter(|container| container.level == Level::Body);
    assert_eq!(
        bodies.map(|container| container.record).collect::<Vec<_>>(),
        [0, 1]
    );
}

#[test]
fn an_absent_resource_can_take_an_attribute() {
    let bytes = logs(&field(2, field(2, field(12, "event"))));
    let tree = walked(Signal::Logs, &bytes);
    let container = &tree.containers[0];
    assert_eq!(
        (container.level, container.absent, container.field),
        (Level::Resource, 1, 1)
    );
    let mut entry = Vec::new();
    write_attribute(container.field, "pod", Member::Int(-1), &mut entry);
    let text = field(container.absent, entry);
    let end = tree.nests[container.nest as usize].end;
    let edit = Edit {
        nest: container.nest,
        range: end..end,
        text: &text,
    };
    let (mut out, mut written) = (Vec::new(), Written::default());
    splice(&bytes, &tree.nests, &[edit], &mut out, &mut written).unwrap();
    let tree = walked(Signal::Logs, &out);
    assert_eq!(tree.containers[0].absent, 0);
    assert_eq!(the(&tree, &out, "pod").place, Place::ResourceAttribute);
}

#[test]
fn ids_are_values_only_at_odd_sizes() {
    for (size, shown) in [(0, 0), (8, 1), (16, 0), (20, 1)] {
        let bytes = log(&field(9, vec![b'x'; size]));
        let tree = walked(Signal::Logs, &bytes);
        assert_eq!(tree.values.len(), shown, "{size}");
        assert!(tree.values.iter().all(|value| value.place == Place::Id));
        assert_eq!(tree.records[0].trace_id.len(), size);
        assert_eq!(&bytes[tree.records[0].trace_id.clone()], vec![b'x'; size]);
    }
}

#[test]
fn records_know_their_ids_and_codes() {
    let status = field(15, b"\x18\x02");
    let span = joined(&[
        &field(1, [1; 16]),
        &field(2, [2; 8]),
        &status,
        &field(4, [3; 8]),
    ]);
    let bytes = field(1, field(2, field(2, span)));
    let record = &walked(Signal::Traces, &bytes).records[0];
    assert_eq!(bytes[record.trace_id.clone()], [1; 16]);
    assert_eq!(bytes[record.span_id.clone()], [2; 8]);
    assert_eq!(record.code, 2);

    let bytes = log(b"\x10\x11");
    assert_eq!(walked(Signal::Logs, &bytes).records[0].code, 17);
}

#[test]
fn unknown_text_is_shown_at_every_level() {
    let unknown = |text: &str| field(99, text);
    let group = |text: &str| joined(&[b"\x9b\x06", &field(1, text), b"\x9c\x06"]);
    let any = joined(&[&unknown("in any"), &field(6, unknown("in list"))]);
    let entry = joined(&[&unknown("in entry"), &field(2, any), &group("in group")]);
    let record = joined(&[&unknown("in record"), &field(6, entry)]);
    let bytes = joined(&[&log(&record), &unknown("in batch")]);
    let tree = walked(Signal::Logs, &bytes);
    for text in ["in any", "in list", "in entry", "in record", "in batch"] {
        let value = the(&tree, &bytes, text);
        assert_eq!((value.place, value.kind), (Place::Unknown, Kind::Bytes));
        assert_eq!(tree.holder(value), tree.nests[value.nest as usize].parent);
    }
    let group = the(&tree, &bytes, "\n\u{8}in group");
    assert_eq!(tree.holder(group), group.nest);
    // All of them cut: nothing of their text is left.
    let unknown = tree
        .values
        .iter()
        .filter(|value| value.place == Place::Unknown);
    let edits: Vec<Edit<'_>> = unknown
        .map(|value| Edit {
            nest: tree.holder(value),
            range: value.field.clone(),
            text: b"",
        })
        .collect();
    assert_eq!(edits.len(), 6);
    let (mut out, mut written) = (Vec::new(), Written::default());
    splice(&bytes, &tree.nests, &edits, &mut out, &mut written).unwrap();
    assert_eq!(
        walked(Signal::Logs, &out).values.len(),
        1,
        "the empty list alone is left"
    );
    assert!(!out.windows(3).any(|window| window == b"in "));
}

#[test]
fn members_are_written_as_they_are_read() {
    let mut element = Vec::new();
    write_any(1, Member::Bool(true), &mut element);
    let mut entry = Vec::new();
    write_attribute(1, "key", Member::Double(1.5), &mut entry);
    let members = [
        (Member::String("text"), Kind::String),
        (Member::Bool(false), Kind::Bool),
        (Member::Int(i64::MIN), Kind::Int),
        (Member::Double(-0.5), Kind::Double),
        (Member::Bytes(b"\xff"), Kind::Bytes),
        (Member::Array(&element), Kind::Array),
        (Member::Kvlist(&entry), Kind::Kvlist),
    ];
    for (member, kind) in members {
        let mut body = Vec::new();
        write_any(5, member, &mut body);
        let mut alone = Vec::new();
        write_member(member, &mut alone);
        assert_eq!(body, field(5, alone));
        assert_eq!(walked(Signal::Logs, &log(&body)).values[0].kind, kind);
    }
}

#[test]
fn integers_are_written_and_read_at_every_size() {
    for bits in 0..64 {
        for number in [(1_u64 << bits) - 1, 1 << bits, u64::MAX >> bits] {
            let mut bytes = Vec::new();
            varint::write(number, &mut bytes);
            assert_eq!(varint::size(number), bytes.len());
            assert_eq!(varint::read(&bytes, 0), Some((number, bytes.len())));
            assert_eq!(varint::read(&bytes[..bytes.len() - 1], 0), None);
        }
    }
    assert_eq!(varint::read(&[0xff; 10], 0), None);
    assert_eq!(
        varint::read(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 0),
        None
    );
    assert_eq!(varint::read(b"\x81\x80\x00", 0), Some((1, 3)));
    assert_eq!(varint::read(b"", 7), None);
    let mut tag = Vec::new();
    write_tag(16, otlp_wire::schema::Wire::Fixed32, &mut tag);
    assert_eq!(tag, [0x85, 0x01]);
}

#[test]
fn edits_that_contradict_are_refused() {
    let bytes = log(&field(
        6,
        joined(&[&field(1, "key"), &field(2, field(1, "value"))]),
    ));
    let tree = walked(Signal::Logs, &bytes);
    let value = the(&tree, &bytes, "value");
    let own = |range: std::ops::Range<usize>| Edit {
        nest: value.nest,
        range,
        text: b"x",
    };
    let payload = value.payload.clone();
    let record = tree.nests[tree.records[0].nest as usize];
    let drop = Edit {
        nest: record.parent,
        range: record.field..record.end,
        text: b"",
    };
    let Nest { start, end, .. } = tree.nests[value.nest as usize];
    let apply = |edits: &[Edit<'_>]| {
        let (mut out, mut written) = (Vec::new(), Written::default());
        let applied = splice(&bytes, &tree.nests, edits, &mut out, &mut written);
        assert_eq!(applied.is_err(), out.is_empty());
        applied
    };
    let overlap = Err(SpliceError::Overlap { edit: 1 });
    assert_eq!(
        apply(&[own(payload.clone()), own(start + 1..start + 2)]),
        overlap
    );
    assert_eq!(
        apply(&[own(start..start + 2), own(start + 1..start + 3)]),
        overlap
    );
    assert_eq!(
        apply(&[own(start..start + 2), own(start + 2..start + 3)]),
        Ok(())
    );
    assert!(apply(&[drop.clone(), own(payload.clone())]).is_err());
    assert!(apply(&[drop.clone(), own(end..end)]).is_err());
    assert!(apply(&[own(end..end), drop.clone()]).is_err());
    assert!(apply(&[drop.clone(), drop]).is_err());
    assert_eq!(
        apply(&[own(start..end + 1)]),
        Err(SpliceError::Range { edit: 0 })
    );
    assert_eq!(
        apply(&[own(start - 1..end)]),
        Err(SpliceError::Range { edit: 0 })
    );
    let reversed = own(end..start);
    assert_eq!(apply(&[reversed]), Err(SpliceError::Range { edit: 0 }));
    let nowhere = Edit {
        nest: NONE,
        range: 0..0,
        text: b"",
    };
    assert_eq!(apply(&[nowhere]), Err(SpliceError::Nest { edit: 0 }));
    assert_eq!(
        apply(&[own(start..start), own(start..start), own(payload)]),
        Ok(())
    );
}

#[test]
fn insertions_at_one_position_stand_from_the_inside_out() {
    let bytes = log(&field(
        6,
        joined(&[&field(1, "key"), &field(2, field(1, "value"))]),
    ));
    let tree = walked(Signal::Logs, &bytes);
    let value = the(&tree, &bytes, "value");
    let end = value.payload.end;
    let entry = tree.nests[value.entry as usize];
    let attribute = field(6, field(1, "other"));
    let key = field(1, "later");
    let edits = [
        Edit {
            nest: entry.parent,
            range: end..end,
            text: &attribute,
        },
        Edit {
            nest: value.entry,
            range: end..end,
            text: &key,
        },
        Edit {
            nest: value.nest,
            range: end..end,
            text: b"1",
        },
        Edit {
            nest: value.nest,
            range: end..end,
            text: b"2",
        },
    ];
    let (mut out, mut written) = (Vec::new(), Written::default());
    splice(&bytes, &tree.nests, &edits, &mut out, &mut written).unwrap();
    let again = walked(Signal::Logs, &out);
    assert_eq!(texts(&again, &out, Kind::String), ["value12"]);
    assert_eq!(texts(&again, &out, Kind::Key), ["key", "later", "other"]);
    for (edit, place) in edits.iter().zip(written.texts()) {
        assert_eq!(edit.text, &out[place.clone()]);
    }
}
