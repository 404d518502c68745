//! What the Collector makes of its own configs (`tests/data/sample`).

use tamis_tests::reference;

use crate::engine::{build, forms, run};

#[test]
fn every_case_gives_what_the_collector_gives() {
    reference::hold("sample", 30, |case| {
        let ours = forms().into_iter().map(|(form, code)| {
            let chain = build(code, case.settings.clone()).unwrap();
            let (bytes, _) = run(&chain, case.signal, &case.request);
            (form, bytes)
        });
        ours.collect()
    });
}
