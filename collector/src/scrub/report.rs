//! The report: one JSON line for each edit, and never the value. Records in a row that are dropped for the
//! same reason are one edit.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;
use tamis::{Operation, Report, Signal};

/// One line, in the order in which its members are written.
#[derive(Serialize)]
struct Line<'r> {
    /// When, in milliseconds since 1970; the daemon only.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_unix_ms: Option<u64>,
    /// The input: a file, or the daemon's pipeline.
    path: &'r str,
    /// Ordinal of the batch in the input; 0 but for files of several documents.
    batch: u64,
    signal: &'static str,
    /// Ordinal of the record in the batch.
    record: Option<u32>,
    /// How many records in a row were dropped, where that is more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u32>,
    place: &'static str,
    /// As it stands after the scrub.
    key: Option<&'r str>,
    /// Bytes of the value as the plugin saw it.
    start: usize,
    end: usize,
    plugin: &'r str,
    detector: Option<&'r str>,
    operation: Operation,
    cause: &'static str,
}

/// Writes lines to a file, or nowhere.
#[derive(Debug)]
pub(crate) struct ReportFile(Option<BufWriter<File>>);

impl ReportFile {
    pub(crate) fn create(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        let file = File::create(path)
            .with_context(|| format!("the report {} cannot be written", path.display()))?;
        Ok(Self(Some(BufWriter::new(file))))
    }

    pub(crate) fn add(
        &mut self,
        path: &str,
        batch: usize,
        signal: Signal,
        report: &Report,
    ) -> anyhow::Result<()> {
        let Some(file) = &mut self.0 else {
            return Ok(());
        };
        let origin = Origin {
            time_unix_ms: None,
            path,
            batch: batch as u64,
            signal,
        };
        Ok(write(file, &origin, report)?)
    }

    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self.0 {
            None => Ok(()),
            Some(mut file) => file.flush().context("the report cannot be written"),
        }
    }
}

/// What the edits of one batch have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'r> {
    pub(crate) time_unix_ms: Option<u64>,
    pub(crate) path: &'r str,
    pub(crate) batch: u64,
    pub(crate) signal: Signal,
}

/// Writes a line for each edit of a batch.
pub(crate) fn write(out: &mut impl Write, origin: &Origin<'_>, report: &Report) -> io::Result<()> {
    for line in &report.lines {
        let line = Line {
            time_unix_ms: origin.time_unix_ms,
            path: origin.path,
            batch: origin.batch,
            signal: origin.signal.as_str(),
            record: line.record,
            records: (line.records > 1).then_some(line.records),
            place: line.place.as_str(),
            key: line.key.as_deref(),
            start: line.start,
            end: line.end,
            plugin: &line.plugin,
            detector: line.detector.as_deref(),
            operation: line.operation,
            cause: line.cause.as_str(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
