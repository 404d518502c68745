//! What the settings come to, and what the host is asked to show.
//!
//! Must never: depend on anything but the settings, for every instance must decide alike.

use tamis_sdk::{ConfigError, Interest, Operation, Role};

use crate::beside::Beside;
use crate::hash::Fnv;
use crate::keep::{Match, Rule};
use crate::sampler::{Method, Sampler};
use crate::settings::{AttributeSource, Mode, Settings};

/// Digits of a threshold when nothing is said.
const PRECISION: u32 = 4;
/// The attribute of spans that overrules the percentage.
const SPAN_PRIORITY: &str = "sampling.priority";

/// Detectors, by which drops and keeps are counted: those of the plain percentage come first, then
/// those of the environments, then those of the rules.
const FIXED: [&str; 5] = [
    "dropped.percentage",
    "kept.percentage",
    "dropped.fault",
    "dropped.priority",
    "kept.priority",
];

/// Why a record was dropped or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The percentage, of an environment or the plain one.
    Percentage(Option<usize>),
    /// It could not be decided.
    Fault,
    /// Its own priority.
    Priority,
    /// A rule keeps it.
    Rule(usize),
}

/// What a log record's own randomness is made of in `hash_seed` mode.
#[derive(Debug)]
pub(crate) struct LogSource {
    pub(crate) trace_id: bool,
    pub(crate) attribute: Option<usize>,
}

/// What the settings come to.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) sampler: Sampler,
    pub(crate) environments: Vec<(Match, Sampler)>,
    pub(crate) keep: Vec<Rule>,
    pub(crate) hash: Fnv,
    pub(crate) seed: u32,
    pub(crate) precision: u32,
    pub(crate) log_source: LogSource,
    pub(crate) span_priority: usize,
    pub(crate) log_priority: Option<usize>,
    /// Slots of the sessions' keys: of records, of resources.
    pub(crate) session: Vec<(usize, usize)>,
    pub(crate) beside: Beside,
}

impl Rules {
    /// Checks the settings, and says every fault at once.
    pub(crate) fn new(settings: &Settings) -> Result<(Self, Interest), ConfigError> {
        settings.check()?;
        let mut beside = Beside::default();
        let method = match settings.mode {
            Some(Mode::Equalizing) => Method::Equalizing,
            Some(Mode::Proportional) => Method::Proportional,
            _ if !settings.session.is_empty() => Method::Proportional,
            _ => Method::Hash,
        };
        let precision = settings.sampling_precision.unwrap_or(PRECISION);
        let closed = settings.fail_closed.unwrap_or(true);
        let sampler = |percentage| Sampler::new(method, percentage, precision, closed);
        let seed = settings.hash_seed.unwrap_or(0);
        let mut named = |key: &Option<String>| {
            let key = key.as_deref().filter(|key| !key.is_empty());
            key.map(|key| beside.attribute(key))
        };
        let log_source = LogSource {
            trace_id: settings.attribute_source != Some(AttributeSource::Record),
            attribute: named(&settings.from_attribute),
        };
        let log_priority = named(&settings.sampling_priority);
        let rules = Self {
            sampler: sampler(settings.sampling_percentage.unwrap_or(0.0)),
            environments: settings
                .environments
                .iter()
                .map(|environment| {
                    let matches = Match::new(environment, &mut beside);
                    (matches, sampler(environment.sampling_percentage))
                })
                .collect(),
            keep: settings
                .keep
                .iter()
                .map(|rule| Rule::new(rule, &mut beside))
                .collect(),
            hash: Fnv::new(seed),
            seed,
            precision,
            log_source,
            span_priority: beside.attribute(SPAN_PRIORITY),
            log_priority,
            session: settings
                .session
                .iter()
                .map(|key| (beside.attribute(key), beside.of_resource(key)))
                .collect(),
            beside,
        };
        let interest = Interest {
            role: Role::Reduce,
            detectors: detectors(settings),
            operations: vec![
                Operation::DropRecord,
                Operation::SetTraceState,
                Operation::Set,
            ],
            records: rules.beside.records(),
            ..Interest::default()
        };
        Ok((rules, interest))
    }

    /// The number of the detector under which a drop (or else a keep) is counted.
    pub(crate) fn detector(&self, why: Why, keeps: Keeps) -> u32 {
        let kept = usize::from(keeps == Keeps::Record);
        let number = match why {
            Why::Percentage(None) => kept,
            Why::Fault => 2,
            Why::Priority => 3 + kept,
            Why::Percentage(Some(environment)) => FIXED.len() + 2 * environment + kept,
            Why::Rule(rule) => FIXED.len() + 2 * self.environments.len() + rule,
        };
        number as u32
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// That a record was kept.
    Record,
    /// That it was dropped.
    Nothing,
}

fn detectors(settings: &Settings) -> Vec<String> {
    let environments = settings.environments.iter().flat_map(|environment| {
        ["dropped", "kept"].map(|what| format!("{what}.environment.{}", environment.name))
    });
    let rules = settings.keep.iter();
    let rules = rules.map(|rule| format!("kept.rule.{}", rule.name));
    let fixed = FIXED.iter().map(|&name| name.to_owned());
    fixed.chain(environments).chain(rules).collect()
}
