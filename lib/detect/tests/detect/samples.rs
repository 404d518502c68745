//! Reads the samples and runs detectors over them.

use std::path::Path;

use serde::Deserialize;
use tamis_detect::{Context, Detect, DetectorSet, Finding, detector_number};

/// The samples of one detector.
pub(crate) struct Sample {
    pub(crate) id: String,
    pub(crate) finds: Vec<Marked>,
    pub(crate) leaves: Vec<String>,
}

/// A text in which one secret is marked.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    pub(crate) text: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Marked {
    fn parse(marked: &str) -> Marked {
        let Some((before, rest)) = marked.split_once("<<") else {
            return Marked {
                text: marked.to_owned(),
                start: 0,
                end: marked.len(),
            };
        };
        let (secret, after) = rest.split_once(">>").unwrap();
        let (start, end) = (before.len(), before.len() + secret.len());
        Marked {
            text: format!("{before}{secret}{after}"),
            start,
            end,
        }
    }

    pub(crate) fn secret(&self) -> &str {
        &self.text[self.start..self.end]
    }
}

#[derive(Deserialize)]
struct File {
    detector: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    finds: Vec<Vec<String>>,
    leaves: Vec<String>,
}

/// Every sample of every file under `samples/`.
pub(crate) fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut samples = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            samples.extend(file.detector.into_iter().map(|row| {
                Sample {
                    id: row.id,
                    finds: row
                        .finds
                        .iter()
                        .map(|parts| Marked::parse(&parts.concat()))
                        .collect(),
                    leaves: row.leaves,
                }
            }));
        }
    }
    assert!(!samples.is_empty());
    samples
}

/// A set of this one detector.
pub(crate) fn only(id: &str) -> Detect {
    let mut set = DetectorSet::none();
    set.insert(detector_number(id).unwrap_or_else(|| panic!("{id} is no detector")));
    Detect::new(&set)
}

/// The findings in a text that stands under no key.
pub(crate) fn all(detect: &Detect, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    detect.find(text.as_bytes(), &Context::default(), &mut findings);
    findings
}

/// What those findings cover.
pub(crate) fn found<'t>(detect: &Detect, text: &'t str) -> Vec<&'t str> {
    all(detect, text)
        .iter()
        .map(|finding| &text[finding.start..finding.end])
        .collect()
}
