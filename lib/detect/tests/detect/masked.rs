//! Where the forms of a mask match, nothing is found from there: each anchor is judged alone.

use proptest::prelude::*;
use regex::bytes::Regex;
use tamis_detect::{
    Boundaries, Context, Detect, DetectorClass, DetectorSet, Finding, GateClass, Lead, Masked,
    Scanned, Scratch, detectors,
};

/// As `scrub` knows them, with a mask text that an operator set.
const MASKS: [&[u8]; 5] = [
    b"REDACTED-",
    b"****",
    b"GONE.",
    b"hidden",
    b"TAKEN-OUT-BY-THE-PLATFORM-SEE-THE-WIKI-FOR-WHAT-TO-DO.",
];

struct Forms {
    detect: Detect,
    name: Regex,
    header: Regex,
    scheme: Regex,
    userinfo: Regex,
    whole: Regex,
    named: [Regex; 2],
    /// Where user information stands.
    urls: Regex,
}

fn is_personal(found: &Finding) -> bool {
    detectors()[usize::from(found.detector)].class == DetectorClass::Personal
}

impl Forms {
    fn new() -> Self {
        let detect = Detect::with_masks(&DetectorSet::all(), &MASKS);
        let form = |place| {
            let form = detect.masked(place).unwrap();
            Regex::new(&format!(r"\A(?:{form})")).unwrap()
        };
        Self {
            name: form(Masked::Behind(Lead::Name)),
            header: form(Masked::Behind(Lead::Header)),
            scheme: form(Masked::Behind(Lead::Scheme)),
            userinfo: form(Masked::Userinfo),
            whole: form(Masked::Whole),
            named: [Lead::Name, Lead::Cookies].map(|lead| {
                let form = detect.masked(Masked::UpTo(lead)).unwrap();
                Regex::new(&format!(r"(?:{form})\z")).unwrap()
            }),
            urls: Regex::new(r##"(?-u):[/\\]{2,}[^\x00-\x20\x7f/?#"'`<>\\]*@"##).unwrap(),
            detect,
        }
    }

    /// Whether a literal is settled that ends there.
    fn settles(&self, lead: Lead, text: &[u8], end: usize) -> bool {
        let (before, behind) = text.split_at(end);
        match lead {
            Lead::Token => false,
            Lead::Name => self.name.is_match(behind) || self.named[0].is_match(before),
            Lead::Header => self.header.is_match(behind),
            Lead::Cookies => self.named[1].is_match(before),
            Lead::Scheme => self.scheme.is_match(behind),
        }
    }

    fn find(&self, text: &[u8], context: &Context<'_>, scanned: &Scanned<'_>) -> Vec<Finding> {
        let (mut scratch, mut findings) = (Scratch::default(), Vec::new());
        let detect = &self.detect;
        detect.find_scanned(text, context, scanned, &mut scratch, &mut findings);
        findings
    }

    /// Holds every anchor of a text, its URLs and its key against the forms; how many were settled.
    fn check(&self, text: &[u8]) -> usize {
        let mut settled = 0;
        for boundaries in [Boundaries::Strict, Boundaries::Loose] {
            let context = Context {
                boundaries,
                ..Context::default()
            };
            let none = |scanned: &Scanned<'_>, context: &Context<'_>| {
                let mut found = self.find(text, context, scanned);
                // An address is found from an `@` that is asked for apart.
                found.retain(|found| scanned.classes.is_empty() || !is_personal(found));
                let text = String::from_utf8_lossy(text);
                assert!(found.is_empty(), "{found:?} in {text:?}");
            };
            let nothing = Scanned {
                literals: &[],
                unsearched: &[],
                classes: &[],
            };
            for literal in &self.detect.gate().literals {
                for at in 0..text.len() {
                    let end = at + literal.bytes.len();
                    if literal.stands_at(text, at) && self.settles(literal.lead, text, end) {
                        settled += 1;
                        none(
                            &Scanned {
                                literals: std::slice::from_ref(&(at..end)),
                                ..nothing
                            },
                            &context,
                        );
                    }
                }
            }
            let mut urls = self.urls.find_iter(text).peekable();
            if urls.peek().is_some() && urls.all(|url| self.userinfo.is_match(&text[url.start()..]))
            {
                settled += 1;
                none(
                    &Scanned {
                        classes: &[GateClass::Userinfo],
                        ..nothing
                    },
                    &context,
                );
            }
            if self.whole.is_match(text) {
                settled += 1;
                for key in [
                    "db.password",
                    "api-token",
                    "Authorization",
                    "cookie",
                    "auth",
                ] {
                    none(
                        &nothing,
                        &Context {
                            key: Some(key.as_bytes()),
                            ..context
                        },
                    );
                }
            }
        }
        settled
    }
}

const PIECES: [&str; 60] = [
    "password",
    "token",
    "--token",
    "api_key",
    "secret access key",
    "Authorization",
    "auth",
    "cookie",
    "=",
    ":",
    ",",
    ">",
    "<",
    "\"",
    "'",
    "`",
    "\\",
    "\\\\\\",
    " ",
    "\t",
    "   ",
    "=>",
    ":=",
    "==",
    "]",
    "[",
    "{\"",
    "\n",
    "...",
    ".",
    ";",
    "&",
    "@",
    "/",
    "//",
    "://",
    "postgres://",
    "https://",
    "app",
    "host",
    "REDACTED-",
    "REDACTED-password",
    "****",
    "GONE.token",
    "GONE.",
    "hidden",
    "REDACTE",
    "***",
    "hunter2-dummy",
    "s3cr3t-v4lue-9f8e7d6c",
    "c2b1a3f4e5d6",
    "Bearer ",
    "Basic ",
    "bearer ",
    "token ",
    "dXNlcjpwYXNzd29yZA==",
    "b",
    "-",
    "abc",
    ":5432/",
];

const BETWEEN: [&str; 16] = [
    "=", ":", ",", " ", "\t", "\"", "'", "\\", "\\\"", "\\\\\"", "\\\\\\\"", "]", "=>", "\"", "\t",
    "`",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(&PIECES[..]);
    prop::collection::vec(piece, 1..14).prop_map(|pieces| pieces.concat())
}

/// A name, what may stand between it and a mask, the mask, and what may follow.
fn forms() -> impl Strategy<Value = String> {
    let before = prop::sample::select(vec!["", "x ", "{\"", "{\\\"", "'", "--", "DB_", "curl -u "]);
    let anchor = prop::sample::select(vec![
        "password",
        "token",
        "secret_key",
        "AUTH",
        "authorization",
        "postgres://app:",
        "https://",
        "redis://",
        "https://app:",
        "bearer ",
        "basic ",
    ]);
    let between = prop::sample::select(&BETWEEN[..]);
    let between = prop::collection::vec(between, 0..7).prop_map(|all| all.concat());
    let scheme = prop::sample::select(vec!["", "", "Bearer ", "token ", "oauth "]);
    let mask = prop::sample::select(vec!["REDACTED-token", "****", "GONE.x", "hidden", "GONE."]);
    let rest = texts();
    (before, anchor, between, scheme, mask, rest).prop_map(
        |(before, anchor, between, scheme, mask, rest)| {
            [before, anchor, &between, scheme, mask, &rest].concat()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nothing_is_found_from_what_a_mask_settles(text in prop_oneof![texts(), forms(), forms()]) {
        thread_local!(static FORMS: Forms = Forms::new());
        FORMS.with(|all| all.check(text.as_bytes()));
    }
}

/// Every text of up to so many of these pieces.
fn all(pieces: &[&str], most: usize, mut show: impl FnMut(&str)) {
    let mut numbers: Vec<usize> = Vec::new();
    loop {
        let text: String = numbers.iter().map(|&number| pieces[number]).collect();
        show(&text);
        match numbers
            .iter()
            .rposition(|&number| number + 1 < pieces.len())
        {
            Some(at) => {
                numbers[at] += 1;
                numbers[at + 1..].fill(0);
            }
            None if numbers.len() == most => return,
            None => numbers = vec![0; numbers.len() + 1],
        }
    }
}

#[test]
fn whatever_stands_between_a_name_and_a_mask() {
    let forms = Forms::new();
    let mut settled = 0;
    all(&["=", ":", "\"", "\\", " ", "\t", "]"], 7, |between| {
        // How much of it the literal ends with, too.
        for (form, name, own, mask) in [
            (&forms.name, "password", 1, "****\n"),
            (&forms.name, "-x --password ", 0, "GONE.x..."),
            (&forms.header, "authorization", 1, "Bearer hidden"),
        ] {
            let behind = [between.get(own..).unwrap_or_default(), mask].concat();
            if form.is_match(behind.as_bytes()) {
                let text = [name, between, mask].concat();
                let mut found = Vec::new();
                forms
                    .detect
                    .find(text.as_bytes(), &Context::default(), &mut found);
                assert!(found.is_empty(), "{found:?} in {text:?}");
                settled += 1;
            }
        }
    });
    assert!(settled > 1_000, "{settled}");
}

#[test]
fn whatever_stands_around_a_mask_in_a_url() {
    let forms = Forms::new();
    let mut settled = 0;
    let pieces = [
        ":",
        "@",
        "REDACTED-",
        "c2b1a3f4e5d6c2b1a3f4",
        "host",
        "/",
        "GONE.",
        "...",
    ];
    all(&pieces, 6, |rest| {
        let texts = ["https://", "redis://"].map(|scheme| [scheme, rest].concat());
        let [url, database] = texts.each_ref().map(|text| text.as_bytes());
        let scanned = |literals, classes| Scanned {
            literals,
            unsearched: &[],
            classes,
        };
        let mut urls = forms.urls.find_iter(url).peekable();
        let mut found = Vec::new();
        if urls.peek().is_some() && urls.all(|at| forms.userinfo.is_match(&url[at.start()..])) {
            found = forms.find(
                url,
                &Context::default(),
                &scanned(&[], &[GateClass::Userinfo]),
            );
            found.retain(|found| !is_personal(found));
            settled += 1;
        }
        if forms.scheme.is_match(rest.as_bytes()) {
            found.extend(forms.find(
                database,
                &Context::default(),
                &scanned(std::slice::from_ref(&(0..8)), &[]),
            ));
            settled += 1;
        }
        assert!(found.is_empty(), "{found:?} in {url:?}", url = texts);
    });
    assert!(settled > 1_000, "{settled}");
}

#[test]
fn the_name_of_a_detector_in_a_mask_is_no_anchor() {
    let forms = Forms::new();
    let mut settled = 0;
    for detector in detectors() {
        assert!(
            !["bearer", "basic"]
                .iter()
                .any(|scheme| detector.id.ends_with(scheme))
        );
        for mask in MASKS {
            let mask = String::from_utf8_lossy(mask);
            for before in ["", "--", "\\"] {
                for behind in [
                    "=hunter2-dummy",
                    ": \"hunter2-dummy\"",
                    "\": \"hunter2-dummy\"",
                    " hunter2-dummy",
                ] {
                    let text = [before, &mask, detector.id, behind].concat();
                    settled += forms.check(text.as_bytes());
                }
            }
        }
    }
    assert!(settled > 1_000, "{settled}");
}

#[test]
fn what_stands_in_scrubbed_text_is_settled() {
    let forms = Forms::new();
    for text in [
        "password=REDACTED-password",
        "DB_PASSWORD: GONE.token",
        "AWS_SECRET_ACCESS_KEY=REDACTED-aws-secret-access-key\\\\nOWNER=ada",
        "{\"token\": \"****\"}",
        "{\\\"api_key\\\":\\\"REDACTED-api-key\\\"}",
        "{\\\\\\\"password\\\\\\\": \\\\\\\"hidden\\\\\\\"}",
        "login --password hidden --x",
        "secret = 'REDACTED-secret'",
        "<password>****</password>",
        "postgres://app:REDACTED-database-url-password@db.internal:5432/prod",
        "https://REDACTED-url-password@github.com/a",
        "Authorization: Bearer REDACTED-authorization-header",
    ] {
        assert!(forms.check(text.as_bytes()) > 0, "{text}");
    }
    for text in [
        "REDACTED-password",
        " [\"****\"]",
        "Bearer REDACTED-authorization-header",
    ] {
        assert!(forms.whole.is_match(text.as_bytes()), "{text}");
    }
}

#[test]
fn what_stands_behind_or_before_a_mask_is_not() {
    let forms = Forms::new();
    let not: [(&Regex, &[&str]); 3] = [
        (
            &forms.name,
            &[
                "hunter2 REDACTED-",
                "\"\" REDACTED-x",
                "GONE.",
                "REDACTE",
                " ***",
                "\"::::\"****",
            ],
        ),
        (
            &forms.userinfo,
            &[
                "://app:hunter2REDACTED-@h",
                "://REDACTED-x:hunter2@h",
                "://REDACTED-x@h:hunter2@h",
                "://a@b:REDACTED-x@h",
            ],
        ),
        (
            &forms.header,
            &[
                " REDACTED-x hunter2",
                " Digest REDACTED-x",
                " Bearer  REDACTED-x",
            ],
        ),
    ];
    for (form, texts) in not {
        for text in texts {
            assert!(!form.is_match(text.as_bytes()), "{text}");
        }
    }
}

#[test]
fn a_mask_that_may_be_something_else_has_no_form() {
    for mask in [
        "",
        "abc",
        "~hidden",
        "hid den",
        "\"hidden",
        "dXNlcjpwYXNz.x",
    ] {
        let detect = Detect::with_masks(&DetectorSet::all(), &[mask.as_bytes()]);
        assert_eq!(detect.masked(Masked::Whole), None, "{mask}");
    }
    let detect = Detect::new(&DetectorSet::all());
    for place in [Masked::Behind(Lead::Token), Masked::UpTo(Lead::Header)] {
        assert_eq!(detect.masked(place), None);
    }
}
