//! `plugin.limits`: the host's limits of one plugin, by the names that the host gives them.

use std::time::Duration;

use tamis::PluginLimits;

use super::finding::Finding;
use super::node::{Node, Value};
use super::section::{Section, unset};

enum Slot<'l> {
    Count(&'l mut usize),
    Number(&'l mut u32),
    Time(&'l mut Duration),
}

macro_rules! slots {
    ($($kind:ident $($name:ident)+;)+) => {
        const NAMES: &[&str] = &[$($(stringify!($name),)+)+];

        fn slot<'l>(limits: &'l mut PluginLimits, name: &str) -> Option<Slot<'l>> {
            Some(match name {
                $($(stringify!($name) => Slot::$kind(&mut limits.$name),)+)+
                _ => return None,
            })
        }
    };
}

slots! {
    Count component_bytes_max memory_bytes_max table_elements_max settings_bytes_max
        interest_bytes_max subscriptions_max literals_max literal_bytes_max patterns_max
        pattern_compiled_bytes_max detectors_max frame_bytes_max values_max hits_per_value_max
        edits_max log_lines_max log_line_bytes_max;
    Number faults_before_backoff;
    Time configure_timeout call_timeout call_timeout_per_mib backoff_min backoff_max;
}

/// The default limits with those that the section names.
pub(super) fn read(section: Option<&Section<'_>>, findings: &mut Vec<Finding>) -> PluginLimits {
    let mut limits = PluginLimits::default();
    let Some(section) = section else {
        return limits;
    };
    section.known(NAMES, findings);
    for member in section.members {
        let Some(slot) = slot(&mut limits, &member.key) else {
            continue;
        };
        if let Err(message) = fill(slot, &member.node) {
            findings.push(Finding::error(
                member.at,
                section.path_of(&member.key),
                message,
            ));
        }
    }
    limits
}

fn fill(slot: Slot<'_>, node: &Node) -> Result<(), String> {
    if let Value::Unset(name) = &node.value {
        return Err(unset(name));
    }
    let found = || node.value.kind();
    match slot {
        Slot::Count(count) => *count = whole(node)?,
        Slot::Number(number) => *number = whole(node)?,
        Slot::Time(time) => {
            let wanted = || {
                format!(
                    "expected a time such as 500ms, 10s or 1m30s, found {}",
                    found()
                )
            };
            *time = node.text().and_then(duration).ok_or_else(wanted)?;
        }
    }
    Ok(())
}

fn whole<T: TryFrom<i64>>(node: &Node) -> Result<T, String> {
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

/// A time as the Collector writes it: `1m30s`, `1.5s`, `250ms`; none if it is not one.
pub(crate) fn duration(text: &str) -> Option<Duration> {
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
    fn every_name_is_a_limit() {
        for name in NAMES {
            assert!(slot(&mut PluginLimits::default(), name).is_some(), "{name}");
        }
    }

    #[test]
    fn limits_are_read_and_faults_found() {
        let text =
            "edits_max: 7\ncall_timeout: 2s\nliterals_max: -1\nbackoff_min: 5\nedit_max: 1\n";
        let node = yaml::parse(text, &|_| None).unwrap();
        let mut findings = Vec::new();
        let section = Section::new(&node, "limits", &mut findings);
        let limits = read(section.as_ref(), &mut findings);
        assert_eq!(limits.edits_max, 7);
        assert_eq!(limits.call_timeout, Duration::from_secs(2));
        let lines: Vec<_> = findings.iter().map(|finding| finding.at.line).collect();
        assert_eq!(lines, [5, 3, 4]);
        assert_eq!(findings[0].fix.as_deref(), Some("did you mean edits_max?"));
    }
}
