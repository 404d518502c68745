//! OTLP/JSON in, OTLP/JSON out.

use crate::program::{Run, assert_clean, tamis};

const SECRET: &str = "AKIAIOSFODNN7EXAMPLE";

fn log(body: &str) -> String {
    format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{{"stringValue":"{body}"}}}}]}}]}}]}}"#
    )
}

fn scrub(input: &str) -> Run {
    let run = tamis(&["scrub", "-"], input.as_bytes());
    assert_clean(&run.out, "standard output");
    assert_clean(run.err.as_bytes(), "standard error");
    run
}

#[test]
fn a_clean_document_stays_as_it_stands() {
    for input in [
        log("nothing"),
        format!("\u{feff} {} \n\n", log("nothing")),
        "{ \"resourceLogs\" : [\n] }".to_owned(),
        format!("{}\n{}\n", log("one"), log("two")),
    ] {
        let run = scrub(&input);
        assert_eq!(run.text(), input);
        assert_eq!(run.code, Some(0), "{}", run.err);
    }
}

#[test]
fn a_masked_document_is_json_of_its_layout() {
    let run = scrub(&log(&format!("key {SECRET}!")));
    assert_eq!(
        run.text().trim_end(),
        log("key REDACTED-aws-access-key-id!")
    );
    assert_eq!(run.err, "1 logs, 1 masked: aws-access-key-id 1\n");
    let pretty = log(&format!("key {SECRET}!")).replace("[{", "[\n{");
    let run = scrub(&pretty);
    assert!(
        run.text().contains("\n  \"resourceLogs\": ["),
        "{}",
        run.text()
    );
}

#[test]
fn escapes_hide_nothing() {
    let run = scrub(&log(r"key \u0041KIAIOSFODNN7EXAMPLE"));
    assert!(run.text().contains("REDACTED-aws-access-key-id"));
}

#[test]
fn members_that_otlp_does_not_know_do_not_leave() {
    let input = log("clean").replacen('{', &format!("{{\"note\":\"{SECRET}\","), 1);
    let run = scrub(&input);
    assert_eq!(run.text().trim_end(), log("clean"));
    assert!(run.err.contains("left out: 1 (members"), "{}", run.err);
}

#[test]
fn a_second_signal_in_a_document_does_not_leave() {
    let spans = format!(",\"resourceSpans\":[{{\"schemaUrl\":\"{SECRET}\"}}]}}");
    let mut input = log("clean");
    input.pop();
    input.push_str(&spans);
    assert_eq!(scrub(&input).text().trim_end(), log("clean"));
}

#[test]
fn a_bad_line_is_left_out_and_the_others_go_on() {
    let input = format!(
        "{}\n{{\"resourceLogs\": \"{SECRET}\"}}\nnoise {SECRET}\n{}\n",
        log("one"),
        log(SECRET)
    );
    let run = scrub(&input);
    assert_eq!(run.code, Some(1));
    let lines: Vec<_> = run.text().lines().collect();
    assert_eq!(lines, [log("one"), log("REDACTED-aws-access-key-id")]);
    assert!(
        run.err
            .contains("error: -, document 2: not a batch of logs: line 1, column 18"),
        "{}",
        run.err
    );
    assert!(run.err.contains("2 logs, 1 masked"), "{}", run.err);
}

#[test]
fn a_signal_that_is_named_is_held() {
    let run = tamis(&["scrub", "--signal", "traces", "-"], log("x").as_bytes());
    assert_eq!(run.code, Some(1));
    assert!(run.out.is_empty());
    assert!(
        run.err.contains("OTLP/JSON of logs, not of traces"),
        "{}",
        run.err
    );
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("{}{}", "{\"resourceLogs\":[".repeat(50_000), SECRET);
    let run = scrub(&deep);
    assert_eq!(run.code, Some(1));
    assert!(run.out.is_empty());
}
