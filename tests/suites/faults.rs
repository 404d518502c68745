//! A bad guest costs an error and a counter: never the process, never a leak, never another
//! plugin's data. Every fault runs natively and as Wasm, under every policy.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use tamis_host::{
    Cache, Chain, ChainBuilder, Component, ComponentError, Context, EngineOptions, Fault, Grant,
    Outcome, PluginLimits, PluginSpec, Policy, Refusal, Report, Signal,
};
use tamis_tests::{Engine, body, logs, records, script};

const SECRET: &str = "needle-hunter2";

fn spec(engine: Engine, name: &str, script_name: &str) -> PluginSpec {
    let mut spec =
        PluginSpec::new(name, engine.code()).with_settings(script(script_name, "needle"));
    spec.grants = vec![Grant::Clock];
    if script_name == "loop" {
        spec.limits.call_timeout = Duration::from_millis(100);
    }
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

/// Scripts and the fault that each ends in.
const FAULTS: &[(&str, &str)] = &[
    ("rows", "edit"),
    ("range", "edit"),
    ("reversed", "edit"),
    ("non_utf8", "edit"),
    ("operation", "edit"),
    ("kind", "edit"),
    ("detector", "edit"),
    ("overlap", "edit"),
    ("many", "edit"),
    ("grow", "edit"),
    ("drop", "edit"),
    ("set", "edit"),
    ("garbage", "frame"),
    ("error", "error"),
    ("panic", "trap"),
];

/// What only a sandbox survives.
const WASM_FAULTS: &[(&str, &str)] = &[
    ("loop", "deadline"),
    ("memory", "memory"),
    ("stack", "trap"),
];

/// Every fault in every engine that survives it.
fn faults() -> impl Iterator<Item = (Engine, &'static str, &'static str)> {
    let native = FAULTS
        .iter()
        .map(|&(script, fault)| (Engine::Native, script, fault));
    let wasm = FAULTS
        .iter()
        .chain(WASM_FAULTS)
        .map(|&(script, fault)| (Engine::Wasm, script, fault));
    native.chain(wasm)
}

#[test]
fn mask_hides_what_was_shown_and_nothing_else() {
    for (engine, script, fault) in faults() {
        let chain = chain([spec(engine, "bad", script)]);
        let (bytes, report) = edited(run(&chain, batch()));
        let bodies: Vec<_> = records(&bytes).iter().map(body).collect();
        assert_eq!(
            bodies,
            ["nothing here", "REDACTED", "nor here"],
            "{engine:?} {script}"
        );
        let counters = &chain.counters()[0];
        assert_eq!(
            counters.faults.get(fault),
            Some(&1),
            "{engine:?} {script}: {:?}",
            report.faults
        );
        assert_eq!(
            (report.faults.len(), counters.masked),
            (1, 1),
            "{engine:?} {script}"
        );
    }
}

#[test]
fn nothing_that_a_guest_says_is_repeated() {
    for (engine, script, _) in faults() {
        let chain = chain([spec(engine, "bad", script)]);
        let (_, report) = edited(run(&chain, batch()));
        let mut said = format!("{:?} {:?}", report.lines, chain.counters());
        let mut error: Option<&dyn std::error::Error> = Some(&report.faults[0].1);
        while let Some(cause) = error {
            said.push_str(&cause.to_string());
            error = cause.source();
        }
        assert!(!said.contains("hunter2"), "{engine:?} {script}: {said}");
    }
}

#[test]
fn a_trap_names_function_and_offset_and_keeps_the_words_apart() {
    let chain = chain([spec(Engine::Wasm, "bad", "panic")]);
    let (_, report) = edited(run(&chain, batch()));
    let Fault::Trap {
        at: Some((function, offset)),
        words,
        ..
    } = &report.faults[0].1
    else {
        panic!("{:?}", report.faults[0].1)
    };
    assert!(*offset > 0 && !function.is_empty());
    assert!(
        words.contains("hunter2"),
        "the author sees the guest's last words: {words}"
    );
}

#[test]
fn drop_refuses_the_batch_and_says_whether_to_retry() {
    for (engine, script, fault) in faults() {
        let chain = chain([spec(engine, "bad", script).with_policy(Policy::Drop)]);
        let Outcome::Refused(refusal) = run(&chain, batch()) else {
            panic!("{script}: not refused")
        };
        assert!(
            matches!(&refusal, Refusal::Fault { plugin, .. } if &**plugin == "bad"),
            "{script}"
        );
        assert_eq!(
            refusal.may_retry(),
            fault == "deadline",
            "{engine:?} {script}"
        );
        assert_eq!(chain.counters()[0].refused, 1);
    }
}

#[test]
fn pass_lets_the_very_same_bytes_go_on() {
    for (engine, script, _) in faults() {
        let chain = chain([spec(engine, "bad", script).with_policy(Policy::Pass)]);
        let input = batch();
        let Outcome::Unchanged { bytes, report } = run(&chain, input.clone()) else {
            panic!("{script}")
        };
        assert_eq!(bytes.as_ptr(), input.as_ptr(), "{engine:?} {script}");
        assert_eq!(report.faults.len(), 1, "{engine:?} {script}");
    }
}

#[test]
fn a_bad_plugin_does_not_spoil_a_good_one() {
    for (engine, script, _) in faults() {
        let bad = spec(engine, "bad", script).with_policy(Policy::Pass);
        let chain = chain([bad, spec(engine, "good", "mask")]);
        let (bytes, _) = edited(run(&chain, batch()));
        assert_eq!(
            body(&records(&bytes)[1]),
            "a [cut]-hunter2 b",
            "{engine:?} {script}"
        );
    }
}

#[test]
fn restarts_wait_after_faults_in_a_row_and_hits_are_masked_meanwhile() {
    for engine in Engine::ALL {
        let mut bad = spec(engine, "bad", "panic_first");
        bad.limits.backoff_min = Duration::from_secs(3_600);
        bad.limits.backoff_max = Duration::from_secs(3_600);
        let chain = chain([bad]);
        for _ in 0..6 {
            // Every fresh instance panics at its first call.
            let (bytes, _) = edited(run(&chain, batch()));
            assert_eq!(body(&records(&bytes)[1]), "REDACTED");
        }
        let counters = &chain.counters()[0];
        assert_eq!(
            (
                counters.faults["trap"],
                counters.faults["backoff"],
                counters.calls
            ),
            (3, 3, 3)
        );
    }
}

#[test]
fn a_clean_batch_is_the_same_pointer_and_asks_nobody() {
    for engine in Engine::ALL {
        let chain = chain([spec(engine, "good", "mask")]);
        let input: Bytes = logs(&["nothing", "at all"]).encode_to_vec().into();
        let Outcome::Unchanged { bytes, .. } = run(&chain, input.clone()) else {
            panic!("changed")
        };
        assert_eq!((bytes.as_ptr(), bytes.len()), (input.as_ptr(), input.len()));
        assert_eq!(chain.counters()[0].calls, 0);
    }
}

#[test]
fn an_instance_that_grew_for_a_large_batch_makes_room() {
    let chain = chain([spec(Engine::Wasm, "good", "mask")]);
    let starts = || chain.counters()[0].starts;
    let large = logs(&[&format!("{SECRET} {}", "x".repeat(10 << 20))]).encode_to_vec();
    edited(run(&chain, batch()));
    edited(run(&chain, batch()));
    assert_eq!(starts(), 0, "a small batch replaces nothing");
    edited(run(&chain, large.into()));
    edited(run(&chain, batch()));
    edited(run(&chain, batch()));
    assert_eq!(starts(), 1);
}

#[test]
fn malformed_bytes_with_a_hit_are_refused() {
    let chain = chain([spec(Engine::Native, "good", "mask")]);
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

#[test]
fn a_batch_with_more_than_may_be_looked_at_is_refused() {
    let limits = |looks_max| {
        let mut limits = tamis_host::Limits::default();
        limits.looks_max = looks_max;
        limits
    };
    let many: Vec<&str> = vec!["needle"; 1_000];
    let input = Bytes::from(logs(&many).encode_to_vec());
    for (looks_max, refused) in [(100, true), (100_000, false)] {
        let guest = spec(Engine::Native, "guest", "mask");
        let chain = ChainBuilder::new()
            .plugin(guest)
            .limits(limits(looks_max))
            .build()
            .unwrap();
        match run(&chain, input.clone()) {
            Outcome::Refused(Refusal::TooMuch { max }) if refused => assert_eq!(max, looks_max),
            Outcome::Edited { .. } if !refused => {}
            other => panic!("{looks_max}: {other:?}"),
        }
    }
}

#[test]
fn a_value_larger_than_a_frame_is_masked_and_the_others_are_shown() {
    for engine in Engine::ALL {
        let mut guest = spec(engine, "guest", "mask");
        guest.limits.frame_bytes_max = 2_000;
        let chain = chain([guest]);
        let long = format!("{}needle", "x".repeat(3_000));
        let many: Vec<String> = (0..100).map(|number| format!("needle {number}")).collect();
        let mut bodies: Vec<&str> = many.iter().map(String::as_str).collect();
        bodies.push(&long);
        let (bytes, report) = edited(run(&chain, logs(&bodies).encode_to_vec().into()));
        let after: Vec<_> = records(&bytes).iter().map(body).collect();
        assert_eq!(after[100], "REDACTED", "{engine:?}");
        assert!(
            after[..100]
                .iter()
                .enumerate()
                .all(|(number, body)| *body == format!("[cut] {number}"))
        );
        assert_eq!(report.faults[0].1.name(), "too_much");
        assert!(
            chain.counters()[0].calls > 3,
            "the view went in several frames"
        );
    }
}

#[test]
fn what_cannot_be_configured_is_an_error_that_names_the_plugin() {
    for engine in Engine::ALL {
        for (configure, said) in [
            ("fail", "a.b: expected a number"),
            ("nonsense", "not what the contract asks for"),
        ] {
            let mut settings = script("mask", "needle");
            settings["configure"] = configure.into();
            let built = ChainBuilder::new()
                .plugin(spec(engine, "bad", "mask").with_settings(settings))
                .build();
            let error = built.unwrap_err();
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                text.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            assert!(
                text.contains("plugin bad") && text.contains(said),
                "{engine:?}: {text}"
            );
        }
    }
}

#[test]
fn a_configure_that_never_ends_is_stopped() {
    let mut bad = spec(Engine::Wasm, "bad", "mask");
    bad.limits.configure_timeout = Duration::from_millis(200);
    bad.settings["configure"] = "loop".into();
    let error = ChainBuilder::new().plugin(bad).build().unwrap_err();
    assert!(matches!(error, tamis_host::ChainError::Plugin { .. }));
}

#[test]
fn an_import_that_is_not_granted_is_named() {
    let engine = tamis_host::Engine::new(&EngineOptions::modest()).unwrap();
    let limits = PluginLimits::default();
    let load =
        |wasm: &[u8], pinned| Component::load(&engine, &Cache::none(), wasm, pinned, &[], &limits);
    let error = load(tamis_tests::SCRIPTED, None).unwrap_err();
    assert!(
        error.to_string().contains("needs `grants: [clock]`"),
        "{error}"
    );
    let error = load(tamis_tests::SCRIPTED, Some("00")).unwrap_err();
    assert!(matches!(error, ComponentError::Digest { .. }));
    assert!(matches!(
        load(b"\0asm\x01\0\0\0", None).unwrap_err(),
        ComponentError::Module
    ));
    assert!(matches!(
        load(b"nonsense", None).unwrap_err(),
        ComponentError::Compile(_)
    ));
    let foreign = r#"(component (import "wasi:cli/environment@0.2.0" (instance)))"#;
    let error = load(&wat::parse_str(foreign).unwrap(), None).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("wasi:cli/environment@0.2.0, which this host never offers"),
        "{error}"
    );
    let future = r#"(component (import "tamis:plugin/log@9.0.0" (instance)))"#;
    let error = load(&wat::parse_str(future).unwrap(), None).unwrap_err();
    assert!(matches!(error, ComponentError::Contract { .. }), "{error}");
}
