//! `tamis demo`, and the help of every verb.

use crate::program::tamis;

#[test]
fn the_demo_fits_a_terminal_and_a_pipe() {
    let run = tamis(&["demo"], b"");
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(run.err, "");
    let shown = run.text();
    assert!(shown.is_ascii(), "colour or worse in a pipe");
    assert!(
        shown.lines().count() <= 60,
        "{} lines",
        shown.lines().count()
    );
    let widest = shown.lines().map(str::len).max().unwrap();
    assert!(widest <= 80, "{widest} columns");
    for part in [
        "sk-test-DUMMY0000000000000000 |",
        "REDACTED-database-url-password",
        "aws-secret-access-key 2",
        "the very same bytes",
        "k8s.deployment.name=codex",
        "team.db=postgres://team:REDACTED-database-url-password@db.internal",
        "output: 10",
        " bytes cut ...]",
        "60 spans, 61 logs -> 1 spans, 7 logs",
        "kept.rule.tools 6",
        "tamis scrub",
    ] {
        assert!(shown.contains(part), "{part} is not in:\n{shown}");
    }
}

#[test]
fn every_verb_has_help_with_an_example() {
    let run = tamis(&["--help"], b"");
    assert_eq!(run.code, Some(0));
    assert!(run.text().contains("Exit codes:"));
    for verb in ["scrub", "validate", "demo"] {
        assert!(run.text().contains(verb));
        let help = tamis(&[verb, "--help"], b"");
        assert!(help.text().contains("Examples:\n  "), "{verb}");
        assert!(help.text().contains("Exit codes:"), "{verb}");
    }
}

#[test]
fn wrong_use_ends_with_2() {
    for args in [
        &["scrub"][..],
        &["scrubb"],
        &["validate"],
        &["scrub", "--signal", "x", "-"],
    ] {
        let run = tamis(args, b"");
        assert_eq!(run.code, Some(2), "{args:?}");
        assert!(run.out.is_empty(), "{args:?}");
    }
}
