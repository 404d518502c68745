//! A clean batch costs no allocation and no copy: what comes back is what went in. A masked value costs
//! none of its own.

use bytes::Bytes;
use prost::Message as _;
use tamis_host::{ChainBuilder, Code, Context, Grant, Outcome, PluginSpec, Signal};
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

/// Allocations of a chain with `scrub`, natively, for a batch with so many secrets.
fn allocations(secrets: usize) -> u64 {
    let code = tamis_plugins::Shipped::find("scrub").and_then(|shipped| shipped.native());
    let spec = PluginSpec::new("scrub", Code::Native(code.expect("scrub ships")));
    let chain = ChainBuilder::new().plugin(spec).build();
    let chain = chain.expect("scrub loads");
    let text = concat!(
        "export KEY_ID=",
        "AKIA",
        "IOSFODNN7EXAMPLE",
        " # for the tests"
    );
    let input: Bytes = logs(&vec![text; secrets]).encode_to_vec().into();
    let context = Context::default();
    let mask = || {
        let outcome = chain.process(Signal::Logs, input.clone(), &context);
        assert!(matches!(outcome, Outcome::Edited { .. }));
    };
    for _ in 0..3 {
        mask();
    }
    allocation_counter::measure(mask).count_total
}

/// In a guest an allocation costs as much as a look at an anchor. Buffers that double are all that is left.
#[test]
fn a_masked_value_allocates_nothing_of_its_own() {
    let (few, many) = (allocations(200), allocations(400));
    assert!(many < few + 20, "{few} for 200 values, {many} for 400");
}
