//! The example in `docs/plugins/sample.md`: its config loads as it stands, and what its table says is
//! what it makes of the captures beside the project.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use serde_json::Value as Json;
use tamis_host::Signal;
use tamis_tests::records;

use crate::engine::{chains, run};
use crate::spans::{spans_of, threshold_of};

const HEADING: &str = "## Codex, before and after";

/// The part of the page about Codex.
fn page() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/plugins/sample.md")).unwrap();
    let (_, part) = page.split_once(HEADING).unwrap();
    part.to_owned()
}

/// The settings of a processor of the page's config: what is indented.
fn settings(page: &str, processor: &str) -> Json {
    let indented: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .collect();
    let config: Json = serde_saphyr::from_str(&indented.join("\n")).unwrap();
    config["processors"][processor].clone()
}

fn captured(signal: Signal) -> Option<Vec<Bytes>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join("../shared/captures/codex-http-binary");
    let mut files: Vec<_> = fs::read_dir(folder)
        .ok()?
        .map(|file| file.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.contains(signal.as_str()) && name.ends_with(".bin")
        })
        .collect();
    files.sort();
    Some(
        files
            .iter()
            .map(|path| fs::read(path).unwrap().into())
            .collect(),
    )
}

fn count(signal: Signal, batch: &[u8]) -> usize {
    match signal {
        Signal::Logs => records(batch).len(),
        _ => spans_of(batch).len(),
    }
}

#[test]
fn the_page_says_what_the_example_leaves_of_codex() {
    let page = page();
    let mut wrong = Vec::new();
    for (signal, processor) in [
        (Signal::Traces, "sample/spans"),
        (Signal::Logs, "sample/logs"),
    ] {
        let settings = settings(&page, processor);
        assert!(settings["keep"].is_array(), "{processor}");
        let Some(batches) = captured(signal) else {
            println!("skipped: no captures beside the project");
            return;
        };
        for (form, chain) in chains(&settings) {
            let (mut before, mut after) = ((0, 0), (0, 0));
            for batch in &batches {
                let (left, _) = run(&chain, signal, batch);
                before = (before.0 + count(signal, batch), before.1 + batch.len());
                after = (after.0 + count(signal, &left), after.1 + left.len());
                if signal == Signal::Traces {
                    assert!(spans_of(&left).iter().all(|span| threshold_of(span) == "0"));
                }
            }
            let row = format!(
                "| {signal} | {} | {} | {} | {} |",
                before.0, after.0, before.1, after.1
            );
            if !page.contains(&row) {
                wrong.push(format!("{form}: {row}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "the page should say\n{}",
        wrong.join("\n")
    );
}
