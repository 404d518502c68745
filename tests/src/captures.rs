//! Real telemetry of coding agents: the small capture of the demo, and those beside the project.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tamis_host::Signal;

/// What is planted in the captures; see their README.
pub const PLANTED: [&str; 6] = [
    "hunter2-dummy",
    concat!("AKIA", "IOSFODNN7EXAMPLE"),
    concat!("wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"),
    "sk-test-DUMMY",
    "4111 1111 1111 1111",
    "4111111111111111",
];

/// One request that an agent sent.
#[derive(Debug)]
pub struct Capture {
    /// Folder and number.
    pub name: String,
    /// Its signal.
    pub signal: Signal,
    /// Its body as protobuf.
    pub batch: Bytes,
    /// Whether it came as protobuf.
    pub binary: bool,
}

/// Every capture that there is; where those beside the project are not there, a word.
#[must_use]
#[expect(clippy::print_stdout, reason = "a test says what it skipped")]
pub fn captures() -> Vec<Capture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bodies = files(&root.join("data/demo"));
    assert!(!bodies.is_empty());
    let beside = root.join("../../shared/captures");
    if !beside.exists() {
        println!("skipped: no captures in {}", beside.display());
    }
    bodies.extend(files(&beside).iter().flat_map(|folder| files(folder)));
    bodies.retain(|path| path.extension().is_some_and(|extension| extension == "bin"));
    bodies.sort();
    bodies.iter().map(|path| capture(path)).collect()
}

/// Whether a text stands in these bytes.
#[must_use]
pub fn holds(bytes: &[u8], text: &str) -> bool {
    crate::matrix::holds(bytes, text.as_bytes())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn capture(path: &Path) -> Capture {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let signal = Signal::ALL
        .iter()
        .find(|signal| name.ends_with(signal.as_str()));
    let (signal, body) = (*signal.unwrap(), fs::read(path).unwrap());
    let binary = body.first() != Some(&b'{');
    let batch = if binary {
        body
    } else {
        let mut batch = Vec::new();
        otlp_json::to_protobuf(signal, &body, &mut batch).unwrap();
        batch
    };
    let client = path.parent().and_then(Path::file_name).unwrap();
    Capture {
        name: format!("{}/{name}", client.display()),
        signal,
        batch: batch.into(),
        binary,
    }
}
