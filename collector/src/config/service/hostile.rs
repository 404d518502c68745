//! Configs for the daemon that were cut or that hold the wrong kind of value somewhere: each is read
//! to an end, and no value is shown.

use std::path::Path;

use super::super::node::{Member, Node, Value};
use super::super::{Config, Finding, Purpose, parse, read};

const PLANTED: &str = "planted-secret";

/// A config that names every setting, without the TLS that would have the system's roots read.
fn text() -> String {
    include_str!("../../../tests/cases/daemon.yaml").replace("https://", "http://")
}

fn read_all(node: &Node) -> (Option<Config>, Vec<Finding>) {
    let mut findings = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let config = read(node, "f", &folder, Purpose::Daemon, &mut findings);
    for finding in &findings {
        let shown = format!("{finding:?}");
        // What is said of a name that leads nowhere names it.
        let path = finding.path.as_str();
        let name = path.starts_with("service.") || path.ends_with(".authenticator");
        assert!(name || !shown.contains(PLANTED), "{shown}");
        assert!(finding.at.line > 0, "{shown}");
    }
    (config, findings)
}

#[test]
fn every_prefix_is_read_to_an_end() {
    let text = text();
    for (end, _) in text.char_indices() {
        if let Ok(node) = parse(&text[..end], &|_| None) {
            read_all(&node);
        }
    }
}

/// How many leaves there are, after replacing the one of this number.
fn replace(node: &mut Node, number: usize, value: &Value, seen: &mut usize) {
    match &mut node.value {
        Value::List(items) if !items.is_empty() => {
            for item in items {
                replace(item, number, value, seen);
            }
        }
        Value::Map(members) if !members.is_empty() => {
            for member in members {
                replace(&mut member.node, number, value, seen);
            }
        }
        leaf => {
            if *seen == number {
                *leaf = value.clone();
            }
            *seen += 1;
        }
    }
}

#[test]
fn every_value_may_be_of_any_kind() {
    let root = parse(&text(), &|_| None).unwrap();
    let (config, findings) = read_all(&root);
    assert!(
        config.is_some_and(|config| config.service.is_some()),
        "{findings:?}"
    );
    let mut leaves = 0;
    replace(&mut root.clone(), usize::MAX, &Value::Null, &mut leaves);
    assert!(leaves > 90, "{leaves}");
    let member = |key: &str| Member {
        key: key.to_owned(),
        at: root.at,
        node: root.clone(),
    };
    let kinds = [
        Value::Null,
        Value::Bool(true),
        Value::Int(-1),
        Value::Int(i64::MAX),
        Value::Float(f64::NAN),
        Value::String(format!("{PLANTED}\u{0}\r\n://@:[")),
        Value::Unset("X".to_owned()),
        Value::List(vec![root.clone()]),
        Value::Map(vec![member("endpoint"), member("authenticator")]),
    ];
    for number in 0..leaves {
        for kind in &kinds {
            let mut changed = root.clone();
            replace(&mut changed, number, kind, &mut 0);
            read_all(&changed);
        }
    }
}
