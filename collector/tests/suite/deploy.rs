//! The configs in the manifests of `docs/deploy` are good.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::tamis_in;

/// The config that stands in a ConfigMap: what is indented below `config.yaml: |`.
fn config(manifest: &str) -> String {
    let below = manifest.split_once("config.yaml: |\n").unwrap().1;
    let lines = below.lines().take_while(|line| line.starts_with("    "));
    lines.map(|line| format!("{}\n", &line[4..])).collect()
}

#[test]
fn every_manifest_has_a_config_that_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/deploy");
    let here = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deploy");
    fs::create_dir_all(&here).unwrap();
    for name in ["daemonset.yaml", "deployment.yaml"] {
        let text = config(&fs::read_to_string(folder.join(name)).unwrap());
        let text = text.replace("${env:POD_IP}", "127.0.0.1");
        fs::write(here.join(name), &text).unwrap();
        let run = tamis_in(&here, &["validate", "--config", name], b"");
        assert_eq!(
            run.code,
            Some(0),
            "{name}: {}{}\n{text}",
            run.text(),
            run.err
        );
    }
}

/// A folder with a cluster in `pods.json`, and in `logs.json` what one of its pods says.
fn pods(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&here).unwrap();
    let cluster = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/k8s/cluster.json");
    fs::copy(cluster, here.join("pods.json")).unwrap();
    let log = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"k8s.pod.ip","value":{"stringValue":"10.244.0.3"}}]},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}"#;
    fs::write(here.join("logs.json"), log).unwrap();
    here
}

#[test]
fn two_processors_of_one_chain_have_a_table_each() {
    let here = pods("two-tables");
    let processor = |name: &str, namespace: &str, metadata: &str| {
        format!(
            "  k8sattributes/{name}: {{snapshot_file: pods.json, filter: {{namespace: {namespace}}}, extract: {{metadata: [{metadata}]}}}}\n"
        )
    };
    for (first, second) in [("agents", "elsewhere"), ("elsewhere", "agents")] {
        let config = format!(
            "processors:\n{}{}service: {{pipelines: {{logs: {{processors: [k8sattributes/first, k8sattributes/second]}}}}}}\n",
            processor("first", first, "k8s.pod.name"),
            processor("second", second, "k8s.namespace.name"),
        );
        fs::write(here.join("config.yaml"), config).unwrap();
        let arguments = ["scrub", "--config", "config.yaml", "logs.json"];
        let run = tamis_in(&here, &arguments, b"");
        let out = run.text();
        for (key, namespace) in [("k8s.pod.name", first), ("k8s.namespace.name", second)] {
            assert_eq!(out.contains(key), namespace == "agents", "{out}{}", run.err);
        }
    }
}

#[test]
fn offline_pods_come_from_a_file_or_not_at_all() {
    let here = pods("pods");
    let scrub = |settings: &str| {
        let pipelines = "service: {pipelines: {logs: {processors: [k8sattributes]}}}";
        let config = format!("processors: {{k8sattributes: {settings}}}\n{pipelines}\n");
        fs::write(here.join("config.yaml"), config).unwrap();
        tamis_in(
            &here,
            &["scrub", "--config", "config.yaml", "logs.json"],
            b"",
        )
    };
    let run = scrub("{snapshot_file: pods.json}");
    assert!(
        run.text().contains("codex-6d4b75cb6d-00001"),
        "{}{}",
        run.text(),
        run.err
    );
    let run = scrub("{}");
    assert!(!run.text().contains("k8s.pod.name"), "{}", run.text());
    assert!(run.err.contains("snapshot_file"), "{}", run.err);
    let run = scrub("{snapshot_file: none.json}");
    assert!(
        run.code != Some(0) && run.err.contains("none.json"),
        "{}",
        run.err
    );
}
