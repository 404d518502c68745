//! The case files of the plugins, in every form: natively, as Wasm, and from the cache of compiled code.

use std::fs;
use std::path::{Path, PathBuf};

use tamis_plugins::Shipped;
use tamis_testing::{CaseFile, Form, run};

/// A shipped plugin in every form.
#[must_use]
pub fn forms(plugin: &str) -> Vec<Form> {
    let shipped = Shipped::find(plugin).unwrap();
    tamis_testing::forms(shipped.component().unwrap(), shipped.native()).unwrap()
}

/// Asserts that every case of the plugin in this folder, of which there are so many at least, gives
/// what it says.
pub fn hold(folder: &str, forms: &[Form], cases_min: usize) {
    let (mut cases, mut wrong) = (0, Vec::new());
    for path in files(folder) {
        for case in &CaseFile::read(&path).unwrap().cases {
            cases += 1;
            let verdict = run(case, forms).unwrap();
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
    assert!(cases >= cases_min, "{cases} cases");
}

fn files(folder: &str) -> Vec<PathBuf> {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    let entries = fs::read_dir(plugins.join(folder).join("cases")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
