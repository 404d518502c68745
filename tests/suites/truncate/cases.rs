//! The plugin's own case files.

use tamis_tests::cases;

use crate::engine::FORMS;

#[test]
fn every_case_gives_what_it_says() {
    cases::hold("truncate", &FORMS[1], 60);
}
