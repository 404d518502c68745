//! The same secret in every shape that telemetry gives it, and what a mask leaves of the shape.

use tamis_detect::{Context, Detect, DetectorSet, Finding, Quote, detectors};

use crate::samples::{all, samples};

/// One way in which a text travels.
struct Carrier {
    name: &'static str,
    before: &'static str,
    after: &'static str,
    /// How many JSON strings the text stands in.
    level: usize,
}

const fn carrier(name: &'static str, before: &'static str, after: &'static str) -> Carrier {
    Carrier {
        name,
        before,
        after,
        level: 0,
    }
}

const PLAIN: &[Carrier] = &[
    carrier("plain", "", ""),
    carrier("prose", "we saw ", " in the log"),
    carrier("line", "first line\n", "\nlast line"),
    carrier("yaml", "name: x\nvalue: ", "\nother: 1\n"),
    carrier("shell", "$ echo '", "'\n"),
    carrier("quoted", "echo \"", "\" | cat"),
    carrier("header", "X-Thing: ", "\r\nHost: h\r\n"),
    carrier("diff", "@@ -1 +1 @@\n-old\n+", "\n context"),
    carrier("listing", "     1\t", "\n     2\tend\n"),
    carrier("colour", "\x1b[31m", "\x1b[0m"),
    carrier("angle", "<a>", "</a>"),
    carrier("truncated", "a very long output: ", "... [truncated]"),
];

const JSON: &[Carrier] = &[
    Carrier {
        name: "json",
        before: "{\"output\":\"",
        after: "\",\"n\":1}",
        level: 1,
    },
    Carrier {
        name: "json after a line",
        before: "{\"output\":\"first\\n",
        after: "\\nlast\",\"n\":1}",
        level: 1,
    },
    Carrier {
        name: "json in json",
        before: "{\"a\":\"{\\\"output\\\":\\\"x\\\\n",
        after: "\\\\ny\\\"}\",\"n\":1}",
        level: 2,
    },
    Carrier {
        name: "json in json in json",
        before: "[\"{\\\"a\\\":\\\"{\\\\\\\"b\\\\\\\":\\\\\\\"",
        after: "\\\\\\\"}\\\"}\"]",
        level: 3,
    },
];

impl Carrier {
    /// Whether the text would end the quotes that it stands in.
    fn clashes(&self, text: &str) -> bool {
        let quote = self
            .before
            .chars()
            .last()
            .filter(|last| "'\"".contains(*last));
        self.level == 0 && quote.is_some_and(|quote| text.contains(quote))
    }
}

fn escape(text: &str, level: usize) -> String {
    (0..level).fold(text.to_owned(), |text, _| {
        let quoted = serde_json::to_string(&text).unwrap();
        quoted[1..quoted.len() - 1].to_owned()
    })
}

fn mask(text: &str, findings: &[Finding]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for finding in findings {
        out.push_str(&text[at..finding.start]);
        let mask = format!("REDACTED-{}", detectors()[usize::from(finding.detector)].id);
        match finding.quote {
            Quote::None => out.push_str(&mask),
            Quote::JsonString { backslashes } => {
                let quote = format!("{}\"", "\\".repeat(usize::from(backslashes)));
                out.push_str(&format!("{quote}{mask}{quote}"));
            }
        }
        at = finding.end;
    }
    out.push_str(&text[at..]);
    out
}

#[test]
fn every_carrier_gives_the_secret_away() {
    let detect = Detect::new(&DetectorSet::all());
    let mut wrong = Vec::new();
    for sample in samples() {
        for marked in &sample.finds {
            for carrier in PLAIN.iter().chain(JSON) {
                if carrier.clashes(&marked.text) {
                    continue;
                }
                let inner = escape(&marked.text, carrier.level);
                let text = format!("{}{inner}{}", carrier.before, carrier.after);
                let start = carrier.before.len()
                    + escape(&marked.text[..marked.start], carrier.level).len();
                let end = start + escape(marked.secret(), carrier.level).len();
                let findings = all(&detect, &text);
                if !findings
                    .iter()
                    .any(|found| found.start <= start && end <= found.end)
                {
                    wrong.push(format!("{} in {}: {text:?}", sample.id, carrier.name));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn tokens_are_found_exactly_in_every_carrier() {
    let mut wrong = Vec::new();
    for sample in samples() {
        let detect = crate::samples::only(&sample.id);
        for marked in sample.finds.iter().filter(|marked| marked.start == 0) {
            if marked.end < marked.text.len() || marked.text.contains('\n') {
                continue;
            }
            for carrier in PLAIN.iter().chain(JSON) {
                let inner = escape(&marked.text, carrier.level);
                let text = format!("{}{inner}{}", carrier.before, carrier.after);
                let found = crate::samples::found(&detect, &text);
                if found != [inner.as_str()] {
                    wrong.push(format!(
                        "{} in {}: {found:?} in {text:?}",
                        sample.id, carrier.name
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_masked_text_has_no_findings_and_json_stays_json() {
    let detect = Detect::new(&DetectorSet::all());
    let mut wrong = Vec::new();
    for sample in samples() {
        let texts = sample
            .finds
            .iter()
            .map(|marked| &marked.text)
            .chain(&sample.leaves);
        for text in texts {
            for carrier in PLAIN.iter().chain(JSON) {
                let inner = escape(text, carrier.level);
                let text = format!("{}{inner}{}", carrier.before, carrier.after);
                let masked = mask(&text, &all(&detect, &text));
                let again = all(&detect, &masked);
                if !again.is_empty() {
                    wrong.push(format!(
                        "{} in {}: {text:?} -> {masked:?}",
                        sample.id, carrier.name
                    ));
                }
                if carrier.level > 0 && !is_json(&masked, carrier.level) {
                    wrong.push(format!("{} breaks {}: {masked:?}", sample.id, carrier.name));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Whether a text is JSON, and the JSON texts in its strings are JSON down to a level.
fn is_json(text: &str, level: usize) -> bool {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
        return false;
    };
    let first = value
        .get("a")
        .or_else(|| value.get(0))
        .and_then(|value| value.as_str());
    level <= 1 || first.is_some_and(|inner| is_json(inner, level - 1))
}

#[test]
fn samples_that_are_json_stay_json() {
    let detect = Detect::new(&DetectorSet::all());
    let mut seen = 0;
    for sample in samples() {
        for marked in &sample.finds {
            if serde_json::from_str::<serde_json::Value>(&marked.text).is_ok() {
                seen += 1;
                let masked = mask(&marked.text, &all(&detect, &marked.text));
                assert!(is_json(&masked, 1), "{}: {masked}", sample.id);
            }
        }
    }
    assert!(seen >= 5, "{seen} samples are JSON");
}

#[test]
fn raw_bytes_have_no_left_border() {
    let mut set = DetectorSet::defaults();
    set.insert_class(tamis_detect::DetectorClass::Token);
    let detect = Detect::new(&set);
    let context = Context {
        boundaries: tamis_detect::Boundaries::Loose,
        ..Context::default()
    };
    for sample in samples() {
        let number = tamis_detect::detector_number(&sample.id).unwrap();
        if detectors()[usize::from(number)].class != tamis_detect::DetectorClass::Token {
            continue;
        }
        for marked in sample.finds.iter().filter(|marked| marked.start == 0) {
            for border in ["", "a", "0", "_"] {
                let text = format!("{border}{}\x12\x01x", marked.text);
                let mut findings = Vec::new();
                detect.find(text.as_bytes(), &context, &mut findings);
                let (start, end) = (border.len(), border.len() + marked.end);
                let covered = findings
                    .iter()
                    .any(|found| found.start <= start && end <= found.end);
                assert!(covered, "{}: {text:?}", sample.id);
            }
        }
    }
}
