//! What is to be said about a config, each with its place and, where there is one, the way out.
//!
//! A line of the file is shown with it, but never a value: what stands behind the key is cut, and a
//! line on which other values stand is not shown at all. Plugins word some of the messages: what a
//! terminal would obey is taken out.

use std::fmt;

use super::node::Pos;
use crate::terminal::printable;

/// Whether something stops the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does.
    Error,
    /// It is worth knowing.
    Note,
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the start.
    pub severity: Severity,
    /// Where.
    pub at: Pos,
    /// The key that it is about, from the root; empty for the whole file.
    pub path: String,
    /// What.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

impl Finding {
    /// Something that stops the start.
    pub fn error(at: Pos, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            at,
            path: path.into(),
            message: message.into(),
            fix: None,
        }
    }

    /// Something that is worth knowing.
    pub fn note(at: Pos, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(at, path, message)
        }
    }

    /// The same with a way out.
    #[must_use]
    pub fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// The same with a way out, if it has none yet.
    #[must_use]
    pub fn or_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix.get_or_insert_with(|| fix.into());
        self
    }

    /// The same with the name that was probably meant, if any is near.
    #[must_use]
    pub fn did_you_mean<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(name, known) {
            Some(near) => self.with_fix(format!("did you mean {near}?")),
            None => self,
        }
    }
}

/// Whether something wrong was found at or below this path.
pub(super) fn is_faulty(findings: &[Finding], path: &str) -> bool {
    findings.iter().any(|finding| {
        let rest = finding.path.strip_prefix(path);
        let below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        below && finding.severity == Severity::Error
    })
}

/// The known name that is most like this one, if it is much like it.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |known: &str| strsim::normalized_damerau_levenshtein(known, name);
    known
        .into_iter()
        .max_by(|a, b| near(a).total_cmp(&near(b)))
        .filter(|known| near(known) >= 0.6)
}

/// Everything that is to be said about one file, by line. An error as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    file: String,
    list: Vec<(Finding, Option<String>)>,
}

impl Findings {
    /// Gathers findings about the file of this name and text.
    #[must_use]
    pub fn new(file: impl Into<String>, text: &str, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.at);
        findings.dedup();
        let lines: Vec<&str> = text.lines().collect();
        let excerpt = |at: Pos| excerpt(lines.get(at.line.checked_sub(1)?)?, at.column);
        Self {
            file: file.into(),
            list: findings
                .into_iter()
                .map(|finding| {
                    let line = excerpt(finding.at);
                    (finding, line)
                })
                .collect(),
        }
    }

    /// The findings, by line.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter().map(|(finding, _)| finding)
    }

    /// How many of them stop the start.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (finding, line)) in self.list.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Note => "note",
            };
            let Pos { line: row, column } = finding.at;
            write!(f, "{}", self.file)?;
            if row > 0 {
                write!(f, ":{row}:{column}")?;
            }
            write!(f, ": {severity}: ")?;
            if !finding.path.is_empty() {
                write!(f, "{}: ", printable(&finding.path))?;
            }
            write!(f, "{}", printable(&finding.message))?;
            if let Some(line) = line {
                write!(f, "\n{row:>6} | {line}")?;
            }
            if let Some(fix) = &finding.fix {
                write!(f, "\n   fix: {fix}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

/// The line up to the key at this column or, when a value stands there, up to the value.
fn excerpt(line: &str, column: usize) -> Option<String> {
    let split = line.char_indices().nth(column.checked_sub(1)?)?.0;
    let (before, from) = line.split_at_checked(split)?;
    let word = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        !text.is_empty() && text.chars().all(allowed)
    };
    let lead = before.trim_start_matches([' ', '-']);
    let own_key = lead.trim_end().strip_suffix(':').is_some_and(word);
    let key = from
        .split_once(':')
        .map(|(key, _)| key)
        .filter(|key| word(key));
    match key {
        Some(key) if lead.is_empty() => Some(format!("{before}{key}: ...")),
        _ if own_key => Some(format!("{before}...")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_show_keys_and_no_values() {
        let shown = |line, column| excerpt(line, column);
        assert_eq!(shown("  hmac_key: abc", 3), Some("  hmac_key: ...".into()));
        assert_eq!(shown("  hmac_key: abc", 13), Some("  hmac_key: ...".into()));
        assert_eq!(shown("  - a: x", 5), Some("  - a: ...".into()));
        assert_eq!(shown("- secret", 3), None);
        assert_eq!(shown("a: {b: secret, c: 1}", 16), None);
        assert_eq!(shown("\"a secret: key\": 1", 1), None);
        assert_eq!(shown("", 1), None);
        assert_eq!(shown("x", 9), None);
    }

    #[test]
    fn a_plugin_cannot_write_to_the_terminal() {
        let finding = Finding::error(Pos::default(), "a\x1b[2J", "b\x1b]0;c\x07\nd");
        let shown = Findings::new("f", "", vec![finding]).to_string();
        assert_eq!(shown, "f: error: a.[2J: b.]0;c. d");
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let known = ["scrub", "redaction", "traces"];
        assert_eq!(nearest("scrubb", known), Some("scrub"));
        assert_eq!(nearest("redactoin", known), Some("redaction"));
        assert_eq!(nearest("trace", known), Some("traces"));
        assert_eq!(nearest("kafka", known), None);
    }
}
