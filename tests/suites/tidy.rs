//! Rules about the repository itself: who may depend on what, how files open, where `unsafe` is.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file that git tracks, with its text.
fn sources() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .arg("-C")
        .arg(root())
        .args(["ls-files", "*.rs"])
        .output()
        .unwrap();
    let files = String::from_utf8(listed.stdout).unwrap();
    let read = |path: &str| {
        Some((
            path.to_owned(),
            std::fs::read_to_string(root().join(path)).ok()?,
        ))
    };
    let sources: Vec<_> = files.lines().filter_map(read).collect();
    assert!(sources.len() > 100, "git lists {} files", sources.len());
    sources
}

/// Names of all crates that a package is built from.
fn tree(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(name)
        .collect()
}

fn none_of(tree: &[String], unwanted: &[&str]) {
    let found: Vec<_> = tree
        .iter()
        .filter(|name| unwanted.contains(&name.as_str()))
        .collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(tree.len() > 3, "{tree:?}");
}

#[test]
fn the_host_has_no_network_no_runtime_and_no_yaml() {
    let unwanted = [
        "tokio",
        "async-std",
        "smol",
        "hyper",
        "reqwest",
        "socket2",
        "mio",
        "rustls",
        "saphyr",
        "serde-saphyr",
        "serde_yaml",
    ];
    none_of(&tree(&["-p", "tamis-host"]), &unwanted);
    none_of(&tree(&["-p", "tamis"]), &unwanted);
}

#[test]
fn the_native_library_has_no_wasmtime() {
    let native = tree(&[
        "-p",
        "tamis",
        "--no-default-features",
        "--features",
        "native",
    ]);
    none_of(&native, &["wasmtime", "cranelift-codegen", "wit-component"]);
    assert!(
        native.iter().any(|name| name == "tamis-plugin-scrub"),
        "{native:?}"
    );
}

#[test]
fn shipped_plugins_use_only_the_public_sdk() {
    for plugin in [
        "tamis-plugin-scrub",
        "tamis-plugin-redaction",
        "tamis-plugin-sample",
        "tamis-plugin-truncate",
        "tamis-plugin-k8s-attributes",
    ] {
        let tree = tree(&["-p", plugin, "--depth", "1"]);
        none_of(
            &tree,
            &[
                "tamis-host",
                "tamis-contract",
                "otlp-wire",
                "tamis-scan",
                "wit-bindgen",
            ],
        );
        assert!(
            tree.iter().any(|name| name == "tamis-sdk"),
            "{plugin}: {tree:?}"
        );
    }
}

#[test]
fn the_wire_library_depends_on_nothing() {
    let tree = tree(&["-p", "otlp-wire"]);
    assert_eq!(tree, ["otlp-wire"]);
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "these do not open with //!: {silent:?}");
}

#[test]
fn no_file_is_longer_than_500_lines_without_its_tests() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| {
            (
                path,
                text.lines()
                    .take_while(|line| *line != "#[cfg(test)]")
                    .count(),
            )
        })
        .filter(|(_, lines)| *lines > 500)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn sources_are_ascii() {
    let foreign: Vec<_> = sources()
        .into_iter()
        .filter(|(_, text)| !text.is_ascii())
        .map(|(path, _)| path)
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn unsafe_stands_where_it_may() {
    let block = ["unsafe ", "{"].concat();
    let holders: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| text.contains(&block) && !path.starts_with("lib/scan/"))
        .map(|(path, text)| (path, text.matches(&block).count()))
        .collect();
    let may = [
        ("benches/src/vectorscan.rs", 3),
        ("host/src/wasm/cache.rs", 1),
    ];
    assert_eq!(holders, may.map(|(path, count)| (path.to_owned(), count)));
}

#[test]
fn nothing_is_left_open() {
    let open = ["to", "do!("].concat();
    let skipped = ["#[ig", "nore"].concat();
    for (path, text) in sources() {
        assert!(!text.contains(&open) && !text.contains(&skipped), "{path}");
    }
}
