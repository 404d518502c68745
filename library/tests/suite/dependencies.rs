//! What comes along with the library: checked with cargo itself, offline.

use std::process::Command;

fn tree(features: &[&str]) -> String {
    let out = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none"])
        .args(["--package", "tamis", "--no-default-features"])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{said}");
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn native_has_no_wasmtime() {
    let natively = tree(&["--features", "native,prost"]);
    assert!(natively.contains("tamis-plugin-scrub"));
    assert!(!natively.contains("wasmtime"), "{natively}");
    assert!(tree(&["--features", "wasm"]).contains("wasmtime"));
}

#[test]
fn no_yaml_and_no_runtime() {
    let everything = tree(&["--all-features"]);
    for unwanted in ["yaml", "saphyr", "tokio", "hyper", "tonic"] {
        assert!(!everything.contains(unwanted), "{unwanted}");
    }
}
