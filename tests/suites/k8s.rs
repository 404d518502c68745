//! The plugin `k8s-attributes` in every form: its own case files, with the answers of a table in them.
//!
//! What it does over the table of a cluster stands beside the table, in `collector/kubernetes/tests`.

use tamis_tests::cases;

#[test]
fn every_case_holds_in_every_form() {
    cases::hold("k8s-attributes", &cases::forms("k8sattributes"), 12);
}
