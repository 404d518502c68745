//! A guest that does whatever its settings say: the good, the wrong and the hostile.
//!
//! Settings: `{"interest": {...}, "script": "mask", ...}`. It speaks the contract by itself instead
//! of by the SDK, since the SDK would not let it do wrong. Never part of anything that ships.

use std::sync::Arc;

use serde_json::Value as Json;
use tamis_contract::{
    EditRow, EditsWriter, Guest, Imports, Kind, LogLevel, NativePlugin, Operation, RecordView, View,
};

/// The guest linked natively.
#[must_use]
pub fn native() -> NativePlugin {
    NativePlugin {
        describe,
        start: |imports| {
            Box::new(Scripted {
                imports,
                ..Scripted::default()
            })
        },
    }
}

fn describe() -> String {
    r#"{"name": "scripted", "version": "1", "contract": "0.1.0"}"#.to_owned()
}

struct Scripted {
    imports: Arc<dyn Imports>,
    script: String,
    text: String,
    key: String,
    calls: u32,
}

impl Default for Scripted {
    fn default() -> Self {
        Self {
            imports: Arc::new(NoImports),
            script: String::new(),
            text: String::new(),
            key: String::new(),
            calls: 0,
        }
    }
}

impl Guest for Scripted {
    fn configure(&mut self, settings: &str) -> Result<String, String> {
        let settings: Json = serde_json::from_str(settings).map_err(|error| error.to_string())?;
        let text = |name: &str| settings[name].as_str().unwrap_or_default().to_owned();
        self.script = text("script");
        if self.script == "clock" {
            self.imports.now_unix_nano()?;
        }
        self.text = text("text");
        self.key = text("key");
        match text("configure").as_str() {
            "fail" => {
                Err(r#"{"faults": [{"path": "a.b", "message": "expected a number"}]}"#.to_owned())
            }
            "nonsense" => Ok("not json".to_owned()),
            "loop" => run_for_ever(),
            _ => Ok(settings["interest"].to_string()),
        }
    }

    fn process(&mut self, frame: &[u8]) -> Result<Vec<u8>, String> {
        self.calls += 1;
        let view = View::read(frame).map_err(|error| error.to_string())?;
        let mut edits = EditsWriter::default();
        let asked = view.containers().filter(|container| container.asked);
        for container in asked.filter(|_| self.script == "containers") {
            for key in self.key.split(',') {
                let row = row(
                    Operation::InsertIfAbsent,
                    container.row,
                    0,
                    0,
                    Kind::String,
                    &self.text,
                );
                edits.push(&EditRow {
                    key: key.as_bytes(),
                    ..row
                });
            }
        }
        for hit in view.hits() {
            self.hit(&view, hit.value, hit.start, hit.end, &mut edits)?;
        }
        for record in view.records() {
            self.record(&view, &record, &mut edits);
        }
        let mut out = Vec::new();
        edits.finish(&mut out);
        if self.script == "garbage" {
            out = b"this is no frame".to_vec();
        }
        Ok(out)
    }
}

impl Scripted {
    /// Scripts about whole records, whether or not a value of theirs is a hit.
    fn record(&mut self, view: &View<'_>, record: &RecordView, edits: &mut EditsWriter) {
        let on_record = |operation: Operation| EditRow {
            operation: operation as u32,
            ..row(operation, record.row, 0, 0, Kind::String, &self.text)
        };
        match self.script.as_str() {
            "drop_odd" if record.index % 2 == 1 => edits.push(&on_record(Operation::DropRecord)),
            "drop_often" => {
                let rows = view.records().count() as u32;
                let all = EditRow {
                    rows,
                    ..on_record(Operation::DropRecord)
                };
                (0..10_000)
                    .filter(|_| record.row == 0)
                    .for_each(|_| edits.push(&all));
            }
            "state_often" => {
                let state = on_record(Operation::SetTraceState);
                (0..10_000).for_each(|_| edits.push(&state));
            }
            "state_all" => edits.push(&on_record(Operation::SetTraceState)),
            "say" => {
                let mut containers = view.containers();
                let own = containers.find(|container| container.record == Some(record.row));
                let text = says(view, record);
                let Some(own) = own else { return };
                edits.push(&EditRow {
                    key: self.key.as_bytes(),
                    ..row(Operation::Set, own.row, 0, 0, Kind::String, &text)
                });
            }
            _ => {}
        }
    }

    #[expect(
        clippy::too_many_lines,
        clippy::panic,
        reason = "one arm for each script, panics among them"
    )]
    fn hit(
        &mut self,
        view: &View<'_>,
        value: u32,
        start: u32,
        end: u32,
        edits: &mut EditsWriter,
    ) -> Result<(), String> {
        let Some(shown) = view.value(value) else {
            return Err("no such value".to_owned());
        };
        let len = shown.bytes.len() as u32;
        let whole = row(
            Operation::ReplaceValue,
            value,
            0,
            0,
            Kind::String,
            &self.text,
        );
        let range = row(
            Operation::ReplaceRange,
            value,
            start,
            end,
            Kind::String,
            &self.text,
        );
        match self.script.as_str() {
            "mask" => edits.push(&range),
            "replace" => edits.push(&whole),
            "remove" => edits.push(&EditRow {
                operation: Operation::Remove as u32,
                ..range
            }),
            "report" => edits.push(&EditRow {
                operation: Operation::Report as u32,
                detector: Some(0),
                ..range
            }),
            "rows" => edits.push(&EditRow {
                target: value + 1_000_000,
                ..range
            }),
            "range" => edits.push(&EditRow {
                end: len + 1,
                ..range
            }),
            "reversed" => edits.push(&EditRow {
                start: end,
                end: start,
                ..range
            }),
            "non_utf8" => edits.push(&EditRow {
                text: b"\xff\xfe",
                ..range
            }),
            "operation" => edits.push(&EditRow {
                operation: 99,
                ..range
            }),
            "kind" => edits.push(&EditRow { kind: 77, ..whole }),
            "detector" => edits.push(&EditRow {
                detector: Some(4_000),
                ..range
            }),
            "overlap" => {
                edits.push(&range);
                edits.push(&range);
                edits.push(&whole);
            }
            "context" => {
                for context in view.values().filter(|value| !value.hit) {
                    edits.push(&EditRow {
                        target: context.row,
                        ..whole
                    });
                }
            }
            "many" => (0..300_000).for_each(|_| edits.push(&range)),
            "grow" => {
                let text = "x".repeat(1 << 20);
                for at in 0..64.min(len) {
                    edits.push(&row(
                        Operation::ReplaceRange,
                        value,
                        at,
                        at,
                        Kind::String,
                        &text,
                    ));
                }
            }
            "panic" => {
                let secret = String::from_utf8_lossy(shown.bytes).into_owned();
                self.imports.log(LogLevel::Panic, &secret);
                std::panic::panic_any(secret);
            }
            "panic_first" if self.calls == 1 => std::panic::panic_any("first".to_owned()),
            "panic_first" => edits.push(&range),
            "error" => return Err(String::from_utf8_lossy(shown.bytes).into_owned()),
            "loop" => run_for_ever(),
            "memory" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(vec![1_u8; 1 << 20]);
                    std::hint::black_box(&hoard);
                }
            }
            "stack" => drop(std::hint::black_box(deep(1))),
            "set" | "insert" => {
                let operation = if self.script == "set" {
                    Operation::Set
                } else {
                    Operation::InsertIfAbsent
                };
                if let Some(container) = shown.container {
                    edits.push(&EditRow {
                        key: self.key.as_bytes(),
                        target: container,
                        operation: operation as u32,
                        ..whole
                    });
                }
            }
            "resource" => {
                for container in view
                    .containers()
                    .filter(|container| container.record.is_none())
                {
                    edits.push(&EditRow {
                        key: b"k",
                        target: container.row,
                        operation: Operation::Set as u32,
                        ..whole
                    });
                }
            }
            "drop" | "drop_and_edit" => {
                if let Some(record) = shown.record {
                    edits.push(&EditRow {
                        target: record,
                        operation: Operation::DropRecord as u32,
                        ..range
                    });
                }
                if self.script == "drop_and_edit" {
                    edits.push(&range);
                }
            }
            "trace_state" => {
                if let Some(record) = shown.record {
                    edits.push(&EditRow {
                        target: record,
                        operation: Operation::SetTraceState as u32,
                        ..range
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// A record as it was shown: its numbers, then its values and those of its resource.
fn says(view: &View<'_>, record: &RecordView) -> String {
    let of_resource = |container: Option<u32>| {
        let container = container.and_then(|row| view.container(row));
        container.and_then(|container| container.resource) == Some(record.resource)
    };
    let beside = view.values().filter(|value| match value.record {
        Some(row) => row == record.row,
        None => of_resource(value.container),
    });
    let values = beside.map(|value| {
        let key = String::from_utf8_lossy(value.key.unwrap_or_default()).into_owned();
        format!(
            " {}:{key}={}",
            value.place,
            String::from_utf8_lossy(value.bytes)
        )
    });
    let (start, end) = (record.start_unix_nano, record.end_unix_nano);
    let numbers = format!(
        "{} {} {start} {end} {}",
        record.index, record.code, record.trace_id[0]
    );
    numbers + &values.collect::<String>()
}

fn row(
    operation: Operation,
    target: u32,
    start: u32,
    end: u32,
    kind: Kind,
    text: &str,
) -> EditRow<'_> {
    EditRow {
        operation: operation as u32,
        target,
        start,
        end,
        kind: kind as u32,
        key: b"",
        text: text.as_bytes(),
        detector: None,
        rows: 0,
    }
}

fn run_for_ever() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

/// Recursion that ends only where the stack does.
fn deep(turns: u64) -> u64 {
    let room = std::hint::black_box([turns; 64]);
    if room[0] == 0 {
        0
    } else {
        deep(turns + 1) + room[1]
    }
}

struct NoImports;

impl Imports for NoImports {
    fn log(&self, _: LogLevel, _: &str) {}
    fn lookup(&self, _: &str, _: &str) -> Result<String, String> {
        Err("no tables".to_owned())
    }
    fn now_unix_nano(&self) -> Result<u64, String> {
        Err("no clock".to_owned())
    }
    fn digest(&self, _: tamis_contract::Algorithm, _: Option<&[u8]>, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }
}

#[cfg(target_family = "wasm")]
#[expect(unsafe_code, reason = "generated from wit/plugin.wit")]
mod wasm {
    //! The same guest as a component.

    use std::cell::RefCell;

    use std::sync::Arc;

    use tamis_contract::{Algorithm, Guest as _, Imports, LogLevel};

    use super::Scripted;

    mod bindings {
        wit_bindgen::generate!({ path: "../../../wit", world: "plugin", pub_export_macro: true });
    }

    thread_local! {
        static GUEST: RefCell<Scripted> =
            RefCell::new(Scripted { imports: Arc::new(Logs), ..Scripted::default() });
    }

    /// Hands log lines to the host.
    struct Logs;

    impl Imports for Logs {
        fn log(&self, level: LogLevel, message: &str) {
            bindings::tamis::plugin::log::log(level as u8, message);
        }
        fn lookup(&self, _: &str, _: &str) -> Result<String, String> {
            Err("no tables".to_owned())
        }
        fn now_unix_nano(&self) -> Result<u64, String> {
            Ok(bindings::tamis::plugin::clock::now_unix_nano())
        }
        fn digest(&self, _: Algorithm, _: Option<&[u8]>, _: &[u8]) -> Vec<u8> {
            Vec::new()
        }
    }

    struct Component;

    impl bindings::Guest for Component {
        fn describe() -> String {
            super::describe()
        }
        fn configure(settings: String) -> Result<String, String> {
            GUEST.with_borrow_mut(|guest| guest.configure(&settings))
        }
        fn process(view: Vec<u8>) -> Result<Vec<u8>, String> {
            GUEST.with_borrow_mut(|guest| guest.process(&view))
        }
    }

    bindings::export!(Component with_types_in bindings);
}
