//! What the plugin asks to be shown, and what it says about its settings.
//!
//! Two ways. *Quiet*: nothing but blocked values is asked for, so a value is shown when a pattern
//! matches in it, and the host finds those by its scan. *Whole*: keys are judged, counted or removed,
//! so every attribute and body is shown.
//!
//! Must never: ask for less than the rules judge.

use tamis_sdk::{ConfigError, Interest, Kind, Operation, Pattern, Place, Subscription, When};

use crate::re2::{self, Use};
use crate::settings::{Rules, Settings, Summary};
use crate::shape::Shape;

/// Number of the subscription whose hits are matches of blocked values.
pub(crate) const BLOCKED: u32 = 0;

/// Numbers of the detectors; those of the blocked values follow.
pub(crate) const BLOCKED_KEY: u32 = 0;
pub(crate) const NOT_ALLOWED: u32 = 1;
pub(crate) const SUMMARY: u32 = 2;
const BLOCKED_VALUES: u32 = 3;

/// Places whose values stand in attribute maps and bodies.
pub(crate) const MAPS: [Place; 8] = [
    Place::ResourceAttribute,
    Place::ScopeAttribute,
    Place::RecordAttribute,
    Place::EventAttribute,
    Place::LinkAttribute,
    Place::ExemplarAttribute,
    Place::MetricMetadata,
    Place::Body,
];

/// The detector of a blocked value.
pub(crate) fn blocked_value(pattern: usize) -> u32 {
    BLOCKED_VALUES + pattern as u32
}

/// The interest of these rules.
pub(crate) fn interest(settings: &Settings, rules: &Rules) -> Result<Interest, ConfigError> {
    let patterns = translated(settings, Use::Gate)?;
    let exact = translated(settings, Use::Exact)?;
    let shapes: Vec<Shape> = exact.iter().map(|pattern| Shape::of(pattern)).collect();
    let numbers = shapes.iter().any(|shape| shape.may_match_numbers);
    let mut detectors: Vec<String> = ["blocked-key", "not-allowed", "summary"]
        .map(String::from)
        .into();
    detectors.extend((1..=patterns.len()).map(|number| format!("blocked-value-{number}")));
    let mut operations = vec![Operation::ReplaceRange, Operation::ReplaceValue];
    if !rules.allow_all {
        operations.push(Operation::Remove);
    }
    if rules.summary > Summary::Silent {
        operations.push(Operation::Set);
    }
    let blocked = Subscription {
        kinds: vec![Kind::String, Kind::Bytes, Kind::Key],
        when: When::Holds {
            literals: vec![],
            classes: vec![],
            patterns: patterns.into_iter().map(pattern).collect(),
        },
        ..Subscription::default()
    };
    let mut subscriptions = vec![blocked];
    if !is_quiet(rules) {
        subscriptions.push(Subscription {
            places: MAPS.to_vec(),
            kinds: Kind::ALL.to_vec(),
            ..Subscription::default()
        });
    } else if rules.blocked_values.is_empty() {
        subscriptions.clear();
    } else if numbers {
        subscriptions.push(Subscription {
            places: vec![Place::Body],
            kinds: vec![Kind::Bool, Kind::Int, Kind::Double],
            ..Subscription::default()
        });
    }
    Ok(Interest {
        detectors,
        operations,
        subscriptions,
        warnings: warnings(rules, &shapes),
        ..Interest::default()
    })
}

/// Whether matches of blocked values are all that counts.
fn is_quiet(rules: &Rules) -> bool {
    rules.allow_all
        && !rules.all_types
        && rules.summary == Summary::Silent
        && rules.ignored.is_empty()
        && rules.ignored_patterns.is_empty()
        && rules.blocked_keys.is_empty()
}

fn translated(settings: &Settings, purpose: Use) -> Result<Vec<String>, ConfigError> {
    let patterns = settings.blocked_values.iter().flatten().enumerate();
    let translated = patterns.map(|(number, pattern)| {
        re2::translate(pattern, purpose).map_err(|error| {
            let message = format!("is no RE2 pattern: {error}");
            ConfigError::new(format!("blocked_values[{number}]"), message)
        })
    });
    translated.collect()
}

fn pattern(regex: String) -> Pattern {
    Pattern {
        regex,
        ..Pattern::default()
    }
}

fn warnings(rules: &Rules, shapes: &[Shape]) -> Vec<String> {
    let mut warnings = Vec::new();
    if !rules.allow_all && rules.allowed.is_empty() {
        warnings.push(
            "allowed_keys: names no key and allow_all_keys is off, so every attribute is removed"
                .to_owned(),
        );
    }
    for (number, shape) in shapes.iter().enumerate() {
        let mut warn = |what: &str| warnings.push(format!("blocked_values[{number}]: {what}"));
        if shape.bites_inside_words {
            warn(
                "has no left boundary and so bites inside words; \\b in front keeps it to their begin",
            );
        }
        if shape.eats_the_rest {
            warn("ends in a run of any characters and so eats the rest of the line");
        }
        if shape.matches_empty {
            warn("matches where nothing stands and so puts masks between all characters");
        }
    }
    warnings
}
