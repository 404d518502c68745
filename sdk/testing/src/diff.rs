//! Differences as people read them: lines with `-` for what was expected and `+` for what came.
//!
//! Must never: hide a difference, be it white space at the end of a line.

use similar::{ChangeTag, TextDiff};

use crate::case::{Case, Ending};
use crate::run::Observed;

/// A line diff; empty if the texts are the same.
pub(crate) fn lines(expected: &str, found: &str) -> String {
    if expected == found {
        return String::new();
    }
    let diff = TextDiff::from_lines(expected, found);
    let mut told = String::new();
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        let line = change.value();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let end = if line.ends_with(char::is_whitespace) {
            "$"
        } else {
            ""
        };
        told.push_str(&format!("{sign} {line}{end}\n"));
    }
    told
}

/// Where a case's expectations are not met.
pub(crate) fn expected(case: &Case, observed: &Observed) -> Option<String> {
    let started = case.config_errors.is_empty();
    let implied = match (&case.output, started) {
        (_, false) => None,
        (Some(_), true) => Some(Ending::Edited),
        (None, true) => Some(Ending::Unchanged),
    };
    let expected = Observed {
        ending: case.outcome.or(implied),
        output: case.output.as_deref().map(trimmed),
        report: case
            .report
            .clone()
            .unwrap_or_else(|| observed.report.clone()),
        faults: case.faults.clone(),
        config_errors: case.config_errors.clone(),
        ..observed.clone()
    };
    // An outcome alone says nothing about the output.
    let free = case.outcome.is_some() && case.output.is_none();
    let found = Observed {
        output: observed.output.as_deref().filter(|_| !free).map(trimmed),
        ..observed.clone()
    };
    let told = between(&expected, &found);
    (!told.is_empty()).then_some(told)
}

/// Where two results differ.
pub(crate) fn between(one: &Observed, other: &Observed) -> String {
    lines(&document(one), &document(other))
}

/// White space around a batch means nothing.
fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

fn document(observed: &Observed) -> String {
    let mut text = String::new();
    if let Some(ending) = observed.ending {
        text.push_str(&format!("outcome {ending}\n"));
    }
    let mut list = |name: &str, lines: &[String]| {
        text.extend(lines.iter().map(|line| format!("{name} {line}\n")));
    };
    list("config error", &observed.config_errors);
    list("fault", &observed.faults);
    list("report", &observed.report);
    if let Some(output) = &observed.output {
        text.push_str(&format!("output\n{output}\n"));
    }
    text
}
