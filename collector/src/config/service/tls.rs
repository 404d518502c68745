//! `tls` of a door and of an exporter. What would make a connection safer in the Collector and is
//! not had here is refused, never passed over.

use std::path::Path;
use std::time::Duration;

use tamis_exporter::ClientTls;
use tamis_receiver::ServerTls;

use super::super::fields::Foreign;
use super::super::finding::Finding;
use super::super::section::Section;

/// How often the files of a door are looked at for a change.
const RELOAD_INTERVAL: Duration = Duration::from_secs(10);

pub(crate) const SERVER_KEYS: &[&str] = &[
    "cert_file",
    "key_file",
    "client_ca_file",
    "reload_interval",
    "min_version",
];

pub(crate) const CLIENT_KEYS: &[&str] = &[
    "insecure",
    "insecure_skip_verify",
    "ca_file",
    "cert_file",
    "key_file",
    "server_name_override",
    "reload_interval",
    "min_version",
];

const FILE: &str = "write it to a file and name that";
const OWN_CHOICE: &str = "take it out: TLS 1.2 and 1.3 are spoken, with what rustls takes for safe";

const SERVER_FOREIGN: &[Foreign] = &[
    Foreign::refused("cert_pem", FILE),
    Foreign::refused("key_pem", FILE),
    Foreign::refused("ca_pem", FILE),
    Foreign::refused("ca_file", "name the senders' authority in `client_ca_file`"),
    Foreign::refused(
        "insecure",
        "take `tls` out: a door without it speaks plain text",
    ),
    Foreign::refused("cipher_suites", OWN_CHOICE),
    Foreign::refused("curve_preferences", OWN_CHOICE),
    Foreign::refused("max_version", OWN_CHOICE),
    Foreign::refused("include_system_ca_certs_pool", "use `client_ca_file`"),
    Foreign::refused("tpm", "use `key_file`"),
    Foreign::idle(
        "client_ca_file_reload",
        "`reload_interval` is for all files, this one too",
    ),
];

const CLIENT_FOREIGN: &[Foreign] = &[
    Foreign::refused("ca_pem", FILE),
    Foreign::refused("cert_pem", FILE),
    Foreign::refused("key_pem", FILE),
    Foreign::refused("cipher_suites", OWN_CHOICE),
    Foreign::refused("curve_preferences", OWN_CHOICE),
    Foreign::refused("max_version", OWN_CHOICE),
    Foreign::refused(
        "include_system_ca_certs_pool",
        "put the system's roots into the `ca_file`, or leave `ca_file` out",
    ),
    Foreign::refused("tpm", "use `key_file`"),
];

/// `tls` of a door, if it is there.
pub(super) fn server(
    door: &Section<'_>,
    folder: &Path,
    findings: &mut Vec<Finding>,
) -> Option<ServerTls> {
    if !door.has("tls") {
        return None;
    }
    let tls = door.section("tls", findings)?;
    tls.keys(SERVER_KEYS, SERVER_FOREIGN, findings);
    version(&tls, findings);
    for key in ["cert_file", "key_file"] {
        if !tls.has(key) {
            findings.push(
                tls.error(key, "is missing")
                    .with_fix("a door with `tls` needs `cert_file` and `key_file`, both PEM"),
            );
        }
    }
    Some(ServerTls {
        cert_file: tls.file("cert_file", folder, findings).unwrap_or_default(),
        key_file: tls.file("key_file", folder, findings).unwrap_or_default(),
        client_ca_file: tls.file("client_ca_file", folder, findings),
        reload_interval: tls
            .span("reload_interval", findings)
            .unwrap_or(RELOAD_INTERVAL),
    })
}

/// `tls` of an exporter.
pub(super) fn client(
    exporter: &Section<'_>,
    folder: &Path,
    findings: &mut Vec<Finding>,
) -> ClientTls {
    let Some(tls) = exporter.section("tls", findings) else {
        return ClientTls::default();
    };
    tls.keys(CLIENT_KEYS, CLIENT_FOREIGN, findings);
    version(&tls, findings);
    for (one, other) in [("cert_file", "key_file"), ("key_file", "cert_file")] {
        if tls.has(one) && !tls.has(other) {
            findings.push(tls.error(one, format!("needs `{other}` beside it")));
        }
    }
    let flag = |key, findings: &mut Vec<Finding>| tls.flag(key, findings).unwrap_or_default();
    let read = ClientTls {
        insecure: flag("insecure", findings),
        insecure_skip_verify: flag("insecure_skip_verify", findings),
        ca_file: tls.file("ca_file", folder, findings),
        cert_file: tls.file("cert_file", folder, findings),
        key_file: tls.file("key_file", folder, findings),
        server_name_override: tls
            .string("server_name_override", findings)
            .map(str::to_owned),
        reload_interval: tls
            .duration("reload_interval", findings)
            .filter(|interval| !interval.is_zero()),
    };
    if read.insecure_skip_verify && !read.insecure {
        let message = "any certificate will do: whoever stands between gets everything";
        findings.push(tls.note("insecure_skip_verify", message));
    }
    read
}

fn version(tls: &Section<'_>, findings: &mut Vec<Finding>) {
    if tls
        .string("min_version", findings)
        .is_some_and(|version| version != "1.2")
    {
        findings.push(
            tls.error("min_version", "only 1.2 can be the least version")
                .with_fix(OWN_CHOICE),
        );
    }
}
