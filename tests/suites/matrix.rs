//! One secret in every position of OTLP in which a text can stand: none leaks, the rest stays.

use bytes::Bytes;
use serde_json::json;
use tamis_host::{Chain, ChainBuilder, Code, Context, Outcome, PluginSpec, Policy};
use tamis_tests::matrix::{holds, positions, rest};

const NEEDLE: &str = "needle-4711";

/// A guest that replaces, or fails at, the needle wherever it stands.
fn chain(script: &str) -> Chain {
    let settings = json!({
        "script": script,
        "text": "[cut]",
        "interest": {"subscriptions": [{
            "kinds": ["string", "bytes", "key"],
            "when": {"holds": {"literals": [{"text": NEEDLE}]}},
        }]},
    });
    let guest = PluginSpec::new("guest", Code::Native(tamis_guest_scripted::native()))
        .with_settings(settings)
        .with_policy(Policy::Mask);
    ChainBuilder::new().plugin(guest).build().unwrap()
}

#[test]
fn the_schema_has_as_many_positions_as_it_should() {
    let known = positions()
        .iter()
        .filter(|position| !position.is_unknown())
        .count();
    assert!(known >= 150, "{known} positions");
}

#[test]
fn the_host_reaches_every_position() {
    for script in ["mask", "replace", "error"] {
        let chain = chain(script);
        for position in positions() {
            let input = position.batch(format!("a {NEEDLE} b").as_bytes());
            let before = rest(position.signal, &input, NEEDLE.as_bytes());
            let outcome = chain.process(position.signal, Bytes::from(input), &Context::default());
            let Outcome::Edited { bytes, .. } = outcome else {
                panic!("{script} at {}: {outcome:?}", position.path);
            };
            assert!(
                !holds(&bytes, NEEDLE.as_bytes()),
                "{script} at {}",
                position.path
            );
            let mut after = rest(position.signal, &bytes, NEEDLE.as_bytes());
            after.retain(|(_, _, payload)| !holds(payload, b"[cut]") && payload != b"REDACTED");
            assert_eq!(before, after, "{script} at {}", position.path);
        }
    }
}
