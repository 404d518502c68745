//! The `debug` exporter: what goes by, on standard error.
//!
//! What it shows has gone through the chain like everything else that leaves.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use otlp_wire::{Signal, count};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::task::spawn_blocking;

use crate::file::json_line;
use crate::settings::{DebugSettings, Verbosity};
use crate::sink::{Outcome, Sink};
use crate::why::Why;

/// Bytes of a batch, as protobuf, that are shown at a time.
const PART_BYTES_MAX: usize = 1 << 20;

/// Standard error.
pub(crate) struct DebugSink {
    name: Arc<str>,
    verbosity: Verbosity,
}

impl DebugSink {
    pub(crate) fn new(name: &Arc<str>, settings: DebugSettings) -> Self {
        Self {
            name: Arc::clone(name),
            verbosity: settings.verbosity,
        }
    }
}

impl Sink for DebugSink {
    fn part_bytes_max(&self) -> usize {
        match self.verbosity {
            Verbosity::Basic => usize::MAX,
            Verbosity::Normal | Verbosity::Detailed => PART_BYTES_MAX,
        }
    }

    async fn encode(&self, signal: Signal, batch: Bytes) -> Result<Bytes, Why> {
        let (name, size) = (&self.name, batch.len());
        let mut text = format!(
            "{name}: {signal}: {} records, {size} bytes\n",
            count(signal, &batch)
        );
        if self.verbosity == Verbosity::Basic {
            return Ok(text.into());
        }
        let line = json_line(signal, batch).await?;
        match self.verbosity {
            Verbosity::Normal => text += &records(&line).unwrap_or_default(),
            _ => text += &String::from_utf8_lossy(&line),
        }
        Ok(text.into())
    }

    async fn attempt(&self, _: Signal, text: Bytes) -> Outcome {
        let write = move || io::stderr().lock().write_all(&text);
        match spawn_blocking(write).await {
            Ok(Ok(())) => Outcome::Accepted { rejected: None },
            Ok(Err(error)) => Outcome::Refused(Why::Write(error.kind())),
            Err(_) => Outcome::Refused(Why::Internal),
        }
    }

    fn hint(&self, _: Signal, _: Why) -> Option<String> {
        None
    }

    async fn finish(&self) {}
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow, default, alias = "resourceSpans", alias = "resourceMetrics")]
    #[serde(rename = "resourceLogs")]
    resources: Vec<Resource<'a>>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow, default, alias = "scopeSpans", alias = "scopeMetrics")]
    #[serde(rename = "scopeLogs")]
    scopes: Vec<Scope<'a>>,
}

#[derive(Deserialize)]
struct Scope<'a> {
    #[serde(borrow, default, alias = "spans", alias = "metrics")]
    #[serde(rename = "logRecords")]
    records: Vec<&'a RawValue>,
}

/// A line for each span, log record or metric of a batch in JSON.
fn records(json: &[u8]) -> Option<String> {
    let batch: Batch<'_> = serde_json::from_slice(json).ok()?;
    let scopes = batch.resources.iter().flat_map(|resource| &resource.scopes);
    let records = scopes.flat_map(|scope| &scope.records);
    Some(
        records
            .map(|record| format!("  {}\n", record.get()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_shows_a_line_for_each_record() {
        let json = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},{"name":"b"}]}]},
            {"resource":{"x":[1]},"scopeSpans":[{},{"spans":[{"name":"c","y":{"z":[]}}]}]}]}"#;
        let lines = "  {\"name\":\"a\"}\n  {\"name\":\"b\"}\n  {\"name\":\"c\",\"y\":{\"z\":[]}}\n";
        assert_eq!(records(json).as_deref(), Some(lines));
        assert_eq!(records(b"{}").as_deref(), Some(""));
        assert_eq!(records(b"{"), None);
    }
}
