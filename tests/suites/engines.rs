//! Every engine of the scan gives the same bytes and the same report: over every case of the shipped
//! plugins and every capture.
//!
//! The engines differ in speed only. The plugins run natively, since the scan is the host's.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and says what it skipped"
)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::{Value as Json, json};
use tamis_host::{Chain, ChainBuilder, Code, Context, Outcome, PluginSpec, ScanEngine, Signal};
use tamis_plugins::Shipped;
use tamis_testing::CaseFile;

/// The chain of one plugin for each engine that this machine has; none where its settings are wrong
/// or it needs more than a batch.
fn chains(plugin: &str, settings: &Json) -> Vec<(ScanEngine, Chain)> {
    let native = Shipped::find(plugin).and_then(Shipped::native).unwrap();
    let engines = ScanEngine::ALL
        .into_iter()
        .filter(|engine| engine.is_available());
    let chain = |engine| {
        let code = Code::Native(native);
        let spec = PluginSpec::new(plugin, code).with_settings(settings.clone());
        let chain = ChainBuilder::new().plugin(spec).scan_engine(engine).build();
        Some((engine, chain.ok()?))
    };
    engines.filter_map(chain).collect()
}

/// What a chain makes of a batch, in words that can be compared.
fn outcome(chain: &Chain, signal: Signal, batch: &Bytes) -> (Option<Bytes>, String) {
    match chain.process(signal, batch.clone(), &Context::default()) {
        Outcome::Unchanged { bytes, report } | Outcome::Edited { bytes, report } => {
            (Some(bytes), format!("{report:?}"))
        }
        other => (None, format!("{other:?}")),
    }
}

/// How many batches were compared.
fn compare(name: &str, chains: &[(ScanEngine, Chain)], signal: Signal, batch: &Bytes) -> usize {
    let Some(((first, chain), others)) = chains.split_first() else {
        return 0;
    };
    let expected = outcome(chain, signal, batch);
    for (engine, chain) in others {
        let found = outcome(chain, signal, batch);
        assert!(found == expected, "{name}: {engine} and {first} differ");
    }
    1
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn over_every_case() {
    let mut compared = 0;
    let mut made: HashMap<String, Vec<(ScanEngine, Chain)>> = HashMap::new();
    for plugin in ["scrub", "redaction"] {
        for path in files(&root().join("plugins").join(plugin).join("cases")) {
            for case in CaseFile::read(&path).unwrap().cases {
                let Ok(batch) = case.batch() else { continue };
                let key = format!("{plugin} {}", case.settings);
                let chains = made
                    .entry(key)
                    .or_insert_with(|| chains(plugin, &case.settings));
                let name = format!("{}: {}", path.display(), case.name);
                compared += compare(&name, chains, batch.signal, &batch.bytes.into());
            }
        }
    }
    println!("{compared} cases");
    assert!(compared >= 40, "{compared} cases");
}

#[test]
fn over_every_capture() {
    let beside = root().join("../shared/captures");
    if !beside.exists() {
        println!("skipped: no captures in {}", beside.display());
    }
    let mut folders = files(&beside);
    folders.push(root().join("tests/data/demo"));
    let personal = json!({"classes": {"enable": ["personal", "publishable"]}});
    let all = [chains("scrub", &json!({})), chains("scrub", &personal)];
    let mut compared = 0;
    for path in folders.iter().flat_map(|folder| files(folder)) {
        let name = path.to_string_lossy().into_owned();
        let stem = name.strip_suffix(".bin").unwrap_or_default();
        let signal = Signal::ALL
            .iter()
            .find(|signal| stem.ends_with(signal.as_str()));
        let Some(&signal) = signal else { continue };
        // Bodies in JSON are bytes of another format, and as such hostile.
        let batch = Bytes::from(fs::read(&path).unwrap());
        for chains in &all {
            assert!(chains.len() > 1);
            compared += compare(&name, chains, signal, &batch);
        }
    }
    println!("{compared} batches");
    assert!(compared > 0);
}
