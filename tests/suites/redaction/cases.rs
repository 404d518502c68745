//! The plugin's own case files.

use tamis_tests::cases;

#[test]
fn every_case_holds_in_every_form() {
    cases::hold("redaction", &cases::forms("redaction"), 10);
}
