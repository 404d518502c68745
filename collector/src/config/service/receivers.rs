//! `receivers`: the one kind that there is, `otlp`, and where the Collector's others went.

use std::path::Path;
use std::sync::Arc;

use tamis_receiver::{DoorLimits, InvalidUtf8, ReceiverSettings};

use super::super::finding::Finding;
use super::super::limits;
use super::super::node::{Member, Pos};
use super::super::section::Section;
use super::door::{self, InFlight, Shared, Transport};
use super::elsewhere;
use super::extensions::Extensions;

/// One of the `receivers`; no settings if they are faulty.
pub(super) struct Receiver {
    pub(super) name: Arc<str>,
    pub(super) at: Pos,
    pub(super) settings: Option<ReceiverSettings>,
}

pub(crate) const KEYS: &[&str] = &["protocols", "limits", "invalid_utf8"];

pub(super) fn read(
    root: &Section<'_>,
    folder: &Path,
    extensions: &Extensions,
    findings: &mut Vec<Finding>,
) -> Vec<Receiver> {
    let Some(section) = root.section("receivers", findings) else {
        return Vec::new();
    };
    let mut receivers = Vec::new();
    for member in section.members {
        let path = section.path_of(&member.key);
        let settings = one(member, path, folder, extensions, findings);
        receivers.push(Receiver {
            name: member.key.as_str().into(),
            at: member.at,
            settings,
        });
    }
    receivers
}

fn one(
    member: &Member,
    path: String,
    folder: &Path,
    extensions: &Extensions,
    findings: &mut Vec<Finding>,
) -> Option<ReceiverSettings> {
    let kind = elsewhere::kind(member, &path, findings)?;
    if kind != "otlp" {
        findings.push(elsewhere::receiver(kind, member.at, &path));
        return None;
    }
    let section = Section::new(&member.node, path, findings)?;
    let section = Section {
        at: member.at,
        ..section
    };
    section.keys(KEYS, &[], findings);
    let own = section.section("limits", findings);
    let mut limits = DoorLimits::default();
    limits::read(&mut limits, own.as_ref(), findings);
    let said = own.is_some_and(|own| own.has("in_flight_bytes_max"));
    let choices = [("refuse", InvalidUtf8::Refuse), ("pass", InvalidUtf8::Pass)];
    let shared = Shared {
        folder,
        extensions,
        limits,
        in_flight: match said {
            true => InFlight::Said,
            false => InFlight::Default,
        },
        invalid_utf8: section
            .choice("invalid_utf8", &choices, findings)
            .unwrap_or_default(),
    };
    let protocols = section.section("protocols", findings);
    if let Some(protocols) = &protocols {
        protocols.known(&["grpc", "http"], findings);
    }
    let mut door = |transport| {
        let protocols = protocols.as_ref()?;
        door::read(protocols, transport, &shared, findings)
    };
    let (grpc, http) = (door(Transport::Grpc), door(Transport::Http));
    if grpc.is_none() && http.is_none() {
        let message = "no protocol is named, so nothing would listen";
        let fix = "write `protocols: {grpc: {}, http: {}}`, or one of them";
        findings.push(section.error("protocols", message).with_fix(fix));
        return None;
    }
    Some(ReceiverSettings {
        name: member.key.as_str().into(),
        grpc,
        http,
    })
}
