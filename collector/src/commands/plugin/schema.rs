//! A plugin's settings as its schema tells them: one line for each key of the first level.
//!
//! The schema comes from the guest: must never follow it deeper, or pass on what a terminal obeys.

use std::io::{self, Write};

use serde_json::Value;

use crate::terminal::printable;

/// Keys that are shown; a schema with more is told by their number.
const KEYS_MAX: usize = 100;
/// Characters of a description.
const CHARS_MAX: usize = 100;

/// Writes what the settings are.
pub(super) fn show(out: &mut impl Write, schema: Option<&Value>) -> io::Result<()> {
    let Some(schema) = schema else {
        return writeln!(out, "  it publishes no schema");
    };
    let Some(properties) = schema["properties"]
        .as_object()
        .filter(|all| !all.is_empty())
    else {
        return writeln!(out, "  none");
    };
    let required = |key: &str| {
        let list = schema["required"].as_array();
        list.is_some_and(|list| list.iter().any(|name| name == key))
    };
    let width = properties.keys().map(|key| key.chars().count()).max();
    let width = width.unwrap_or(0).min(32);
    for (key, property) in properties.iter().take(KEYS_MAX) {
        let need = match required(key) {
            true => ", required",
            false => "",
        };
        let told = property["description"].as_str().unwrap_or_default();
        let told = told.lines().next().unwrap_or_default();
        let told: String = printable(told).chars().take(CHARS_MAX).collect();
        let colon = if told.is_empty() { "" } else { ": " };
        let (key, kind) = (printable(key), kind(property));
        writeln!(out, "  {key:<width$}  {kind}{need}{colon}{told}")?;
    }
    match properties.len().saturating_sub(KEYS_MAX) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}

/// What a property may be, in a word or two.
fn kind(property: &Value) -> String {
    let word = |name: &str| match name {
        "string" => "text".to_owned(),
        "array" => format!("list of {}", item(&property["items"])),
        "object" => "map".to_owned(),
        other => printable(other),
    };
    match &property["type"] {
        Value::String(name) => word(name),
        Value::Array(names) => {
            let names = names.iter().filter_map(Value::as_str).take(8);
            let named: Vec<_> = names.map(word).collect();
            named.join(" or ")
        }
        _ => item(property),
    }
}

/// The same without another level.
fn item(property: &Value) -> String {
    let named = property["type"].as_str();
    let defined = property["$ref"].as_str();
    let defined = defined.and_then(|path| path.rsplit('/').next());
    match (named, defined) {
        (Some("string"), _) => "text".to_owned(),
        (Some(name), _) | (None, Some(name)) => printable(name),
        (None, None) => "anything".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(schema: Option<&Value>) -> String {
        let mut out = Vec::new();
        show(&mut out, schema).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keys_are_told_in_a_line_each() {
        let schema = json!({
            "properties": {
                "words": {"type": "array", "items": {"type": "string"}, "description": "Words.\nMore."},
                "mask": {"type": ["string", "null"]},
                "kinds": {"$ref": "#/$defs/Kinds"},
            },
            "required": ["words"],
        });
        let expected =
            "  kinds  Kinds\n  mask   text or null\n  words  list of text, required: Words.\n";
        let mut lines: Vec<_> = shown(Some(&schema)).lines().map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines, expected.lines().collect::<Vec<_>>());
        assert_eq!(shown(None), "  it publishes no schema\n");
        assert_eq!(shown(Some(&json!(true))), "  none\n");
    }

    #[test]
    fn a_hostile_schema_is_cut_and_harmless() {
        let deep = (0..200).fold(
            json!({}),
            |inner, _| json!({"type": "array", "items": inner}),
        );
        let mut properties: serde_json::Map<String, Value> = (0..300)
            .map(|number| {
                (
                    format!("{number}"),
                    json!({"description": "x".repeat(5000)}),
                )
            })
            .collect();
        properties.insert("!\x1b[2J".to_owned(), deep);
        let text = shown(Some(&json!({ "properties": properties })));
        assert!(
            !text.contains('\x1b') && text.len() < 20_000,
            "{}",
            text.len()
        );
        assert!(text.ends_with("  and 201 more\n"));
    }
}
