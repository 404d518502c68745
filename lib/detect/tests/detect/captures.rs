//! Real agent telemetry, where it is at hand: no planted secret survives a mask.

use std::path::Path;

use tamis_detect::{Boundaries, Context, Detect, DetectorSet};

const PLANTED: &[&str] = &[
    "hunter2-dummy",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "sk-test-DUMMY",
    "4111 1111 1111 1111",
];

#[test]
fn planted_secrets_are_found_in_raw_bodies() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no captures beside the project");
        return;
    };
    let detect = Detect::new(&DetectorSet::defaults());
    let mut bodies = 0;
    let files = entries
        .flatten()
        .flat_map(|entry| std::fs::read_dir(entry.path()))
        .flatten();
    for file in files.flatten().map(|file| file.path()) {
        if file.extension().is_none_or(|extension| extension != "bin") {
            continue;
        }
        bodies += 1;
        let mut body = std::fs::read(&file).unwrap();
        let context = Context {
            boundaries: Boundaries::Loose,
            ..Context::default()
        };
        let mut findings = Vec::new();
        detect.find(&body, &context, &mut findings);
        for found in findings {
            body[found.start..found.end].fill(b'#');
        }
        for secret in PLANTED {
            let found = body
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", file.display());
        }
    }
    assert!(bodies > 30, "{bodies} bodies");
}
