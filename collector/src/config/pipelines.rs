//! `service.pipelines`: which batches go through which processors.

use tamis::Signal;

use super::finding::Finding;
use super::node::Pos;
use super::processors::{Processor, ProcessorKind};
use super::section::Section;

/// One pipeline.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// Its name, `signal` or `signal/name`.
    pub name: String,
    /// Where its name stands.
    pub at: Pos,
    /// What it carries.
    pub signal: Signal,
    /// The names of its processors, in order.
    pub names: Vec<String>,
    /// Whether the config says that nothing changes its batches.
    pub unscrubbed: bool,
    /// Its receivers.
    pub(super) receivers: Vec<Reference>,
    /// Its exporters.
    pub(super) exporters: Vec<Reference>,
}

/// A name in a pipeline.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) at: Pos,
}

pub(super) fn read(
    service: &Section<'_>,
    processors: &[Processor],
    findings: &mut Vec<Finding>,
) -> Vec<Pipeline> {
    let section = service.section("pipelines", findings);
    let Some(section) = section.filter(|section| !section.members.is_empty()) else {
        let message = "a config needs at least one pipeline";
        findings.push(
            Finding::error(service.at, service.path_of("pipelines"), message)
                .with_fix("add `pipelines: {logs: {processors: [scrub]}}`"),
        );
        return Vec::new();
    };
    let mut pipelines = Vec::new();
    for member in section.members {
        let path = section.path_of(&member.key);
        let signal = signal(&member.key, member.at, &path, findings);
        let Some(pipeline) = Section::new(&member.node, path, findings) else {
            continue;
        };
        pipeline.known(
            &["receivers", "processors", "exporters", "unscrubbed"],
            findings,
        );
        let mut named = |key| -> Vec<Reference> {
            let texts = pipeline.texts(key, findings).into_iter();
            let reference = |(name, at): (&str, Pos)| Reference {
                name: name.to_owned(),
                at,
            };
            texts.map(reference).collect()
        };
        let (receivers, exporters) = (named("receivers"), named("exporters"));
        let unscrubbed = pipeline.flag("unscrubbed", findings).unwrap_or(false);
        let (names, works) = references(&pipeline, processors, findings);
        if works == unscrubbed {
            findings.push(contradiction(&pipeline, member.at, works));
        } else if unscrubbed {
            findings.push(pipeline.note("unscrubbed", "its batches leave as they come"));
        }
        if let Some(signal) = signal {
            pipelines.push(Pipeline {
                name: member.key.clone(),
                at: member.at,
                signal,
                names,
                unscrubbed,
                receivers,
                exporters,
            });
        }
    }
    pipelines
}

fn signal(name: &str, at: Pos, path: &str, findings: &mut Vec<Finding>) -> Option<Signal> {
    let kind = name.split_once('/').map_or(name, |(kind, _)| kind);
    let signal = Signal::parse(kind);
    if kind == "profiles" {
        let message = "profiles are not carried: Tamis knows traces, logs and metrics";
        let fix = "take the pipeline out, and send profiles to the Collector directly";
        findings.push(Finding::error(at, path, message).with_fix(fix));
    } else if signal.is_none() {
        let message = "a pipeline is named traces, logs or metrics, or one of them with `/name`";
        let known = Signal::ALL.iter().map(|signal| signal.as_str());
        findings.push(Finding::error(at, path, message).did_you_mean(kind, known));
    }
    signal
}

/// What is wrong where `unscrubbed` and the processors say different things.
fn contradiction(pipeline: &Section<'_>, at: Pos, works: bool) -> Finding {
    if works {
        let message = "a pipeline with processors is not `unscrubbed`";
        return pipeline
            .error("unscrubbed", message)
            .with_fix("take `unscrubbed` out");
    }
    let message = "nothing in this pipeline would change a batch: it would leave unscrubbed";
    Finding::error(at, pipeline.path.clone(), message).with_fix(
        "add `scrub:` under `processors:` and `scrub` to this pipeline's processors; \
         or say `unscrubbed: true` here if that is meant",
    )
}

/// The names of the pipeline's processors, each of which must be there, and whether any of them
/// does something.
fn references(
    pipeline: &Section<'_>,
    processors: &[Processor],
    findings: &mut Vec<Finding>,
) -> (Vec<String>, bool) {
    let path = pipeline.path_of("processors");
    let mut names: Vec<String> = Vec::new();
    let before = findings.len();
    let texts = pipeline.texts("processors", findings);
    let mut works = findings.len() > before;
    for (name, at) in texts {
        if names.iter().any(|known| known == name) {
            let message = format!("{name} stands in this pipeline twice");
            findings.push(Finding::error(at, path.clone(), message));
        }
        match processors.iter().find(|processor| processor.name == name) {
            Some(processor) => works |= !matches!(processor.kind, ProcessorKind::Idle),
            None => {
                works = true;
                let message = format!("{name} is not one of the processors of this file");
                let known = processors.iter().map(|processor| processor.name.as_str());
                let finding = Finding::error(at, path.clone(), message).did_you_mean(name, known);
                let fix = format!("add `{name}:` under `processors:`");
                findings.push(match finding.fix {
                    None => finding.with_fix(fix),
                    Some(_) => finding,
                });
            }
        }
        names.push(name.to_owned());
    }
    (names, works)
}

/// The pipeline for a signal: the one of this name, or the only one that there is.
///
/// # Errors
/// Why there is none, in words.
pub fn choose<'p>(
    pipelines: &'p [Pipeline],
    signal: Signal,
    name: Option<&str>,
) -> Result<&'p Pipeline, String> {
    let of_signal = || {
        pipelines
            .iter()
            .filter(|pipeline| pipeline.signal == signal)
    };
    if let Some(name) = name {
        let named = of_signal().find(|pipeline| pipeline.name == name);
        return named
            .ok_or_else(|| format!("the config has no pipeline named {name} for {signal}"));
    }
    let mut all = of_signal();
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(format!("the config has no pipeline for {signal}")),
        (Some(_), Some(_)) => {
            let names: Vec<_> = of_signal().map(|pipeline| pipeline.name.as_str()).collect();
            Err(format!(
                "the config has several pipelines for {signal}: choose one with --pipeline ({})",
                names.join(", ")
            ))
        }
    }
}
