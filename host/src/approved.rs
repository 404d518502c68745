//! What was found good in an answer, for the report.

use otlp_wire::{Container, NONE, Place, Value};
use tamis_contract::Operation;

use crate::outcome::Cause;

/// An edit that was found good, for the report.
#[derive(Debug)]
pub(crate) struct Approved {
    pub(crate) operation: Operation,
    /// The tree's value, if it has one.
    pub(crate) value: u32,
    /// The tree's record, if it has one.
    pub(crate) record: u32,
    /// How many records in a row are dropped, if that is what is done.
    pub(crate) run: u32,
    pub(crate) place: Place,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) detector: Option<u32>,
    pub(crate) cause: Cause,
    /// What a key became.
    pub(crate) renamed: Option<(std::ops::Range<usize>, Vec<u8>)>,
}

pub(crate) fn approved(
    operation: Operation,
    index: u32,
    value: &Value,
    range: std::ops::Range<usize>,
    detector: Option<u32>,
) -> Approved {
    Approved {
        operation,
        value: index,
        record: value.record,
        run: 0,
        place: value.place,
        start: range.start,
        end: range.end,
        detector,
        cause: Cause::Asked,
        renamed: None,
    }
}

pub(crate) fn on_container(
    operation: Operation,
    container: &Container,
    detector: Option<u32>,
) -> Approved {
    Approved {
        record: container.record,
        run: 0,
        place: container.place,
        ..on_record(operation, NONE, detector)
    }
}

pub(crate) fn on_record(operation: Operation, record: u32, detector: Option<u32>) -> Approved {
    Approved {
        operation,
        value: NONE,
        record,
        run: u32::from(operation == Operation::DropRecord),
        place: Place::RecordAttribute,
        start: 0,
        end: 0,
        detector,
        cause: Cause::Asked,
        renamed: None,
    }
}
