//! The sampler under both of its names, from a config to the bytes that leave.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{tamis, tamis_in};

fn reference(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/sample");
    folder.join(name)
}

fn validated(pipeline: &str) -> crate::program::Run {
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "receivers: {{otlp: }}\nexporters: {{debug: }}\nprocessors:\n  scrub:\n  probabilistic_sampler: {{sampling_percentage: 15}}\n  sample: {{sampling_percentage: -1}}\nservice:\n  pipelines:\n    traces: {{receivers: [otlp], processors: {pipeline}, exporters: [debug]}}\n"
    );
    fs::write(folder.path().join("tamis.yaml"), config).unwrap();
    tamis_in(folder.path(), &["validate", "--config", "tamis.yaml"], b"")
}

#[test]
fn a_sampler_before_a_protector_is_refused_with_the_reason() {
    let run = validated("[probabilistic_sampler, scrub]");
    assert_ne!(run.code, Some(0), "{}", run.err);
    let reason = "plugin scrub protects and must stand before probabilistic_sampler, which reduces: \
                  a secret that was cut in half is no longer found";
    let said = format!("{}{}", run.text(), run.err);
    assert!(said.contains(reason), "{said}");
}

#[test]
fn a_fault_in_its_settings_has_a_place() {
    let run = validated("[scrub, sample]");
    let said = format!("{}{}", run.text(), run.err);
    let fault = "processors.sample.sampling_percentage: must be a percentage, 0 to 100";
    assert!(said.contains(fault), "{said}");
    assert!(said.contains("tamis.yaml:6:"), "{said}");
}

#[test]
fn a_collector_config_drops_what_the_collector_drops() {
    for (case, signal, empty) in [
        ("probabilistic_sampler-0012", "logs", true),
        ("probabilistic_sampler-0013", "traces", false),
    ] {
        let config = reference(case).with_extension("yaml");
        let request = fs::read(reference(case).with_extension("request.pb")).unwrap();
        let config = config.to_str().unwrap();
        let run = tamis(
            &["scrub", "--config", config, "--signal", signal, "-"],
            &request,
        );
        assert_eq!(
            (run.code, run.out.is_empty()),
            (Some(0), empty),
            "{case} {}",
            run.err
        );
    }
}
