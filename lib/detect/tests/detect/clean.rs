//! What must not be touched: clean telemetry and ordinary source text.

use std::path::{Path, PathBuf};

use tamis_detect::{Context, Detect, DetectorSet, Finding, detectors};

/// The most values of a thousand that may change.
const CHANGED_MAX: usize = 2;

/// Samples that examples and benches plant.
const PLANTED: &[&str] = &["hunter2", "AKIA", "wJalr", "4111", "4242", "DUMMY"];

const CLEAN: &str = include_str!("clean.tsv");

#[test]
fn clean_telemetry_stays() {
    let detect = Detect::new(&DetectorSet::defaults());
    let mut values = 0;
    for line in CLEAN.lines().filter(|line| !line.starts_with('#')) {
        let (key, text) = line.split_once('\t').unwrap();
        let mut findings = Vec::new();
        let context = Context {
            key: Some(key.as_bytes()),
            ..Context::default()
        };
        detect.find(text.as_bytes(), &context, &mut findings);
        let ids: Vec<_> = findings
            .iter()
            .map(|f| detectors()[usize::from(f.detector)].id)
            .collect();
        assert!(ids.is_empty(), "{key}: {ids:?} in {text}");
        values += 1;
    }
    assert!(values >= 100, "{values}");
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let skipped = ["target", "tests", "cases", "samples", "detect", ".git"];
        if path.is_dir() {
            if !skipped.iter().any(|skip| name == *skip) {
                sources(&path, files);
            }
        } else if path
            .extension()
            .is_some_and(|e| e == "rs" || e == "lock" || e == "wit")
        {
            files.push(path);
        }
    }
}

#[test]
fn ordinary_source_text_stays() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let detect = Detect::new(&DetectorSet::defaults());
    let mut files = Vec::new();
    sources(&root, &mut files);
    let (mut values, mut changed) = (0, Vec::new());
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        // Tests hold planted secrets; what stands before them is ordinary text.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        for chunk in lines.chunks(40) {
            let value = chunk.concat();
            let mut findings = Vec::new();
            detect.find(value.as_bytes(), &Context::default(), &mut findings);
            values += 1;
            let unplanted = |found: &&Finding| {
                let text = &value[found.start..found.end];
                !PLANTED.iter().any(|planted| text.contains(planted))
            };
            if let Some(first) = findings.iter().find(unplanted) {
                let id = detectors()[usize::from(first.detector)].id;
                changed.push(format!("{id} in {}", path.display()));
            }
        }
    }
    assert!(values > 100, "{values} values");
    assert!(
        changed.len() * 1000 <= CHANGED_MAX * values.max(1000),
        "{values}: {changed:#?}"
    );
}
