//! The Collector's own results, from its own configs as they stand (`tests/data/sample`; new ones are
//! made by `tests/reference/make-case.sh`).

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::Value as Json;
use tamis_host::Signal;

use crate::compare::{difference, tree};
use crate::engine::{build, forms, run};

/// The settings and the signal of a Collector config with one pipeline.
fn config(path: &Path) -> (Json, Signal) {
    let config: Json = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let pipelines = config["service"]["pipelines"].as_object().unwrap();
    let (signal, pipeline) = pipelines.iter().next().unwrap();
    let name = pipeline["processors"][0].as_str().unwrap();
    let settings = config["processors"][name].clone();
    (settings, Signal::parse(signal).unwrap())
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut cases: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .filter(|path| path.with_extension("request.pb").exists())
        .collect();
    cases.sort();
    assert!(cases.len() >= 30, "{} cases", cases.len());
    cases
}

#[test]
fn every_case_gives_what_the_collector_gives() {
    let mut wrong = Vec::new();
    for path in cases() {
        let (settings, signal) = config(&path);
        let request: Bytes = fs::read(path.with_extension("request.pb")).unwrap().into();
        let expected = fs::read(path.with_extension("expected.pb")).unwrap();
        let expected = tree(signal, &expected);
        for (form, code) in forms() {
            let chain = build(code, settings.clone()).unwrap();
            let (bytes, _) = run(&chain, signal, &request);
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let ours = tree(signal, &bytes);
            if let Some(where_to) = difference(&ours, &expected, "") {
                wrong.push(format!("{name} {form} {where_to}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
