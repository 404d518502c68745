//! Key material and structured tokens.
//!
//! Must hold data only.

use crate::bytes::{ALNUM, UPPER_ALNUM};
use crate::detector::{Detector, DetectorClass, Search, Validator};
use crate::shape::Shape;
use crate::{encoded, jwt, pem};

pub(super) const DETECTORS: [Detector; 4] = [
    Detector::search(
        "private-key",
        "Private key: PEM, OpenSSH, PGP, PuTTY, minisign",
        Search {
            anchors: pem::anchors,
            class: None,
            confirm: pem::look,
        },
    )
    .class(DetectorClass::Key),
    Detector::token(
        "age-secret-key",
        "age secret key",
        Shape::new(&["AGE-SECRET-KEY-1"], UPPER_ALNUM, 16).run(ALNUM),
    )
    .class(DetectorClass::Key),
    Detector::search(
        "encoded-secret",
        "Token or private key inside base64",
        Search {
            anchors: encoded::anchors,
            class: None,
            confirm: encoded::look,
        },
    )
    .class(DetectorClass::Key),
    Detector::search(
        "json-web-token",
        "JSON web token, signed or encrypted",
        Search {
            anchors: jwt::anchors,
            class: None,
            confirm: jwt::look,
        },
    )
    .class(DetectorClass::Token)
    .checked(Validator::JwtHeader),
];
