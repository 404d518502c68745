//! Credentials: who comes in, as whom, and what the others are told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use otlp_wire::Signal;
use tamis_receiver::{Authenticator, Credentials, ReceiverSettings, check};

use crate::harness::{Client, Lines, Running, door, framed, sample, service, soon, start_with};
use crate::raw::{JSON, exchange, post};

fn bearer(tokens: &[&str], file: Option<PathBuf>) -> Credentials {
    Credentials::Bearer {
        header: "Authorization".into(),
        scheme: "Bearer".into(),
        tokens: tokens.iter().map(|&token| token.to_owned()).collect(),
        file,
    }
}

fn basic(inline: &str) -> Credentials {
    Credentials::Basic {
        inline: Some(inline.to_owned()),
        file: None,
    }
}

async fn guarded(credentials: Credentials) -> Running {
    let authenticator = Arc::new(Authenticator {
        name: "agents".into(),
        credentials,
    });
    start_with(|door| door.authenticator = Some(Arc::clone(&authenticator))).await
}

fn pair(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

/// The status over HTTP, and the same over gRPC.
async fn status(running: &Running, headers: &[(&str, &str)]) -> u16 {
    let all = [headers, &[JSON]].concat();
    let answer = exchange(running.http, &post("/v1/logs", &all, b"{}")).await;
    // A client library takes one header of a name; two are for HTTP/1 alone.
    if headers.len() < 2 {
        let expected = if answer.status == 200 { 0 } else { 16 };
        assert_eq!(code(running, headers).await, Some(expected));
    }
    assert_eq!(
        answer.head.contains("www-authenticate"),
        answer.status == 401
    );
    answer.status
}

/// What the door for gRPC says.
async fn code(running: &Running, headers: &[(&str, &str)]) -> Option<u16> {
    let client = Client::connect(running.grpc).await;
    let body = framed(0, &sample(Signal::Logs));
    let called = client.call(service(Signal::Logs), headers, body).await;
    called.code
}

#[tokio::test]
async fn tokens() {
    let (lines, _guard) = Lines::collect();
    let running = guarded(bearer(&["first-token", "second-token"], None)).await;
    let long = format!("Bearer {}", "x".repeat(8 << 10));
    for (shown, expected) in [
        ("Bearer first-token", 200),
        ("bearer second-token", 200),
        ("Bearer third-token", 401),
        ("Bearer first-toke", 401),
        ("Bearer first-tokenn", 401),
        ("Bearer", 401),
        ("", 401),
        ("first-token", 401),
        ("Basic first-token", 401),
        (&long, 401),
    ] {
        assert_eq!(
            status(&running, &[("authorization", shown)]).await,
            expected,
            "{shown:.30}"
        );
    }
    assert_eq!(status(&running, &[]).await, 401);
    let twice = [
        ("authorization", "Bearer first-token"),
        ("authorization", "Bearer x"),
    ];
    assert_eq!(status(&running, &twice).await, 401);
    let batches = running.recorder.take();
    assert!(
        batches
            .iter()
            .all(|batch| batch.principal.as_deref() == Some("agents"))
    );
    let text = lines.text();
    assert!(!text.contains("-token"), "{text}");
    let labels = r#"{receiver="otlp",transport="http",reason="unauthenticated"}"#;
    let refused = format!("tamis_receiver_refused_requests_total{labels}");
    assert_eq!(running.metric(&refused), Some(10));
}

#[tokio::test]
async fn tokens_in_a_header_of_their_own() {
    let running = guarded(Credentials::Bearer {
        header: "X-Token".into(),
        scheme: String::new(),
        tokens: vec!["a token".into()],
        file: None,
    })
    .await;
    assert_eq!(status(&running, &[("x-token", "a token")]).await, 200);
    assert_eq!(status(&running, &[("authorization", "a token")]).await, 401);
}

#[tokio::test]
async fn passwords_in_every_form() {
    let salted = bcrypt::hash_with_salt("bright", 4, [7; 16]).unwrap();
    let users = format!(
        "# users\nada:{}\nbob:plain:with:colons\n\ncarl:{{SHA}}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n",
        salted.format_for_version(bcrypt::Version::TwoY)
    );
    let running = guarded(basic(&users)).await;
    for (text, expected) in [
        ("ada:bright", 200),
        ("ada:bright", 200),
        ("ada:dull", 401),
        ("bob:plain:with:colons", 200),
        ("bob:plain", 401),
        ("carl:password", 200),
        ("carl:passwort", 401),
        ("dora:bright", 401),
        ("ada", 401),
        (":", 401),
    ] {
        let shown = pair(text);
        assert_eq!(
            status(&running, &[("authorization", &shown)]).await,
            expected,
            "{text}"
        );
    }
    assert_eq!(
        status(&running, &[("authorization", "Basic ???")]).await,
        401
    );
    let batches = running.recorder.take();
    let names: Vec<_> = batches
        .iter()
        .filter_map(|batch| batch.principal.as_deref())
        .collect();
    assert_eq!(
        names,
        ["ada", "ada", "ada", "ada", "bob", "bob", "carl", "carl"]
    );
}

#[tokio::test]
async fn a_file_of_tokens_is_read_again() {
    let (lines, _guard) = Lines::collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    std::fs::write(&file, "old\n").unwrap();
    let running = guarded(bearer(&[], Some(file.clone()))).await;
    assert_eq!(
        status(&running, &[("authorization", "Bearer old")]).await,
        200
    );
    std::fs::write(&file, "new\n\nnewer\n").unwrap();
    // Each door looks at the file by itself.
    let newer = [("authorization", "Bearer newer"), JSON];
    let changed = async {
        while exchange(running.http, &post("/v1/logs", &newer, b"{}"))
            .await
            .status
            != 200
            || code(&running, &newer[..1]).await != Some(0)
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon(changed).await;
    assert_eq!(
        status(&running, &[("authorization", "Bearer old")]).await,
        401
    );
    std::fs::remove_file(&file).unwrap();
    lines
        .wait_for("the changed credentials are left alone")
        .await;
    assert_eq!(
        status(&running, &[("authorization", "Bearer new")]).await,
        200
    );
}

#[test]
fn what_cannot_be_used_is_said() {
    let said = |credentials| {
        let mut door = door("receivers.otlp.protocols.http");
        let name = "basicauth/agents".into();
        door.authenticator = Some(Arc::new(Authenticator { name, credentials }));
        let settings = ReceiverSettings {
            name: "otlp".into(),
            grpc: None,
            http: Some(door),
        };
        let error = &check(&settings)[0];
        let source = std::error::Error::source(error).unwrap();
        format!("{error}: {source}")
    };
    let apr1 = "ada:x\neve:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00";
    let slow = "ada:$2y$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    for (credentials, words) in [
        (bearer(&[], None), "nobody could come in"),
        (
            bearer(&[], Some("/nowhere/tokens".into())),
            "/nowhere/tokens can't be read",
        ),
        (basic(""), "nobody could come in"),
        (basic("ada"), "line 1 is not user:password"),
        (
            basic(apr1),
            "line 2: this form of password is not supported, use bcrypt",
        ),
        (
            basic(slow),
            "line 1: this form of password is not supported",
        ),
    ] {
        let text = said(credentials);
        let begin = "receivers.otlp.protocols.http: the authenticator basicauth/agents: ";
        assert!(text.starts_with(begin) && text.contains(words), "{text}");
    }
}
