//! The report: one JSON line for each edit, and never the value.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;
use tamis::{Operation, Report, Signal};

/// One line, in the order in which its members are written.
#[derive(Serialize)]
struct Line<'r> {
    /// The input.
    path: &'r str,
    /// Ordinal of the batch in the input; 0 but for files of several documents.
    batch: usize,
    signal: &'static str,
    /// Ordinal of the record in the batch.
    record: Option<u32>,
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
        for line in &report.lines {
            let line = Line {
                path,
                batch,
                signal: signal.as_str(),
                record: line.record,
                place: line.place.as_str(),
                key: line.key.as_deref(),
                start: line.start,
                end: line.end,
                plugin: &line.plugin,
                detector: line.detector.as_deref(),
                operation: line.operation,
                cause: line.cause.as_str(),
            };
            serde_json::to_writer(&mut *file, &line)?;
            file.write_all(b"\n")?;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self.0 {
            None => Ok(()),
            Some(mut file) => file.flush().context("the report cannot be written"),
        }
    }
}
