//! What the Collector makes of its own configs (`tests/data/redaction`).

use tamis_tests::reference;

use crate::engine::{build, forms, run};

#[test]
fn every_case_gives_what_the_collector_gives() {
    reference::hold("redaction", 65, |case| {
        let ours = forms().into_iter().map(|(form, code)| {
            let chain = build(code, case.settings.clone()).unwrap();
            let (bytes, report) = run(&chain, case.signal, &case.request);
            let name = &case.name;
            assert!(
                report.faults.is_empty(),
                "{name} {form}: {:?}",
                report.faults
            );
            (form, bytes)
        });
        ours.collect()
    });
}
