//! Values that their key gives away, and numbers.

use tamis_detect::{Context, Detect, DetectorSet, Finding, detectors};

fn find<'t>(key: &str, text: &'t str, numeric: bool) -> Vec<(&'static str, &'t str)> {
    let detect = Detect::new(&DetectorSet::defaults());
    let context = Context {
        key: Some(key.as_bytes()),
        numeric,
        ..Context::default()
    };
    let mut findings: Vec<Finding> = Vec::new();
    detect.find(text.as_bytes(), &context, &mut findings);
    let name = |found: &Finding| detectors()[usize::from(found.detector)].id;
    findings
        .iter()
        .map(|found| (name(found), &text[found.start..found.end]))
        .collect()
}

#[test]
fn a_telling_key_makes_the_whole_value_a_candidate() {
    for (key, text, id, secret) in [
        ("password", "hunter2", "password", "hunter2"),
        (
            "db.Password",
            " correct horse ",
            "password",
            "correct horse",
        ),
        (
            "http.request.header.authorization",
            "Bearer abc123def456",
            "authorization-header",
            "abc123def456",
        ),
        (
            "http.request.header.authorization",
            "[\"Bearer abc123def456\"]",
            "authorization-header",
            "abc123def456",
        ),
        (
            "http.request.header.x-api-key",
            "a1b2c3d4e5f6",
            "api-key",
            "a1b2c3d4e5f6",
        ),
        (
            "http.request.header.cookie",
            "a=b; sessionid=s3cr3tvalue",
            "session-cookie",
            "s3cr3tvalue",
        ),
        ("confirm_password", "hunter2", "password", "hunter2"),
        ("apiKey", "a1b2c3d4e5f6", "api-key", "a1b2c3d4e5f6"),
        (
            "aws.secret.access.key",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "aws-secret-access-key",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ),
        ("client_secret", "hunter2x", "secret", "hunter2x"),
    ] {
        assert_eq!(find(key, text, false), [(id, secret)], "{key}");
    }
}

#[test]
fn keys_that_only_sound_so_leave_their_values() {
    for (key, text) in [
        ("input_tokens", "4096"),
        ("max_tokens", "100000"),
        ("gen_ai.usage.input_token", "a1b2c3d4e5f6"),
        ("tokenizer", "cl100k_base_a1b2c3"),
        ("secretName", "a1b2c3d4e5f6"),
        ("public_key", "a1b2c3d4e5f6"),
        ("cache_key", "a1b2c3d4e5f6"),
        ("token_type", "bearer"),
        ("password", "REDACTED-password"),
        ("password", "****"),
        ("password", "${DB_PASSWORD}"),
        ("api_key", "YOUR_API_KEY"),
        ("authorization", "required"),
    ] {
        assert_eq!(find(key, text, false), [], "{key}={text}");
    }
}

#[test]
fn numbers_are_cards_or_passwords_or_nothing() {
    assert_eq!(
        find("pan", "4111111111111111", true),
        [("card-number", "4111111111111111")]
    );
    assert_eq!(
        find("pan", "4111111111111111.0", true),
        [("card-number", "4111111111111111")]
    );
    assert_eq!(find("password", "123456", true), [("password", "123456")]);
    assert_eq!(find("start_time", "1781056000123456789", true), []);
    assert_eq!(find("token", "123456789", true), []);
}

#[test]
fn other_masks_count_when_they_are_named() {
    let detect = Detect::with_masks(&DetectorSet::defaults(), &[b"[gone]"]);
    let mut findings = Vec::new();
    detect.find(b"password=[gone]1a", &Context::default(), &mut findings);
    assert_eq!(findings, []);
    detect.find(
        b"password=REDACTED-password",
        &Context::default(),
        &mut findings,
    );
    assert_eq!(findings.len(), 1);
}
