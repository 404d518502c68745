//! One secret in every position of OTLP in which a text can stand: none leaks, the rest stays.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use bytes::Bytes;
use serde_json::json;
use tamis_host::{
    Cache, Chain, ChainBuilder, Code, Component, Context, Engine, EngineOptions, Outcome,
    PluginLimits, PluginSpec, Policy, Signal,
};
use tamis_plugins::Shipped;
use tamis_tests::matrix::{Position, holds, positions, rest};

/// Tokens that no detector could take for something else, and a card number.
const SECRETS: [&str; 3] = [
    "AKIAIOSFODNN7EXAMPLE",
    "glpat-abcdefghij0123456789",
    "4111 1111 1111 1111",
];

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
            let bytes = match outcome {
                Outcome::Edited { bytes, .. } => bytes,
                // The batch was one unknown field, and that was taken out.
                Outcome::Dropped { .. } if position.is_unknown() => Bytes::new(),
                other => panic!("{script} at {}: {other:?}", position.path),
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

/// The default chain: `scrub` alone, natively and as Wasm.
fn scrubbers() -> [Chain; 2] {
    let shipped = Shipped::find("scrub").unwrap();
    let engine = Engine::new(&EngineOptions::default()).unwrap();
    let limits = PluginLimits::default();
    let wasm = shipped.component().unwrap();
    let component = Component::load(&engine, &Cache::none(), wasm, None, &[], &limits).unwrap();
    [
        Code::Native(shipped.native().unwrap()),
        Code::Wasm(component),
    ]
    .map(|code| {
        ChainBuilder::new()
            .plugin(PluginSpec::new("scrub", code))
            .build()
            .unwrap()
    })
}

fn leaves(chain: &Chain, signal: Signal, input: Vec<u8>, path: &str) -> Bytes {
    match chain.process(signal, input.into(), &Context::default()) {
        Outcome::Unchanged { bytes, report } | Outcome::Edited { bytes, report } => {
            assert!(report.faults.is_empty(), "at {path}: {:?}", report.faults);
            bytes
        }
        // The batch was one field, and that was taken out.
        Outcome::Dropped { report } => {
            assert!(report.faults.is_empty(), "at {path}: {:?}", report.faults);
            Bytes::new()
        }
        other => panic!("at {path}: {other:?}"),
    }
}

/// What may differ between input and output beside the secret's own value: nothing.
fn unharmed(position: &Position, input: &[u8], output: &[u8], secret: &[u8]) {
    let before = rest(position.signal, input, secret);
    let mut after = rest(position.signal, output, secret);
    after.retain(|(_, _, payload)| !holds(payload, b"REDACTED"));
    assert_eq!(before, after, "at {}", position.path);
}

#[test]
fn scrub_leaves_no_secret_in_any_position() {
    for (number, chain) in scrubbers().iter().enumerate() {
        for position in positions() {
            for secret in SECRETS {
                let input = position.batch(format!("the key {secret} leaked").as_bytes());
                let output = leaves(chain, position.signal, input.clone(), &position.path);
                assert!(
                    !holds(&output, secret.as_bytes()),
                    "chain {number}: {secret} at {}",
                    position.path
                );
                unharmed(&position, &input, &output, secret.as_bytes());
                let again = leaves(chain, position.signal, output.to_vec(), &position.path);
                assert_eq!(
                    output, again,
                    "a second run changes nothing at {}",
                    position.path
                );
            }
        }
    }
}

#[test]
fn scrub_leaves_no_secret_in_any_position_of_json() {
    let [native, _] = scrubbers();
    for position in positions().iter().filter(|position| !position.is_unknown()) {
        let secret = SECRETS[0];
        let batch = position.batch(format!("the key {secret} leaked").as_bytes());
        let mut json = Vec::new();
        otlp_json::to_json(
            position.signal,
            &batch,
            otlp_json::Style::Compact,
            &mut json,
        )
        .unwrap();
        let mut input = Vec::new();
        otlp_json::to_protobuf(position.signal, &json, &mut input).unwrap();
        let output = leaves(&native, position.signal, input, &position.path);
        let mut text = Vec::new();
        otlp_json::to_json(
            position.signal,
            &output,
            otlp_json::Style::Compact,
            &mut text,
        )
        .unwrap();
        let place = String::from_utf8_lossy(&text).into_owned();
        assert!(
            !holds(&text, secret.as_bytes()),
            "at {}: {place}",
            position.path
        );
        serde_json::from_slice::<serde_json::Value>(&text).unwrap();
    }
}

#[test]
fn scrub_reaches_as_deep_as_a_batch_may_nest() {
    let [native, wasm] = scrubbers();
    for chain in [native, wasm] {
        // 32 lists in a body are what prost takes; 33 are refused downstream, and so here.
        for (depth, accepted) in [(1, true), (31, true), (32, true), (33, false)] {
            let input = nested(depth, SECRETS[0]);
            let accepted_by_check = otlp_wire::check(Signal::Logs, &input).is_ok();
            assert_eq!(accepted_by_check, accepted, "{depth} lists");
            let outcome = chain.process(Signal::Logs, input.into(), &Context::default());
            match outcome {
                Outcome::Edited { bytes, .. } if accepted => {
                    assert!(!holds(&bytes, SECRETS[0].as_bytes()))
                }
                Outcome::Refused(_) if !accepted => {}
                other => panic!("{depth} lists: {other:?}"),
            }
        }
    }
}

#[test]
fn scrub_finds_a_card_that_is_a_number_wherever_it_stands() {
    use otlp_wire::{Member, write_any, write_attribute, write_len_field};
    let card = Member::Int(4_111_111_111_111_111);
    let mut list = Vec::new();
    write_any(1, card, &mut list);
    let (mut body, mut nested, mut attribute) = (Vec::new(), Vec::new(), Vec::new());
    write_any(5, card, &mut body);
    write_any(5, Member::Array(&list), &mut nested);
    write_attribute(6, "n", card, &mut attribute);
    for chain in scrubbers() {
        for record in [&body, &nested, &attribute] {
            let input = [2, 2, 1].iter().fold(record.clone(), |inner, &field| {
                let mut out = Vec::new();
                write_len_field(field, &inner, &mut out);
                out
            });
            let outcome = chain.process(Signal::Logs, input.into(), &Context::default());
            let Outcome::Edited { bytes, .. } = outcome else {
                panic!("{outcome:?}")
            };
            assert!(holds(&bytes, b"REDACTED"), "{bytes:?}");
        }
    }
}

/// A log record whose body is so many lists of entries, one within the other.
fn nested(depth: usize, secret: &str) -> Vec<u8> {
    use otlp_wire::write_len_field;
    let wrap = |field, inner: &[u8]| {
        let mut out = Vec::new();
        write_len_field(field, inner, &mut out);
        out
    };
    let mut any = wrap(1, secret.as_bytes());
    for _ in 0..depth {
        let mut entry = wrap(1, b"k");
        entry.extend(wrap(2, &any));
        any = wrap(6, &wrap(1, &entry));
    }
    // body, log record, scope logs, resource logs.
    [5, 2, 2, 1]
        .iter()
        .fold(any, |inner, &field| wrap(field, &inner))
}
