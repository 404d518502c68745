//! What a real agent sends: the small capture in `data`, and the full ones where they are.

use std::path::{Path, PathBuf};

use otlp_json::{Style, guess, signal_of};
use otlp_wire::Signal;

use crate::batch::{Batch, read, write};

const SMALL: &[u8] = include_bytes!("../data/codex-logs.json");

/// The captures beside the project, or none and a word about it.
fn captures(folder: &str) -> Vec<(Signal, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
        eprintln!("skipped: no captures of {folder} beside the project");
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut bodies: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "bin"))
        .map(|path| {
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let signal = stem.and_then(|stem| Signal::parse(stem.rsplit('-').next()?));
            (signal.expect("the name ends in the signal"), path)
        })
        .collect();
    bodies.sort_by(|(_, one), (_, other)| one.cmp(other));
    bodies
}

fn holds(signal: Signal, json: &[u8]) -> Batch {
    assert_eq!(signal_of(json), Some(signal));
    let (batch, unknown) = read(signal, json).expect("the capture is valid");
    assert_eq!(unknown, 0);
    assert_eq!(
        Batch::second_opinion(signal, json).expect("serde reads it"),
        batch
    );
    let bytes = batch.encode();
    for style in [Style::Compact, Style::Pretty] {
        let text = write(signal, &bytes, style);
        let (again, _) = read(signal, text.as_bytes()).expect("own text is taken");
        assert_eq!(again, batch);
        assert_eq!(write(signal, &again.encode(), style), text);
    }
    batch
}

#[test]
fn small_capture_holds_its_records() {
    assert_eq!(holds(Signal::Logs, SMALL).count(), (11, 0));
}

#[test]
fn captures_in_json_hold_their_records() {
    let bodies = captures("codex-http-json");
    if bodies.is_empty() {
        return;
    }
    let (mut logs, mut spans, mut metrics) = (0, 0, 0);
    for (signal, path) in bodies {
        let json = std::fs::read(path).expect("the capture is readable");
        let (records, _) = holds(signal, &json).count();
        match signal {
            Signal::Logs => logs += records,
            Signal::Traces => spans += records,
            Signal::Metrics => metrics += records,
        }
    }
    assert_eq!((logs, spans, metrics), (89, 1356, 59));
}

#[test]
fn captures_in_protobuf_survive_json_and_are_guessed() {
    for folder in [
        "codex-http-binary",
        "codex-grpc",
        "claude-code-http-protobuf",
        "gemini-cli-grpc",
    ] {
        for (signal, path) in captures(folder) {
            let bytes = std::fs::read(&path).expect("the capture is readable");
            let batch = Batch::decode(signal, &bytes);
            let text = write(signal, &bytes, Style::Compact);
            let (again, _) = read(signal, text.as_bytes()).expect("own text is taken");
            assert_eq!(again, batch, "{}", path.display());
            assert_eq!(guess(&bytes), Some(signal), "{}", path.display());
        }
    }
}
