//! Which engine a gate gets, and what it says about it.

use tamis_scan::{
    ChosenBy, Class, Engine, Gate, GateError, GateLimits, Hits, Literal, ScanOutcome,
};

use crate::ask::engines;
use crate::literals::vendor_literals;

fn gate(literals: &[Literal], classes: &[Class]) -> Gate {
    Gate::new(literals, classes, &GateLimits::default()).expect("a gate")
}

#[test]
fn the_cheapest_engine_is_chosen_and_explained() {
    for count in [0, 1, 8, 64, 300] {
        let literals = vendor_literals(count);
        let gate = gate(&literals, &Class::ALL);
        let explain = gate.explain();
        assert_eq!(explain.engine, gate.engine());
        assert_eq!(explain.chosen_by, ChosenBy::Cost);
        assert_eq!(explain.literals, count);
        assert_eq!(explain.classes, Class::ALL);
        let better = explain
            .rejected
            .iter()
            .find(|(_, ns)| *ns < explain.ns_per_kib);
        assert_eq!(better, None, "{count} literals: {explain}");
        assert!(explain.to_string().contains(gate.engine().name()));
    }
}

#[test]
fn many_literals_do_not_cost_a_multiple_of_few() {
    for engine in engines().filter(|&engine| engine != Engine::AhoCorasick) {
        let cost = |count| {
            let literals = vendor_literals(count);
            let gate = Gate::with_engine(&literals, &[], &GateLimits::default(), engine);
            gate.expect("a gate").explain().ns_per_kib
        };
        assert!(
            cost(1000) < 4.0 * cost(10),
            "{engine}: {} and {}",
            cost(1000),
            cost(10)
        );
    }
}

#[test]
fn limits_are_kept_and_named() {
    let limits = GateLimits {
        literals: 2,
        literal_bytes: 10,
        ..GateLimits::default()
    };
    let new = |literals: &[&str]| {
        let literals: Vec<Literal> = literals.iter().copied().map(Literal::new).collect();
        Gate::new(&literals, &[], &limits).map(|_| ())
    };
    assert!(new(&["one", "two"]).is_ok());
    assert!(matches!(
        new(&["a", "b", "c"]),
        Err(GateError::TooManyLiterals { count: 3, limit: 2 })
    ));
    assert!(matches!(
        new(&["12345678", "123"]),
        Err(GateError::TooManyBytes {
            bytes: 11,
            limit: 10
        })
    ));
    assert!(matches!(
        new(&["a", ""]),
        Err(GateError::EmptyLiteral { index: 1 })
    ));
    let error = new(&["secretive-text"]).unwrap_err();
    assert!(!error.to_string().contains("secretive"));
}

#[test]
fn too_many_hits_are_said_and_the_buffer_keeps_its_limit() {
    let literals = [Literal::new("sk-")];
    for engine in engines() {
        let gate = Gate::with_engine(
            &literals,
            &[Class::Digits13],
            &GateLimits::default(),
            engine,
        );
        let gate = gate.expect("a gate");
        let mut hits = Hits::with_limit(100);
        assert_eq!(
            gate.scan(&b"sk-".repeat(100), &mut hits),
            ScanOutcome::Found
        );
        assert_eq!(hits.as_slice().len(), 100);
        assert_eq!(
            gate.scan(&b"sk-".repeat(101), &mut hits),
            ScanOutcome::Overflow
        );
        assert_eq!(hits.as_slice().len(), 100);
        assert!(!gate.is_clean(b"a sk-"));
        assert!(gate.is_clean(b"nothing"));
        assert_eq!(gate.scan(b"nothing", &mut hits), ScanOutcome::Clean);
        assert!(hits.as_slice().is_empty());
    }
}

#[test]
fn a_gate_without_interests_is_always_clean() {
    let mut hits = Hits::default();
    for engine in engines() {
        let gate = Gate::with_engine(&[], &[], &GateLimits::default(), engine).expect("a gate");
        assert_eq!(gate.scan(&[b'1'; 100], &mut hits), ScanOutcome::Clean);
    }
}
