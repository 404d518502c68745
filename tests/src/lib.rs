//! What the suites share: batches made by hand, captures, case files, the Collector's results.

#![expect(
    clippy::unwrap_used,
    reason = "test support: a failure here is a failed test"
)]

pub mod captures;
pub mod cases;
pub mod matrix;
pub mod reference;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use serde_json::{Value as Json, json};
use std::sync::LazyLock;
use tamis_host::{Cache, Code, Component, EngineOptions, Grant, PluginLimits};

/// The scripted guest as a component.
pub const SCRIPTED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/scripted.wasm"));

/// The scripted guest as code of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Linked natively.
    Native,
    /// Compiled for this run.
    Wasm,
}

impl Engine {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Native, Self::Wasm];

    /// The code, with whatever the guest imports granted.
    #[must_use]
    pub fn code(self) -> Code {
        static COMPONENT: LazyLock<Component> = LazyLock::new(|| {
            let engine = tamis_host::Engine::new(&EngineOptions::default()).unwrap();
            let limits = PluginLimits::default();
            Component::load(
                &engine,
                &Cache::none(),
                SCRIPTED,
                None,
                &[Grant::Clock],
                &limits,
            )
            .unwrap()
        });
        match self {
            Self::Native => Code::Native(tamis_guest_scripted::native()),
            Self::Wasm => Code::Wasm(COMPONENT.clone()),
        }
    }
}

/// An attribute with a text.
#[must_use]
pub fn attribute(key: &str, text: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(text_value(text)),
        ..KeyValue::default()
    }
}

/// A text as a value.
#[must_use]
pub fn text_value(text: &str) -> AnyValue {
    AnyValue {
        value: Some(any_value::Value::StringValue(text.to_owned())),
    }
}

/// One resource, one scope, a log record for each body, each with the attribute `n`.
#[must_use]
pub fn logs(bodies: &[&str]) -> ExportLogsServiceRequest {
    let records = bodies.iter().enumerate().map(|(number, body)| LogRecord {
        body: Some(text_value(body)),
        attributes: vec![attribute("n", &number.to_string())],
        ..LogRecord::default()
    });
    let scope = ScopeLogs {
        log_records: records.collect(),
        ..ScopeLogs::default()
    };
    let resource = Resource {
        attributes: vec![attribute("service.name", "codex")],
        ..Resource::default()
    };
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(resource),
            scope_logs: vec![scope],
            ..ResourceLogs::default()
        }],
    }
}

/// The text of a log body.
#[must_use]
pub fn body(record: &LogRecord) -> String {
    match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}

/// All log records of a batch.
#[must_use]
pub fn records(bytes: &[u8]) -> Vec<LogRecord> {
    let batch = ExportLogsServiceRequest::decode(bytes).unwrap();
    let groups = batch
        .resource_logs
        .into_iter()
        .flat_map(|group| group.scope_logs);
    groups.flat_map(|group| group.log_records).collect()
}

/// Settings of a scripted guest that is shown every value in which `needle` stands.
#[must_use]
pub fn script(script: &str, needle: &str) -> Json {
    json!({
        "script": script,
        "text": "[cut]",
        "interest": {
            "detectors": ["needle"],
            "subscriptions": [{"when": {"holds": {"literals": [{"text": needle}]}}}],
        },
    })
}
