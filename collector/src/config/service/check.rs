//! What receivers and exporters themselves find wrong with their settings, without opening a socket:
//! certificates, credentials, folders.

use tamis_exporter::StartError;
use tamis_receiver::{BindError, TlsError};

use super::super::chains::words;
use super::super::finding::{Finding, is_faulty};
use super::super::node::Node;
use super::Service;

/// Asks each of them; not those in which something wrong was found already.
pub(super) fn check(service: &Service, root: &Node, findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for receiver in &service.receivers {
        let path = format!("receivers.{}", receiver.name);
        if is_faulty(findings, &path) {
            continue;
        }
        let faults = tamis_receiver::check(receiver);
        found.extend(faults.iter().map(of_door));
    }
    for exporter in &service.exporters {
        let path = format!("exporters.{}", exporter.name);
        if is_faulty(findings, &path) {
            continue;
        }
        for error in tamis_exporter::check(exporter) {
            let (StartError::Setting { setting, .. }
            | StartError::File { setting, .. }
            | StartError::Content { setting, .. }) = &error;
            found.push((setting.clone(), without(&words(&error), setting)));
        }
    }
    for (path, message) in found {
        let at = root.find(&path).unwrap_or_default();
        findings.push(Finding::error(at, path, message));
    }
}

/// The path of the setting that a door's error is about, and the error without it.
fn of_door(error: &BindError) -> (String, String) {
    let (setting, key) = match error {
        BindError::Tls { setting, source } => (setting, of_tls(source)),
        BindError::Auth { setting, .. } => (setting, "auth"),
        BindError::Endpoint { setting, .. }
        | BindError::Taken { setting, .. }
        | BindError::Listen { setting, .. } => (setting, "endpoint"),
    };
    let message = key
        .split('.')
        .fold(without(&words(error), setting), |message, key| {
            without(&message, key)
        });
    let path = match setting.strip_suffix("endpoint") {
        Some(door) => format!("{door}{key}"),
        None => setting.clone(),
    };
    (path, message)
}

fn of_tls(error: &TlsError) -> &'static str {
    match error {
        TlsError::File { setting, .. } | TlsError::NoCertificate { setting, .. } => {
            match *setting {
                "cert_file" => "tls.cert_file",
                "key_file" => "tls.key_file",
                _ => "tls.client_ca_file",
            }
        }
        TlsError::Pair(_) => "tls",
        TlsError::ClientCa(_) => "tls.client_ca_file",
    }
}

/// A message without the setting in front.
fn without(message: &str, setting: &str) -> String {
    let rest = message.strip_prefix(setting);
    let rest = rest.and_then(|rest| rest.strip_prefix(": "));
    rest.unwrap_or(message).to_owned()
}
