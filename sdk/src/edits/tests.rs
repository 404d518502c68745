//! Every edit that would be refused is refused here first, and leaves nothing behind.

use super::*;
use tamis_contract::{ContainerRow, EditsReader, NONE, RecordRow, Signal, ValueRow, ViewWriter};

/// Rows of the view below.
const TEXT: u32 = 0;
const CONTEXT: u32 = 1;
const NUMBER: u32 = 2;
const KEY: u32 = 3;
const NAME: u32 = 4;
const INVALID: u32 = 5;
const RECORD_MAP: u32 = 0;
const RESOURCE_MAP: u32 = 1;
const SCOPE_MAP: u32 = 2;
const SPAN: u32 = 0;
const LOG: u32 = 1;

fn record(kind: RecordKind) -> RecordRow {
    RecordRow {
        kind,
        index: 0,
        resource: 0,
        scope: 0,
        code: 0,
        start_unix_nano: 0,
        end_unix_nano: 0,
        trace_id: [0; 16],
    }
}

fn view() -> Vec<u8> {
    let mut writer = ViewWriter::default();
    for kind in [RecordKind::Span, RecordKind::Log] {
        writer.record(record(kind));
    }
    for (record, level, place) in [
        (SPAN, Level::Record, Place::RecordAttribute),
        (NONE, Level::Resource, Place::ResourceAttribute),
        (NONE, Level::Scope, Place::ScopeAttribute),
    ] {
        let row = ContainerRow {
            parent: NONE,
            record,
            level,
            place,
            resource: 0,
            scope: NONE,
            asked: false,
        };
        writer.container(row);
    }
    let mut value = |container, record, place, kind, hit, bytes: &[u8]| {
        let row = ValueRow {
            container,
            record,
            place,
            kind,
            hit,
            depth: 0,
        };
        writer.value(row, None, bytes);
    };
    use Place::{RecordAttribute, ResourceAttribute, SpanName};
    value(
        RECORD_MAP,
        SPAN,
        RecordAttribute,
        Kind::String,
        true,
        "a\u{e9}b".as_bytes(),
    );
    value(
        RECORD_MAP,
        SPAN,
        RecordAttribute,
        Kind::String,
        false,
        b"beside",
    );
    value(RECORD_MAP, SPAN, RecordAttribute, Kind::Int, true, &[1; 8]);
    value(RECORD_MAP, SPAN, RecordAttribute, Kind::Key, true, b"key");
    value(NONE, SPAN, SpanName, Kind::String, true, b"GET");
    value(
        RESOURCE_MAP,
        NONE,
        ResourceAttribute,
        Kind::String,
        true,
        b"a\xff\x80b",
    );
    let mut frame = Vec::new();
    writer.finish(Signal::Traces, None, &mut frame);
    frame
}

const ALL: [Operation; 8] = [
    Operation::ReplaceRange,
    Operation::ReplaceValue,
    Operation::Remove,
    Operation::InsertIfAbsent,
    Operation::Set,
    Operation::DropRecord,
    Operation::SetTraceState,
    Operation::Report,
];

/// Runs edits on the view, and says how many were written.
fn edits<T>(operations: &[Operation], make: impl FnOnce(&mut Edits<'_>) -> T) -> (T, u32) {
    let frame = view();
    let interest = Interest {
        operations: operations.to_vec(),
        detectors: vec!["one".into()],
        ..Interest::default()
    };
    let (mut writer, mut ledger) = (EditsWriter::default(), Ledger::default());
    let view = View::read(&frame).unwrap();
    let made = make(&mut Edits::new(&view, &interest, &mut writer, &mut ledger));
    let mut answer = Vec::new();
    writer.finish(&mut answer);
    (made, EditsReader::read(&answer).unwrap().len())
}

/// The error of one edit, which must not have been written.
fn refused(make: impl FnOnce(&mut Edits<'_>) -> Result<(), EditError>) -> EditError {
    let (made, written) = edits(&ALL, make);
    assert_eq!(written, 0);
    made.unwrap_err()
}

#[test]
fn good_edits_of_every_operation_are_written() {
    let (made, written) = edits(&ALL, |edits| -> Result<(), EditError> {
        edits.replace_range(TEXT, 0..1, "x")?;
        edits.replace_range(TEXT, 1..3, "y")?;
        edits.replace_range(TEXT, 1..1, "insert")?;
        edits.replace_value(NUMBER, "now text")?;
        edits.replace_value(NAME, &"POST".to_owned())?;
        edits.replace_range(KEY, 0..3, "other")?;
        edits.remove(INVALID)?;
        edits.insert_if_absent(RECORD_MAP, "a", 1)?;
        edits.set(RECORD_MAP, "b", 1.5)?;
        edits.set(RESOURCE_MAP, "c", true)?;
        edits.set(RESOURCE_MAP, "d", b"bytes".as_slice())?;
        edits.set_trace_state(SPAN, "a=b")?;
        edits.drop_record(LOG)?;
        edits.detected(0).report(NUMBER, 0..8)?;
        edits.report(TEXT, 0..1)
    });
    assert_eq!((made, written), (Ok(()), 15));
}

#[test]
fn rows_and_ranges_must_be_there() {
    assert_eq!(
        refused(|edits| edits.remove(99)),
        EditError::Row { row: 99 }
    );
    assert_eq!(
        refused(|edits| edits.set(99, "k", 1)),
        EditError::Row { row: 99 }
    );
    assert_eq!(
        refused(|edits| edits.drop_record(99)),
        EditError::Row { row: 99 }
    );
    assert_eq!(
        refused(|edits| edits.remove(CONTEXT)),
        EditError::Context { value: CONTEXT }
    );
    let outside = EditError::Range {
        value: TEXT,
        range: 2..9,
        len: 4,
    };
    assert_eq!(
        refused(|edits| edits.replace_range(TEXT, 2..9, "")),
        outside
    );
    #[expect(clippy::reversed_empty_ranges, reason = "that is the fault")]
    let reversed = refused(|edits| edits.replace_range(TEXT, 3..1, ""));
    assert!(matches!(reversed, EditError::Range { .. }));
    let number = refused(|edits| edits.report(NUMBER, 0..9));
    assert_eq!(
        number,
        EditError::Range {
            value: NUMBER,
            range: 0..9,
            len: 8
        }
    );
}

#[test]
fn characters_are_not_cut_also_in_invalid_text() {
    let cut = refused(|edits| edits.replace_range(TEXT, 0..2, ""));
    assert_eq!(
        cut,
        EditError::Border {
            value: TEXT,
            range: 0..2
        }
    );
    assert!(matches!(
        refused(|edits| edits.replace_range(INVALID, 2..4, "")),
        EditError::Border { .. }
    ));
    let (made, written) = edits(&ALL, |edits| edits.replace_range(INVALID, 0..1, "x"));
    assert_eq!((made, written), (Ok(()), 1));
}

#[test]
fn kinds_must_fit() {
    let kind = |value, kind| EditError::Kind { value, kind };
    assert_eq!(
        refused(|edits| edits.replace_range(NUMBER, 0..1, "")),
        kind(NUMBER, Kind::Int)
    );
    assert_eq!(
        refused(|edits| edits.replace_value(KEY, 1)),
        kind(KEY, Kind::Int)
    );
    assert_eq!(
        refused(|edits| edits.replace_value(NAME, true)),
        kind(NAME, Kind::Bool)
    );
    assert_eq!(refused(|edits| edits.remove(KEY)), kind(KEY, Kind::Empty));
    let log = refused(|edits| edits.set_trace_state(LOG, "a=b"));
    assert_eq!(log, EditError::NoTraceState { record: LOG });
    assert_eq!(
        refused(|edits| edits.set(RECORD_MAP, "", 1)),
        EditError::EmptyKey
    );
}

#[test]
fn nothing_is_edited_twice() {
    let overlap = |first: fn(&mut Edits<'_>), then: fn(&mut Edits<'_>) -> Result<(), EditError>| {
        let (error, written) = edits(&ALL, |edits| {
            first(edits);
            then(edits).unwrap_err()
        });
        assert_eq!(written, 1);
        error
    };
    let range: fn(&mut Edits<'_>) = |edits| edits.replace_range(TEXT, 0..1, "").unwrap();
    let whole: fn(&mut Edits<'_>) = |edits| edits.remove(TEXT).unwrap();
    let drop: fn(&mut Edits<'_>) = |edits| edits.drop_record(SPAN).unwrap();
    let row = EditError::Overlap { row: TEXT };
    assert_eq!(
        overlap(range, |edits| edits.replace_range(TEXT, 0..3, "")),
        row
    );
    assert_eq!(overlap(range, |edits| edits.replace_value(TEXT, 1)), row);
    assert_eq!(
        overlap(whole, |edits| edits.replace_range(TEXT, 1..1, "")),
        row
    );
    assert_eq!(overlap(whole, |edits| edits.remove(TEXT)), row);
    let dropped = EditError::Dropped { record: SPAN };
    assert_eq!(overlap(range, |edits| edits.drop_record(SPAN)), dropped);
    assert_eq!(overlap(drop, |edits| edits.drop_record(SPAN)), dropped);
    assert_eq!(overlap(drop, |edits| edits.remove(NAME)), dropped);
    assert_eq!(
        overlap(drop, |edits| edits.set(RECORD_MAP, "k", 1)),
        dropped
    );
    assert_eq!(
        overlap(drop, |edits| edits.set_trace_state(SPAN, "")),
        dropped
    );
    let key: fn(&mut Edits<'_>) = |edits| edits.set(RECORD_MAP, "k", 1).unwrap();
    let again = overlap(key, |edits| edits.insert_if_absent(RECORD_MAP, "k", 2));
    assert_eq!(again, EditError::Overlap { row: RECORD_MAP });
    let state: fn(&mut Edits<'_>) = |edits| edits.set_trace_state(SPAN, "a=b").unwrap();
    let again = overlap(state, |edits| edits.set_trace_state(SPAN, "a=c"));
    assert_eq!(again, EditError::Overlap { row: SPAN });
}

#[test]
fn a_scope_without_a_hit_is_not_edited() {
    let foreign = refused(|edits| edits.set(SCOPE_MAP, "k", 1));
    assert_eq!(
        foreign,
        EditError::Foreign {
            container: SCOPE_MAP
        }
    );
}

#[test]
fn only_what_the_interest_declares_is_done() {
    let undeclared = |operation| EditError::Undeclared { operation };
    let (made, written) = edits(&[], |edits| {
        assert_eq!(
            edits.remove(TEXT).unwrap_err(),
            undeclared(Operation::Remove)
        );
        assert_eq!(
            edits.drop_record(SPAN).unwrap_err(),
            undeclared(Operation::DropRecord)
        );
        let set = edits.set(RECORD_MAP, "k", 1).unwrap_err();
        assert_eq!(set, undeclared(Operation::Set));
        edits.report(TEXT, 0..1)
    });
    assert_eq!((made, written), (Ok(()), 1), "the default operations");
    let unknown = refused(|edits| edits.detected(1).remove(TEXT));
    assert_eq!(unknown, EditError::Detector { detector: 1 });
}

#[test]
fn no_error_shows_content() {
    let told = format!("{:?}", NewValue::from("hunter2"));
    assert_eq!(told, "NewValue(string)");
}
