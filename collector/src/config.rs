//! A config in the shape of the Collector's, parsed once, with the place of everything kept.
//!
//! Every fault of a file is found in one go. What only the daemon needs is read for the daemon only:
//! `tamis scrub` takes a file whose receivers and exporters could not run here.
//!
//! Must never: put the value of a setting into a message.

mod chains;
mod clusters;
mod expand;
mod fields;
mod finding;
mod limits;
mod node;
mod pipelines;
mod processors;
mod section;
mod service;
mod yaml;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tamis::Cache;

pub use chains::Chains;
pub use clusters::Cluster;
pub use finding::{Finding, Findings, Severity};
pub use node::{Member, Node, Pos, Value};
pub use pipelines::{Pipeline, choose};
pub use processors::{Processor, ProcessorKind};
pub use service::{
    Address, HealthSettings, LogEncoding, LogLevel, LogSettings, Route, SHUTDOWN_TIMEOUT, Service,
    TelemetrySettings,
};
pub use yaml::{CONFIG_BYTES_MAX, CONFIG_DEPTH_MAX, CONFIG_NODES_MAX, parse};

use section::Section;

/// Gives the value of an environment variable.
pub type Environment<'e> = dyn Fn(&str) -> Option<String> + 'e;

/// What a config is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Its chains: receivers, exporters and the like are not looked at.
    Chains,
    /// All of it.
    Daemon,
}

/// A config.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file's name, as it was given.
    pub file: String,
    /// Its folder, to which paths in it are relative.
    pub folder: PathBuf,
    /// `processors`
    pub processors: Vec<Processor>,
    /// `service.pipelines`
    pub pipelines: Vec<Pipeline>,
    /// What the daemon runs; none when it was not asked for, or the file has neither receivers nor
    /// exporters.
    pub service: Option<Service>,
    /// What is worth knowing.
    pub notes: Findings,
}

/// Sections at the root of a config.
const SECTIONS: [&str; 7] = [
    "receivers",
    "processors",
    "exporters",
    "extensions",
    "connectors",
    "service",
    "report",
];

/// Keys of `service`.
const SERVICE: [&str; 4] = ["pipelines", "telemetry", "extensions", "shutdown_timeout"];

/// Reads a config with the variables of this process's environment, loads its plugins and builds
/// the chains of its pipelines.
///
/// # Errors
/// [`Findings`]: everything that is wrong with it.
pub fn load(path: &Path, purpose: Purpose, cache: &Arc<Cache>) -> anyhow::Result<(Config, Chains)> {
    let file = path.display().to_string();
    let text = read_file(path).map_err(|message| {
        Findings::new(
            file.as_str(),
            "",
            vec![Finding::error(Pos::default(), "", message)],
        )
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let env = |name: &str| std::env::var(name).ok();
    load_text(&file, folder, &text, &env, purpose, cache)
}

fn read_file(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    // One byte more than it may have, so that the limit is seen and `/dev/zero` has an end.
    let most = CONFIG_BYTES_MAX as u64 + 1;
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
}

/// The same for the text of a file of this name.
///
/// # Errors
/// [`Findings`]: everything that is wrong with it.
pub fn load_text(
    file: &str,
    folder: &Path,
    text: &str,
    env: &Environment<'_>,
    purpose: Purpose,
    cache: &Arc<Cache>,
) -> anyhow::Result<(Config, Chains)> {
    let failed = |findings| Err(Findings::new(file, text, findings).into());
    let root = match parse(text, env) {
        Ok(root) => root,
        Err(finding) => return failed(vec![finding]),
    };
    let mut findings = Vec::new();
    let Some(config) = read(&root, file, folder, purpose, &mut findings) else {
        return failed(findings);
    };
    let clusters = clusters::open(&config, purpose, &mut findings);
    let errors = |findings: &[Finding]| {
        let mut all = findings.iter();
        all.any(|finding| finding.severity == Severity::Error)
    };
    if errors(&findings) {
        // What the plugins have to say is said at once, though nothing will run.
        chains::try_each(&config, &clusters, cache, &mut findings)?;
        return failed(findings);
    }
    let chains = Chains::build(&config, clusters, cache, &mut findings)?;
    if errors(&findings) {
        return failed(findings);
    }
    let notes = Findings::new(file, text, findings);
    Ok((Config { notes, ..config }, chains))
}

fn read(
    node: &Node,
    file: &str,
    folder: &Path,
    purpose: Purpose,
    findings: &mut Vec<Finding>,
) -> Option<Config> {
    let root = Section::new(node, "", findings)?;
    root.known(&SECTIONS, findings);
    let processors = processors::read(&root, folder, findings);
    let service = root.section("service", findings);
    let pipelines = match &service {
        Some(service) => {
            service.known(&SERVICE, findings);
            pipelines::read(service, &processors, findings)
        }
        None => {
            let message =
                "`service.pipelines` is missing: it says what goes through which processors";
            let fix = "add `service: {pipelines: {logs: {processors: [scrub]}}}`";
            findings.push(Finding::error(root.at, "service", message).with_fix(fix));
            Vec::new()
        }
    };
    for processor in &processors {
        let used = |pipeline: &Pipeline| pipeline.names.contains(&processor.name);
        let faulty = matches!(processor.kind, ProcessorKind::Faulty);
        if !faulty && !pipelines.iter().any(used) {
            let path = format!("processors.{}", processor.name);
            findings.push(Finding::note(processor.at, path, "no pipeline uses it"));
        }
    }
    Some(Config {
        file: file.to_owned(),
        folder: folder.to_owned(),
        service: match purpose {
            Purpose::Chains => None,
            Purpose::Daemon => {
                let file = service::File {
                    node,
                    root: &root,
                    service: service.as_ref(),
                    folder,
                };
                service::read(&file, &processors, &pipelines, findings)
            }
        },
        notes: Findings::default(),
        processors,
        pipelines,
    })
}
