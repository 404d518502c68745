//! A token that was cut or lengthened leaves no tail.

use tamis_detect::{Boundaries, Context, Detect, DetectorClass, DetectorSet, Finding, detectors};

use crate::samples::{all, only, samples};

/// Prefixes that are distinctive enough for a token of eight more bytes at the end of a value.
const DISTINCTIVE: &[(&str, &str)] = &[
    ("github-token", "ghp_"),
    ("github-fine-grained-token", "github_pat_"),
    ("anthropic-api-key", "sk-ant-"),
    ("openai-api-key", "sk-proj-"),
    ("gitlab-token", "glpat-"),
    ("slack-token", "xoxb-"),
    ("stripe-secret-key", "sk_live_"),
    ("docker-token", "dckr_pat_"),
    ("vault-token", "hvs."),
    ("aws-session-token", "IQoJb3JpZ2lu"),
    ("npm-token", "npm_"),
    ("aws-access-key-id", "AKIA"),
];

#[test]
fn a_token_cut_at_the_end_of_a_value_goes() {
    for (id, prefix) in DISTINCTIVE {
        let detect = only(id);
        for end in ["", "...", " [truncated]", "\u{2026}"] {
            let token = format!("{prefix}A2B3C4D5");
            let text = format!("key is {token}{end}");
            let covered = |found: &Finding| found.start == 7 && found.end >= 7 + token.len();
            assert!(all(&detect, &text).iter().any(covered), "{id}: {text}");
        }
        assert_eq!(all(&detect, &format!("{prefix}A2B3")), [], "{id}");
        assert_eq!(all(&detect, &format!("{prefix}A2B3 is short")), [], "{id}");
    }
}

#[test]
fn a_lengthened_token_goes_whole() {
    for sample in samples() {
        let number = tamis_detect::detector_number(&sample.id).unwrap();
        if detectors()[usize::from(number)].class != DetectorClass::Token {
            continue;
        }
        let detect = only(&sample.id);
        for marked in &sample.finds {
            let last = marked.secret().chars().last().unwrap();
            if !last.is_ascii_alphanumeric() || marked.end < marked.text.len() {
                continue;
            }
            let text = format!("{}{}", marked.text, "0a1b".repeat(3));
            let found = all(&detect, &text);
            let tail = found.last().is_none_or(|found| found.end == text.len());
            assert!(tail, "{}: {text} {found:?}", sample.id);
        }
    }
}

#[test]
fn a_prefix_of_a_long_text_in_raw_bytes_goes() {
    let detect = Detect::new(&DetectorSet::defaults());
    let context = Context {
        boundaries: Boundaries::Loose,
        ..Context::default()
    };
    for (id, prefix) in DISTINCTIVE {
        let text = format!("0{prefix}A2B3C4D5\x01\x02");
        let mut findings = Vec::new();
        detect.find(text.as_bytes(), &context, &mut findings);
        assert_eq!(findings.len(), 1, "{id}");
    }
}
