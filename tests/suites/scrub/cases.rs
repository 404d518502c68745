//! The cases of the plugin, natively, as Wasm, and from the cache of compiled code.

use std::fs;
use std::path::{Path, PathBuf};

use tamis_testing::{CaseFile, forms, run};

use crate::engine::plugin;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/scrub/cases");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_case_gives_what_it_says() {
    let forms = forms(tamis_plugins::SCRUB, Some(plugin())).unwrap();
    let (mut cases, mut wrong) = (0, Vec::new());
    for path in files() {
        for case in &CaseFile::read(&path).unwrap().cases {
            cases += 1;
            let verdict = run(case, &forms).unwrap();
            if !verdict.passed() {
                let told = verdict.differences.iter().chain(&verdict.problems);
                let told: Vec<_> = told.map(String::as_str).collect();
                wrong.push(format!(
                    "{}: {}\n{}",
                    path.display(),
                    case.name,
                    told.join("\n")
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cases} cases\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    assert!(cases >= 40, "{cases} cases");
}
