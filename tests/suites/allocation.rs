//! A clean batch costs no allocation and no copy: what comes back is what went in.

use bytes::Bytes;
use prost::Message as _;
use tamis_host::{ChainBuilder, Context, Grant, Outcome, PluginSpec, Signal};
use tamis_tests::{Engine, logs, script};

#[test]
fn a_clean_batch_allocates_nothing() {
    for engine in Engine::ALL {
        let mut spec =
            PluginSpec::new("guest", engine.code()).with_settings(script("mask", "needle"));
        spec.grants = vec![Grant::Clock];
        let chain = ChainBuilder::new().plugin(spec).build().unwrap();
        let texts: Vec<String> = (0..200)
            .map(|number| format!("nothing to see in record {number}"))
            .collect();
        let bodies: Vec<&str> = texts.iter().map(String::as_str).collect();
        let input: Bytes = logs(&bodies).encode_to_vec().into();
        let context = Context::default();
        // The first batches make the buffers.
        for _ in 0..3 {
            drop(chain.process(Signal::Logs, input.clone(), &context));
        }
        let measured = allocation_counter::measure(|| {
            let outcome = chain.process(Signal::Logs, input.clone(), &context);
            let Outcome::Unchanged { bytes, .. } = outcome else {
                panic!("changed")
            };
            assert_eq!(bytes.as_ptr(), input.as_ptr());
        });
        assert_eq!(measured.count_total, 0, "{engine:?}: {measured:?}");
    }
}
