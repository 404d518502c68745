//! Every config under `tests/cases` through `tamis validate`: what it says and how it ends stands
//! beside it. `BLESS=1` writes what it says now.

use std::fs;
use std::path::Path;

use crate::program::{assert_clean, tamis_in};

#[test]
fn validate_says_what_the_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut configs: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    configs.sort();
    assert!(configs.len() >= 8);
    let mut wrong = Vec::new();
    for config in configs {
        let run = tamis_in(&folder, &["validate", "--config", &config], b"");
        let said = format!(
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            run.code.unwrap(),
            run.text(),
            run.err
        );
        assert!(!said.contains("planted-secret"), "{config}: {said}");
        let beside = folder.join(&config).with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&beside, &said).unwrap();
        }
        if fs::read_to_string(&beside).unwrap_or_default() != said {
            wrong.push(format!("{config} now says:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_whole_chain_of_the_documentation_is_good() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/chain.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, config) = page.split_once("```yaml\n").unwrap();
    let (config, _) = config.split_once("```").unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::write(folder.join("chain.yaml"), config).unwrap();
    let run = tamis_in(folder, &["validate", "--config", "chain.yaml"], b"");
    assert_eq!(run.code, Some(0), "{}", run.err);
    let plugins = run
        .text()
        .lines()
        .filter(|line| line.contains(", on error "));
    let names = plugins.filter_map(|line| line.split_whitespace().next());
    let whole = ["k8sattributes", "scrub", "truncate", "sample"];
    let expected = [&whole[..], &whole, &whole[..2]].concat();
    assert_eq!(names.collect::<Vec<_>>(), expected, "{}", run.text());
}

#[test]
fn scrub_needs_the_chains_of_a_config_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    // Its receivers and exporters name files that are not there.
    let arguments = ["scrub", "--config", "files.yaml", "--text", "-"];
    let run = tamis_in(&folder, &arguments, b"key AKIAIOSFODNN7EXAMPLE");
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.text().starts_with("key "), "{}", run.text());
    assert_clean(&run.out, "what was scrubbed");
}
