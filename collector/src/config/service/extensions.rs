//! `extensions` and `service.extensions`: what there is, and what of it runs.

use std::path::Path;
use std::sync::Arc;

use tamis_exporter::Header;
use tamis_receiver::Authenticator;

use super::super::fields::Foreign;
use super::super::finding::Finding;
use super::super::node::{Member, Pos};
use super::super::section::Section;
use super::auth::{self, Auth};
use super::{Address, HealthSettings, elsewhere, endpoint};

/// The extensions of a file.
pub(super) struct Extensions {
    list: Vec<Extension>,
    /// The names in `service.extensions`.
    listed: Vec<String>,
}

struct Extension {
    name: String,
    at: Pos,
    kind: Kind,
}

enum Kind {
    Health(HealthSettings),
    Auth(Auth),
    /// Not had here, or faulty: there is a finding about it.
    Nothing,
}

pub(crate) const HEALTH_KEYS: &[&str] = &["endpoint", "path"];

const HEALTH_FOREIGN: &[Foreign] = &[
    Foreign::refused("tls", "take it out: health is asked for in plain text"),
    Foreign::refused("auth", "take it out: anybody who reaches it may ask"),
    Foreign::idle("response_body", "the status says it all"),
    Foreign::idle(
        "check_collector_pipeline",
        "it has no effect in the Collector either",
    ),
    Foreign::idle("use_v2", "there is one health check"),
    Foreign::idle("component_health", "there is one health check"),
    Foreign::idle("http", "write `endpoint` and `path` beside it"),
    Foreign::idle("grpc", "health is asked for over HTTP"),
];

impl Extensions {
    pub(super) fn read(
        root: &Section<'_>,
        service: Option<&Section<'_>>,
        folder: &Path,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let section = root.section("extensions", findings);
        let members = section.as_ref().map_or(&[][..], |section| section.members);
        let mut list = Vec::new();
        for member in members {
            let path = format!("extensions.{}", member.key);
            list.push(Extension {
                name: member.key.clone(),
                at: member.at,
                kind: one(member, path, folder, findings).unwrap_or(Kind::Nothing),
            });
        }
        let texts = service.map(|service| service.texts("extensions", findings));
        let mut listed: Vec<String> = Vec::new();
        for (name, at) in texts.unwrap_or_default() {
            if listed.iter().any(|known| known == name) {
                let message = format!("{name} stands here twice");
                findings.push(Finding::error(at, "service.extensions", message));
            } else if !list.iter().any(|extension| extension.name == name) {
                let message = format!("{name} is not one of the extensions of this file");
                let known = list.iter().map(|extension| extension.name.as_str());
                findings.push(
                    Finding::error(at, "service.extensions", message)
                        .did_you_mean(name, known)
                        .or_fix(format!("add `{name}:` under `extensions:`")),
                );
            }
            listed.push(name.to_owned());
        }
        for extension in &list {
            if !listed.contains(&extension.name) && !matches!(extension.kind, Kind::Nothing) {
                let message = "does nothing: `service.extensions` does not name it";
                let path = format!("extensions.{}", extension.name);
                findings.push(Finding::note(extension.at, path, message));
            }
        }
        Self { list, listed }
    }

    /// The health check, if it runs.
    pub(super) fn health(&self, findings: &mut Vec<Finding>) -> Option<HealthSettings> {
        let mut found = None;
        for extension in &self.list {
            let Kind::Health(health) = &extension.kind else {
                continue;
            };
            if !self.listed.contains(&extension.name) {
                continue;
            }
            if found.is_some() {
                let path = format!("extensions.{}", extension.name);
                let message = "a second health check; there can be one";
                findings.push(Finding::error(extension.at, path, message));
            }
            found = Some(health.clone());
        }
        found
    }

    /// Who may come in at this door, if `auth` says so.
    pub(super) fn authenticator(
        &self,
        door: &Section<'_>,
        findings: &mut Vec<Finding>,
    ) -> Option<Arc<Authenticator>> {
        let (auth, name, found) = self.named(door, findings)?;
        match found.server(name) {
            Ok(authenticator) => Some(authenticator),
            Err(missing) => {
                findings.push(auth.error("authenticator", format!("{name} {missing}")));
                None
            }
        }
    }

    /// What this exporter shows of itself, if `auth` says so.
    pub(super) fn header(
        &self,
        exporter: &Section<'_>,
        findings: &mut Vec<Finding>,
    ) -> Option<Header> {
        let (auth, name, found) = self.named(exporter, findings)?;
        match found.client() {
            Ok(header) => Some(header),
            Err(missing) => {
                findings.push(auth.error("authenticator", format!("{name}: {missing}")));
                None
            }
        }
    }

    /// The authenticator that `auth` names.
    fn named<'s>(
        &'s self,
        user: &Section<'s>,
        findings: &mut Vec<Finding>,
    ) -> Option<(Section<'s>, &'s str, &'s Auth)> {
        if !user.has("auth") {
            return None;
        }
        let auth = user.section("auth", findings)?;
        let params = Foreign::refused("request_params", "let senders use a header");
        auth.keys(&["authenticator"], &[params], findings);
        if !auth.has("authenticator") {
            let fix = "name an extension: bearertokenauth or basicauth";
            findings.push(auth.error("authenticator", "is missing").with_fix(fix));
            return None;
        }
        let name = auth.string("authenticator", findings)?;
        let Some(extension) = self.list.iter().find(|extension| extension.name == name) else {
            let message = format!("{name} is not one of the extensions of this file");
            let known = self.list.iter().map(|extension| extension.name.as_str());
            let fix = format!("add `{name}:` under `extensions:`");
            let finding = auth
                .error("authenticator", message)
                .did_you_mean(name, known);
            findings.push(finding.or_fix(fix));
            return None;
        };
        if !self.listed.iter().any(|listed| listed == name) {
            let fix = format!("add {name} to `service.extensions`");
            let message = format!("`service.extensions` does not name {name}");
            findings.push(auth.error("authenticator", message).with_fix(fix));
        }
        match &extension.kind {
            Kind::Auth(found) => Some((auth, name, found)),
            _ => {
                let message = format!("{name} is no authenticator that works");
                findings.push(auth.error("authenticator", message));
                None
            }
        }
    }
}

fn one(member: &Member, path: String, folder: &Path, findings: &mut Vec<Finding>) -> Option<Kind> {
    let kind = elsewhere::kind(member, &path, findings)?;
    let own = ["health_check", "bearertokenauth", "basicauth"];
    if !own.contains(&kind) {
        findings.push(elsewhere::extension(kind, member.at, &path));
        return None;
    }
    let section = Section::of(member, path, findings)?;
    match kind {
        "health_check" => Some(Kind::Health(health(&section, findings))),
        "bearertokenauth" => auth::bearer(&section, folder, findings).map(Kind::Auth),
        _ => auth::basic(&section, folder, findings).map(Kind::Auth),
    }
}

fn health(section: &Section<'_>, findings: &mut Vec<Finding>) -> HealthSettings {
    section.keys(HEALTH_KEYS, HEALTH_FOREIGN, findings);
    let path = section.string("path", findings).unwrap_or("/");
    if !path.starts_with('/') {
        findings.push(section.error("path", "begins with a slash"));
    }
    HealthSettings {
        address: Address {
            endpoint: endpoint::listen_once(section, "endpoint", "127.0.0.1:13133", findings),
            setting: format!("{}.endpoint", section.path),
        },
        path: path.to_owned(),
    }
}
