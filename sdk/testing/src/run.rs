//! Runs a case: on every form of the plugin, with the same result, and once more on its own output.
//!
//! Must never: call a case passed of which one form said something else.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use otlp_wire::Signal;
use tamis_host::{
    Cache, Chain, ChainBuilder, ChainError, Code, Component, Context, Engine, EngineOptions, Grant,
    NativePlugin, Operation, Outcome, PluginError, PluginLimits, PluginSpec, Report, ReportLine,
    Table,
};

use crate::case::{Batch, Case, CaseError, Ending, Lookup};
use crate::diff;
use crate::notation;

/// Name of the plugin in the chain of a case.
const PLUGIN: &str = "plugin";

/// A plugin in one of the ways in which it runs.
#[derive(Debug, Clone)]
pub struct Form {
    /// What it is called in a failure: `native`, `wasm`, `cached`.
    pub label: &'static str,
    /// The code.
    pub code: Code,
}

/// Why a plugin cannot be made ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// The engine cannot be made.
    #[error(transparent)]
    Engine(#[from] tamis_host::EngineError),
    /// The component cannot be loaded.
    #[error("the component cannot be loaded")]
    Component(#[from] tamis_host::ComponentError),
    /// There is no folder for compiled code.
    #[error("there is no folder for compiled code")]
    Folder(#[from] std::io::Error),
}

/// Every form of a plugin: linked natively where it is, compiled now, and from the cache.
///
/// # Errors
/// [`FormError`] when the component cannot be loaded.
pub fn forms(component: &[u8], native: Option<NativePlugin>) -> Result<Vec<Form>, FormError> {
    let engine = Engine::new(&EngineOptions::modest())?;
    let folder = tempfile::tempdir()?;
    let cache = Cache::at(folder.path().join("cache"));
    let limits = PluginLimits::default();
    let load = || Component::load(&engine, &cache, component, None, &Grant::ALL, &limits);
    let compiled = Form {
        label: "wasm",
        code: Code::Wasm(load()?),
    };
    let cached = Form {
        label: "cached",
        code: Code::Wasm(load()?),
    };
    let native = native.map(|plugin| Form {
        label: "native",
        code: Code::Native(plugin),
    });
    Ok(native.into_iter().chain([compiled, cached]).collect())
}

/// What a plugin made of a case.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observed {
    /// What became of the batch; none if the plugin did not start.
    pub ending: Option<Ending>,
    /// What left, in the form of the input, if it changed.
    pub output: Option<String>,
    /// The report's lines.
    pub report: Vec<String>,
    /// Names of the faults.
    pub faults: Vec<String>,
    /// What is wrong with the settings.
    pub config_errors: Vec<String>,
    /// What the plugin itself said, faults' own words included. Content: for its author's eyes.
    pub words: Vec<String>,
    pub(crate) bytes: Vec<u8>,
}

/// Runs a case on every form.
///
/// # Errors
/// [`CaseError`] when the case itself is faulty.
pub fn run(case: &Case, forms: &[Form]) -> Result<Verdict, CaseError> {
    let batch = case.batch()?;
    let grants = grants(case)?;
    let mut verdict = Verdict::default();
    for form in forms {
        let ran = observe(case, &batch, &grants, form);
        match &verdict.observed {
            None => {
                verdict.differences = diff::expected(case, &ran.observed);
                verdict.problems.extend(ran.problems);
                verdict.observed = Some(ran.observed);
            }
            Some(first) if first.without_words() != ran.observed.without_words() => {
                let told = diff::between(first, &ran.observed);
                verdict.problems.push(format!(
                    "{} differs from {}:\n{told}",
                    form.label, forms[0].label
                ));
            }
            Some(_) => {}
        }
    }
    Ok(verdict)
}

/// What came of a case.
#[derive(Default)]
#[non_exhaustive]
pub struct Verdict {
    /// Where what happened is not what was expected, as a diff; a bless takes it over.
    pub differences: Option<String>,
    /// What no expectation can make right.
    pub problems: Vec<String>,
    /// What the first form made of the case.
    pub observed: Option<Observed>,
}

impl Verdict {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_none() && self.problems.is_empty()
    }
}

struct Ran {
    observed: Observed,
    problems: Vec<String>,
}

fn grants(case: &Case) -> Result<Vec<Grant>, CaseError> {
    let grant = |name: &String| {
        Grant::parse(name).ok_or_else(|| CaseError::Name {
            case: case.name.clone(),
            name: name.clone(),
        })
    };
    case.grants.iter().map(grant).collect()
}

fn observe(case: &Case, batch: &Batch, grants: &[Grant], form: &Form) -> Ran {
    let mut spec = PluginSpec::new(PLUGIN, form.code.clone()).with_settings(case.settings.clone());
    spec.grants = grants.to_vec();
    let context = case
        .peer
        .as_ref()
        .map_or_else(Context::default, Context::from_peer);
    let chain = match with_tables(case, ChainBuilder::new()).plugin(spec).build() {
        Ok(chain) => chain,
        Err(error) => {
            return Ran {
                observed: not_started(&error),
                problems: Vec::new(),
            };
        }
    };
    let bytes = Bytes::from(batch.bytes.clone());
    let outcome = chain.process(batch.signal, bytes.clone(), &context);
    let mut problems = Vec::new();
    let mut observed = Observed::empty();
    match outcome {
        Outcome::Unchanged {
            bytes: same,
            report,
        } => {
            if same.as_ptr() != bytes.as_ptr() || same != bytes {
                problems.push("an unchanged batch left as other bytes".to_owned());
            }
            observed.ending = Some(Ending::Unchanged);
            observed.take(&report);
        }
        Outcome::Edited {
            bytes: edited,
            report,
        } => {
            observed.ending = Some(Ending::Edited);
            observed.take(&report);
            observed.output = Some(case.show(batch.signal, &edited));
            problems.extend(inexact(case, batch.signal, &edited, &report));
            problems.extend(again(case, &chain, batch.signal, &edited, &context));
            observed.bytes = edited.to_vec();
        }
        Outcome::Dropped { report } => {
            observed.ending = Some(Ending::Dropped);
            observed.take(&report);
        }
        Outcome::Refused(refusal) => {
            observed.ending = Some(Ending::Refused);
            observed.words.push(chain_of(&refusal));
        }
    }
    let said = chain
        .take_guest_lines()
        .into_iter()
        .flat_map(|(_, lines)| lines);
    observed.words.extend(said.map(|line| line.words));
    Ran { observed, problems }
}

/// A table that answers what a case says.
struct Told(Vec<Lookup>);

impl Table for Told {
    fn get(&self, keys: &str) -> Result<String, String> {
        let keys: serde_json::Value =
            serde_json::from_str(keys).map_err(|error| error.to_string())?;
        let own = self.0.iter().find(|told| told.keys.as_ref() == Some(&keys));
        let other = || self.0.iter().find(|told| told.keys.is_none());
        let told = own.or_else(other).ok_or("the case has no answer to this")?;
        Ok(told.answer.to_string())
    }
}

fn with_tables(case: &Case, chain: ChainBuilder) -> ChainBuilder {
    let names: BTreeSet<&String> = case.lookups.iter().map(|told| &told.table).collect();
    names.into_iter().fold(chain, |chain, name| {
        let of_table = case.lookups.iter().filter(|told| told.table == *name);
        let table = Told(of_table.cloned().collect());
        chain.table(name, Arc::new(table))
    })
}

/// Beyond what the text shows, the bytes must be those that the text stands for. Inserted fields
/// stand last in their message, so the order of fields is free where a plugin inserts.
fn inexact(case: &Case, signal: Signal, edited: &[u8], report: &Report) -> Option<String> {
    use Operation::{InsertIfAbsent, Set, SetTraceState};
    let inserts =
        |line: &ReportLine| matches!(line.operation, InsertIfAbsent | Set | SetTraceState);
    if case.hex.is_some() || report.lines.iter().any(inserts) {
        return None;
    }
    let text = notation::to_text(signal, edited);
    let again = notation::to_bytes(Some(signal), &text).ok()?;
    (again.1 != edited).then(|| "bytes outside of the edits are not what they were".to_owned())
}

/// Runs the plugin on its own output.
fn again(
    case: &Case,
    chain: &Chain,
    signal: Signal,
    edited: &Bytes,
    context: &Context,
) -> Option<String> {
    if !case.idempotent {
        return None;
    }
    match chain.process(signal, edited.clone(), context) {
        Outcome::Unchanged { .. } => None,
        Outcome::Edited { bytes, .. } if bytes == *edited => None,
        Outcome::Edited { bytes, .. } => {
            let (once, twice) = (case.show(signal, edited), case.show(signal, &bytes));
            Some(format!(
                "run twice, it changes its own output:\n{}",
                diff::lines(&once, &twice)
            ))
        }
        _ => Some("run twice, it drops or refuses its own output".to_owned()),
    }
}

fn not_started(error: &ChainError) -> Observed {
    let mut observed = Observed::empty();
    observed.config_errors = match error {
        ChainError::Plugin { source, .. } => match source.as_ref() {
            PluginError::Config(faults) => {
                let told =
                    |fault: &tamis_host::ConfigFault| format!("{}: {}", fault.path, fault.message);
                faults.faults.iter().map(told).collect()
            }
            other => vec![format!(": {}", chain_of(other))],
        },
        other => vec![format!(": {}", chain_of(other))],
    };
    observed
}

/// An error with its causes.
fn chain_of(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}

impl Observed {
    fn empty() -> Self {
        Self {
            ending: None,
            output: None,
            report: Vec::new(),
            faults: Vec::new(),
            config_errors: Vec::new(),
            words: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// Backtraces differ between forms; nothing else may.
    fn without_words(&self) -> Self {
        Self {
            words: Vec::new(),
            ..self.clone()
        }
    }

    fn take(&mut self, report: &Report) {
        self.report
            .extend(report.lines.iter().flat_map(report_lines));
        for (_, fault) in &report.faults {
            self.faults.push(fault.name().to_owned());
            self.words.push(chain_of(fault));
            self.words.extend(fault.words().map(str::to_owned));
        }
    }
}

/// `record place key start..end operation detector`, one for each record that an edit drops.
fn report_lines(line: &ReportLine) -> impl Iterator<Item = String> {
    let key = line
        .key
        .as_ref()
        .map_or_else(String::new, |key| format!(" {key:?}"));
    let operation = serde_json::to_value(line.operation).unwrap_or_default();
    let operation = operation.as_str().unwrap_or_default();
    let detector = line
        .detector
        .as_ref()
        .map_or_else(String::new, |name| format!(" {name}"));
    let (place, start, end) = (line.place, line.start, line.end);
    let rest = format!("{place}{key} {start}..{end} {operation}{detector}");
    let first = line.record;
    (0..line.records).map(move |more| {
        let record = first.map_or_else(|| "-".to_owned(), |first| (first + more).to_string());
        format!("{record} {rest}")
    })
}
