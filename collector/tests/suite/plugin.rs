//! `tamis plugin` as an author types it, from an empty folder on. Guests are built without a network,
//! into one target directory for all runs and suites.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::program::Run;

/// A folder that is not there yet. Always the same one, or cargo would take each run's plugin for
/// another package and fill its target directory.
fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn tamis(folder: &Path, args: &[&str]) -> Run {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_tamis"))
        .args(args)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", scratch.join("cache"))
        .env("CARGO_TARGET_DIR", scratch)
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    Run {
        code: status.code(),
        out: stdout,
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// Runs it and expects it to end so.
fn ends(code: i32, folder: &Path, args: &[&str]) -> Run {
    let run = tamis(folder, args);
    let (out, err) = (run.text(), &run.err);
    assert_eq!(run.code, Some(code), "{args:?}\n{out}\n{err}");
    run
}

/// Makes a plugin in a fresh folder.
fn made(name: &str) -> PathBuf {
    let folder = fresh(name);
    let path = folder.to_str().unwrap();
    let run = ends(0, Path::new("."), &["plugin", "new", name, "--path", path]);
    assert!(run.text().contains("tamis plugin test"), "{}", run.text());
    folder
}

/// Writes a config that runs the talker over logs.
fn config(folder: &Path, host: &str, settings: &str) -> &'static str {
    let text = format!(
        "processors:\n  talker:\n    plugin: {{path: talker.wasm{host}}}\n    {settings}\nservice:\n  pipelines:\n    logs: {{processors: [talker]}}\n"
    );
    fs::write(folder.join("tamis.yaml"), text).unwrap();
    "tamis.yaml"
}

#[test]
fn a_new_plugin_passes_its_cases_is_built_checked_and_runs() {
    let folder = made("fresh-plugin");
    let run = ends(0, &folder, &["plugin", "test"]);
    assert!(run.text().contains("6 cases: 6 passed"), "{}", run.text());
    assert_eq!(run.err, "");

    let run = ends(0, &folder, &["plugin", "build"]);
    let digest = run
        .text()
        .lines()
        .find_map(|line| line.trim().strip_prefix("sha256   "))
        .unwrap()
        .to_owned();
    for part in [
        "imports  log\n",
        "grants   none needed\n",
        "fresh-plugin.wasm",
    ] {
        assert!(run.text().contains(part), "{}", run.text());
    }
    // What it prints for a config is a config.
    let (_, printed) = run.text().split_once("in a config\n").unwrap();
    let printed = format!(
        "{printed}      words: [kryptonite]\n  service:\n    pipelines:\n      logs: {{processors: [fresh-plugin]}}\n"
    );
    let unindented: Vec<_> = printed.lines().map(|line| &line[2..]).collect();
    fs::write(folder.join("tamis.yaml"), unindented.join("\n")).unwrap();
    fs::write(folder.join("in.txt"), "no kryptonite here").unwrap();
    let scrub = ["scrub", "--config", "tamis.yaml", "--text", "in.txt"];
    assert_eq!(ends(0, &folder, &scrub).text(), "no *** here");

    let check = ["plugin", "check", "fresh-plugin.wasm"];
    let run = ends(0, &folder, &check);
    assert!(run.text().contains("runs with settings"), "{}", run.text());
    assert!(run.text().contains("`words` is missing"), "{}", run.text());
    fs::write(folder.join("good.yaml"), "words: [kryptonite]\n").unwrap();
    let run = ends(
        0,
        &folder,
        &[&check[..], &["--settings", "good.yaml"]].concat(),
    );
    for part in [
        digest.as_str(),
        "fresh-plugin 0.1.0, contract 0.1.0",
        "protect; when it fails, every value that it was shown is masked",
        "words  list of text, required: Words to mask",
        "found by the scan, all of it",
        "scan: 1 literals",
    ] {
        assert!(run.text().contains(part), "no {part} in\n{}", run.text());
    }
    fs::write(folder.join("bad.yaml"), "mask: x\nwords:\n- a\n- \"\"\n").unwrap();
    let run = ends(
        3,
        &folder,
        &[&check[..], &["--settings", "bad.yaml"]].concat(),
    );
    assert!(
        run.err.starts_with("bad.yaml:4:3: error: words[1]: "),
        "{}",
        run.err
    );
    assert!(run.out.is_empty());
}

#[test]
fn a_case_that_fails_shows_the_difference_and_is_blessed() {
    let folder = made("failing-plugin");
    let path = folder.join("cases/words.toml");
    let right = fs::read_to_string(&path).unwrap();
    let wrong = right.replace(
        "output = \"no [mineral] here\"",
        "output = \"no mineral here\"",
    );
    assert_ne!(wrong, right);
    fs::write(&path, &wrong).unwrap();
    let run = ends(1, &folder, &["plugin", "test"]);
    for part in [
        "FAILED  words.toml: the report says where, and never what\n",
        "    - no mineral here\n    + no [mineral] here\n",
        "6 cases: 5 passed, 1 failed\n",
    ] {
        assert!(run.text().contains(part), "no {part} in\n{}", run.text());
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        wrong,
        "nobody blessed it"
    );

    let one = ["plugin", "test", "--case", "the report"];
    let run = ends(0, &folder, &[&one[..], &["--bless"]].concat());
    assert!(
        run.text().contains("1 case: 0 passed, 1 blessed"),
        "{}",
        run.text()
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), right);
    ends(0, &folder, &one);
    let run = ends(2, &folder, &["plugin", "test", "--case", "nobody's"]);
    assert!(run.err.contains("nobody's"), "{}", run.err);

    fs::write(
        folder.join("cases/odd.toml"),
        "[[case]]\nname = \"x\"\nouput = \"\"\n",
    )
    .unwrap();
    let run = ends(1, &folder, &["plugin", "test"]);
    assert!(
        run.text().contains("odd.toml is no case file"),
        "{}",
        run.text()
    );
    assert!(
        run.text().contains("7 cases: 6 passed, 1 failed"),
        "{}",
        run.text()
    );
    for file in ["words.toml", "odd.toml"] {
        fs::write(folder.join("cases").join(file), "# nothing yet\n").unwrap();
    }
    let run = ends(2, &folder, &["plugin", "test", "--bless"]);
    assert!(run.err.contains("has a [[case]]"), "{}", run.err);
    fs::remove_dir_all(folder.join("cases")).unwrap();
    let run = ends(2, &folder, &["plugin", "test"]);
    assert!(run.err.contains("there is no case"), "{}", run.err);
}

/// A plugin that quotes what it saw in its last words.
const TALKER: &str = r#"//! It talks.
use schemars::JsonSchema;
use tamis_sdk::host::{LogLevel, log, now_unix_nano};
use tamis_sdk::{ConfigError, Edits, Fault, Interest, Literal, Plugin, Subscription, View, When};

#[derive(serde::Deserialize, JsonSchema)]
pub struct Settings {
    #[serde(default)]
    at_start: bool,
}

pub struct Talker;

impl Plugin for Talker {
    const NAME: &'static str = "talker";
    const VERSION: &'static str = "0.1.0";
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        assert!(!settings.at_start, "first and last words");
        let literals = vec![Literal::sensitive("krypton")];
        let when = When::Holds { literals, classes: vec![], patterns: vec![] };
        let subscriptions = vec![Subscription { when, ..Subscription::default() }];
        Ok((Self, Interest { subscriptions, ..Interest::default() }))
    }

    fn process(&mut self, view: &View<'_>, _: &mut Edits<'_>) -> Result<(), Fault> {
        for value in view.values() {
            let text = value.text().unwrap_or_default();
            let now = now_unix_nano().is_ok();
            log(LogLevel::Info, format!("a line\x1b[2J of its own, time: {now}"));
            assert!(!text.contains("kryptonite"), "saw {text}");
        }
        Ok(())
    }
}

tamis_sdk::export!(Talker);
"#;

const TALKER_CASES: &str = r#"
[[case]]
name = "it passes and talks"
grants = ["clock"]
text = "krypton"

[[case]]
name = "it trips"
text = "the kryptonite of Mrs Kent"

[[case]]
name = "it does not start"
settings = { at_start = true }
text = "x"
"#;

#[test]
fn a_guest_is_heard_under_test_and_nowhere_else() {
    let folder = made("talker");
    fs::write(folder.join("src/lib.rs"), TALKER).unwrap();
    fs::write(folder.join("cases/words.toml"), TALKER_CASES).unwrap();
    let run = ends(1, &folder, &["plugin", "test"]);
    for part in [
        "ok      words.toml: it passes and talks\nFAILED",
        "    + fault trap\n",
        "    | panicked at src/lib.rs:",
        "    | saw the kryptonite of Mrs Kent\n",
        "wasm backtrace",
        "process",
        "+ config error : the plugin failed while it was configured",
        "    | first and last words\n",
        "3 cases: 1 passed, 2 failed",
    ] {
        assert!(run.text().contains(part), "no {part} in\n{}", run.text());
    }
    assert!(!run.text().contains("a line"), "{}", run.text());
    let verbose = ["plugin", "test", "--verbose", "--case", "talks"];
    let run = ends(0, &folder, &verbose);
    assert!(
        run.text()
            .contains("    | a line.[2J of its own, time: true\n"),
        "{}",
        run.text()
    );

    let quiet = |run: &Run| {
        for word in ["saw", "Mrs Kent", "a line", "last words", "panicked"] {
            let told = [run.text(), &run.err].concat();
            assert!(!told.contains(word), "{word} in\n{told}");
        }
    };
    let run = ends(0, &folder, &["plugin", "build"]);
    let told = run.text();
    assert!(told.contains("imports  clock, log\n"), "{told}");
    assert!(told.contains("needs `grants: [clock]`\n"), "{told}");
    assert!(told.ends_with("        grants: [clock]\n"), "{told}");
    quiet(&run);
    quiet(&ends(0, &folder, &["plugin", "check", "talker.wasm"]));
    fs::write(folder.join("in.txt"), "the kryptonite of Mrs Kent").unwrap();
    let config_file = config(&folder, "", "at_start: false");
    let scrub = ["scrub", "--config", config_file, "--text", "in.txt"];
    let run = ends(3, &folder, &scrub);
    assert!(run.err.contains("`grants: [clock]`"), "{}", run.err);
    config(&folder, ", grants: [clock]", "at_start: false");
    let run = ends(1, &folder, &scrub);
    assert_eq!(run.text(), "REDACTED", "what it was shown is masked");
    assert!(run.err.contains("trapped"), "{}", run.err);
    quiet(&run);
    config(&folder, ", grants: [clock]", "at_start: true");
    let run = ends(3, &folder, &scrub);
    assert!(run.out.is_empty());
    quiet(&run);
    fs::write(folder.join("start.json"), "{\"at_start\": true}").unwrap();
    let check = ["plugin", "check", "talker.wasm", "--settings", "start.json"];
    let run = ends(3, &folder, &check);
    assert!(
        run.err.contains("fix: put these settings into a case"),
        "{}",
        run.err
    );
    quiet(&run);
}

#[test]
fn check_names_what_walks_and_what_the_plugin_warns_of() {
    let folder = fresh("checked-plugin");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("redaction.wasm"),
        tamis_plugins::REDACTION.as_slice(),
    )
    .unwrap();
    fs::write(folder.join("s.json"), r#"{"blocked_values": ["AKIA.*"]}"#).unwrap();
    let check = ["plugin", "check", "redaction.wasm", "--settings", "s.json"];
    let run = ends(0, &folder, &check);
    for part in [
        "found by walking every batch: subscriptions[",
        "  fix: let each hold a literal",
        "  allowed_keys          list of text or null: Keys of the",
        "warnings\n",
        "  allowed_keys: names no key",
    ] {
        assert!(run.text().contains(part), "no {part} in\n{}", run.text());
    }
    fs::write(folder.join("s.json"), r#"{"blocked_value": []}"#).unwrap();
    let run = ends(3, &folder, &check);
    assert!(
        run.err.contains("s.json:1:2: error: blocked_value: "),
        "{}",
        run.err
    );
}

#[test]
fn what_is_no_plugin_is_refused_with_the_way_out() {
    let folder = fresh("no-plugin");
    fs::create_dir_all(&folder).unwrap();
    for verb in ["test", "build"] {
        let run = ends(2, &folder, &["plugin", verb]);
        assert!(run.err.contains("`tamis plugin new NAME`"), "{}", run.err);
    }
    let run = ends(2, &folder, &["plugin", "new", "x", "--path", "."]);
    assert!(run.err.contains("exists"), "{}", run.err);
    ends(2, &folder, &["plugin", "new", "x", "--sdk", "nowhere"]);
    for name in ["X", "a_b", "../x", ""] {
        ends(2, &folder, &["plugin", "new", name]);
    }
    let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");

    fs::write(folder.join("module.wasm"), b"\0asm\x01\0\0\0").unwrap();
    fs::write(folder.join("empty.wasm"), b"\0asm\x0d\0\x01\0").unwrap();
    fs::write(folder.join("junk.wasm"), b"junk").unwrap();
    for (file, why) in [
        ("module.wasm", "build it with `tamis plugin build`"),
        ("empty.wasm", "with `tamis_sdk::export!`"),
        ("junk.wasm", "the file is no component, or damaged"),
    ] {
        let run = ends(3, &folder, &["plugin", "check", file]);
        assert!(run.err.contains(why), "{file}: {}", run.err);
        assert!(run.out.is_empty());
    }
    ends(1, &folder, &["plugin", "check", "nowhere.wasm"]);
}

#[test]
fn every_verb_of_it_has_help_with_an_example() {
    for verb in ["new", "build", "check", "test"] {
        let run = ends(0, Path::new("."), &["plugin", verb, "--help"]);
        assert!(run.text().contains("Examples:\n  tamis plugin"), "{verb}");
        assert!(run.text().contains("Exit codes:"), "{verb}");
    }
}
