//! `receivers`: the one kind that there is, `otlp`, and where the Collector's others went.

use std::path::Path;

use tamis_receiver::{DoorLimits, InvalidUtf8, ReceiverSettings};

use super::super::finding::Finding;
use super::super::limits;
use super::super::node::Member;
use super::super::section::Section;
use super::door::{self, InFlight, Shared, Transport};
use super::elsewhere;
use super::extensions::Extensions;
use super::named::{self, Named};

pub(crate) const KEYS: &[&str] = &["protocols", "limits", "invalid_utf8"];

pub(super) fn read(
    root: &Section<'_>,
    folder: &Path,
    extensions: &Extensions,
    findings: &mut Vec<Finding>,
) -> Vec<Named<ReceiverSettings>> {
    named::each(root, "receivers", findings, |member, path, findings| {
        one(member, path, folder, extensions, findings)
    })
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
    let section = Section::of(member, path, findings)?;
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
