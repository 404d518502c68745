//! The audit: a JSON line for each edit of every batch that was taken, as `tamis scrub --report`
//! writes them, with the time.
//!
//! A thread of its own writes, so that a slow disk does not slow the batches. What waits for it is
//! bounded; a report that finds no room is left out, counted and said.
//!
//! Must never: write a value, or leave lines out without counting them.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::counter::Counter;
use tamis::{Report, Signal};

use crate::scrub::report::{Origin, write};

/// Bytes of reports that may wait to be written.
const WAITING_BYTES_MAX: usize = 16 << 20;
/// What a report and a line take beside the key.
const LINE_BYTES: usize = 160;

/// Why the audit cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("report: {} cannot be written", path.display())]
pub(crate) struct AuditError {
    path: PathBuf,
    source: io::Error,
}

/// What is counted about it.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditMetrics {
    /// Lines handed over to be written.
    pub(crate) lines: Counter,
    /// Lines that were left out, or could not be written.
    pub(crate) left_out: Counter,
}

/// One report on its way to the file.
#[derive(Debug)]
struct Entry {
    time_unix_ms: u64,
    pipeline: Arc<str>,
    batch: u64,
    signal: Signal,
    report: Arc<Report>,
    bytes: usize,
}

/// The audit of a daemon.
#[derive(Debug)]
pub(crate) struct Audit {
    entries: Mutex<Option<Sender<Entry>>>,
    waiting_bytes: Arc<AtomicUsize>,
    metrics: AuditMetrics,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Audit {
    /// Opens the file, to which is appended, and starts the thread that writes it.
    pub(crate) fn start(path: &Path, metrics: AuditMetrics) -> Result<Self, AuditError> {
        let failed = |source| AuditError {
            path: path.to_owned(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        let (sender, receiver) = channel();
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let writer = Writer {
            out: BufWriter::new(file),
            waiting_bytes: Arc::clone(&waiting_bytes),
            metrics: metrics.clone(),
            failing: false,
        };
        let thread = std::thread::Builder::new()
            .name("tamis-audit".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(failed)?;
        Ok(Self {
            entries: Mutex::new(Some(sender)),
            waiting_bytes,
            metrics,
            writer: Mutex::new(Some(thread)),
        })
    }

    /// Hands a report over. Never waits for the file.
    pub(crate) fn add(
        &self,
        pipeline: &Arc<str>,
        batch: u64,
        signal: Signal,
        report: &Arc<Report>,
    ) {
        // Lines that the report itself left out are missing here too.
        self.metrics.left_out.inc_by(report.lines_left_out as u64);
        if report.lines.is_empty() {
            return;
        }
        let lines = report.lines.len();
        let key = |line: &tamis::ReportLine| line.key.as_ref().map_or(0, String::len);
        let bytes = LINE_BYTES * (lines + 1) + report.lines.iter().map(key).sum::<usize>();
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let entry = Entry {
            time_unix_ms: now.map_or(0, |now| now.as_millis() as u64),
            pipeline: Arc::clone(pipeline),
            batch,
            signal,
            report: Arc::clone(report),
            bytes,
        };
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        // The first one may be larger than all the room there is.
        let fits = before == 0 || before + bytes <= WAITING_BYTES_MAX;
        let sender = entries.as_ref().filter(|_| fits);
        match sender.map(|sender| sender.send(entry)) {
            Some(Ok(())) => drop(self.metrics.lines.inc_by(lines as u64)),
            _ => {
                self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
                if self.metrics.left_out.inc_by(lines as u64) == 0 {
                    tracing::warn!("the audit is not written fast enough: lines are left out");
                }
            }
        }
    }

    /// Writes what is there and closes the file. Waits for it.
    pub(crate) fn finish(&self) {
        let close = |entries: &Mutex<Option<_>>| {
            let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
            drop(entries.take());
        };
        close(&self.entries);
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = writer.take() {
            let _ = thread.join();
        }
    }
}

struct Writer {
    out: BufWriter<File>,
    waiting_bytes: Arc<AtomicUsize>,
    metrics: AuditMetrics,
    failing: bool,
}

impl Writer {
    fn run(mut self, entries: &Receiver<Entry>) {
        loop {
            let entry = match entries.try_recv() {
                Ok(entry) => entry,
                Err(TryRecvError::Disconnected) => break,
                // Nothing waits: readers may see what there is.
                Err(TryRecvError::Empty) => {
                    let flushed = self.out.flush();
                    self.said(flushed, 0);
                    match entries.recv() {
                        Ok(entry) => entry,
                        Err(_) => break,
                    }
                }
            };
            let origin = Origin {
                time_unix_ms: Some(entry.time_unix_ms),
                path: &entry.pipeline,
                batch: entry.batch,
                signal: entry.signal,
            };
            let written = write(&mut self.out, &origin, &entry.report);
            self.said(written, entry.report.lines.len());
            self.waiting_bytes.fetch_sub(entry.bytes, Ordering::Relaxed);
        }
        let flushed = self.out.flush();
        self.said(flushed, 0);
    }

    /// Says once, until it works again, that nothing can be written.
    fn said(&mut self, written: io::Result<()>, lines: usize) {
        match written {
            // Lines go to a buffer first; only an empty buffer says that the file takes them.
            Ok(()) if lines == 0 => self.failing = false,
            Ok(()) => {}
            Err(error) => {
                self.metrics.left_out.inc_by(lines as u64);
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!(%error, "the audit cannot be written");
                }
            }
        }
    }
}
