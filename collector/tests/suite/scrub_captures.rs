//! Real captures through the default chain: no planted secret comes out, clean batches are the same
//! bytes, and the report never shows a value.

use std::fs;
use std::path::Path;

use crate::program::{assert_clean, demo_file, tamis};

#[test]
fn the_recorded_session() {
    let folder = tempfile::tempdir().unwrap();
    let (out, report) = (
        folder.path().join("out"),
        folder.path().join("report.jsonl"),
    );
    let session = demo_file("");
    let run = tamis(
        &[
            "scrub",
            "--out",
            out.to_str().unwrap(),
            "--report",
            report.to_str().unwrap(),
            session.to_str().unwrap(),
        ],
        b"",
    );
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.is_empty());
    assert_eq!(
        run.err,
        "60 spans, 61 logs, 10 masked: card-number 3, aws-access-key-id 2, \
         aws-secret-access-key 2, database-url-password 2, secret-key-sk 1\n\
         skipped: 1 (files without OTLP)\n"
    );
    for (name, clean) in [
        ("001-logs.bin", false),
        ("002-logs.bin", true),
        ("003-logs.bin", false),
        ("004-traces.bin", true),
    ] {
        let (before, after) = (
            fs::read(demo_file(name)).unwrap(),
            fs::read(out.join(name)).unwrap(),
        );
        assert_eq!(before == after, clean, "{name}");
        assert_clean(&after, name);
    }
    assert!(!out.join("README.md").exists());
    let report = fs::read_to_string(report).unwrap();
    assert_clean(report.as_bytes(), "the report");
    let lines: Vec<serde_json::Value> = report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 10);
    let path = demo_file("").join("001-logs.bin");
    let expected = serde_json::json!({
        "path": path, "batch": 0, "signal": "logs", "record": 3, "place": "record_attribute",
        "key": "prompt", "start": 67, "end": 96, "plugin": "scrub", "detector": "secret-key-sk",
        "operation": "replace_range", "cause": "asked",
    });
    assert_eq!(lines[0], expected);
}

#[test]
fn all_captures() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures");
    if !captures.is_dir() {
        println!("skipped: ../shared/captures is not here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let (captures, target) = (captures.to_str().unwrap(), out.to_str().unwrap());
    let run = tamis(&["scrub", "--out", target, captures], b"");
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        run.err
            .starts_with("4076 spans, 319 logs, 618 data points,"),
        "{}",
        run.err
    );
    let mut files = 0;
    for client in fs::read_dir(&out).unwrap() {
        for file in fs::read_dir(client.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            assert_clean(&fs::read(&path).unwrap(), &path.display().to_string());
            files += 1;
        }
    }
    assert!(files > 40, "{files}");
}
