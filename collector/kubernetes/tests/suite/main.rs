//! The table, the feed, and the watcher against an API server that plays what it is told.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

mod api;
mod feed;
mod files;
mod questions;
mod recorded;
mod watcher;

use std::path::PathBuf;

use serde_json::{Value as Json, json};
use tamis_host::Table as _;
use tamis_kubernetes::{Feed, Pods, Settings};

/// The folder of test data.
fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data/k8s")
        .join(name)
}

/// The table of the cluster that stands in the test data, with everything kept.
fn cluster() -> Feed {
    let path = data("cluster.json");
    Feed::from_file(&path, &Settings::of_file(&path)).unwrap()
}

/// What a table answers.
fn ask(table: &Pods, question: &Json) -> Json {
    serde_json::from_str(&table.get(&question.to_string()).unwrap()).unwrap()
}

/// The UID of the pod that conditions find, or nothing.
fn found(table: &Pods, rules: Json) -> String {
    let answer = ask(table, &json!({"pod": rules}));
    answer["pod"]["uid"].as_str().unwrap_or_default().to_owned()
}

/// Settings of the plugin.
fn settings(json: &Json) -> Settings {
    Settings::from_json(json).unwrap()
}
