//! Payment data, personal data, and public keys of services.
//!
//! Must hold data only.

use crate::detector::{Detector, DetectorClass, Search, Validator};
use crate::gate::GateClass;
use crate::{cards, personal, url};

pub(super) const DETECTORS: [Detector; 8] = [
    Detector::search(
        "card-number",
        "Payment card number",
        Search {
            anchors: |_| {},
            class: Some(GateClass::Digits13),
            confirm: cards::card,
        },
    )
    .class(DetectorClass::Card)
    .checked(Validator::Luhn),
    Detector::search(
        "iban",
        "International bank account number",
        Search {
            anchors: cards::iban_anchors,
            class: Some(GateClass::Digits13),
            confirm: cards::iban,
        },
    )
    .class(DetectorClass::Card)
    .checked(Validator::Iban),
    Detector::search(
        "email-address",
        "E-mail address",
        Search {
            anchors: |_| {},
            class: Some(GateClass::AtSign),
            confirm: personal::email,
        },
    )
    .class(DetectorClass::Personal),
    Detector::search(
        "us-social-security-number",
        "US social security number",
        Search {
            anchors: personal::ssn_anchors,
            class: None,
            confirm: personal::ssn,
        },
    )
    .class(DetectorClass::Personal),
    Detector::search(
        "phone-number",
        "Telephone number with its country code",
        Search {
            anchors: personal::phone_anchors,
            class: None,
            confirm: personal::phone,
        },
    )
    .class(DetectorClass::Personal),
    Detector::search(
        "private-ip-address",
        "Private IPv4 address",
        Search {
            anchors: personal::ipv4_anchors,
            class: None,
            confirm: personal::ipv4,
        },
    )
    .class(DetectorClass::Personal),
    Detector::search(
        "home-folder-user",
        "Name of the user in a path to a home folder",
        Search {
            anchors: personal::home_anchors,
            class: None,
            confirm: personal::home,
        },
    )
    .class(DetectorClass::Personal),
    Detector::search(
        "sentry-dsn",
        "Public key in a Sentry DSN",
        Search {
            anchors: url::dsn_anchors,
            class: None,
            confirm: url::dsn,
        },
    )
    .class(DetectorClass::Publishable),
];
