//! Files, folders and texts: what is written where, and what never is.

use std::fs;
use std::path::Path;

use crate::program::{assert_clean, demo_file, tamis, tamis_in};

const SECRET: &str = "AKIAIOSFODNN7EXAMPLE";
const MASK: &str = "REDACTED-aws-access-key-id";

fn utf8(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn one_file_goes_to_standard_output() {
    let clean = demo_file("002-logs.bin");
    let run = tamis(&["scrub", utf8(&clean)], b"");
    assert_eq!(run.out, fs::read(&clean).unwrap());
    assert_eq!(
        (run.code, run.err.as_str()),
        (Some(0), "28 logs, 0 masked\n")
    );
}

#[test]
fn texts_are_one_value_each() {
    let run = tamis(
        &["scrub", "--text", "-"],
        format!("a {SECRET}\nb\n").as_bytes(),
    );
    assert_eq!(run.text(), format!("a {MASK}\nb\n"));
    assert_eq!(run.err, "1 texts, 1 masked: aws-access-key-id 1\n");
    let run = tamis(&["scrub", "--text", "-"], b"\xff\xfe AKIAIOSFODNN7EXAMPLE");
    assert_eq!(run.code, Some(1));
    assert!(run.out.is_empty());
    assert!(
        run.err.starts_with("error: -: is not UTF-8 text\n"),
        "{}",
        run.err
    );
}

#[test]
fn what_is_no_otlp_is_refused_and_not_written() {
    for (input, why) in [
        (
            &b"just AKIAIOSFODNN7EXAMPLE"[..],
            "neither OTLP protobuf nor OTLP/JSON",
        ),
        (b"[1, 2]", "neither OTLP protobuf"),
        (
            b"{\"a\": \"AKIAIOSFODNN7EXAMPLE\"}",
            "neither OTLP protobuf",
        ),
        (b"\x0a\x05\x12\xff\xff\xff\xff", "neither OTLP protobuf"),
    ] {
        let run = tamis(&["scrub", "-"], input);
        assert_eq!(run.code, Some(1), "{}", run.err);
        assert!(run.out.is_empty());
        assert!(run.err.contains(why), "{}", run.err);
        assert_clean(run.err.as_bytes(), "standard error");
    }
    let run = tamis(&["scrub", "-"], b"");
    assert_eq!((run.code, run.out.len()), (Some(0), 0), "{}", run.err);
}

#[test]
fn truncated_batches_are_refused_at_every_length() {
    let whole = fs::read(demo_file("001-logs.bin")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = (1..whole.len())
        .step_by(97)
        .map(|length| {
            let file = folder.path().join(format!("{length}.bin"));
            fs::write(&file, &whole[..length]).unwrap();
            file
        })
        .collect();
    let out = folder.path().join("out");
    let mut args = vec!["scrub", "--signal", "logs", "--out", utf8(&out)];
    args.extend(files.iter().map(|file| utf8(file)));
    let run = tamis(&args, b"");
    assert_eq!(run.code, Some(1));
    assert!(!out.exists(), "something was written");
    let refused = run.err.matches("not a batch of logs").count();
    assert_eq!(refused, files.len());
}

#[test]
fn folders_keep_their_shape() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in/deep");
    fs::create_dir_all(&input).unwrap();
    fs::copy(demo_file("003-logs.bin"), input.join("a.bin")).unwrap();
    fs::write(input.join("notes.txt"), SECRET).unwrap();
    std::os::unix::fs::symlink(folder.path(), input.join("circle")).unwrap();
    let run = tamis_in(folder.path(), &["scrub", "--out", "out", "in"], b"");
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_clean(
        &fs::read(folder.path().join("out/deep/a.bin")).unwrap(),
        "a.bin",
    );
    let written = fs::read_dir(folder.path().join("out/deep"))
        .unwrap()
        .count();
    assert_eq!(written, 1);
}

#[test]
fn no_input_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bin");
    fs::copy(demo_file("003-logs.bin"), &file).unwrap();
    let before = fs::read(&file).unwrap();
    for args in [
        &["scrub", "--out", ".", "a.bin"][..],
        &["scrub", "--out", ".", "."],
        &["scrub", "--out", "sub/out", "."],
        &["scrub", "--report", "a.bin", "a.bin"],
        &["scrub", "--out", "out", "a.bin", "./a.bin"],
        &["scrub", "."],
        &["scrub", "a.bin", "a.bin"],
    ] {
        let run = tamis_in(folder.path(), args, b"");
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.err);
        assert!(run.out.is_empty());
        assert_eq!(fs::read(&file).unwrap(), before, "{args:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), SECRET).unwrap();
    let args = ["scrub", "--text", "--out", "out", "gone.txt", "a.txt"];
    let run = tamis_in(folder.path(), &args, b"");
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains("error: gone.txt: cannot be read"),
        "{}",
        run.err
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("out/a.txt")).unwrap(),
        MASK
    );
}

fn with_config(config: &str, args: &[&str]) -> crate::program::Run {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tamis.yaml"), config).unwrap();
    fs::write(
        folder.path().join("house.wasm"),
        tamis_plugins::SCRUB.as_slice(),
    )
    .unwrap();
    let mut all = vec!["scrub", "--config", "tamis.yaml"];
    all.extend(args);
    tamis_in(folder.path(), &all, SECRET.as_bytes())
}

#[test]
fn a_config_names_the_chain() {
    let redaction = "processors: {redaction: {allow_all_keys: true, blocked_values: ['AKIA[0-9A-Z]+']}}\nservice: {pipelines: {logs: {processors: [redaction]}}}";
    assert_eq!(with_config(redaction, &["--text", "-"]).text(), "****");
    let custom = "processors: {house: {plugin: {path: house.wasm}}}\nservice: {pipelines: {logs: {processors: [house]}}}";
    assert_eq!(with_config(custom, &["--text", "-"]).text(), MASK);
}

#[test]
fn what_was_done_is_said_in_words_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let config = "processors: {scrub: , truncate: {rules: [{bytes: 64}]}, sample: {sampling_percentage: 0.01, sampling_priority: prio}}\nservice: {pipelines: {logs: {processors: [scrub, truncate, sample]}}}";
    fs::write(folder.path().join("tamis.yaml"), config).unwrap();
    let record = |body: &str, priority: u8| {
        format!(
            r#"{{"body":{{"stringValue":"{body}"}},"attributes":[{{"key":"prio","value":{{"intValue":"{priority}"}}}}]}}"#
        )
    };
    let long = "x".repeat(99);
    let records = [
        record(&format!("key {SECRET}"), 100),
        record(&long, 100),
        record("gone", 0),
        record("gone, too", 0),
    ];
    let batch = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#,
        records.join(",")
    );
    let args = ["scrub", "--config", "tamis.yaml", "-"];
    let run = tamis_in(folder.path(), &args, batch.as_bytes());
    assert_eq!(
        run.err,
        "4 logs, 1 masked: aws-access-key-id 1, 2 added: kept.priority 2, 1 cut: text 1, 2 dropped: dropped.fault 2\n"
    );
    assert!(!run.text().contains("gone"), "{}", run.text());
}

#[test]
fn report_mode_changes_nothing() {
    let report =
        "processors: {scrub: {mode: report}}\nservice: {pipelines: {logs: {processors: [scrub]}}}";
    let run = with_config(report, &["--text", "-"]);
    assert_eq!(run.text(), SECRET);
    assert_eq!(
        run.err,
        "1 texts, 0 masked, 1 reported: aws-access-key-id 1\n"
    );
}

#[test]
fn a_pipeline_is_chosen_by_signal_or_name() {
    let two = "processors: {scrub: , redaction: {allow_all_keys: true, blocked_values: ['A.*']}}\nservice: {pipelines: {logs: {processors: [scrub]}, logs/b: {processors: [redaction]}}}";
    let run = with_config(two, &["--text", "-"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err
            .contains("choose one with --pipeline (logs, logs/b)"),
        "{}",
        run.err
    );
    assert!(run.out.is_empty());
    let run = with_config(two, &["--pipeline", "logs/b", "--text", "-"]);
    assert_eq!(run.text(), "****");
    let run = with_config(two, &["--pipeline", "logs/c", "--text", "-"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    let traces = two.replace("logs", "traces");
    let run = with_config(&traces, &["--text", "-"]);
    assert!(run.err.contains("no pipeline for logs"), "{}", run.err);
    assert!(run.out.is_empty());
}

#[test]
fn a_faulty_config_stops_everything() {
    let run = with_config(
        "processors: {scrub: {moed: report}}\nservice: {pipelines: {logs: {processors: [scrub]}}}",
        &["--text", "-"],
    );
    assert_eq!(run.code, Some(3));
    assert!(run.out.is_empty());
    assert!(
        run.err
            .starts_with("tamis.yaml:1:22: error: processors.scrub.moed: "),
        "{}",
        run.err
    );
}

#[test]
fn validate_explains_how_a_chain_works() {
    let folder = tempfile::tempdir().unwrap();
    let config = "receivers: {otlp: {protocols: {http: }}}\nprocessors: {scrub: }\nexporters: {debug: }\n\
        service: {pipelines: {logs: {receivers: [otlp], processors: [scrub], exporters: [debug]}}}";
    fs::write(folder.path().join("tamis.yaml"), config).unwrap();
    let args = ["validate", "--config", "tamis.yaml", "--explain"];
    let run = tamis_in(folder.path(), &args, b"");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    for part in [
        "  scrub (protect, on error mask)\n",
        "    scrub 0.1.0, contract",
        "  scan: engine ",
    ] {
        assert!(run.text().contains(part), "{}", run.text());
    }
}

#[test]
fn a_config_that_cannot_be_read_stops_everything() {
    for (config, why) in [
        ("nowhere.yaml", "nowhere.yaml: error: cannot be read: "),
        (
            "/dev/zero",
            "/dev/zero: error: the file has more than 4194304 bytes",
        ),
        ("/", "/: error: cannot be read: "),
    ] {
        let run = tamis(&["scrub", "--config", config, "--text", "-"], b"x");
        assert_eq!(run.code, Some(3), "{}", run.err);
        assert!(run.err.starts_with(why), "{}", run.err);
        assert!(run.out.is_empty());
    }
}

#[test]
fn a_policy_reaches_from_the_config_to_the_bytes() {
    let with_policy = |policy: &str| {
        // A frame of one byte holds no value: the plugin fails on whatever it would be shown.
        let plugin = format!("{{on_error: {policy}, limits: {{frame_bytes_max: 1}}}}");
        let config = format!(
            "processors: {{scrub: {{plugin: {plugin}}}}}\nservice: {{pipelines: {{logs: {{processors: [scrub]}}}}}}"
        );
        with_config(&config, &["--text", "-"])
    };
    let (mask, drop, pass) = (
        with_policy("mask"),
        with_policy("drop"),
        with_policy("pass"),
    );
    assert_eq!(mask.text(), "REDACTED", "{}", mask.err);
    assert!(drop.out.is_empty());
    assert!(
        drop.err
            .contains("plugin scrub failed and its policy is to drop"),
        "{}",
        drop.err
    );
    assert_eq!(pass.text(), SECRET);
    for run in [&mask, &drop, &pass] {
        assert_eq!(run.code, Some(1), "{}", run.err);
        assert_clean(run.err.as_bytes(), "standard error");
    }
}
