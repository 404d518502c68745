//! Settings as an author's own type: every fault at once, with its path, and never with a value.
//!
//! serde's messages quote what they dislike ("invalid type: string \"hunter2\""), and settings hold
//! keys. So the settings are read by a deserializer of our own ([`crate::reader`]), whose errors know
//! types and keys only; and where an author's words still quote a value, they are not passed on.
//!
//! Must never: put a value of the settings into an error.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tamis_contract::{ConfigError, ConfigFault};

use crate::reader::{self, Path};

/// Faults that are collected before giving up.
const MAX_FAULTS: usize = 32;

/// Shorter values are not looked for in messages: they would be found in ordinary words.
const LEAST_SECRET_BYTES: usize = 4;

/// The settings as JSON. Nothing at all counts as no settings.
pub(crate) fn read(text: &str) -> Result<Value, ConfigError> {
    if text.trim().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_str(text) {
        Ok(Value::Null) => Ok(Value::Object(Map::new())),
        Ok(value) => Ok(value),
        Err(error) => {
            let place = format!("line {} column {}", error.line(), error.column());
            Err(ConfigError::new(
                "",
                format!("the settings are no JSON at {place}"),
            ))
        }
    }
}

/// Reads the settings into an author's type.
///
/// serde stops at the first fault, so what is faulty is passed over and the rest is read again: a
/// user sees everything that is wrong at once.
pub(crate) fn parse<T: DeserializeOwned>(settings: &Value) -> Result<T, ConfigError> {
    let mut faults = Vec::new();
    let mut skipped: Vec<Path> = Vec::new();
    loop {
        let (outcome, unknown) = reader::read::<T>(settings, &skipped);
        let fault = match outcome {
            Ok(parsed) if faults.is_empty() && unknown.is_empty() => return Ok(parsed),
            Ok(_) => None,
            Err(fault) => Some(fault),
        };
        let mut again = false;
        if let Some(fault) = fault {
            // What is missing because it was passed over is no fault of its own.
            if !skipped.iter().any(|path| path.starts_with(&fault.path)) {
                faults.push(ConfigFault {
                    path: fault.path.to_string(),
                    message: fault.message,
                });
            }
            again = faults.len() < MAX_FAULTS && !fault.path.is_root();
            skipped.push(fault.path);
        }
        if !again {
            faults.extend(unknown);
            return Err(without_values(ConfigError { faults }, settings));
        }
    }
}

/// The same error, in which no message quotes a value that stands at its path.
pub(crate) fn without_values(mut error: ConfigError, settings: &Value) -> ConfigError {
    for fault in &mut error.faults {
        let at = Path::parse(&fault.path)
            .find_in(settings)
            .unwrap_or(settings);
        if quotes(&fault.message, at) {
            fault.message = "is not valid".to_owned();
        }
    }
    error
}

/// Whether a message quotes a text or number of the value, as it stands or with escapes.
fn quotes(message: &str, value: &Value) -> bool {
    let holds = |text: &str| text.len() >= LEAST_SECRET_BYTES && message.contains(text);
    match value {
        Value::String(text) => {
            holds(text)
                || holds(&text.escape_debug().to_string())
                || holds(&text.escape_default().to_string())
        }
        Value::Number(number) => holds(&number.to_string()),
        Value::Array(values) => values.iter().any(|value| quotes(message, value)),
        Value::Object(members) => members.values().any(|value| quotes(message, value)),
        Value::Null | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Settings {
        #[serde(default)]
        hmac_key: Option<String>,
        #[serde(default)]
        limit: u32,
        #[serde(default)]
        action: Action,
        #[serde(default)]
        custom: Vec<Custom>,
        #[serde(default)]
        even: Even,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Action {
        #[default]
        Mask,
        Hash,
        Keep {
            bytes: u8,
        },
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Custom {
        pattern: String,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(try_from = "String")]
    struct Even;

    impl TryFrom<String> for Even {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            if text.len().is_multiple_of(2) {
                Ok(Self)
            } else {
                Err(format!("cannot take {text:?}"))
            }
        }
    }

    fn faults(settings: &Value) -> Vec<String> {
        let error = parse::<Settings>(settings).unwrap_err();
        error
            .faults
            .iter()
            .map(|fault| format!("{}: {}", fault.path, fault.message))
            .collect()
    }

    #[test]
    fn good_settings_are_read() {
        let settings: Settings = parse(&json!({
            "hmac_key": "k", "limit": 3, "action": {"keep": {"bytes": 4}}, "custom": [{"pattern": "x"}],
        }))
        .unwrap();
        assert_eq!(settings.hmac_key.as_deref(), Some("k"));
        assert_eq!(settings.action, Action::Keep { bytes: 4 });
        assert_eq!(
            settings.custom,
            [Custom {
                pattern: "x".into()
            }]
        );
        assert!(parse::<Settings>(&read("").unwrap()).is_ok());
        assert!(parse::<Settings>(&read("null").unwrap()).is_ok());
    }

    #[test]
    fn every_fault_is_told_with_its_path() {
        let settings = json!({
            "limit": "many",
            "acton": "hash",
            "action": "hush",
            "custom": [{"pattern": "a"}, {"pattern": 7}, {}],
        });
        assert_eq!(
            faults(&settings),
            [
                "action: must be one of `mask`, `hash`, `keep`; did you mean `hash`?",
                "custom[1].pattern: must be a string, not a number",
                "custom[2]: the key `pattern` is missing",
                "limit: must be u32, not a string",
                "acton: unknown key; did you mean `action`?",
            ]
        );
    }

    #[test]
    fn a_missing_key_is_named() {
        assert_eq!(
            faults(&json!({"custom": [{}]})),
            ["custom[0]: the key `pattern` is missing"]
        );
        assert_eq!(
            faults(&json!([])),
            [": must be struct Settings, not a list"]
        );
    }

    #[test]
    fn no_message_quotes_a_value() {
        let secret = "hunter2-\"\\-\u{1F511}";
        let number = 4_111_111_111_111_111_u64;
        for settings in [
            json!({"limit": secret}),
            json!({"limit": {"x": secret}}),
            json!({"limit": number}),
            json!({"limit": -4_111_111_111_i64}),
            json!({"hmac_key": [secret]}),
            json!({"hmac_key": number}),
            json!({"action": secret}),
            json!({"action": {secret: 1}}),
            json!({"action": {"keep": secret}}),
            json!({"action": {"keep": {"bytes": number}}}),
            json!({"custom": secret}),
            json!({"custom": {"pattern": secret}}),
            json!({"even": secret}),
            json!({"even": [secret]}),
            json!(secret),
        ] {
            let told = parse::<Settings>(&settings).unwrap_err().to_string();
            assert!(!told.contains("hunter2"), "{told}");
            assert!(!told.contains("4111"), "{told}");
        }
    }

    #[test]
    fn an_authors_words_are_kept_unless_they_quote() {
        let settings = json!({"custom": [{"pattern": "hunter2("}]});
        let quoting = ConfigError::new("custom[0].pattern", "unclosed group in hunter2(");
        let told = without_values(quoting, &settings);
        assert_eq!(told.to_string(), "custom[0].pattern: is not valid");
        let decent = ConfigError::new("custom[0].pattern", "has an unclosed group");
        assert_eq!(without_values(decent.clone(), &settings), decent);
        let elsewhere = ConfigError::new("nowhere", "hunter2( is bad");
        assert_eq!(
            without_values(elsewhere, &settings).to_string(),
            "nowhere: is not valid"
        );
    }

    #[test]
    fn text_that_is_no_json_is_an_error_without_its_text() {
        let told = read("{\"key\": hunter2}").unwrap_err().to_string();
        assert_eq!(told, "the settings are no JSON at line 1 column 9");
    }
}
