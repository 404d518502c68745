//! `processors`: which plugin each one is, and what it is told and allowed.
//!
//! The host's own keys stand in the reserved map `plugin`; all else is the plugin's settings,
//! shipped and custom plugins alike.

use std::path::Path;

use tamis::{Grant, Plugin, PluginLimits, Policy};

use super::finding::Finding;
use super::limits;
use super::node::{Node, Pos, Value};
use super::section::{Section, unset};

/// One of the `processors`.
#[derive(Debug, Clone)]
pub struct Processor {
    /// Its name, `type` or `type/name`; also the plugin's name in its chain.
    pub name: String,
    /// Where its name stands.
    pub at: Pos,
    /// What it is.
    pub kind: ProcessorKind,
    /// All that stands under its name, for the places of its keys.
    pub(super) node: Node,
}

/// What a processor is.
#[derive(Debug, Clone)]
pub enum ProcessorKind {
    /// A plugin.
    Plugin(Box<Plugin>),
    /// A processor of the Collector that has nothing to do here.
    Idle,
    /// Faulty; there is a finding about it.
    Faulty,
}

/// Processors of the Collector that stay there.
const ELSEWHERE: [&str; 19] = [
    "attributes",
    "cumulativetodelta",
    "deltatocumulative",
    "deltatorate",
    "filter",
    "geoip",
    "groupbyattrs",
    "groupbytrace",
    "interval",
    "isolationforest",
    "logdedup",
    "log_dedup",
    "metricsgeneration",
    "metricstransform",
    "resource",
    "resourcedetection",
    "span",
    "tail_sampling",
    "transform",
];

pub(super) fn read(
    root: &Section<'_>,
    folder: &Path,
    findings: &mut Vec<Finding>,
) -> Vec<Processor> {
    let Some(section) = root.section("processors", findings) else {
        return Vec::new();
    };
    let mut processors = Vec::new();
    for member in section.members {
        let path = section.path_of(&member.key);
        let settings = Section::new(&member.node, path, findings);
        let kind = settings.and_then(|settings| {
            unset_in(&settings, findings);
            one(&member.key, member.at, &settings, folder, findings)
        });
        processors.push(Processor {
            name: member.key.clone(),
            at: member.at,
            kind: kind.unwrap_or(ProcessorKind::Faulty),
            node: member.node.clone(),
        });
    }
    processors
}

/// Finds fault with variables that the plugin's own settings name and that are not set.
fn unset_in(settings: &Section<'_>, findings: &mut Vec<Finding>) {
    for member in settings
        .members
        .iter()
        .filter(|member| member.key != "plugin")
    {
        let path = settings.path_of(&member.key);
        member.node.leaves(&path, &mut |path, leaf| {
            if let Value::Unset(name) = &leaf.value {
                findings.push(Finding::error(leaf.at, path, unset(name)));
            }
        });
    }
}

fn one(
    name: &str,
    at: Pos,
    settings: &Section<'_>,
    folder: &Path,
    findings: &mut Vec<Finding>,
) -> Option<ProcessorKind> {
    let (kind, rest) = name.split_once('/').unwrap_or((name, "unnamed"));
    if kind.is_empty() || rest.is_empty() {
        let message = "a name is `type` or `type/name`";
        findings.push(Finding::error(at, settings.path.clone(), message));
        return None;
    }
    let host = settings.section("plugin", findings);
    match kind {
        "batch" => {
            let why = "accepted and not needed: batches stay as they come";
            findings.push(Finding::note(at, settings.path.clone(), why));
            return Some(ProcessorKind::Idle);
        }
        // What it says is read for the daemon's doors.
        "memory_limiter" => return Some(ProcessorKind::Idle),
        _ => {}
    }
    let path = host.as_ref().and_then(|host| host.text("path", findings));
    let plugin = match path {
        Some((path, _)) => Plugin::file(folder.join(path)),
        None if host.as_ref().is_some_and(|host| host.get("path").is_some()) => return None,
        None if Plugin::shipped_names().any(|known| known == kind) => Plugin::shipped(kind),
        None => {
            findings.push(unknown(kind, at, &settings.path));
            return None;
        }
    };
    let plugin = plugin.named(name).settings(own_settings(settings));
    let plugin = match &host {
        Some(host) => apply(plugin, host, findings),
        None => plugin,
    };
    Some(ProcessorKind::Plugin(Box::new(plugin)))
}

/// The settings without what is the host's.
fn own_settings(settings: &Section<'_>) -> serde_json::Value {
    settings
        .members
        .iter()
        .filter(|member| member.key != "plugin")
        .map(|member| (member.key.clone(), member.node.to_json()))
        .collect()
}

fn apply(mut plugin: Plugin, host: &Section<'_>, findings: &mut Vec<Finding>) -> Plugin {
    host.known(
        &["path", "sha256", "on_error", "grants", "limits"],
        findings,
    );
    if let Some((digest, at)) = host.text("sha256", findings) {
        let hex = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hex {
            let message = "expected a SHA-256 as 64 hexadecimal digits, in quotes";
            findings.push(Finding::error(at, host.path_of("sha256"), message));
        }
        plugin = plugin.sha256(digest);
    }
    if let Some((name, at)) = host.text("on_error", findings) {
        match Policy::parse(name) {
            Some(policy) => plugin = plugin.policy(policy),
            None => findings.push(
                Finding::error(at, host.path_of("on_error"), "expected mask, drop or pass")
                    .did_you_mean(name, ["mask", "drop", "pass"]),
            ),
        }
    }
    for (name, at) in host.texts("grants", findings) {
        match Grant::parse(name) {
            Some(grant) => plugin = plugin.grant(grant),
            None => {
                let known = Grant::ALL.map(Grant::as_str);
                let message = format!("there is no such grant; there are {}", known.join(", "));
                findings.push(
                    Finding::error(at, host.path_of("grants"), message).did_you_mean(name, known),
                );
            }
        }
    }
    let mut limits = PluginLimits::default();
    let section = host.section("limits", findings);
    limits::read(&mut limits, section.as_ref(), findings);
    plugin.limits(limits)
}

fn unknown(kind: &str, at: Pos, path: &str) -> Finding {
    if ELSEWHERE.contains(&kind) {
        let message = format!("{kind} is a processor of the Collector and stays there");
        let fix =
            "keep it in the Collector behind Tamis, and take it out here and out of the pipelines";
        return Finding::error(at, path, message).with_fix(fix);
    }
    let finding = Finding::error(at, path, format!("no plugin named {kind} ships with tamis"));
    let own = "for a plugin of your own add `plugin: {path: FILE.wasm}`";
    let found = finding.did_you_mean(kind, Plugin::shipped_names());
    match found.fix {
        Some(ref near) => {
            let fix = format!("{near} {own}");
            found.with_fix(fix)
        }
        None => found.with_fix(own),
    }
}
