//! What a mask settles is shown to nobody, and nothing is found less for it.
//!
//! The same plugin is run beside one whose interest has lost what settles hits: it is shown all of them.

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use tamis_contract::{Guest, Imports, NativePlugin};
use tamis_host::{Chain, ChainBuilder, Code, PluginSpec, Signal};

use crate::batch::{as_text, batch, bodies, bytes, list, map, text};
use crate::engine::{chains, native, plugin, run};

/// The plugin, shown whatever hits.
struct Shown(Box<dyn Guest>);

impl Guest for Shown {
    fn configure(&mut self, settings: &str) -> Result<String, String> {
        let interest = self.0.configure(settings)?;
        let mut interest: Json = serde_json::from_str(&interest).unwrap();
        let subscriptions = interest["subscriptions"].as_array_mut().unwrap();
        let mut settled = 0;
        for subscription in subscriptions {
            settled += subscription["unless"].as_array().map_or(0, Vec::len);
            subscription["unless"] = json!([]);
            let literals = subscription.pointer_mut("/when/holds/literals");
            for literal in literals.and_then(Json::as_array_mut).into_iter().flatten() {
                literal["unless"] = json!(0);
            }
        }
        assert!(settled > 3, "the plugin says nothing of masks");
        Ok(interest.to_string())
    }

    fn process(&mut self, frame: &[u8]) -> Result<Vec<u8>, String> {
        self.0.process(frame)
    }
}

fn shown(settings: Json) -> Chain {
    let code = Code::Native(NativePlugin {
        start: |imports: Arc<dyn Imports>| Box::new(Shown((plugin().start)(imports))),
        ..plugin()
    });
    let spec = PluginSpec::new("scrub", code).with_settings(settings);
    ChainBuilder::new().plugin(spec).build().unwrap()
}

/// How often the plugin was called so far.
fn calls(chain: &Chain) -> u64 {
    chain.counters()[0].calls
}

fn settings() -> [Json; 4] {
    [
        json!({}),
        json!({"mask_text": "removed.{kind}"}),
        json!({"mask_text": "hidden", "classes": {"enable": ["personal"]}}),
        json!({"action": "hash", "hash_key": "0123456789abcdef",
            "custom": [{"name": "ticket", "pattern": "hunter2-\\w+"}]}),
    ]
}

const PIECES: [&str; 64] = [
    "password",
    "token",
    "--token",
    "api_key",
    "SECRET",
    "authorization",
    "auth",
    "cookie",
    "x",
    "=",
    "=",
    ":",
    ": ",
    "\": \"",
    "\\\":\\\"",
    "='",
    "=\"",
    "\"",
    "'",
    "\\",
    "\\\"",
    " ",
    "\t",
    ",",
    ";",
    "&",
    ">",
    "<",
    "{\"",
    "}",
    "\n",
    "\\n",
    "...",
    "@",
    "/",
    "://",
    "postgres://app:",
    "https://",
    "app:",
    "redis://:",
    "@db.internal/x",
    "REDACTED-password",
    "REDACTED-token",
    "REDACTED-",
    "REDACTED",
    "****",
    "***",
    "removed.token",
    "removed.",
    "hidden",
    "password-0123456789abcdef",
    "hunter2-dummy",
    "s3cr3t-v4lue-9f8e7d6c",
    "c2b1a3f4e5d6",
    "AKIAIOSFODNN7EXAMPLE",
    "dXNlcjpwYXNzd29yZA==",
    "Bearer ",
    "Basic ",
    "bearer ",
    "4111 1111 1111 1111",
    "ada@example.com",
    "session=",
    "-p ",
    "mysql ",
];

fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(select(&PIECES[..]), 1..12).prop_map(|pieces| pieces.concat())
}

fn keys() -> impl Strategy<Value = &'static str> {
    select(
        &[
            "note",
            "db.password",
            "api-token",
            "http.request.header.authorization",
            "cookie",
        ][..],
    )
}

thread_local! {
    static CHAINS: Vec<(Chain, Chain)> = settings()
        .into_iter()
        .map(|settings| (native(settings.clone()).unwrap(), shown(settings)))
        .collect();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_not_shown_would_not_have_been_changed(
        values in prop::collection::vec((keys(), texts()), 1..5),
    ) {
        let values = values.into_iter().enumerate().map(|(number, (key, value))| match number % 4 {
            0 => map([(key, text(value))]),
            1 => text(value),
            2 => bytes(value),
            _ => map([(value, list(text(key)))]),
        });
        let sent = batch("agent", values);
        CHAINS.with(|chains| {
            for (own, shown) in chains {
                let (left, _) = run(own, Signal::Logs, &sent);
                let (right, _) = run(shown, Signal::Logs, &sent);
                prop_assert_eq!(left, right);
            }
            Ok(())
        })?;
    }
}

/// One body, with a key or without.
fn one(key: &str, value: &str) -> Bytes {
    match key {
        "" => batch("agent", [text(value)]),
        key => batch("agent", [map([(key, text(value))])]),
    }
}

#[test]
fn masks_are_shown_to_nobody() {
    for (settings, mask) in [
        (json!({}), "REDACTED-password"),
        (json!({}), "****"),
        (json!({"mask_text": "removed.{kind}"}), "removed.password"),
        (json!({"mask_text": "hidden"}), "hidden"),
    ] {
        let shown = shown(settings.clone());
        for (name, chain) in chains(&settings) {
            for (key, form) in [
                ("", "DB_PASSWORD=MASK\\nUSER=app"),
                ("", "{\"token\": \"MASK\", \"n\": 1}"),
                ("", "{\\\"password\\\":\\\"MASK\\\"}"),
                ("", "postgres://app:MASK@db.internal:5432/prod"),
                (
                    "",
                    "https://MASK@github.com/a and https://app:MASK@example.com",
                ),
                ("", "Authorization: Bearer MASK"),
                ("db.password", "MASK"),
                ("http.request.header.authorization", "Bearer MASK"),
                ("http.request.header.authorization", "[\"MASK\"]"),
            ] {
                let sent = one(key, &form.replace("MASK", mask));
                let before = (calls(&chain), calls(&shown));
                assert_eq!(
                    run(&chain, Signal::Logs, &sent).0,
                    sent,
                    "{form} {mask}, {name}"
                );
                assert_eq!(
                    run(&shown, Signal::Logs, &sent).0,
                    sent,
                    "{form} {mask}, {name}"
                );
                assert_eq!(calls(&chain), before.0, "{form} {mask}, {name}");
                assert!(calls(&shown) > before.1, "{form} {mask}");
            }
        }
    }
}

/// The name of a kind in its mask may end as the name of a secret does.
#[test]
fn masks_of_every_kind_are_shown_to_nobody() {
    let chain = native(json!({})).unwrap();
    for detector in tamis_detect::detectors() {
        let id = detector.id;
        for form in [
            "it was REDACTED-ID before",
            "{\"token\": \"REDACTED-ID\", \"n\": 1}",
            "{\\\"token\\\": \\\"REDACTED-ID\\\", \\\"n\\\": 1}",
            "PASSWORD=REDACTED-ID\nX=1",
            "a: REDACTED-ID: b",
        ] {
            let sent = one("", &form.replace("ID", id));
            let before = calls(&chain);
            assert!(run(&chain, Signal::Logs, &sent).0 == sent, "{form} {id}");
            assert_eq!(calls(&chain), before, "{form} {id}");
        }
    }
}

#[test]
fn a_secret_beside_a_mask_is_found() {
    for (key, sent, wanted) in [
        (
            "",
            "password=REDACTED-password token=c2b1a3f4e5d6",
            "password=REDACTED-password token=REDACTED-token",
        ),
        (
            "",
            "https://app:REDACTED-x@a.b/ https://app:hunter2-dummy@a.b/",
            "https://app:REDACTED-x@a.b/ https://app:REDACTED-url-password@a.b/",
        ),
        (
            "",
            "https://REDACTED-x@b:hunter2-dummy@c.d/",
            "https://REDACTED-x@b:REDACTED-url-password@c.d/",
        ),
        (
            "",
            "password='' ****hunter2 AKIAIOSFODNN7EXAMPLE",
            "password='' ****hunter2 REDACTED-aws-access-key-id",
        ),
        (
            "",
            "cookie=REDACTED-x; session=c2b1a3f4e5d6",
            "cookie=REDACTED-x; session=REDACTED-session-cookie",
        ),
        ("", "password=REDACTE", "password=REDACTED-password"),
        ("db.password", "REDACTE", "REDACTED-password"),
    ] {
        for (name, chain) in chains(&json!({})) {
            let (left, _) = run(&chain, Signal::Logs, &one(key, sent));
            assert_eq!(left, one(key, wanted), "{sent}, {name}");
        }
    }
}

#[test]
fn a_value_of_nothing_but_masks_is_passed_whatever_its_size() {
    // Beyond the hits of one value, and beyond those of one batch.
    for count in [100_000, 120_000] {
        for (name, chain) in chains(&json!({})) {
            let masks = "password=REDACTED-password ".repeat(count);
            let sent = one("", &masks);
            assert!(run(&chain, Signal::Logs, &sent).0 == sent, "{name}");
            assert_eq!(calls(&chain), 0, "{name}");
            // With a secret behind them it is more than a plugin is shown, and masked as a whole.
            let (left, report) = run(
                &chain,
                Signal::Logs,
                &one("", &(masks + "password=hunter2-dummy")),
            );
            assert_eq!(report.faults.len(), 1, "{name}");
            assert!(!as_text(&bodies(&left)[0]).contains("hunter2"), "{name}");
        }
    }
}
