//! A bad guest costs an error and a counter: never the process, never a leak, never another
//! plugin's data. Every fault runs natively and as Wasm, under every policy.

use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use tamis_guest_scripted::native;
use tamis_host::{
    Chain, ChainBuilder, Code, Context, Grant, Outcome, PluginSpec, Policy, Refusal, Report, Signal,
};
use tamis_tests::{body, logs, records, script};

const SECRET: &str = "needle-hunter2";

fn spec(name: &str, script_name: &str) -> PluginSpec {
    let mut spec =
        PluginSpec::new(name, Code::Native(native())).with_settings(script(script_name, "needle"));
    spec.grants = vec![Grant::Clock];
    spec.limits.call_timeout = Duration::from_millis(200);
    spec.limits.memory_bytes_max = 16 << 20;
    spec
}

fn chain(specs: impl IntoIterator<Item = PluginSpec>) -> Chain {
    specs
        .into_iter()
        .fold(ChainBuilder::new(), ChainBuilder::plugin)
        .build()
        .unwrap()
}

fn batch() -> Bytes {
    logs(&["nothing here", &format!("a {SECRET} b"), "nor here"])
        .encode_to_vec()
        .into()
}

fn run(chain: &Chain, bytes: Bytes) -> Outcome {
    chain.process(Signal::Logs, bytes, &Context::default())
}

fn edited(outcome: Outcome) -> (Bytes, Report) {
    match outcome {
        Outcome::Edited { bytes, report } => (bytes, report),
        other => panic!("not edited: {other:?}"),
    }
}

const FAULTS: &[(&str, &str)] = &[
    ("rows", "edit"),
    ("range", "edit"),
    ("reversed", "edit"),
    ("non_utf8", "edit"),
    ("operation", "edit"),
    ("kind", "edit"),
    ("detector", "edit"),
    ("overlap", "edit"),
    ("million", "edit"),
    ("grow", "edit"),
    ("drop", "edit"),
    ("set", "edit"),
    ("garbage", "frame"),
    ("error", "error"),
    ("panic", "trap"),
];

#[test]
fn mask_hides_what_was_shown_and_nothing_else() {
    for (script, fault) in FAULTS {
        let chain = chain([spec("bad", script)]);
        let (bytes, report) = edited(run(&chain, batch()));
        let bodies: Vec<_> = records(&bytes).iter().map(body).collect();
        assert_eq!(bodies, ["nothing here", "REDACTED", "nor here"], "{script}");
        assert_eq!(report.faults.len(), 1, "{script}");
        assert_eq!(chain.counters()[0].faults[fault], 1, "{script}");
        assert_eq!(chain.counters()[0].masked, 1, "{script}");
        let said = format!("{:?} {}", report.lines, report.faults[0].1);
        assert!(!said.contains("hunter2"), "{script}: {said}");
    }
}

#[test]
fn drop_refuses_the_batch_and_says_whether_to_retry() {
    for (script, _) in FAULTS {
        let chain = chain([spec("bad", script).with_policy(Policy::Drop)]);
        let Outcome::Refused(refusal) = run(&chain, batch()) else {
            panic!("{script}: not refused")
        };
        assert!(
            matches!(&refusal, Refusal::Fault { plugin, .. } if &**plugin == "bad"),
            "{script}"
        );
        assert!(!refusal.may_retry(), "{script} would fail again");
        assert!(!format!("{refusal}").contains("hunter2"));
    }
}

#[test]
fn pass_lets_the_very_same_bytes_go_on() {
    for (script, _) in FAULTS {
        let chain = chain([spec("bad", script).with_policy(Policy::Pass)]);
        let input = batch();
        let Outcome::Unchanged { bytes, report } = run(&chain, input.clone()) else {
            panic!("{script}")
        };
        assert_eq!(bytes.as_ptr(), input.as_ptr(), "{script}");
        assert_eq!(report.faults.len(), 1, "{script}");
    }
}

#[test]
fn a_bad_plugin_does_not_spoil_a_good_one() {
    for (script, _) in FAULTS {
        let chain = chain([
            spec("bad", script).with_policy(Policy::Pass),
            spec("good", "mask"),
        ]);
        let (bytes, _) = edited(run(&chain, batch()));
        assert_eq!(body(&records(&bytes)[1]), "a [cut]-hunter2 b", "{script}");
    }
}

#[test]
fn a_trapped_plugin_starts_again() {
    let chain = chain([spec("bad", "panic_first")]);
    let (bytes, _) = edited(run(&chain, batch()));
    assert_eq!(body(&records(&bytes)[1]), "REDACTED");
    // A fresh instance panics at its first call too, and after enough of them restarts wait; what
    // was shown is masked without the guest.
    for _ in 0..5 {
        let (bytes, _) = edited(run(&chain, batch()));
        assert_eq!(body(&records(&bytes)[1]), "REDACTED");
    }
    let counters = &chain.counters()[0];
    assert_eq!(counters.faults["trap"], 3);
    assert_eq!(counters.faults["backoff"], 3);
    assert_eq!(counters.calls, 3);
}

#[test]
fn a_clean_batch_is_the_same_pointer_and_asks_nobody() {
    let chain = chain([spec("good", "mask")]);
    let input: Bytes = logs(&["nothing", "at all"]).encode_to_vec().into();
    let Outcome::Unchanged { bytes, .. } = run(&chain, input.clone()) else {
        panic!("changed")
    };
    assert_eq!((bytes.as_ptr(), bytes.len()), (input.as_ptr(), input.len()));
    assert_eq!(chain.counters()[0].calls, 0);
}

#[test]
fn malformed_bytes_with_a_hit_are_refused() {
    let chain = chain([spec("good", "mask")]);
    let mut bytes = batch().to_vec();
    let at = bytes
        .windows(6)
        .position(|window| window == b"needle")
        .unwrap();
    // The body's length now reaches beyond its record.
    bytes[at - 3] = 0x7f;
    let outcome = run(&chain, bytes.into());
    assert!(
        matches!(outcome, Outcome::Refused(Refusal::Malformed { .. })),
        "{outcome:?}"
    );
}
