//! What is told when a chain is loaded: settings that cannot work, and settings that work and may
//! not mean what they seem to.

use serde_json::{Value as Json, json};
use tamis_host::ChainError;

use crate::engine::{build, chains, forms};

fn refusal(settings: &Json) -> Vec<String> {
    let mut told = Vec::new();
    for (_, code) in forms() {
        let Err(ChainError::Plugin { source, .. }) = build(code, settings.clone()) else {
            panic!("{settings} was taken")
        };
        told.push(source.to_string());
    }
    told.dedup();
    told
}

#[test]
fn faults_name_the_setting_and_never_its_value() {
    for (settings, expected) in [
        (
            json!({"blocked_values": ["ok", "hunter2(?=x)"], "ignored_key_patterns": ["[z-a]"]}),
            "ignored_key_patterns[0]: is no RE2 pattern: a range ends before it begins at character 4; \
             blocked_values[1]: is no RE2 pattern: RE2 has no such group at character 10",
        ),
        (
            json!({"hash_function": "crc32-hunter2"}),
            "hash_function: must be one of md5, sha1, sha3, hmac-sha256, hmac-sha512, or empty",
        ),
        (
            json!({"hash_function": "HMAC-SHA512", "hmac_key": "hunter2 is too short a key, even with these words"}),
            "hmac_key: must have at least 64 bytes for this hash_function",
        ),
        (
            json!({"url_sanitizer": {"enabled": true, "attributes": ["http.url"]}}),
            "url_sanitizer: is not supported by this plugin: it has no sanitizers, take it out and mask by blocked_values",
        ),
        (
            json!({"db_sanitizer": {"sql": {"enabled": true}}}),
            "db_sanitizer: is not supported by this plugin: it has no sanitizers, take it out and mask by blocked_values",
        ),
        (
            json!({"blocked_value": ["hunter2"]}),
            "blocked_value: unknown key; did you mean `blocked_values`?",
        ),
    ] {
        assert_eq!(refusal(&settings), [expected]);
    }
}

#[test]
fn sanitizers_that_are_off_may_stand_there() {
    let settings = json!({
        "allow_all_keys": true,
        "url_sanitizer": {"enabled": false, "attributes": ["x"]},
        "db_sanitizer": {"sql": {"enabled": false}, "sanitize_span_name": true},
        "blocked_values": null,
    });
    assert_eq!(chains(&settings).len(), 2);
}

#[test]
fn what_may_not_be_meant_is_told() {
    let settings =
        json!({"allow_all_keys": false, "blocked_values": ["AKIA.*", "\\bsk-[a-z]+", "x*"]});
    for (form, chain) in chains(&settings) {
        let told = &chain.plugins()[0].warnings;
        assert_eq!(
            told,
            &[
                "allowed_keys: names no key and allow_all_keys is off, so every attribute is removed",
                "blocked_values[0]: has no left boundary and so bites inside words; \\b in front keeps it to their begin",
                "blocked_values[0]: ends in a run of any characters and so eats the rest of the line",
                "blocked_values[2]: matches where nothing stands and so puts masks between all characters",
            ],
            "{form}"
        );
    }
}
