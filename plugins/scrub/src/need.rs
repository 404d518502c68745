//! What the host is asked for, so that no finding is missed and little else is shown.
//!
//! The detectors say what must stand in a value or at the end of its key (`GateNeeds`); here that
//! becomes subscriptions. The host may show too much, never too little.
//!
//! Must never: ask for less than the needs, or say of a hit that a mask settles it where the detectors
//! do not.

use tamis_detect::{Detect, GateClass, GateKey, GateLiteral, GateNeeds, Lead, LiteralCase, Masked};
use tamis_sdk::{
    ByteClass, Case, Class, Companion, Follow, Keys, Kind, Literal, Pattern, Place, Subscription,
    Unless, When,
};

use crate::settings::{Custom, Exclude};

/// A password in a URL. Contract classes know an `@` between word characters only, and a password
/// may end with anything. Each slash may stand behind any number of backslashes; how that can begin is
/// written out, so that there is a text of three bytes to be scanned for.
const USERINFO: &str = r##":(?://|/\\|\\/|\\\\/|\\\\\\)[/\\]*(?-u:[^\x00-\x20\x7f/?#"'`<>\\])*@"##;

/// The key under which a resource tells its service.
pub(crate) const SERVICE_NAME: &str = "service.name";

/// What literals lead to. Masks settle the hits of each in another way.
const LEADS: [Lead; 5] = [
    Lead::Token,
    Lead::Name,
    Lead::Header,
    Lead::Cookies,
    Lead::Scheme,
];

/// What a subscription was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A literal that a detector starts from stands in the value: a hit for each place.
    Text,
    /// Bytes of a class that a detector starts from stand in the value.
    Class(GateClass),
    /// The key says that the value is a secret.
    Key,
    /// A custom kind matches, by its number.
    Custom(usize),
}

/// The subscriptions, each with what it was made for.
pub(crate) fn subscriptions(
    detect: &Detect,
    customs: &[Custom],
    exclude: &Exclude,
) -> Vec<(Purpose, Subscription)> {
    let needs = detect.gate();
    let settled = |place| Unless {
        from: detect.masked(place).into_iter().collect(),
        to: Vec::new(),
    };
    let mut asked = Vec::new();
    asked.extend(by_text(needs).map(|mut found| {
        found.unless = LEADS.map(|lead| by_lead(detect, lead)).into();
        (Purpose::Text, found)
    }));
    for &class in &needs.classes {
        let mut found = by_class(class);
        if class == GateClass::Userinfo {
            found.unless = vec![settled(Masked::Userinfo)];
        }
        asked.push((Purpose::Class(class), found));
    }
    asked.extend(by_number(needs).map(|found| (Purpose::Class(GateClass::Digits13), found)));
    let key = by_key(needs).map(|found| Subscription {
        unless: vec![settled(Masked::Whole)],
        ..found
    });
    asked.extend(key.map(|found| (Purpose::Key, found)));
    let customs = customs.iter().enumerate();
    asked.extend(
        customs.map(|(number, custom)| (Purpose::Custom(number), by_pattern(number, custom))),
    );
    for (_, subscription) in &mut asked {
        if !exclude.keys.is_empty() {
            subscription.except = Some(Keys {
                globs: exclude.keys.clone(),
                ..Keys::default()
            });
        }
        if !exclude.services.is_empty() {
            subscription.show.push(Companion {
                place: Place::ResourceAttribute,
                key: Some(SERVICE_NAME.to_owned()),
            });
        }
    }
    asked
}

fn by_text(needs: &GateNeeds) -> Option<Subscription> {
    let literals: Vec<Literal> = needs.literals.iter().map(literal).collect();
    (!literals.is_empty()).then(|| in_text(literals, Vec::new(), Vec::new()))
}

/// What settles the literals of a lead.
fn by_lead(detect: &Detect, lead: Lead) -> Unless {
    Unless {
        from: detect.masked(Masked::Behind(lead)).into_iter().collect(),
        to: detect.masked(Masked::UpTo(lead)).into_iter().collect(),
    }
}

fn by_class(class: GateClass) -> Subscription {
    match class {
        GateClass::Digits13 => in_text(Vec::new(), vec![Class::AccountDigits], Vec::new()),
        GateClass::AtSign => in_text(Vec::new(), vec![Class::AtSign], Vec::new()),
        GateClass::Userinfo => {
            let pattern = Pattern {
                regex: USERINFO.to_owned(),
                ..Pattern::default()
            };
            in_text(Vec::new(), Vec::new(), vec![pattern])
        }
    }
}

/// What any of these holds for, in all that is text.
fn in_text(literals: Vec<Literal>, classes: Vec<Class>, patterns: Vec<Pattern>) -> Subscription {
    Subscription {
        kinds: vec![Kind::String, Kind::Bytes, Kind::Key],
        when: When::Holds {
            literals,
            classes,
            patterns,
        },
        ..Subscription::default()
    }
}

/// Numbers so long that they may be a card's.
fn by_number(needs: &GateNeeds) -> Option<Subscription> {
    needs
        .classes
        .contains(&GateClass::Digits13)
        .then(|| Subscription {
            kinds: vec![Kind::Int],
            when: When::Holds {
                literals: Vec::new(),
                classes: vec![Class::AccountNumber],
                patterns: Vec::new(),
            },
            ..Subscription::default()
        })
}

fn by_key(needs: &GateNeeds) -> Option<Subscription> {
    let glob = |key: &GateKey| format!("*{}", String::from_utf8_lossy(&key.suffix));
    let globs: Vec<String> = needs.keys.iter().map(glob).collect();
    (!globs.is_empty()).then(|| Subscription {
        kinds: vec![Kind::String, Kind::Bytes, Kind::Int, Kind::Double],
        keys: Some(Keys {
            globs,
            ..Keys::default()
        }),
        ..Subscription::default()
    })
}

fn by_pattern(number: usize, custom: &Custom) -> Subscription {
    let pattern = Pattern {
        regex: custom.pattern.clone(),
        path: Some(format!("custom[{number}].pattern")),
        matches: custom.matches.clone(),
        rejects: custom.rejects.clone(),
    };
    in_text(Vec::new(), Vec::new(), vec![pattern])
}

/// A literal of the gate in the words of the contract.
fn literal(literal: &GateLiteral) -> Literal {
    Literal {
        text: String::from_utf8_lossy(&literal.bytes).into_owned(),
        case: match literal.case {
            LiteralCase::Sensitive => Case::Sensitive,
            LiteralCase::AsciiInsensitive => Case::Insensitive,
        },
        follow: literal.follow.map(|follow| Follow {
            class: ByteClass::Set(follow.class.words()),
            min: follow.min,
        }),
        unless: (0..)
            .zip(LEADS)
            .find_map(|(number, lead)| (lead == literal.lead).then_some(number))
            .unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tamis_detect::{Detect, DetectorSet};

    #[test]
    fn every_literal_survives_the_translation() {
        let detect = Detect::new(&DetectorSet::all());
        for needed in &detect.gate().literals {
            let asked = literal(needed);
            assert_eq!(asked.text.as_bytes(), &needed.bytes[..]);
            for byte in 0..=u8::MAX {
                let follows = |class: tamis_detect::ByteClass| class.contains(byte);
                let wanted = needed.follow.map(|follow| follows(follow.class));
                assert_eq!(
                    asked.follow.map(|follow| follow.class.contains(byte)),
                    wanted
                );
            }
        }
    }
}
