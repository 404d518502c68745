//! Real telemetry of coding agents behind `scrub`, cut at 1 KiB: smaller by what the documentation
//! says, its JSON still JSON, and nothing that was planted comes back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use serde_json::{Value as Json, json};
use tamis_host::{Chain, Signal};
use tamis_tests::captures::{Capture, PLANTED, captures, holds};

use crate::engine::{behind_scrub, run, scrub};

const KIB: usize = 1_024;

fn at_one_kib() -> Json {
    json!({"rules": [{"bytes": KIB}]})
}

/// Every text of a batch, by its path.
fn texts(signal: Signal, batch: &[u8]) -> BTreeMap<String, String> {
    let mut text = Vec::new();
    otlp_json::to_json(signal, batch, otlp_json::Style::Compact, &mut text).unwrap();
    let mut found = BTreeMap::new();
    gather(&serde_json::from_slice(&text).unwrap(), "", &mut found);
    found
}

fn gather(value: &Json, path: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Json::Object(members) => {
            for (key, value) in members {
                gather(value, &format!("{path}.{key}"), found);
            }
        }
        Json::Array(values) => {
            for (number, value) in values.iter().enumerate() {
                gather(value, &format!("{path}[{number}]"), found);
            }
        }
        Json::String(text) => {
            found.insert(path.to_owned(), text.clone());
        }
        _ => {}
    }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<Json>(text).is_ok()
}

#[test]
fn at_one_kib_values_fit_and_stay_what_they_were() {
    let chains = behind_scrub(&at_one_kib());
    let mut cut = 0;
    for capture in captures() {
        let (scrubbed, _) = run(&scrub(), capture.signal, &capture.batch);
        let before = texts(capture.signal, &scrubbed);
        let after = texts(capture.signal, &through(&chains, &capture));
        assert!(before.keys().eq(after.keys()), "{}", capture.name);
        for (path, text) in &before {
            let left = &after[path];
            if left != text {
                cut += 1;
                assert!(
                    text.len() > KIB && left.len() <= KIB,
                    "{} {path}",
                    capture.name
                );
            }
            if is_json(text) {
                assert!(is_json(left), "{} {path}: {left}", capture.name);
            }
            let is_patch = text.contains("*** Begin Patch");
            let named = |text: &str| text.matches("*** Update File: ").count();
            assert!(
                !is_patch || named(left) == named(text),
                "{} {path}",
                capture.name
            );
        }
    }
    assert!(cut > 0, "nothing was long");
}

/// What comes out, the same of every form, held against what must hold for every batch.
fn through(chains: &[(&str, Chain)], capture: &Capture) -> Bytes {
    let mut out: Option<Bytes> = None;
    for (form, chain) in chains {
        let at = format!("{} {form}", capture.name);
        let (bytes, report) = run(chain, capture.signal, &capture.batch);
        assert!(report.faults.is_empty(), "{at}: {:?}", report.faults);
        let (again, _) = run(chain, capture.signal, &bytes);
        assert_eq!(again, bytes, "a second run changes {at}");
        assert!(out.is_none_or(|other| other == bytes), "{at} differs");
        out = Some(bytes);
    }
    let out = out.unwrap();
    for secret in PLANTED {
        assert!(!holds(&out, secret), "{secret} is in {}", capture.name);
    }
    out
}

#[test]
fn with_everything_on_nothing_comes_back_either() {
    let chains = behind_scrub(&json!({
        "rules": [{"keys": ["prompt"], "lines": 2}, {"bytes": 200, "strategy": "tail"}],
        "attributes": ["original_bytes", "sha256"],
        "record_bytes": 2_048,
        "maps": [{"entries_max": 64}],
    }));
    for capture in captures() {
        through(&chains, &capture);
    }
}

/// Bytes of all captures of a signal after `scrub`, and after `truncate` at 1 KiB.
fn sizes(signal: Signal) -> (usize, usize) {
    let (scrub, chains) = (scrub(), behind_scrub(&at_one_kib()));
    let captures = captures();
    let own = captures.iter().filter(|capture| capture.signal == signal);
    own.fold((0, 0), |(before, after), capture| {
        let (scrubbed, _) = run(&scrub, signal, &capture.batch);
        let (cut, _) = run(&chains[0].1, signal, &capture.batch);
        (before + scrubbed.len(), after + cut.len())
    })
}

/// The factors stand in the documentation as `shrinks logs by a factor of 1.23`.
#[test]
fn the_batches_shrink_by_the_factor_that_the_documentation_states() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plugins/truncate.md");
    let docs = fs::read_to_string(docs).unwrap();
    let is_whole = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/captures")
        .exists();
    for signal in [Signal::Logs, Signal::Traces] {
        let (before, after) = sizes(signal);
        let factor = before as f64 / after as f64;
        let phrase = format!("shrinks {signal} by a factor of ");
        let stated = docs.split_once(&phrase).unwrap().1;
        let is_digit = |char: char| char.is_ascii_digit() || char == '.';
        let end = stated.find(|char| !is_digit(char)).unwrap();
        let stated: f64 = stated[..end].trim_end_matches('.').parse().unwrap();
        assert!(after <= before);
        assert!(
            !is_whole || (factor - stated).abs() < 0.01,
            "{signal}: {factor:.3}, stated {stated}"
        );
    }
}
