//! No text makes a search more than linear: the bytes looked at are counted, not the time.

use tamis_detect::{Boundaries, Context, Detect, DetectorSet};

use crate::samples::samples;

/// The most bytes that may be looked at per byte of text, beside the one pass.
const WORK_MAX: usize = 700;

/// Pieces that make anchors, openings without ends, and ends without openings.
const HOSTILE: &[&str] = &[
    "eyJ",
    "eyJ.",
    "eyJhbGciOiJIUzI1NiJ9.",
    "sk-",
    "a",
    "1",
    "1 ",
    "4111 ",
    "\"",
    "'",
    "\\",
    "\\\"",
    "password=",
    "password=\"",
    "password='",
    "password=\\\"",
    "password:",
    "password = ",
    "token=",
    "token=\"",
    "token\":\"",
    "\"token\": ",
    "secret: &",
    "--token ",
    "-----BEGIN",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n",
    "PRIVATE KEY-",
    "PRIVATE KEY ",
    "-----END PRIVATE KEY-----",
    "abcdefghijklmnopabcdefghijklmnopabcd -----END PRIVATE KEY-----",
    "@",
    "a@",
    "a.b@c",
    "://",
    "://a:",
    "://a:b@",
    "https://a:b@c",
    "postgres://a",
    "postgres://a:b",
    "cookie:",
    "cookie: a=b;",
    "cookie: token=",
    "authorization:",
    "authorization: bearer ",
    "bearer ",
    "basic ",
    "basic YTpi",
    "curl -u ",
    "curl -u a:b",
    " -u a",
    "mysql ",
    "mysql -p",
    "machine a ",
    "machine a login b password ",
    "a:5432:b:c:d",
    "LS0tLS1CRUdJTiBQ",
    "QUtJQ",
    "AKIAAAAAAAAAAAAAAAAA",
    "AKIA",
    "xoxb-",
    "ghp_aaaaaaaaaaaaaaaaaaaa",
    "SG.",
    "AIza",
    "1//0",
    "+ASt",
    "T3BlbkFJ",
    "JQQJ99",
    "8Q~",
    "-us1",
    "DE89",
    "NL91ABNA0417164300",
    "DE 1",
    "-12-3456",
    "+1234567",
    "10.0.0.1.",
    "/home/a",
    "\\n",
    "\\u0041",
    "%41",
    "%2F",
    "\x1b[31m",
    "\u{2026}",
    "b3BlbnNzaC1rZXktdjE",
    "Private-Lines: 1\n",
    "password: a = ",
    "token: a, ",
    "token=a,b=",
];

fn work(detect: &Detect, text: &[u8], boundaries: Boundaries) -> usize {
    let context = Context {
        key: Some(b"password"),
        boundaries,
        numeric: false,
    };
    detect.search(text, &context, &mut Vec::new())
}

fn assert_linear(detect: &Detect, name: &str, piece: &[u8], length: usize) {
    for boundaries in [Boundaries::Strict, Boundaries::Loose] {
        let half = piece.repeat(length / piece.len() + 1);
        let whole = half.repeat(2);
        let (half_work, whole_work) = (
            work(detect, &half, boundaries),
            work(detect, &whole, boundaries),
        );
        assert!(
            whole_work <= half_work * 2 + half_work / 4 + 20_000,
            "{name} {boundaries:?}: {half_work} then {whole_work}"
        );
        assert!(
            whole_work <= whole.len() * WORK_MAX,
            "{name} {boundaries:?}: {} a byte",
            whole_work / whole.len()
        );
    }
}

#[test]
fn hostile_texts_stay_linear() {
    let detect = Detect::new(&DetectorSet::all());
    for piece in HOSTILE {
        assert_linear(&detect, piece, piece.as_bytes(), 20_000);
    }
}

#[test]
fn repeated_samples_stay_linear() {
    let detect = Detect::new(&DetectorSet::all());
    for sample in samples() {
        for text in sample
            .finds
            .iter()
            .map(|marked| &marked.text)
            .chain(&sample.leaves)
        {
            assert_linear(&detect, &sample.id, text.as_bytes(), 4000);
        }
    }
}

#[test]
fn hostile_megabytes_take_seconds_at_most() {
    let detect = Detect::new(&DetectorSet::all());
    for piece in [
        "eyJ",
        "sk-",
        "a",
        "1",
        "\"",
        "\\",
        "password=",
        "-----BEGIN",
        "@",
    ] {
        let text = piece.repeat(100_000);
        assert!(work(&detect, text.as_bytes(), Boundaries::Strict) <= text.len() * WORK_MAX);
    }
}
