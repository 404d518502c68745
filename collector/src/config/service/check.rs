//! What receivers and exporters themselves find wrong with their settings, without opening a socket:
//! certificates, credentials, folders.

use tamis_exporter::StartError;
use tamis_receiver::{BindError, DoorSettings, ReceiverSettings};

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
        // Each door alone, since the first fault ends a check.
        for (grpc, http) in [(&receiver.grpc, &None), (&None, &receiver.http)] {
            let door = ReceiverSettings {
                name: receiver.name.clone(),
                grpc: grpc.clone(),
                http: http.clone(),
            };
            if let Err(error) = tamis_receiver::check(&door) {
                let opened = grpc.as_ref().or(http.as_ref());
                found.push(of_door(&error, opened, &path));
            }
        }
    }
    for exporter in &service.exporters {
        let path = format!("exporters.{}", exporter.name);
        if is_faulty(findings, &path) {
            continue;
        }
        if let Err(error) = tamis_exporter::check(exporter) {
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
fn of_door(error: &BindError, door: Option<&DoorSettings>, path: &str) -> (String, String) {
    let setting = door.map_or(path, |door| door.setting.as_str());
    let key = match error {
        BindError::Tls { .. } => "tls",
        BindError::Auth { .. } => "auth",
        _ => "endpoint",
    };
    let message = without(&without(&words(error), setting), key);
    let path = match setting.strip_suffix("endpoint") {
        Some(door) => format!("{door}{key}"),
        None => setting.to_owned(),
    };
    (path, message)
}

/// A message without the setting in front.
fn without(message: &str, setting: &str) -> String {
    let rest = message.strip_prefix(setting);
    let rest = rest.and_then(|rest| rest.strip_prefix(": "));
    rest.unwrap_or(message).to_owned()
}
