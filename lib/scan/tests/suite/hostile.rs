//! Haystacks made to hit the filter at every byte: what engines find stays the same when they
//! give up filtering and take it up again.

use tamis_scan::{ByteClass, Class, Engine, Gate, GateLimits, Hit, Hits, Literal, ScanOutcome};

use crate::ask::{engines, gate, oracle, scan_with};
use crate::literals::vendor_literals;

fn expect_agreement(literals: &[Literal], classes: &[Class], haystack: &[u8]) -> Vec<Hit> {
    let expected = oracle(literals, classes, haystack);
    for engine in engines() {
        let found = scan_with(&gate(engine, literals, classes), haystack);
        assert!(
            found == expected,
            "{engine}: {} of {} hits",
            found.len(),
            expected.len()
        );
    }
    expected
}

/// Floods alternate with plain text, so that filters give up and come back, at odd places.
fn floods(flood: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut haystack = Vec::new();
    for (index, times) in [3usize, 700, 50, 9000, 2, 4096].into_iter().enumerate() {
        haystack.extend(flood.repeat(times.div_ceil(flood.len())));
        haystack.extend(&plain[..plain.len().min(index * 1777)]);
    }
    haystack.extend(plain);
    haystack.extend(flood);
    haystack
}

#[test]
fn near_misses_and_hits_everywhere() {
    let literals = [
        Literal::new("sk-").followed_by(ByteClass::DIGIT, 4),
        Literal::new("sk-ant-"),
        Literal::ascii_insensitive("Password="),
        Literal::new("d=ghp_"),
        Literal::new("aaaaaaaaaaaaaaaa"),
    ];
    let mut plain = "lorem ipsum dolor; sit: amet ".repeat(3000).into_bytes();
    plain.extend(b"pASSWORd=ghp_");
    for flood in [
        "sk-",
        "sk-an",
        "sk-ant-",
        "aaaaaaaa",
        "passwor",
        "password=",
        "d=ghp",
        "d=ghp_",
        "=ghp_d",
        "sk-1234",
    ] {
        let haystack = floods(flood.as_bytes(), &plain);
        assert!(!expect_agreement(&literals, &[], &haystack).is_empty());
    }
}

#[test]
fn windows_of_every_literal_interleaved() {
    let literals = vendor_literals(60);
    let mut flood = Vec::new();
    for literal in &literals {
        let bytes = &literal.bytes;
        flood.extend(&bytes[..bytes.len() - 1]);
        flood.extend(&bytes[1..]);
    }
    let plain = b"nothing to see here, ".repeat(200);
    expect_agreement(&literals, &Class::ALL, &floods(&flood, &plain));
}

#[test]
fn many_literals_share_one_window() {
    let literals: Vec<Literal> = (0..80)
        .map(|i| Literal::new(format!("zqxj{}", char::from(b'0' + i))))
        .collect();
    let haystack = floods(b"zqxj", &b"zqxjA zqxj~ ".repeat(700));
    assert!(!expect_agreement(&literals, &[], &haystack).is_empty());
}

#[test]
fn runs_that_never_end() {
    let literals = [Literal::new("@@")];
    for flood in ["1", "@", "a", "1 ", "-", "\u{18}", "1-1 a@", "\u{18}\u{80}"] {
        let haystack = flood.repeat(30_000 / flood.len());
        expect_agreement(&literals, &Class::ALL, haystack.as_bytes());
    }
    let mut numbers = Vec::new();
    for _ in 0..2000 {
        numbers.extend([0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0x18, 0x80]);
    }
    assert!(!expect_agreement(&literals, &Class::ALL, &numbers).is_empty());
}

#[test]
fn a_long_literal_straddles_chunks() {
    let long: String = (0..1024).map(|i| format!("{i:04}")).collect();
    let literals = [Literal::new(long), Literal::new("fedc")];
    let long = &literals[0];
    let mut haystack = vec![b'.'; 3000];
    haystack.extend(&long.bytes[..4095]);
    haystack.extend(&long.bytes);
    haystack.extend(&long.bytes[1..]);
    haystack.extend(&long.bytes);
    assert_eq!(expect_agreement(&literals, &[], &haystack).len(), 2);
}

#[test]
fn a_full_buffer_ends_every_engine_early_and_says_so() {
    let haystack = "sk-".repeat(200_000);
    for engine in engines() {
        let literals = [Literal::new("sk-")];
        let gate = Gate::with_engine(&literals, &[], &GateLimits::default(), engine);
        let mut hits = Hits::with_limit(1000);
        let outcome = gate.expect("a gate").scan(haystack.as_bytes(), &mut hits);
        assert_eq!(outcome, ScanOutcome::Overflow, "{engine}");
    }
}

#[test]
fn every_byte_value_can_be_a_literal() {
    let literals: Vec<Literal> = (0..=255u8)
        .map(|byte| Literal::new([byte, 0xff - byte, byte]))
        .collect();
    let mut haystack: Vec<u8> = (0..=255u8)
        .flat_map(|byte| [byte, 0xff - byte, byte, 7])
        .collect();
    haystack.extend([0; 70]);
    let expected = expect_agreement(&literals, &[], &haystack);
    assert!(expected.len() >= 256);
    let engine = Engine::Scalar;
    let single: Vec<Literal> = (0..=255u8).map(|byte| Literal::new([byte])).collect();
    assert_eq!(
        scan_with(&gate(engine, &single, &[]), &haystack).len(),
        haystack.len()
    );
}
