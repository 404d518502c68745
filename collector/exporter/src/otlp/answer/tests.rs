//! Every status against the rules of OTLP, and hostile answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use proptest::prelude::*;

use super::*;

fn rest(kept: &[u8]) -> Rest {
    Rest {
        kept: kept.into(),
        trailers: HeaderMap::new(),
        end: End::Whole,
    }
}

fn one(name: &'static str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_str(value).unwrap());
    headers
}

#[test]
fn every_http_status() {
    for code in 100..=599 {
        let status = StatusCode::from_u16(code).unwrap();
        let outcome = http(status, &HeaderMap::new(), &rest(b"nonsense \xff"));
        let why = Why::Http(code);
        let expected = match code {
            200..=299 => Outcome::Accepted { rejected: None },
            413 => Outcome::TooLarge(why),
            429 | 502 | 503 | 504 => Outcome::Again { after: None, why },
            _ => Outcome::Refused(why),
        };
        assert_eq!(outcome, expected, "{code}");
    }
}

/// `google.rpc.Status` with a `RetryInfo` of so many seconds, behind another detail.
fn details(seconds: u8) -> String {
    let any = |kind: &str, value: &[u8]| {
        let mut any = vec![10, kind.len() as u8];
        any.extend(kind.as_bytes());
        any.extend([18, value.len() as u8]);
        any.extend(value);
        [&[26, any.len() as u8][..], &any].concat()
    };
    let other = any("type.googleapis.com/google.rpc.ErrorInfo", b"\x0a\x01x");
    let info = any(
        "type.googleapis.com/google.rpc.RetryInfo",
        &[10, 2, 8, seconds],
    );
    STANDARD.encode([&[8, 14, 18, 1, b'x'][..], &other, &info].concat())
}

#[test]
fn every_grpc_code() {
    for code in 0..=20_u8 {
        let why = Why::grpc(code);
        let again = |after| Outcome::Again { after, why };
        let asked = Some(Duration::from_secs(7));
        let (plain, with_info) = match code {
            0 => {
                let accepted = Outcome::Accepted { rejected: None };
                (accepted, accepted)
            }
            1 | 4 | 10 | 11 | 14 | 15 => (again(None), again(asked)),
            8 => (Outcome::Refused(why), again(asked)),
            _ => (Outcome::Refused(why), Outcome::Refused(why)),
        };
        let mut trailers = one("grpc-status", &code.to_string());
        // In the headers, and in the trailers.
        let in_headers = grpc(StatusCode::OK, &trailers, &rest(b""));
        assert_eq!(in_headers, plain, "{code}");
        trailers.insert(
            "grpc-status-details-bin",
            HeaderValue::from_str(&details(7)).unwrap(),
        );
        let rest = Rest {
            trailers,
            ..rest(b"")
        };
        let in_trailers = grpc(
            StatusCode::OK,
            &one("content-type", "application/grpc"),
            &rest,
        );
        assert_eq!(in_trailers, with_info, "{code}");
    }
}

#[test]
fn what_is_said_of_size_is_split() {
    for (code, message, is_size) in [
        (
            8,
            "grpc: received message larger than max (5242880 vs. 4194304)",
            true,
        ),
        (8, "Received%20message%20Larger%20than%20max", true),
        (
            11,
            "Error, decoded message length too large: found 5 bytes",
            true,
        ),
        (8, "quota exceeded", false),
        (3, "message too large", false),
    ] {
        let mut trailers = one("grpc-status", &code.to_string());
        trailers.insert("grpc-message", HeaderValue::from_str(message).unwrap());
        let outcome = grpc(StatusCode::OK, &trailers, &rest(b""));
        assert_eq!(
            outcome == Outcome::TooLarge(Why::Grpc(code)),
            is_size,
            "{message}"
        );
    }
}

#[test]
fn answers_that_are_not_grpc() {
    let grpc_type = one("content-type", "application/grpc+proto");
    let ended = |end| Rest { end, ..rest(b"") };
    let status = |code: u16| StatusCode::from_u16(code).unwrap();
    let again = |why| Outcome::Again { after: None, why };
    let html = one("content-type", "text/html");
    for (code, headers, end, expected) in [
        (200, &html, End::Whole, Outcome::Refused(Why::NotGrpc)),
        (200, &grpc_type, End::Whole, Outcome::Refused(Why::Grpc(2))),
        (200, &grpc_type, End::Broken, again(Why::Disconnected)),
        (200, &grpc_type, End::Late, again(Why::Timeout)),
        (
            200,
            &grpc_type,
            End::TooLarge,
            Outcome::Refused(Why::AnswerTooLarge),
        ),
        (503, &html, End::Whole, again(Why::Http(503))),
        (404, &html, End::Whole, Outcome::Refused(Why::Http(404))),
    ] {
        assert_eq!(
            grpc(status(code), headers, &ended(end)),
            expected,
            "{code} {end:?}"
        );
    }
    let odd = one("grpc-status", "-1");
    assert_eq!(
        grpc(status(200), &odd, &rest(b"")),
        Outcome::Refused(Why::Grpc(2))
    );
}

#[test]
fn retry_after_in_all_forms() {
    let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
    for (text, seconds) in [
        ("0", Some(0)),
        ("2", Some(2)),
        (" 2 ", Some(2)),
        ("99999999999999999999999", Some(u64::MAX)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
        ("Sunday, 06-Nov-94 08:49:47 GMT", Some(10)),
        ("Sun Nov  6 08:49:47 1994", Some(10)),
        ("Sun, 06 Nov 1994 08:49:07 GMT", Some(0)),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Sun, 99 Nov 1994", None),
    ] {
        let found = retry_after(&one("retry-after", text), now);
        assert_eq!(found, seconds.map(Duration::from_secs), "{text:?}");
    }
    assert_eq!(retry_after(&HeaderMap::new(), now), None);
}

#[test]
fn partial_success_in_both_encodings() {
    let message = |rejected: u8, text: &[u8]| {
        let inner = [&[8, rejected, 18, text.len() as u8][..], text].concat();
        [&[10, inner.len() as u8][..], &inner].concat()
    };
    for (body, expected) in [
        (message(3, b"why"), Some(3)),
        (message(0, b"careful"), Some(0)),
        (message(0, b""), None),
        (vec![], None),
        (vec![10, 200], None),
        (
            vec![10, 11, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            None,
        ),
    ] {
        let accepted = Outcome::Accepted { rejected: expected };
        assert_eq!(
            http(StatusCode::OK, &HeaderMap::new(), &rest(&body)),
            accepted
        );
        let framed = [&[0, 0, 0, 0, body.len() as u8][..], &body].concat();
        let status = one("grpc-status", "0");
        assert_eq!(grpc(StatusCode::OK, &status, &rest(&framed)), accepted);
    }
    let json = one("content-type", "application/json; charset=utf-8");
    for (body, expected) in [
        (r#"{"partialSuccess":{"rejectedLogRecords":"3"}}"#, Some(3)),
        (
            r#"{"partialSuccess":{"rejectedSpans":4,"errorMessage":"x"}}"#,
            Some(4),
        ),
        (r#"{"partialSuccess":{"errorMessage":"x"}}"#, Some(0)),
        (r#"{"partialSuccess":{"rejectedDataPoints":-1}}"#, None),
        (r#"{"partialSuccess":{}}"#, None),
        (r#"{"partialSuccess":null}"#, None),
        ("{}", None),
        ("<html>", None),
    ] {
        let accepted = Outcome::Accepted { rejected: expected };
        assert_eq!(
            http(StatusCode::OK, &json, &rest(body.as_bytes())),
            accepted,
            "{body}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// No answer makes us panic, and no body turns a success into anything else.
    #[test]
    fn hostile_answers(
        code in 100_u16..600, body in prop::collection::vec(any::<u8>(), 0..300),
        details in "[ -~]{0,80}", json in any::<bool>(),
    ) {
        let mut headers = one("grpc-status-details-bin", &details);
        if json {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let status = StatusCode::from_u16(code).unwrap();
        let outcome = http(status, &headers, &rest(&body));
        prop_assert_eq!(matches!(outcome, Outcome::Accepted { .. }), status.is_success());
        for code in 0..17 {
            let outcome = grpc_status(code, &headers, &body);
            prop_assert_eq!(matches!(outcome, Outcome::Accepted { .. }), code == 0);
        }
    }

    #[test]
    fn hostile_details(status in prop::collection::vec(any::<u8>(), 0..200)) {
        let trailers = one("grpc-status-details-bin", &STANDARD.encode(status));
        let _ = details::retry_delay(&trailers);
    }
}
