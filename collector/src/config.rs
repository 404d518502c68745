//! A config in the shape of the Collector's, parsed once, with the place of everything kept.
//!
//! Every fault of a file is found in one go. What the file says beside processors and pipelines is
//! kept as nodes for the daemon and ignored by `tamis scrub`.
//!
//! Must never: put the value of a setting into a message.

mod chains;
mod expand;
mod finding;
mod limits;
mod node;
mod pipelines;
mod processors;
mod section;
mod yaml;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

pub use chains::Chains;
pub use finding::{Finding, Findings, Severity};
pub use node::{Member, Node, Pos, Value};
pub use pipelines::{Pipeline, choose};
pub use processors::{Processor, ProcessorKind};
pub use yaml::{CONFIG_BYTES_MAX, CONFIG_DEPTH_MAX, CONFIG_NODES_MAX, parse};

use section::Section;

/// Gives the value of an environment variable.
pub type Environment<'e> = dyn Fn(&str) -> Option<String> + 'e;

/// A config without faults, as far as they can be seen without loading its plugins.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file's name, as it was given.
    pub file: String,
    /// Its folder, to which paths in it are relative.
    pub folder: PathBuf,
    /// The file's text, for messages about it.
    text: String,
    /// `processors`
    pub processors: Vec<Processor>,
    /// `service.pipelines`
    pub pipelines: Vec<Pipeline>,
    /// `receivers`, as it stands.
    pub receivers: Option<Node>,
    /// `exporters`, as it stands.
    pub exporters: Option<Node>,
    /// `extensions`, as it stands.
    pub extensions: Option<Node>,
    /// `service.telemetry`, as it stands.
    pub telemetry: Option<Node>,
    /// What is worth knowing.
    pub notes: Vec<Finding>,
}

/// Sections at the root of a config.
const SECTIONS: [&str; 6] = [
    "receivers",
    "processors",
    "exporters",
    "extensions",
    "connectors",
    "service",
];

impl Config {
    /// Reads a file and fills in the variables of this process's environment.
    ///
    /// # Errors
    /// That the file cannot be read, or [`Findings`], every one of them.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| {
                file.take(CONFIG_BYTES_MAX as u64 + 1)
                    .read_to_end(&mut bytes)
            })
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let text = String::from_utf8(bytes)
            .ok()
            .with_context(|| format!("{} is not UTF-8", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let env = |name: &str| std::env::var(name).ok();
        Ok(Self::parse(
            &path.display().to_string(),
            folder,
            text,
            &env,
        )?)
    }

    /// Reads the text of a file of this name.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(
        file: &str,
        folder: &Path,
        text: String,
        env: &Environment<'_>,
    ) -> Result<Self, Findings> {
        let root = match parse(&text, env) {
            Ok(root) => root,
            Err(finding) => return Err(Findings::new(file, &text, vec![finding])),
        };
        let mut findings = Vec::new();
        let config = read(&root, file, folder, &mut findings);
        let (notes, errors): (Vec<_>, Vec<_>) = findings
            .into_iter()
            .partition(|finding| finding.severity == Severity::Note);
        match config {
            Some(config) if errors.is_empty() => Ok(Self {
                text,
                notes,
                ..config
            }),
            _ => {
                let all = errors.into_iter().chain(notes).collect();
                Err(Findings::new(file, &text, all))
            }
        }
    }

    /// These findings as an error about this file.
    #[must_use]
    pub fn findings(&self, findings: Vec<Finding>) -> Findings {
        Findings::new(self.file.as_str(), &self.text, findings)
    }
}

fn read(root: &Node, file: &str, folder: &Path, findings: &mut Vec<Finding>) -> Option<Config> {
    let root = Section::new(root, "", findings)?;
    root.known(&SECTIONS, findings);
    let kept = |key| root.get(key).map(|member| member.node.clone());
    let processors = processors::read(&root, folder, findings);
    let Some(service) = root.section("service", findings) else {
        let message =
            "a config needs `service.pipelines`, which says what goes through which processors";
        findings.push(
            Finding::error(root.at, "", message)
                .with_fix("add `service: {pipelines: {logs: {processors: [scrub]}}}`"),
        );
        return None;
    };
    service.known(&["pipelines", "telemetry", "extensions"], findings);
    let pipelines = pipelines::read(&service, &processors, findings);
    for processor in &processors {
        let used = |pipeline: &Pipeline| pipeline.names.contains(&processor.name);
        if !pipelines.iter().any(used) {
            let path = format!("processors.{}", processor.name);
            findings.push(Finding::note(processor.at, path, "no pipeline uses it"));
        }
    }
    Some(Config {
        file: file.to_owned(),
        folder: folder.to_owned(),
        text: String::new(),
        receivers: kept("receivers"),
        exporters: kept("exporters"),
        extensions: kept("extensions"),
        telemetry: service.get("telemetry").map(|member| member.node.clone()),
        notes: Vec::new(),
        processors,
        pipelines,
    })
}
