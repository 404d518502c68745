//! The plugin's own case files, in every form: natively, compiled, and from the cache.

use std::fs;
use std::path::Path;

use tamis_plugins::Shipped;
use tamis_testing::{CaseFile, forms, run};

#[test]
fn every_case_holds_in_every_form() {
    let plugin = Shipped::find("redaction").unwrap();
    let forms = forms(plugin.component().unwrap(), plugin.native()).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/redaction/cases");
    let mut cases = 0;
    for file in fs::read_dir(folder).unwrap() {
        let file = CaseFile::read(&file.unwrap().path()).unwrap();
        for case in &file.cases {
            let verdict = run(case, &forms).unwrap();
            assert!(
                verdict.passed(),
                "{}\n{}\n{}",
                case.name,
                verdict.differences.unwrap_or_default(),
                verdict.problems.join("\n")
            );
            cases += 1;
        }
    }
    assert!(cases >= 10, "{cases} cases");
}
