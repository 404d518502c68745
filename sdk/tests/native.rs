//! A plugin behind the contract's own door, linked natively: describe, configure, process, the
//! host's imports and a panic.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by a panic"
)]

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tamis_contract::{
    Algorithm, ContainerRow, Description, EditsReader, HitRow, Imports, LogLevel, NONE, RecordRow,
    ValueRow, ViewWriter,
};
use tamis_sdk::{
    ConfigError, Edits, Fault, Interest, JsonSchema, Kind, Level, NativePlugin, Operation, Place,
    Plugin, RecordKind, Signal, Subscription, View, host,
};

/// Does what its setting says.
struct Scripted(String);

#[derive(serde::Deserialize, JsonSchema)]
struct Settings {
    /// What to do with a batch.
    #[serde(rename = "do")]
    act: String,
}

impl Plugin for Scripted {
    const NAME: &'static str = "scripted";
    const VERSION: &'static str = "1.2.3";
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        if settings.act == "nothing-known" {
            let told = format!("there is no {}", settings.act);
            return Err(ConfigError::new("do", told));
        }
        let interest = Interest {
            detectors: vec!["first".into()],
            operations: vec![Operation::ReplaceRange, Operation::DropRecord],
            subscriptions: vec![Subscription::default()],
            ..Interest::default()
        };
        Ok((Self(settings.act), interest))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        match self.0.as_str() {
            "mask" => {
                for hit in view.hits() {
                    edits
                        .detected(0)
                        .replace_range(hit.value, hit.range(), "***")?;
                }
            }
            "overlap" => {
                edits.replace_range(0, 0..4, "a")?;
                edits.replace_range(0, 3..5, "b")?;
            }
            "ask" => {
                let digest = host::hash(Algorithm::Sha256, b"data")?;
                let hmac = host::hmac(Algorithm::Md5, b"key", b"data")?;
                let pod: Value = host::lookup("pods", &json!(["10.0.0.1"]))?;
                let now = host::now_unix_nano()?;
                host::log(
                    LogLevel::Info,
                    format_args!("{digest:?} {hmac:?} {pod} {now}"),
                );
            }
            "panic" => panic!("hunter2"),
            _ => return Err(Fault::new("asked to fail")),
        }
        Ok(())
    }
}

tamis_sdk::export!(Scripted);

/// Answers with what it was asked.
#[derive(Default)]
struct Asked(Mutex<Vec<String>>);

impl Imports for Asked {
    fn log(&self, level: LogLevel, message: &str) {
        self.0.lock().unwrap().push(format!("{level:?} {message}"));
    }
    fn lookup(&self, table: &str, keys: &str) -> Result<String, String> {
        Ok(json!({ table: keys }).to_string())
    }
    fn now_unix_nano(&self) -> Result<u64, String> {
        Ok(7)
    }
    fn digest(&self, algorithm: Algorithm, key: Option<&[u8]>, data: &[u8]) -> Vec<u8> {
        vec![
            algorithm as u8,
            key.map_or(0, <[u8]>::len) as u8,
            data.len() as u8,
        ]
    }
}

/// A log body with one hit, and its record.
fn frame() -> Vec<u8> {
    let mut writer = ViewWriter::default();
    let record = writer.record(RecordRow {
        kind: RecordKind::Log,
        index: 0,
        resource: 0,
        scope: 0,
        code: 0,
        start_unix_nano: 0,
        end_unix_nano: 0,
        trace_id: [0; 16],
    });
    writer.container(ContainerRow {
        parent: NONE,
        record,
        level: Level::Record,
        place: Place::RecordAttribute,
        resource: 0,
        scope: 0,
        asked: false,
    });
    let row = ValueRow {
        container: NONE,
        record,
        place: Place::Body,
        kind: Kind::String,
        hit: true,
        depth: 0,
    };
    let value = writer.value(row, None, b"my secret");
    writer.hit(HitRow {
        value,
        subscription: 0,
        start: 3,
        end: 9,
        secret: None,
    });
    let mut frame = Vec::new();
    writer.finish(Signal::Logs, None, &mut frame);
    frame
}

/// Configures a plugin that does this, calls it once, and says what came of both.
fn run(act: &str) -> (Result<Vec<u8>, String>, Vec<String>) {
    let asked = Arc::new(Asked::default());
    let plugin: NativePlugin = native();
    let mut guest = (plugin.start)(Arc::<Asked>::clone(&asked));
    guest.configure(&json!({ "do": act }).to_string()).unwrap();
    let answer = guest.process(&frame());
    if act == "panic" {
        assert_eq!(
            guest.process(&frame()).unwrap_err(),
            "the plugin panicked before"
        );
    }
    let lines = std::mem::take(&mut *asked.0.lock().unwrap());
    (answer, lines)
}

#[test]
fn a_plugin_describes_itself_with_its_schema() {
    let description: Description = serde_json::from_str(&(native().describe)()).unwrap();
    assert_eq!(
        (description.name.as_str(), description.version.as_str()),
        ("scripted", "1.2.3")
    );
    assert_eq!(description.contract, tamis_contract::CONTRACT_VERSION);
    let schema = description.schema.unwrap();
    assert_eq!(
        schema["properties"]["do"]["description"],
        "What to do with a batch."
    );
    assert_eq!(schema["required"], json!(["do"]));
}

#[test]
fn settings_are_answered_with_an_interest_or_with_faults() {
    let mut guest = (native().start)(Arc::new(Asked::default()));
    assert_eq!(
        guest.process(&frame()).unwrap_err(),
        "the plugin is not configured"
    );
    let interest: Interest =
        serde_json::from_str(&guest.configure(r#"{"do": "mask"}"#).unwrap()).unwrap();
    assert_eq!(interest.detectors, ["first"]);
    let error = guest
        .configure(r#"{"do": 4111111111111111, "odd": 1}"#)
        .unwrap_err();
    let error: ConfigError = serde_json::from_str(&error).unwrap();
    assert_eq!(
        error.to_string(),
        "do: must be a string, not a number; odd: unknown key"
    );
    let error = guest.configure(r#"{"do": "nothing-known"}"#).unwrap_err();
    let error: ConfigError = serde_json::from_str(&error).unwrap();
    assert_eq!(
        error.to_string(),
        "do: is not valid",
        "the author's words quoted the value"
    );
    assert_eq!(
        guest.process(&frame()).unwrap_err(),
        "the plugin is not configured"
    );
}

#[test]
fn edits_cross_as_they_were_made() {
    let answer = run("mask").0.unwrap();
    let edits = EditsReader::read(&answer).unwrap();
    assert_eq!(edits.len(), 1);
    let edit = edits.edit(0).unwrap();
    assert_eq!(edit.operation(), Some(Operation::ReplaceRange));
    assert_eq!((edit.target, edit.start, edit.end), (0, 3, 9));
    assert_eq!((edit.text, edit.detector), (b"***".as_slice(), Some(0)));
}

#[test]
fn a_faulty_edit_is_told_where_it_is_made() {
    assert_eq!(
        run("overlap").0.unwrap_err(),
        "an earlier edit touches the same part of row 0"
    );
    assert_eq!(run("fail").0.unwrap_err(), "asked to fail");
}

#[test]
fn the_host_answers_in_a_call_and_nobody_outside() {
    let (answer, lines) = run("ask");
    assert_eq!(answer.unwrap(), Vec::<u8>::new());
    let told = format!(
        "Info [2, 0, 4] [0, 3, 4] {} 7",
        json!({"pods": "[\"10.0.0.1\"]"})
    );
    assert_eq!(lines, [told]);
    assert!(host::now_unix_nano().is_err());
    host::log(LogLevel::Info, "to nobody");
}

#[test]
fn a_panic_is_an_answer_without_its_words() {
    assert_eq!(run("panic").0.unwrap_err(), "the plugin panicked");
}
