//! What the plugin asks to be shown: nothing that no rule could cut.
//!
//! Subscriptions stand in the order of the rules, then the budget's, then those of the maps. Must
//! never: ask for values that are short.

use tamis_sdk::{
    Companion, Depth, Interest, Keys, Kind, Operation, Place, Role, Subscription, When,
};

use crate::budget::TEXT_BYTES_MIN;
use crate::choice::{place, signal};
use crate::labels::event_companions;
use crate::said::SHA256;
use crate::settings::{self, Attribute, Maps, PlaceName, Rule, Settings};
use crate::shorten::Why;

/// The interest of these settings.
pub(crate) fn interest(settings: &Settings) -> Interest {
    let except = except(settings);
    let rules = settings.rules.iter().map(|rule| Subscription {
        except: except.clone(),
        ..of_rule(rule)
    });
    let budget = settings.record_bytes.map(|bytes| Subscription {
        except: except.clone(),
        ..of_budget(bytes)
    });
    let maps = settings.maps.iter().map(of_maps);
    let mut operations = vec![Operation::ReplaceRange, Operation::ReplaceValue];
    if !settings.attributes.is_empty() {
        operations.push(Operation::InsertIfAbsent);
    }
    if !settings.maps.is_empty() {
        operations.push(Operation::Remove);
    }
    Interest {
        role: Role::Reduce,
        detectors: Why::NAMES.map(str::to_owned).into(),
        operations,
        subscriptions: rules.chain(budget).chain(maps).collect(),
        ..Interest::default()
    }
}

/// Keys whose values are never cut: those of the settings, and the digests that the plugin itself adds.
fn except(settings: &Settings) -> Option<Keys> {
    let mut except = settings.except.clone();
    if settings.attributes.contains(&Attribute::Sha256) {
        except.push(format!("*{SHA256}"));
    }
    (!except.is_empty()).then(|| globs(&except))
}

fn globs(texts: &[String]) -> Keys {
    Keys {
        globs: texts.to_vec(),
        ..Keys::default()
    }
}

fn of_rule(rule: &Rule) -> Subscription {
    // A character has a byte at the least, and of so many lines all but one end in a break.
    let limits = [
        rule.bytes,
        rule.characters,
        rule.lines.map(|lines| lines - 1),
    ];
    let shortest = limits.into_iter().flatten().min().unwrap_or(u32::MAX);
    let mut show: Vec<Companion> = Vec::new();
    if !rule.events.is_empty() {
        show.extend(event_companions());
    }
    show.extend(rule.resource.keys().map(|key| Companion {
        place: Place::ResourceAttribute,
        key: Some(key.clone()),
    }));
    Subscription {
        signals: rule.signals.iter().map(|&name| signal(name)).collect(),
        places: rule.places.iter().map(|&name| place(name)).collect(),
        keys: (!rule.keys.is_empty()).then(|| globs(&rule.keys)),
        depth: match rule.depth {
            settings::Depth::Any => Depth::Any,
            settings::Depth::Top => Depth::Top,
        },
        when: When::LongerThan(shortest),
        show,
        ..Subscription::default()
    }
}

fn of_budget(bytes: u32) -> Subscription {
    let rule = Rule::default();
    Subscription {
        signals: rule.signals.iter().map(|&name| signal(name)).collect(),
        places: PlaceName::CONTENT.map(place).into(),
        record_longer_than: Some(bytes),
        when: When::LongerThan(TEXT_BYTES_MIN as u32),
        ..Subscription::default()
    }
}

fn of_maps(maps: &Maps) -> Subscription {
    let kinds = Kind::ALL.iter().copied().filter(|&kind| kind != Kind::Key);
    Subscription {
        signals: maps.signals.iter().map(|&name| signal(name)).collect(),
        places: maps.places.iter().map(|&name| place(name)).collect(),
        kinds: kinds.collect(),
        depth: Depth::Top,
        map_larger_than: Some(maps.entries_max),
        ..Subscription::default()
    }
}
