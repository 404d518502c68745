//! What the host is asked for, so that no finding is missed and little else is shown.
//!
//! The detectors say what must stand in a value or at the end of its key (`GateNeeds`); here that
//! becomes subscriptions. Where the contract's classes of bytes are coarser than a detector's, the
//! next larger one is taken, or the few bytes that may follow become literals of their own: the
//! host may show too much, never too little.
//!
//! Must never: ask for less than the needs.

use tamis_detect::{GateClass, GateKey, GateLiteral, GateNeeds, LiteralCase};
use tamis_sdk::{
    ByteClass, Case, Class, Companion, Follow, Keys, Kind, Literal, Pattern, Place, Subscription,
    When,
};

use crate::settings::{Custom, Exclude};

/// A class of at most so many bytes becomes literals where the contract has no class for it.
const SPELLED_OUT_MAX: usize = 12;

/// A password in a URL. Contract classes know an `@` between word characters only, and a password
/// may end with anything.
const USERINFO: &str = r##":(?://|\\/\\/|\\\\/\\\\/)(?-u:[^\x00-\x20\x7f/?#"'`<>\\])*@"##;

/// The key under which a resource tells its service.
pub(crate) const SERVICE_NAME: &str = "service.name";

/// What a subscription was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Something that a detector starts from stands in the value.
    Text,
    /// The key says that the value is a secret.
    Key,
    /// A custom kind matches, by its number.
    Custom(usize),
}

/// The subscriptions, each with what it was made for.
pub(crate) fn subscriptions(
    needs: &GateNeeds,
    customs: &[Custom],
    exclude: &Exclude,
) -> Vec<(Purpose, Subscription)> {
    let mut asked = Vec::new();
    asked.extend(by_text(needs).map(|found| (Purpose::Text, found)));
    asked.extend(by_number(needs).map(|found| (Purpose::Text, found)));
    asked.extend(by_key(needs).map(|found| (Purpose::Key, found)));
    let customs = customs.iter().enumerate();
    asked.extend(customs.map(|(number, custom)| (Purpose::Custom(number), by_pattern(custom))));
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
    let literals: Vec<Literal> = needs.literals.iter().flat_map(literals).collect();
    let mut classes = Vec::new();
    let mut patterns = Vec::new();
    for class in &needs.classes {
        match class {
            GateClass::Digits13 => classes.push(Class::LongDigits),
            GateClass::AtSign => classes.push(Class::AtSign),
            GateClass::Userinfo => patterns.push(Pattern {
                regex: USERINFO.to_owned(),
                ..Pattern::default()
            }),
        }
    }
    let nothing = literals.is_empty() && classes.is_empty() && patterns.is_empty();
    (!nothing).then(|| Subscription {
        kinds: vec![Kind::String, Kind::Bytes, Kind::Key],
        when: When::Holds {
            literals,
            classes,
            patterns,
        },
        ..Subscription::default()
    })
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
                classes: vec![Class::LongNumber],
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

fn by_pattern(custom: &Custom) -> Subscription {
    let pattern = Pattern {
        regex: custom.pattern.clone(),
        matches: custom.matches.clone(),
        rejects: custom.rejects.clone(),
    };
    Subscription {
        kinds: vec![Kind::String, Kind::Bytes, Kind::Key],
        when: When::Holds {
            literals: Vec::new(),
            classes: Vec::new(),
            patterns: vec![pattern],
        },
        ..Subscription::default()
    }
}

/// A literal of the gate in the words of the contract.
fn literals(literal: &GateLiteral) -> Vec<Literal> {
    let case = match literal.case {
        LiteralCase::Sensitive => Case::Sensitive,
        LiteralCase::AsciiInsensitive => Case::Insensitive,
    };
    let plain = Literal {
        text: String::from_utf8_lossy(&literal.bytes).into_owned(),
        case,
        follow: None,
    };
    let Some(follow) = literal.follow.filter(|follow| follow.min > 0) else {
        return vec![plain];
    };
    if let Some(class) = narrowest(&follow.class) {
        let min = follow.min;
        return vec![Literal {
            follow: Some(Follow { class, min }),
            ..plain
        }];
    }
    let next: Vec<char> = (0..128u8)
        .filter(|&byte| follow.class.contains(byte))
        .map(char::from)
        .collect();
    let ascii_only = (128..=255).all(|byte| !follow.class.contains(byte));
    if !ascii_only || next.len() > SPELLED_OUT_MAX {
        return vec![plain];
    }
    let spelled = next.into_iter().map(|char| Literal {
        text: format!("{}{char}", plain.text),
        ..plain.clone()
    });
    spelled.collect()
}

/// The smallest class of the contract in which all bytes of this one are.
fn narrowest(class: &tamis_detect::ByteClass) -> Option<ByteClass> {
    let holds_all = |candidate: ByteClass| {
        (0..=u8::MAX).all(|byte| !class.contains(byte) || in_class(candidate, byte))
    };
    [
        ByteClass::Digit,
        ByteClass::Hex,
        ByteClass::Alphanumeric,
        ByteClass::Token,
        ByteClass::Visible,
    ]
    .into_iter()
    .find(|&candidate| holds_all(candidate))
}

/// What the contract says of its classes.
fn in_class(class: ByteClass, byte: u8) -> bool {
    match class {
        ByteClass::Digit => byte.is_ascii_digit(),
        ByteClass::Hex => byte.is_ascii_hexdigit(),
        ByteClass::Alphanumeric => byte.is_ascii_alphanumeric(),
        ByteClass::Token => byte.is_ascii_alphanumeric() || b"-_.+/=%~".contains(&byte),
        ByteClass::Visible => byte > b' ' && byte != 0x7f && !b"\"'`".contains(&byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tamis_detect::{Detect, DetectorSet};

    #[test]
    fn every_literal_survives_the_translation() {
        let detect = Detect::new(&DetectorSet::all());
        for literal in &detect.gate().literals {
            assert!(literal.bytes.is_ascii() || std::str::from_utf8(&literal.bytes).is_ok());
            let asked = literals(literal);
            assert!(!asked.is_empty());
            let starts = |one: &Literal| one.text.as_bytes().starts_with(&literal.bytes);
            assert!(asked.iter().all(starts));
        }
    }

    #[test]
    fn classes_are_never_narrowed() {
        use tamis_detect::ByteClass as Bytes;
        let cases = [
            (Bytes::of(&[(b'0', b'9')]), Some(ByteClass::Digit)),
            (
                Bytes::of(&[(b'0', b'9'), (b'a', b'f')]),
                Some(ByteClass::Hex),
            ),
            (Bytes::of(&[(b'a', b'z')]), Some(ByteClass::Alphanumeric)),
            (
                Bytes::of(&[(b'a', b'z'), (b'/', b'/')]),
                Some(ByteClass::Token),
            ),
            (
                Bytes::of(&[(b'a', b'z'), (0x80, 0xff)]),
                Some(ByteClass::Visible),
            ),
            (Bytes::of(&[(b' ', b'~')]), None),
        ];
        for (class, wanted) in cases {
            assert_eq!(narrowest(&class), wanted);
        }
    }
}
