//! A file of OTLP/JSON, a line for each batch (or part of a very large one), rotated by size.
//!
//! A line is written whole or taken back: after a full disk the file still holds only documents.
//! A file that has grown to its size is renamed with the time in its name, as `x-1732300000000.json`.
//!
//! Must never: leave half a line behind, or remove a file that it did not name itself.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use otlp_json::{Style, to_json};
use otlp_wire::Signal;
use tokio::task::spawn_blocking;
use tracing::warn;

use crate::error::StartError;
use crate::settings::FileSettings;
use crate::sink::{Outcome, Sink};
use crate::why::Why;

/// Bytes of a batch, as protobuf, in one line; JSON can be a dozen times as long.
const LINE_BYTES_MAX: usize = 4 << 20;

/// An open file.
pub(crate) struct FileSink {
    name: Arc<str>,
    open: Arc<Mutex<Open>>,
}

struct Open {
    settings: FileSettings,
    file: File,
    len: u64,
}

impl FileSink {
    pub(crate) fn open(name: &Arc<str>, settings: &FileSettings) -> Result<Self, StartError> {
        Self::check(name, settings)?;
        let keep = settings.append || settings.rotate_bytes.is_some();
        let opened = create(&settings.path, keep).and_then(|mut file| {
            let len = file.seek(SeekFrom::End(0))?;
            Ok(Open {
                settings: settings.clone(),
                file,
                len,
            })
        });
        let open = opened.map_err(|source| wrong(name, &settings.path, source))?;
        Ok(Self {
            name: Arc::clone(name),
            open: Arc::new(Mutex::new(open)),
        })
    }

    /// What `open` would find: whether the folder is there and the path is not a folder.
    pub(crate) fn check(name: &Arc<str>, settings: &FileSettings) -> Result<(), StartError> {
        let path = &settings.path;
        let fault = |kind| wrong(name, path, io::Error::from(kind));
        if path.file_name().is_none() || path.is_dir() {
            return Err(fault(io::ErrorKind::IsADirectory));
        }
        let folder = fs::metadata(folder(path)).map_err(|source| wrong(name, path, source))?;
        if folder.is_dir() {
            Ok(())
        } else {
            Err(fault(io::ErrorKind::NotADirectory))
        }
    }

    /// Runs something on the open file, beside the runtime's own threads.
    async fn with<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Open) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let open = Arc::clone(&self.open);
        let task =
            spawn_blocking(move || run(&mut open.lock().unwrap_or_else(PoisonError::into_inner)));
        task.await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

impl Sink for FileSink {
    fn part_bytes_max(&self) -> usize {
        LINE_BYTES_MAX
    }

    async fn encode(&self, signal: Signal, batch: Bytes) -> Result<Bytes, Why> {
        json_line(signal, batch).await
    }

    async fn attempt(&self, _: Signal, line: Bytes) -> Outcome {
        match self.with(move |open| open.append(&line)).await {
            Ok(()) => Outcome::Accepted { rejected: None },
            Err(error) => Outcome::Refused(Why::Write(error.kind())),
        }
    }

    fn hint(&self, _: Signal, why: Why) -> Option<String> {
        matches!(why, Why::Write(_)).then(|| format!("see exporters.{}.path", self.name))
    }

    async fn finish(&self) {
        if let Err(error) = self.with(|open| open.file.sync_all()).await {
            let kind = error.kind();
            warn!(exporter = %self.name, "the file cannot be brought to the disk: {kind}");
        }
    }
}

/// A batch as a line of JSON.
pub(crate) async fn json_line(signal: Signal, batch: Bytes) -> Result<Bytes, Why> {
    let make = move || {
        let mut line = Vec::with_capacity(batch.len() * 2);
        to_json(signal, &batch, Style::Compact, &mut line).map_err(|_| Why::Malformed)?;
        line.push(b'\n');
        Ok(Bytes::from(line))
    };
    spawn_blocking(make).await.unwrap_or(Err(Why::Internal))
}

impl Open {
    /// Writes a line, into a new file if this one is full. On failure the file is as it was.
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let full = self.len + line.len() as u64;
        let rotates = self.settings.rotate_bytes.is_some_and(|max| full > max);
        if rotates && self.len > 0 {
            self.rotate()?;
        }
        if let Err(error) = self.file.write_all(line) {
            self.file.set_len(self.len)?;
            self.file.seek(SeekFrom::Start(self.len))?;
            return Err(error);
        }
        self.len += line.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        let path = &self.settings.path;
        self.file.sync_all()?;
        fs::rename(path, free_name(path))?;
        self.file = create(path, false)?;
        self.len = 0;
        prune(path, self.settings.backups_max)
    }
}

fn wrong(name: &Arc<str>, path: &Path, source: io::Error) -> StartError {
    StartError::File {
        setting: format!("exporters.{name}.path"),
        path: path.into(),
        source,
    }
}

fn create(path: &Path, keep: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(!keep).mode(0o600);
    options.open(path)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// The name of a file that was filled at this time, in milliseconds since 1970.
fn backup(path: &Path, time_ms: u128) -> PathBuf {
    let mut name = OsString::from(path.file_stem().unwrap_or_default());
    name.push(format!("-{time_ms}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn free_name(path: &Path) -> PathBuf {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut time_ms = since.unwrap_or_default().as_millis();
    loop {
        let name = backup(path, time_ms);
        if fs::symlink_metadata(&name).is_err() {
            return name;
        }
        time_ms += 1;
    }
}

/// Removes the oldest backups beyond so many; 0 keeps all.
fn prune(path: &Path, backups_max: usize) -> io::Result<()> {
    if backups_max == 0 {
        return Ok(());
    }
    let stem = path.file_stem().unwrap_or_default().as_encoded_bytes();
    let mut times = Vec::new();
    for entry in fs::read_dir(folder(path))? {
        let found = entry?.file_name();
        let stamp = Path::new(&found)
            .file_stem()
            .and_then(|found| {
                found
                    .as_encoded_bytes()
                    .strip_prefix(stem)?
                    .strip_prefix(b"-")
            })
            .and_then(|stamp| std::str::from_utf8(stamp).ok()?.parse::<u128>().ok());
        times.extend(stamp.filter(|time| backup(path, *time).file_name() == Some(&found)));
    }
    times.sort_unstable();
    let surplus = times.len().saturating_sub(backups_max);
    times
        .iter()
        .take(surplus)
        .try_for_each(|time| fs::remove_file(backup(path, *time)))
}

#[cfg(test)]
#[path = "file/tests.rs"]
mod tests;
