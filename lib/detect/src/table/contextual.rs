//! Secrets that their surroundings give away: names, headers, URLs, command lines.
//!
//! The order counts where two of them claim the same bytes: the more specific stands first. Must
//! hold data only.

use crate::assignment::{Assignment, Judge};
use crate::detector::{Detector, DetectorClass, Search};
use crate::gate::GateClass;
use crate::{commands, headers, url};

pub(super) const DETECTORS: [Detector; 16] = [
    Detector::assignment(
        "aws-secret-access-key",
        "AWS secret access key, by its name",
        Assignment {
            keywords: &["secret_access_key", "secret_key", "aws_secret"],
            judge: Judge::AwsSecret,
        },
    )
    .class(DetectorClass::Key),
    Detector::search(
        "aws-secret-beside-id",
        "AWS secret access key that stands shortly behind its key id",
        Search {
            anchors: commands::aws_anchors,
            class: None,
            confirm: commands::aws,
        },
    )
    .class(DetectorClass::Key),
    Detector::search(
        "database-url-password",
        "Password in the URL of a database or a queue",
        Search {
            anchors: url::database_anchors,
            class: None,
            confirm: url::database,
        },
    ),
    Detector::search(
        "url-password",
        "Password or token in the user information of a URL",
        Search {
            anchors: |_| {},
            class: Some(GateClass::Userinfo),
            confirm: url::userinfo,
        },
    ),
    Detector::assignment(
        "authorization-header",
        "Credential of an Authorization header",
        Assignment {
            keywords: &["authorization"],
            judge: Judge::Authorization,
        },
    ),
    Detector::search(
        "bearer-credential",
        "Bearer credential without its header",
        Search {
            anchors: headers::bearer_anchors,
            class: None,
            confirm: headers::bearer,
        },
    ),
    Detector::search(
        "basic-credential",
        "Basic credential without its header",
        Search {
            anchors: headers::basic_anchors,
            class: None,
            confirm: headers::basic,
        },
    ),
    Detector::assignment(
        "session-cookie",
        "Cookie that opens a session",
        Assignment {
            keywords: &["cookie"],
            judge: Judge::Cookies,
        },
    ),
    Detector::assignment(
        "registry-auth",
        "User and password of a registry in base64",
        Assignment {
            keywords: &["auth"],
            judge: Judge::BasicPair,
        },
    ),
    Detector::search(
        "command-line-password",
        "Password among the arguments of a command",
        Search {
            anchors: commands::anchors,
            class: None,
            confirm: commands::look,
        },
    ),
    Detector::search(
        "credential-file-password",
        "Password in a line of .netrc or .pgpass",
        Search {
            anchors: commands::netrc_anchors,
            class: None,
            confirm: commands::netrc,
        },
    ),
    Detector::assignment(
        "password",
        "Password beside its name",
        Assignment {
            keywords: &[
                "password",
                "passwd",
                "passwort",
                "passphrase",
                "pwd",
                "_pass",
                "passcode",
            ],
            judge: Judge::Password,
        },
    ),
    Detector::assignment(
        "api-key",
        "API key beside its name",
        Assignment {
            keywords: &[
                "api_key",
                "access_key",
                "account_key",
                "subscription_key",
                "auth_key",
                "license_key",
                "service_key",
            ],
            judge: Judge::Random,
        },
    ),
    Detector::assignment(
        "secret",
        "Secret or secret key beside its name",
        Assignment {
            keywords: &[
                "secret",
                "secret_key",
                "private_key",
                "signing_key",
                "encryption_key",
                "master_key",
                "webhook_key",
                "session_key",
            ],
            judge: Judge::Chosen,
        },
    ),
    Detector::assignment(
        "token",
        "Token beside its name",
        Assignment {
            keywords: &["token"],
            judge: Judge::Random,
        },
    ),
    Detector::assignment(
        "credential",
        "Credential or connection string beside its name",
        Assignment {
            keywords: &["credential", "credentials", "connection_string"],
            judge: Judge::Random,
        },
    ),
];
