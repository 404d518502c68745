//! Configs that want to hurt: each is refused with its place, soon, and without showing a value.

use tamis_collector::config::{CONFIG_BYTES_MAX, CONFIG_DEPTH_MAX, Node, Value, parse};

fn refusal(text: &str) -> String {
    match parse(text, &|_| None) {
        Err(finding) => finding.message,
        Ok(node) => panic!("accepted: {node:?}"),
    }
}

#[test]
fn aliases_that_multiply() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
    }
    assert!(refusal(&bomb).contains("more than 100000 values"));
}

#[test]
fn aliases_that_deepen() {
    let mut text = String::from("a0: &a0 [x]\n");
    for level in 1..200 {
        text.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert!(refusal(&text).contains("nest deeper than 64"));
}

#[test]
fn aliases_that_turn_in_circles() {
    assert!(refusal("a: &a [*a]").contains("within what it refers to"));
    assert!(refusal("a: *nobody").contains("not YAML"));
}

#[test]
fn depth_in_every_layout() {
    let deep = 100_000;
    for text in [
        "[".repeat(deep),
        "{a: ".repeat(deep),
        "- ".repeat(deep),
        "? ".repeat(deep),
    ] {
        let message = refusal(&text);
        assert!(!message.is_empty());
    }
    let fits = format!(
        "{}{}",
        "[".repeat(CONFIG_DEPTH_MAX),
        "]".repeat(CONFIG_DEPTH_MAX)
    );
    assert!(parse(&fits, &|_| None).is_ok());
    assert!(refusal(&format!("[{fits}]")).contains("nest deeper"));
}

#[test]
fn size() {
    let text = " ".repeat(CONFIG_BYTES_MAX + 1);
    assert!(refusal(&text).contains("more than 4194304 bytes"));
}

#[test]
fn duplicates_tags_documents_and_keys() {
    assert!(refusal("a: 1\nb: 2\na: 3").contains("second time"));
    assert!(refusal("a: !!python/object:os.system x").contains("tags are not supported"));
    assert!(refusal("a: 1\n---\nb: 2").contains("second document"));
    assert!(refusal("[a]: 1").contains("a key must be text"));
    assert!(refusal("*a : 1").contains("not YAML"));
    assert!(refusal("a: [1").contains("not YAML"));
    assert!(refusal("<<: [x]").contains("takes maps"));
}

#[test]
fn every_prefix_of_a_config_ends_in_an_answer() {
    let text = include_str!("../cases/collector.yaml");
    for (end, _) in text.char_indices() {
        let _ = parse(&text[..end], &|_| None);
    }
}

#[test]
fn scalars_are_the_core_schemas() {
    let env = |name: &str| (name == "N").then(|| "42".to_owned());
    let text = "[1, -1, 0x10, 0o17, 1.5, 1e3, yes, on, true, ~, '1', 1.2.3, 1:30, !!str 1]";
    let json = parse(text, &env).unwrap().to_json().to_string();
    assert_eq!(
        json,
        r#"[1,-1,16,15,1.5,1000.0,"yes","on",true,null,"1","1.2.3","1:30","1"]"#
    );
    let text = "- \"${N}\"\n- ${N}\n- ${N}0\n- ${env:M:-false}\n";
    let json = parse(text, &env).unwrap().to_json().to_string();
    assert_eq!(json, r#"["42",42,"420",false]"#);
}

#[test]
fn merges_bring_what_is_missing() {
    let text = "base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\nlist: {<<: [*base, {c: 4}]}";
    let node = parse(text, &|_| None).unwrap();
    assert_eq!(
        node.to_json().to_string(),
        r#"{"base":{"a":1,"b":2},"list":{"a":1,"b":2,"c":4},"more":{"a":1,"b":3}}"#
    );
}

#[test]
fn a_variable_that_is_not_set_is_known_by_name() {
    let node = parse("a: ${env:NOPE}", &|_| None).unwrap();
    let member = node.member("a").map(|member| &member.node);
    let unset = |node: &Node| matches!(&node.value, Value::Unset(name) if name == "NOPE");
    assert!(member.is_some_and(unset));
}
