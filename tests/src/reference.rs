//! The Collector's own results, from its own configs as they stand (`tests/data`; new ones are made by
//! `tests/reference/make-case.sh`).

mod compare;

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::Value as Json;
use tamis_host::Signal;

use compare::{difference, tree};

/// A config with one processor, a request, and what the Collector made of it.
#[derive(Debug)]
pub struct Reference {
    /// Its file's name.
    pub name: String,
    /// The processor's settings.
    pub settings: Json,
    /// The pipeline's signal.
    pub signal: Signal,
    /// What came in.
    pub request: Bytes,
    expected: Vec<u8>,
}

impl Reference {
    fn read(path: &Path) -> Self {
        let config: Json = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let pipelines = config["service"]["pipelines"].as_object().unwrap();
        let (signal, pipeline) = pipelines.iter().next().unwrap();
        let name = pipeline["processors"][0].as_str().unwrap();
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            settings: config["processors"][name].clone(),
            signal: Signal::parse(signal).unwrap(),
            request: fs::read(path.with_extension("request.pb")).unwrap().into(),
            expected: fs::read(path.with_extension("expected.pb")).unwrap(),
        }
    }
}

fn paths(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data")
        .join(folder);
    let files = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .filter(|path| path.with_extension("request.pb").exists())
        .collect();
    paths.sort();
    paths
}

/// Asserts that every case below `tests/data/FOLDER`, of which there are so many at least, gives in
/// every form what the Collector gives. `ours` names each form and what it made of the request.
pub fn hold(
    folder: &str,
    cases_min: usize,
    ours: impl Fn(&Reference) -> Vec<(&'static str, Bytes)>,
) {
    let paths = paths(folder);
    assert!(paths.len() >= cases_min, "{} cases", paths.len());
    let mut wrong = Vec::new();
    for path in &paths {
        let case = Reference::read(path);
        let expected = tree(case.signal, &case.expected);
        for (form, bytes) in ours(&case) {
            let ours = tree(case.signal, &bytes);
            if let Some(differs) = difference(&ours, &expected, "") {
                wrong.push(format!("{} {form} {differs}", case.name));
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
