//! The cases of the plugin, natively, as Wasm, and from the cache of compiled code.

use std::fs;
use std::path::Path;

use tamis_testing::{CaseFile, run};

use crate::engine::FORMS;

#[test]
fn every_case_gives_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/truncate/cases");
    let (mut cases, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for case in &CaseFile::read(&path).unwrap().cases {
            cases += 1;
            let verdict = run(case, &FORMS[1]).unwrap();
            if !verdict.passed() {
                let told: Vec<_> = verdict
                    .differences
                    .iter()
                    .chain(&verdict.problems)
                    .cloned()
                    .collect();
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
    assert!(cases >= 60, "{cases} cases");
}
