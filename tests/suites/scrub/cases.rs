//! The plugin's own case files.

use tamis_tests::cases;

#[test]
fn every_case_gives_what_it_says() {
    cases::hold("scrub", &cases::forms("scrub"), 40);
}
