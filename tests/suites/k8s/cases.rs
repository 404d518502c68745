//! The plugin's own case files, in every form: natively, compiled, and from the cache.

use std::fs;
use std::path::Path;

use tamis_plugins::Shipped;
use tamis_testing::{CaseFile, forms, run};

#[test]
fn every_case_holds_in_every_form() {
    let plugin = Shipped::find("k8sattributes").unwrap();
    let forms = forms(plugin.component().unwrap(), plugin.native()).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/k8s-attributes/cases");
    let (mut cases, mut failed) = (0, Vec::new());
    for file in fs::read_dir(folder).unwrap() {
        let file = CaseFile::read(&file.unwrap().path()).unwrap();
        for case in &file.cases {
            let verdict = run(case, &forms).unwrap();
            if !verdict.passed() {
                let told = verdict.differences.unwrap_or_default();
                failed.push(format!(
                    "{}\n{told}\n{}",
                    case.name,
                    verdict.problems.join("\n")
                ));
            }
            cases += 1;
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(cases >= 12, "{cases} cases");
}
