//! The starter's own cases, in every form; and what the runner says when something is wrong.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by a panic")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tamis_build::{Sdk, build, scaffold};
use tamis_testing::{CaseFile, Ending, Form, forms, run};

/// The starter's source, linked natively.
#[expect(unreachable_pub, reason = "it is a crate of its own elsewhere")]
#[path = "../../template/src/lib.rs"]
mod starter;

fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../template")
}

fn all_forms() -> &'static [Form] {
    static FORMS: OnceLock<Vec<Form>> = OnceLock::new();
    FORMS.get_or_init(|| {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let plugin = scratch.join("no-minerals");
        let _ = std::fs::remove_dir_all(&plugin);
        let sdk = Sdk::Path(template().join(".."));
        scaffold("no-minerals", &plugin, &sdk).unwrap();
        let built = build(&plugin, &scratch.join("guests")).unwrap();
        forms(&built.component, Some(starter::native())).unwrap()
    })
}

/// What the runner says of the only case of this text.
fn verdict(case: &str) -> tamis_testing::Verdict {
    let file = CaseFile::parse(Path::new("cases.toml"), case).unwrap();
    run(&file.cases[0], all_forms()).unwrap()
}

#[test]
fn the_starter_passes_its_cases_natively_in_wasm_and_from_the_cache() {
    let file = CaseFile::read(&template().join("cases/words.toml")).unwrap();
    assert_eq!(
        all_forms()
            .iter()
            .map(|form| form.label)
            .collect::<Vec<_>>(),
        ["native", "wasm", "cached"]
    );
    assert!(file.cases.len() >= 5);
    for case in &file.cases {
        let verdict = run(case, all_forms()).unwrap();
        assert_eq!(verdict.differences, None, "{}", case.name);
        assert_eq!(verdict.problems, Vec::<String>::new(), "{}", case.name);
    }
}

const WRONG: &str = r#"
# A comment that stays.
[[case]]
name = "wrong"   # this one too
settings = { words = ["secret"] }
input = '''
log body="a secret" {k="v"}
'''
output = '''
log body="a secret" {k="v"}
'''
report = []

[[case]]
name = "fine"
settings = { words = ["secret"] }
text = "a secret"
output = "a ***"
"#;

#[test]
fn a_wrong_expectation_is_told_as_a_diff_and_blessed() {
    let told = verdict(WRONG).differences.unwrap();
    let expected = concat!(
        "  outcome edited\n",
        "+ report 0 body 2..8 replace_range word\n",
        "  output\n",
        "- log body=\"a secret\" {k=\"v\"}\n",
        "+ log body=\"a ***\" {k=\"v\"}\n",
    );
    assert_eq!(told, expected);

    let mut file = CaseFile::parse(Path::new("cases.toml"), WRONG).unwrap();
    let observed = run(&file.cases[0], all_forms()).unwrap().observed.unwrap();
    file.bless(0, &observed);
    let folder = tempfile::tempdir().unwrap();
    file.path = folder.path().join("cases.toml");
    file.save().unwrap();
    let blessed = std::fs::read_to_string(&file.path).unwrap();
    let by_hand = WRONG
        .replace(
            "output = '''\nlog body=\"a secret\"",
            "output = '''\nlog body=\"a ***\"",
        )
        .replace(
            "report = []",
            "report = [\"0 body 2..8 replace_range word\"]",
        );
    assert_eq!(blessed, by_hand);
    assert!(verdict(&blessed).passed());
}

#[test]
fn a_case_that_expects_nothing_expects_no_change() {
    let told = verdict("[[case]]\nname = \"x\"\nsettings = { words = [\"a\"] }\ntext = \"a b\"");
    let told = told.differences.unwrap();
    assert!(
        told.starts_with("- outcome unchanged\n+ outcome edited\n"),
        "{told}"
    );
}

#[test]
fn a_plugin_that_changes_its_own_output_is_told() {
    let case = "[[case]]\nname = \"x\"\nsettings = { words = [\"a\"], mask = \"aa\" }\ntext = \"a\"\noutput = \"aa\"\n";
    let told = verdict(case);
    assert_eq!(told.differences, None);
    assert!(
        told.problems[0].contains("run twice"),
        "{:?}",
        told.problems
    );
    assert!(verdict(&format!("{case}idempotent = false\n")).passed());
}

#[test]
fn hex_cases_keep_what_has_no_words() {
    // A log record with a body, and a field 99 with a varint: the body is edited, the rest stays.
    let case = r#"
        [[case]]
        name = "an unknown number stays"
        settings = { words = ["secret"] }
        signal = "logs"
        hex = """
        0a 13 12 11 12 0f  # resource logs, scope logs, log record
        98 06 05           # field 99, a varint
        2a 0a 0a 08 61 20 73 65 63 72 65 74
        """
        output = "0a 10 12 0e 12 0c 98 06 05 2a 07 0a 05 61 20 2a 2a 2a"
    "#;
    let verdict = verdict(case);
    assert_eq!(verdict.differences, None);
    assert!(verdict.passed(), "{:?}", verdict.problems);
    assert_eq!(verdict.observed.unwrap().ending, Some(Ending::Edited));
}

#[test]
fn a_case_that_is_none_is_an_error_that_says_where() {
    let read =
        |text: &str| CaseFile::parse(Path::new("f.toml"), text).map(|file| file.cases[0].batch());
    let odd = read("[[case]]\nname = \"x\"\nouput = \"y\"")
        .unwrap_err()
        .to_string();
    assert!(odd.contains("line 3") && odd.contains("ouput"), "{odd}");
    let none = read("[[case]]\nname = \"x\"")
        .unwrap()
        .unwrap_err()
        .to_string();
    assert_eq!(none, "case \"x\" must have one of input, text and hex");
    let signal = read("[[case]]\nname = \"x\"\ntext = \"\"\nsignal = \"log\"")
        .unwrap()
        .unwrap_err();
    assert_eq!(
        signal.to_string(),
        "case \"x\" names \"log\", which is none"
    );
    assert!(
        read("[[case]]\nname = \"x\"\nhex = \"0a\"")
            .unwrap()
            .is_err()
    );
    assert!(
        read("[[case]]\nname = \"x\"\nsignal = \"logs\"\nhex = \"0\"")
            .unwrap()
            .is_err()
    );
}
