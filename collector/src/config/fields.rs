//! What stands under the keys of a section: times, counts, choices, paths; and the keys of the
//! Collector that Tamis does not have, each with what to do about it.
//!
//! A key with nothing behind it counts as not there, as in the Collector.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::finding::{Finding, Severity};
use super::node::{Node, Value};
use super::section::{Section, unset};

/// A setting of the Collector that Tamis does not have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Foreign {
    key: &'static str,
    severity: Severity,
    /// What that means, or what to do.
    words: &'static str,
}

impl Foreign {
    /// One without which everything is as safe as with it.
    pub(super) const fn idle(key: &'static str, words: &'static str) -> Self {
        let severity = Severity::Note;
        Self {
            key,
            severity,
            words,
        }
    }

    /// One that cannot be left out in silence: `words` say what to do.
    pub(super) const fn refused(key: &'static str, words: &'static str) -> Self {
        let severity = Severity::Error;
        Self {
            key,
            severity,
            words,
        }
    }
}

impl<'n> Section<'n> {
    /// Something wrong with this key, or with its absence.
    pub(super) fn error(&self, key: &str, message: impl Into<String>) -> Finding {
        let at = self.get(key).map_or(self.at, |member| member.at);
        Finding::error(at, self.path_of(key), message)
    }

    /// Something worth knowing about this key.
    pub(super) fn note(&self, key: &str, message: impl Into<String>) -> Finding {
        let at = self.get(key).map_or(self.at, |member| member.at);
        Finding::note(at, self.path_of(key), message)
    }

    /// Whether something stands under this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|member| member.node.value != Value::Null)
    }

    /// Finds fault with every key that is none of these, and explains the Collector's.
    pub(super) fn keys(&self, known: &[&str], foreign: &[Foreign], findings: &mut Vec<Finding>) {
        for member in self.members {
            let name = member.key.as_str();
            if known.contains(&name) {
                continue;
            }
            let found = foreign.iter().find(|foreign| foreign.key == name);
            findings.push(match found {
                None => self.unknown(member, known),
                Some(foreign) => match foreign.severity {
                    Severity::Note => self.note(name, format!("without effect: {}", foreign.words)),
                    Severity::Error => self
                        .error(name, "Tamis does not have this setting of the Collector")
                        .with_fix(foreign.words),
                },
            });
        }
    }

    fn take<T>(
        &self,
        key: &str,
        findings: &mut Vec<Finding>,
        read: impl FnOnce(&'n Node) -> Result<T, String>,
    ) -> Option<T> {
        let node = &self.get(key)?.node;
        let wrong = match &node.value {
            Value::Null => return None,
            Value::Unset(name) => unset(name),
            _ => match read(node) {
                Ok(value) => return Some(value),
                Err(wrong) => wrong,
            },
        };
        findings.push(self.error(key, wrong));
        None
    }

    /// Text.
    pub(super) fn string(&self, key: &str, findings: &mut Vec<Finding>) -> Option<&'n str> {
        self.take(key, findings, |node| {
            let quotes = match node.value {
                Value::Int(_) | Value::Float(_) | Value::Bool(_) => "; put it in quotes",
                _ => "",
            };
            let found = node.value.kind();
            node.text()
                .ok_or_else(|| format!("expected text, found {found}{quotes}"))
        })
    }

    /// True or false.
    pub(super) fn flag(&self, key: &str, findings: &mut Vec<Finding>) -> Option<bool> {
        self.take(key, findings, |node| match node.value {
            Value::Bool(flag) => Ok(flag),
            _ => Err(format!(
                "expected true or false, found {}",
                node.value.kind()
            )),
        })
    }

    /// A whole number.
    pub(super) fn whole<T>(&self, key: &str, findings: &mut Vec<Finding>) -> Option<T>
    where
        T: TryFrom<i64>,
    {
        self.take(key, findings, whole)
    }

    /// A whole number above zero.
    pub(super) fn count<T>(&self, key: &str, findings: &mut Vec<Finding>) -> Option<T>
    where
        T: TryFrom<i64> + Default + PartialEq,
    {
        self.take(key, findings, |node| match whole(node)? {
            zero if zero == T::default() => Err("must be more than 0".to_owned()),
            count => Ok(count),
        })
    }

    /// A number.
    pub(super) fn number(&self, key: &str, findings: &mut Vec<Finding>) -> Option<f64> {
        self.take(key, findings, |node| match node.value {
            // Exact for all that a setting may be.
            Value::Int(number) => i32::try_from(number)
                .map(f64::from)
                .map_err(|_| "the number is too large".to_owned()),
            Value::Float(number) if number.is_finite() => Ok(number),
            _ => Err(format!("expected a number, found {}", node.value.kind())),
        })
    }

    /// A time.
    pub(super) fn duration(&self, key: &str, findings: &mut Vec<Finding>) -> Option<Duration> {
        self.take(key, findings, time)
    }

    /// A time above zero.
    pub(super) fn span(&self, key: &str, findings: &mut Vec<Finding>) -> Option<Duration> {
        self.take(key, findings, |node| match time(node)? {
            Duration::ZERO => Err("must be more than 0s".to_owned()),
            span => Ok(span),
        })
    }

    /// One of these words, in whatever case.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&str, T)],
        findings: &mut Vec<Finding>,
    ) -> Option<T> {
        let text = self.string(key, findings)?;
        let chosen = choices
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text));
        if let Some((_, choice)) = chosen {
            return Some(*choice);
        }
        let words = choices.iter().map(|(word, _)| *word);
        let shown: Vec<_> = words.clone().filter(|word| !word.is_empty()).collect();
        let message = format!("expected one of {}", shown.join(", "));
        findings.push(self.error(key, message).did_you_mean(text, words));
        None
    }

    /// A path, relative to this folder.
    pub(super) fn file(
        &self,
        key: &str,
        folder: &Path,
        findings: &mut Vec<Finding>,
    ) -> Option<PathBuf> {
        let path = self.string(key, findings)?;
        if path.is_empty() || path.contains('\0') {
            findings.push(self.error(key, "is no path"));
            return None;
        }
        Some(folder.join(path))
    }
}

/// A whole number.
pub(super) fn whole<T: TryFrom<i64>>(node: &Node) -> Result<T, String> {
    match node.value {
        Value::Int(number) => {
            T::try_from(number).map_err(|_| "the number is negative or too large".to_owned())
        }
        _ => Err(format!(
            "expected a whole number, found {}",
            node.value.kind()
        )),
    }
}

/// A time with its unit.
pub(super) fn time(node: &Node) -> Result<Duration, String> {
    if node.value == Value::Int(0) {
        return Ok(Duration::ZERO);
    }
    node.text().and_then(duration).ok_or_else(|| {
        format!(
            "expected a time such as 500ms, 10s or 1m30s, found {}",
            node.value.kind()
        )
    })
}

/// A time as the Collector writes it: `1m30s`, `1.5s`, `250ms`, `0`; none if it is not one.
fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let end = rest
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(rest.len());
        let unit_s = match rest.get(..end)? {
            "ns" => 1e-9,
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * unit_s).ok()?)?;
        rest = rest.get(end..)?;
        if rest.is_empty() {
            return Some(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;

    #[test]
    fn times_are_the_collectors() {
        let ms = |text| duration(text).map(|time| time.as_millis());
        assert_eq!(ms("1m30s"), Some(90_000));
        assert_eq!(ms("1.5s"), Some(1_500));
        assert_eq!(ms("250ms"), Some(250));
        assert_eq!(ms("0"), Some(0));
        for wrong in [
            "",
            "1",
            "s",
            "-1s",
            "1x",
            "1s2",
            "1..s",
            "99999999999999999999h",
        ] {
            assert_eq!(ms(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn values_of_every_kind() {
        let text =
            "t: 2s\nz: 0s\nn: 7\nb: true\nw: Drop\nnull:\nf: 1.5\np: a/b\nbad: [x]\nbig: 300\n";
        let node = yaml::parse(text, &|_| None).unwrap();
        let mut found = Vec::new();
        let section = Section::new(&node, "s", &mut found).unwrap();
        assert_eq!(section.span("t", &mut found), Some(Duration::from_secs(2)));
        assert_eq!(section.duration("z", &mut found), Some(Duration::ZERO));
        assert_eq!(section.count("n", &mut found), Some(7_u32));
        assert_eq!(section.number("n", &mut found), Some(7.0));
        assert_eq!(section.number("f", &mut found), Some(1.5));
        assert_eq!(section.flag("b", &mut found), Some(true));
        let choices = [("drop", 1), ("refuse", 2)];
        assert_eq!(section.choice("w", &choices, &mut found), Some(1));
        assert_eq!(section.string("null", &mut found), None);
        let file = section.file("p", Path::new("in"), &mut found);
        assert_eq!(file.as_deref(), Some(Path::new("in/a/b")));
        assert_eq!(found, []);

        assert_eq!(section.span("z", &mut found), None);
        assert_eq!(section.string("n", &mut found), None);
        assert_eq!(section.flag("bad", &mut found), None);
        assert_eq!(section.whole::<u8>("big", &mut found), None);
        assert_eq!(section.choice("p", &choices, &mut found), None);
        let lines: Vec<_> = found.iter().map(|finding| finding.at.line).collect();
        assert_eq!(lines, [2, 3, 9, 10, 8]);
    }
}
