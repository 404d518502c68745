//! What the settings come to: rules that can be asked, and every fault of the settings at once.
//!
//! Must never: quote a value in a fault.

use tamis_sdk::{ConfigError, Place, Signal, ValueView, View};
use wildmatch::WildMatch;

use crate::labels::Labels;
use crate::marker::Marker;
use crate::measure::{Measure, Unit};
use crate::settings::{Depth, PlaceName, Rule, Settings, SignalName, Strategy};
use crate::shorten::Limit;
use crate::text::Room;

/// Rules and maps, at the most: each is a subscription, and the host takes 256.
const RULES_MAX: usize = 100;

/// The smallest budget of a record; texts that are shorter than its tenth do not count.
const RECORD_BYTES_MIN: u32 = 1_024;

/// A rule that can be asked.
#[derive(Debug)]
pub(crate) struct Chosen {
    signals: Vec<Signal>,
    places: Vec<Place>,
    keys: Vec<WildMatch>,
    resource: Vec<(String, WildMatch)>,
    events: Vec<WildMatch>,
    depth: Depth,
    pub(crate) limit: Limit,
}

impl Chosen {
    fn new(rule: &Rule) -> Self {
        let globs = |texts: &[String]| texts.iter().map(|text| glob(text)).collect();
        let resource = rule.resource.iter();
        Self {
            signals: rule.signals.iter().map(|&name| signal(name)).collect(),
            places: rule.places.iter().map(|&name| place(name)).collect(),
            keys: globs(&rule.keys),
            resource: resource
                .map(|(key, text)| (key.clone(), glob(text)))
                .collect(),
            events: globs(&rule.events),
            depth: rule.depth,
            limit: limit(rule),
        }
    }

    /// Whether the rule asks about the surroundings of a value.
    pub(crate) fn asks_around(&self) -> bool {
        !self.resource.is_empty() || !self.events.is_empty()
    }

    /// Whether the rule means a value. The host knows all keys of an entry, of which one is shown here:
    /// where it found the value by this rule, place and key are right.
    pub(crate) fn means(
        &self,
        view: &View<'_>,
        value: &ValueView<'_>,
        labels: &Labels<'_>,
        is_found: bool,
    ) -> bool {
        let key = value.key.unwrap_or_default();
        let stands_right = || {
            self.signals.contains(&view.signal())
                && self.places.contains(&value.place)
                && (self.depth == Depth::Any || value.depth == 0)
                && (self.keys.is_empty() || self.keys.iter().any(|glob| matches(glob, key)))
        };
        let has_event = || {
            let fits = |name: &[u8]| self.events.iter().any(|glob| matches(glob, name));
            self.events.is_empty() || labels.has_event(value, fits)
        };
        let has_resource = || {
            self.resource.iter().all(|(key, glob)| {
                labels.has_attribute(view, value, key, |text| matches(glob, text))
            })
        };
        (is_found || stands_right()) && has_event() && has_resource()
    }
}

/// A glob that means whole texts, upper or lower case, as the host's do.
fn glob(text: &str) -> WildMatch {
    WildMatch::new_case_insensitive(text)
}

fn matches(glob: &WildMatch, text: &[u8]) -> bool {
    glob.matches(&String::from_utf8_lossy(text))
}

fn limit(rule: &Rule) -> Limit {
    let max = |limit: Option<u32>| limit.map_or(usize::MAX, |limit| limit as usize);
    Limit {
        room: Room {
            size: max(rule.bytes.or(rule.characters)),
            lines: max(rule.lines),
        },
        unit: match rule.characters {
            Some(_) => Unit::Characters,
            None => Unit::Bytes,
        },
        strategy: rule.strategy,
        structure: rule.structure,
    }
}

pub(crate) fn signal(name: SignalName) -> Signal {
    match name {
        SignalName::Traces => Signal::Traces,
        SignalName::Logs => Signal::Logs,
        SignalName::Metrics => Signal::Metrics,
    }
}

pub(crate) fn place(name: PlaceName) -> Place {
    match name {
        PlaceName::ResourceAttribute => Place::ResourceAttribute,
        PlaceName::ScopeAttribute => Place::ScopeAttribute,
        PlaceName::RecordAttribute => Place::RecordAttribute,
        PlaceName::EventAttribute => Place::EventAttribute,
        PlaceName::LinkAttribute => Place::LinkAttribute,
        PlaceName::ExemplarAttribute => Place::ExemplarAttribute,
        PlaceName::Body => Place::Body,
        PlaceName::StatusMessage => Place::StatusMessage,
        PlaceName::SpanName => Place::SpanName,
        PlaceName::SpanEventName => Place::SpanEventName,
        PlaceName::MetricDescription => Place::MetricDescription,
    }
}

/// The rules of these settings.
pub(crate) fn choose(settings: &Settings) -> Result<Vec<Chosen>, ConfigError> {
    let mut faults = ConfigError::default();
    let marker = Marker::new(&settings.marker);
    if let Some(fault) = marker.fault() {
        faults.add("marker", fault);
    }
    for (name, count) in [
        ("rules", settings.rules.len()),
        ("maps", settings.maps.len()),
    ] {
        if count > RULES_MAX {
            faults.add(name, format!("must have {RULES_MAX} entries or fewer"));
        }
    }
    for (number, rule) in settings.rules.iter().enumerate() {
        check(rule, &format!("rules[{number}]"), &marker, &mut faults);
    }
    for (name, texts) in [("except", &settings.except), ("masks", &settings.masks)] {
        empty_in(name, texts, &mut faults);
    }
    if settings
        .record_bytes
        .is_some_and(|bytes| bytes < RECORD_BYTES_MIN)
    {
        faults.add(
            "record_bytes",
            format!("must be {RECORD_BYTES_MIN} or more"),
        );
    }
    for (number, maps) in settings.maps.iter().enumerate() {
        let path = format!("maps[{number}]");
        if maps.keep.len() > maps.entries_max as usize {
            faults.add(
                format!("{path}.keep"),
                "names more keys than entries_max allows",
            );
        }
        none_of(
            &format!("{path}.signals"),
            maps.signals.is_empty(),
            &mut faults,
        );
        none_of(
            &format!("{path}.places"),
            maps.places.is_empty(),
            &mut faults,
        );
        for (number, &name) in maps.places.iter().enumerate() {
            if !holds_entries(place(name)) {
                faults.add(format!("{path}.places[{number}]"), "is no attribute map");
            }
        }
    }
    faults.done()?;
    Ok(settings.rules.iter().map(Chosen::new).collect())
}

fn holds_entries(place: Place) -> bool {
    use Place as P;
    matches!(
        place,
        P::ResourceAttribute
            | P::ScopeAttribute
            | P::RecordAttribute
            | P::EventAttribute
            | P::LinkAttribute
            | P::ExemplarAttribute
    )
}

fn check(rule: &Rule, path: &str, marker: &Marker, faults: &mut ConfigError) {
    let at = |key: &str| format!("{path}.{key}");
    match (rule.bytes, rule.characters, rule.lines) {
        (None, None, None) => faults.add(path, "needs a limit: bytes, characters or lines"),
        (Some(_), Some(_), _) => {
            faults.add(
                at("characters"),
                "stands beside bytes; one of them is the limit",
            );
        }
        (.., Some(0)) => faults.add(at("lines"), "must be 1 or more"),
        _ => {}
    }
    let measure = Measure::new(limit(rule).unit);
    for (key, max) in [("bytes", rule.bytes), ("characters", rule.characters)] {
        let room = marker.room(measure);
        if max.is_some_and(|max| (max as usize) < room) && rule.strategy != Strategy::HashOnly {
            let message = format!("must be {room} or more, what the marker takes at the most");
            faults.add(at(key), message);
        }
    }
    if rule.strategy == Strategy::HeadTail && marker.is_empty() {
        faults.add(at("strategy"), "head_tail needs a marker between the two");
    }
    none_of(&at("signals"), rule.signals.is_empty(), faults);
    none_of(&at("places"), rule.places.is_empty(), faults);
    empty_in(&at("keys"), &rule.keys, faults);
    empty_in(&at("events"), &rule.events, faults);
    none_of(
        &at("resource"),
        rule.resource.keys().any(String::is_empty),
        faults,
    );
}

fn empty_in(path: &str, texts: &[String], faults: &mut ConfigError) {
    for (number, _) in texts.iter().enumerate().filter(|(_, text)| text.is_empty()) {
        faults.add(format!("{path}[{number}]"), "must not be empty");
    }
}

fn none_of(path: &str, is_empty: bool, faults: &mut ConfigError) {
    if is_empty {
        faults.add(path, "must not be empty");
    }
}
