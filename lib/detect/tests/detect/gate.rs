//! The gate is exact: where it is silent, nothing is found.

use proptest::prelude::*;
use tamis_detect::{
    Boundaries, Context, Detect, DetectorClass, DetectorSet, GateNeeds, may_hold_account,
    may_hold_account_raw,
};

use crate::samples::samples;

/// Whether anything that the gate names stands in the text or its key.
fn opens(needs: &GateNeeds, text: &[u8], key: Option<&[u8]>) -> bool {
    needs.classes.iter().any(|class| class.stands_in(text))
        || key.is_some_and(|key| needs.keys.iter().any(|wanted| wanted.matches(key)))
        || needs
            .literals
            .iter()
            .any(|literal| (0..text.len()).any(|at| literal.stands_at(text, at)))
}

fn assert_exact(detect: &Detect, text: &[u8], key: Option<&[u8]>) {
    for boundaries in [Boundaries::Strict, Boundaries::Loose] {
        for numeric in [false, true] {
            let mut findings = Vec::new();
            detect.find(
                text,
                &Context {
                    key,
                    boundaries,
                    numeric,
                },
                &mut findings,
            );
            assert!(
                findings.is_empty() || opens(detect.gate(), text, key),
                "{:?} {key:?}: {findings:?}",
                String::from_utf8_lossy(text)
            );
            for pair in findings.windows(2) {
                assert!(pair[0].end <= pair[1].start, "sorted and apart");
            }
            for found in &findings {
                assert!(found.start < found.end && found.end <= text.len());
            }
        }
    }
}

/// Pieces that findings are made of, cut anywhere.
fn pieces() -> Vec<String> {
    let mut pieces: Vec<String> = [
        "password",
        "token",
        "=",
        ":",
        "\"",
        "'",
        "\\",
        "\\\"",
        " ",
        "\n",
        "\\n",
        "--",
        "@",
        "://",
        "a:b",
        "hunter2",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "REDACTED-x",
        "****",
        "${X}",
        "api_key",
        "Authorization: ",
        "Bearer ",
        "cookie: ",
        "curl -u ",
        ",",
        ";",
        "{",
        "}",
        "x",
        "7",
        "\u{e9}",
        "\0",
        "abcdefgh12345678",
    ]
    .map(str::to_owned)
    .to_vec();
    for sample in samples() {
        pieces.extend(sample.finds.into_iter().map(|marked| marked.text));
        pieces.extend(sample.leaves);
    }
    pieces
}

#[test]
fn samples_open_the_gate_of_their_own_detector() {
    for sample in samples() {
        let detect = crate::samples::only(&sample.id);
        for marked in &sample.finds {
            assert_exact(&detect, marked.text.as_bytes(), None);
        }
    }
}

#[test]
fn the_gate_of_the_defaults_is_small() {
    let detect = Detect::new(&DetectorSet::defaults());
    let needs = detect.gate();
    assert!(needs.literals.len() < 1000, "{}", needs.literals.len());
    for literal in &needs.literals {
        assert!(literal.bytes.len() >= 3, "{literal:?}");
    }
    assert!(Detect::new(&DetectorSet::none()).gate().literals.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_is_found_behind_a_silent_gate(
        choice in prop::collection::vec((0usize..10_000, 0usize..400, 0usize..400), 1..6),
        key in prop::option::of("[a-z.]{0,8}(password|token|cookie|authorization|x)?"),
        all in any::<bool>(),
    ) {
        let pieces = pieces();
        let mut text = Vec::new();
        for (index, from, length) in choice {
            let piece = pieces[index % pieces.len()].as_bytes();
            let from = from % (piece.len() + 1);
            text.extend(piece[from..].iter().take(length));
        }
        let mut set = if all { DetectorSet::all() } else { DetectorSet::defaults() };
        if text.len() % 2 == 0 {
            set.remove_class(DetectorClass::Token);
        }
        assert_exact(&Detect::new(&set), &text, key.as_ref().map(String::as_bytes));
    }

    #[test]
    fn any_bytes_are_survived(text in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_exact(&Detect::new(&DetectorSet::all()), &text, None);
    }
}

/// What cards, account numbers and things that look like them are made of.
const PARTS: &[&str] = &[
    "4111 1111 1111 1111",
    "4111111111111111",
    "3782-822463-10005",
    "30569309025904",
    "DE89370400440532013000",
    "GB29 NWBK 6016 1331 9268 19",
    "DE89 ",
    "5105",
    "1760000000000000000",
    " ",
    "-",
    "x",
    "A",
    "7",
];

proptest::proptest! {
    /// What a host asks of a run of digits never hides what the detectors find there.
    #[test]
    fn cards_and_accounts_may_be_what_they_are(
        parts in proptest::collection::vec(0..PARTS.len(), 1..6),
        cut in 0usize..4,
    ) {
        let text: String = parts.iter().map(|&part| PARTS[part]).collect();
        let text = text.get(cut..).unwrap_or_default().as_bytes();
        let mut set = DetectorSet::none();
        set.insert_class(DetectorClass::Card);
        for boundaries in [Boundaries::Strict, Boundaries::Loose] {
            let context = Context { boundaries, ..Context::default() };
            let mut found = Vec::new();
            Detect::new(&set).find(text, &context, &mut found);
            proptest::prop_assert!(found.is_empty() || may_hold_account(text, 0..text.len()));
            // In raw bytes, what stands before and behind a value may continue its digits.
            let raw = [b"07-", text, b"4 1"].concat();
            let is_part = |byte: &u8| byte.is_ascii_digit() || b" -".contains(byte);
            let mut at = 0;
            let mut may = found.is_empty();
            while at < raw.len() {
                let length = raw[at..].iter().take_while(|byte| is_part(byte)).count();
                may |= length > 12 && may_hold_account_raw(&raw, at..at + length);
                at += length + 1;
            }
            proptest::prop_assert!(may);
        }
    }
}
