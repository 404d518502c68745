//! Rules that always keep, and the environments that have percentages of their own.
//!
//! Must never: hold a record to a condition that its signal does not have; such a rule does not match.

use std::collections::BTreeMap;

use tamis_sdk::{Glob, RecordKind, RecordView};

use crate::beside::{Beside, Slots};
use crate::settings::{Environment, Keep};
use crate::value;

const NANOS_PER_MILLI: u64 = 1_000_000;

/// A condition on a value: one of these globs matches its text.
#[derive(Debug)]
struct Globs(Vec<Glob>);

/// A rule that keeps.
#[derive(Debug)]
pub(crate) struct Rule {
    status: Option<i32>,
    severity_min: Option<i32>,
    slower_than_nanos: Option<u64>,
    names: Option<Globs>,
    attributes: Vec<(usize, Globs)>,
    at_least: Vec<(usize, f64)>,
}

impl Globs {
    fn new(globs: &[String]) -> Self {
        Self(globs.iter().map(|glob| Glob::new(glob)).collect())
    }

    fn holds(&self, text: &[u8]) -> bool {
        self.0.iter().any(|glob| glob.matches(text))
    }
}

impl Rule {
    /// A rule, with the attributes that it needs among what is shown beside records.
    pub(crate) fn new(keep: &Keep, beside: &mut Beside) -> Self {
        if !keep.names.is_empty() {
            beside.show_names();
        }
        Self {
            status: keep.status.map(|status| status as i32),
            severity_min: keep.severity.map(|severity| severity as i32),
            slower_than_nanos: keep
                .slower_than_ms
                .map(|ms| ms.saturating_mul(NANOS_PER_MILLI)),
            names: (!keep.names.is_empty()).then(|| Globs::new(&keep.names)),
            attributes: globs(&keep.attributes, |key| beside.attribute(key)),
            at_least: keep
                .at_least
                .iter()
                .map(|(key, least)| (beside.attribute(key), *least))
                .collect(),
        }
    }

    /// Whether all its conditions hold for a record.
    pub(crate) fn holds(&self, record: &RecordView, slots: &Slots<'_>) -> bool {
        let span = record.kind == RecordKind::Span;
        let took = record.end_unix_nano.saturating_sub(record.start_unix_nano);
        let named = |globs: &Globs| {
            slots
                .name(record.kind)
                .is_some_and(|name| globs.holds(name))
        };
        self.status
            .is_none_or(|status| span && record.code == status)
            && self
                .severity_min
                .is_none_or(|least| !span && record.code >= least)
            && self
                .slower_than_nanos
                .is_none_or(|most| span && took > most)
            && self.names.as_ref().is_none_or(named)
            && hold(&self.attributes, slots)
            && self.at_least.iter().all(|(slot, least)| {
                let number = slots.get(*slot).and_then(value::number);
                number.is_some_and(|number| number >= *least)
            })
    }
}

/// What makes a resource one of an environment.
#[derive(Debug)]
pub(crate) struct Match(Vec<(usize, Globs)>);

impl Match {
    pub(crate) fn new(environment: &Environment, beside: &mut Beside) -> Self {
        Self(globs(&environment.resource, |key| beside.of_resource(key)))
    }

    /// Whether the resource whose attributes these are is one.
    pub(crate) fn holds(&self, resource: &Slots<'_>) -> bool {
        hold(&self.0, resource)
    }
}

fn globs(
    keys: &BTreeMap<String, Vec<String>>,
    mut slot: impl FnMut(&str) -> usize,
) -> Vec<(usize, Globs)> {
    let keys = keys.iter();
    keys.map(|(key, globs)| (slot(key), Globs::new(globs)))
        .collect()
}

fn hold(conditions: &[(usize, Globs)], slots: &Slots<'_>) -> bool {
    conditions.iter().all(|(slot, globs)| {
        let value = slots.get(*slot);
        value.is_some_and(|value| globs.holds(&value::bytes(value)))
    })
}
