//! The plugin `k8s-attributes` in every form: its own case files, with the answers of a table in them.
//!
//! What it does over the table of a cluster stands beside the table, in `collector/kubernetes/tests`.

#[path = "k8s/cases.rs"]
mod cases;
