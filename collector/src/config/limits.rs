//! Limits by the names that their owners give them: the host's of one plugin (`plugin.limits`) and
//! those of a receiver's doors (`limits`).

use std::time::Duration;

use tamis::PluginLimits;
use tamis_receiver::DoorLimits;

use super::fields::{time, whole};
use super::finding::Finding;
use super::node::{Node, Value};
use super::section::{Section, unset};

/// Where a limit goes.
pub(super) enum Slot<'l> {
    Count(&'l mut usize),
    Number(&'l mut u32),
    Time(&'l mut Duration),
}

/// Limits that a section can set by name.
pub(super) trait Limited {
    /// Their names.
    const NAMES: &'static [&'static str];
    /// The least that each may be.
    const LEAST: usize;

    /// The limit of this name.
    fn slot(&mut self, name: &str) -> Option<Slot<'_>>;
}

macro_rules! limited {
    ($type:ty, at least $least:literal: $($kind:ident $($name:ident)+;)+) => {
        impl Limited for $type {
            const NAMES: &'static [&'static str] = &[$($(stringify!($name),)+)+];
            const LEAST: usize = $least;

            fn slot(&mut self, name: &str) -> Option<Slot<'_>> {
                Some(match name {
                    $($(stringify!($name) => Slot::$kind(&mut self.$name),)+)+
                    _ => return None,
                })
            }
        }
    };
}

limited! {
    PluginLimits, at least 0:
    Count component_bytes_max memory_bytes_max memory_kept_bytes_max table_elements_max
        settings_bytes_max interest_bytes_max subscriptions_max literals_max literal_bytes_max patterns_max
        pattern_compiled_bytes_max unless_bytes_max detectors_max frame_bytes_max values_max hits_per_value_max
        edits_max edit_steps_max log_lines_max log_line_bytes_max;
    Number faults_before_backoff;
    Time configure_timeout call_timeout call_timeout_per_mib backoff_min backoff_max;
}

limited! {
    DoorLimits, at least 1:
    Count body_bytes_max decoded_bytes_max in_flight_bytes_max connections_max header_bytes_max;
    Number streams_max;
    Time handshake_timeout header_timeout body_timeout idle_timeout admission_timeout
        request_timeout reply_timeout;
}

/// Sets the limits that the section names.
pub(super) fn read<L: Limited>(
    limits: &mut L,
    section: Option<&Section<'_>>,
    findings: &mut Vec<Finding>,
) {
    let Some(section) = section else {
        return;
    };
    section.known(L::NAMES, findings);
    for member in section.members {
        let Some(slot) = limits.slot(&member.key) else {
            continue;
        };
        if let Err(message) = fill(slot, &member.node, L::LEAST) {
            findings.push(section.error(&member.key, message));
        }
    }
}

fn fill(slot: Slot<'_>, node: &Node, least: usize) -> Result<(), String> {
    if let Value::Unset(name) = &node.value {
        return Err(unset(name));
    }
    let nothing = match slot {
        Slot::Count(count) => {
            *count = whole(node)?;
            *count == 0
        }
        Slot::Number(number) => {
            *number = whole(node)?;
            *number == 0
        }
        Slot::Time(slot) => {
            *slot = time(node)?;
            slot.is_zero()
        }
    };
    match nothing && least > 0 {
        true => Err("must be more than 0".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;

    #[test]
    fn every_name_is_a_limit() {
        for name in PluginLimits::NAMES {
            assert!(PluginLimits::default().slot(name).is_some(), "{name}");
        }
        for name in DoorLimits::NAMES {
            assert!(DoorLimits::default().slot(name).is_some(), "{name}");
        }
    }

    #[test]
    fn limits_are_read_and_faults_found() {
        let text =
            "edits_max: 7\ncall_timeout: 2s\nliterals_max: -1\nbackoff_min: 5\nedit_max: 1\n";
        let node = yaml::parse(text, &|_| None).unwrap();
        let mut findings = Vec::new();
        let section = Section::new(&node, "limits", &mut findings);
        let mut limits = PluginLimits::default();
        read(&mut limits, section.as_ref(), &mut findings);
        assert_eq!(limits.edits_max, 7);
        assert_eq!(limits.call_timeout, Duration::from_secs(2));
        let lines: Vec<_> = findings.iter().map(|finding| finding.at.line).collect();
        assert_eq!(lines, [5, 3, 4]);
        assert_eq!(findings[0].fix.as_deref(), Some("did you mean edits_max?"));
    }

    #[test]
    fn a_door_cannot_be_shut_by_a_limit() {
        let node = yaml::parse("streams_max: 0\nidle_timeout: 0s\n", &|_| None).unwrap();
        let mut findings = Vec::new();
        let section = Section::new(&node, "limits", &mut findings);
        read(&mut DoorLimits::default(), section.as_ref(), &mut findings);
        assert_eq!(findings.len(), 2);
    }
}
