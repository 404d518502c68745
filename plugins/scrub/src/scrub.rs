//! The plugin: what it asks to be shown, and which of the values it looks at.
//!
//! What becomes of a value is the business of `value`. Must never: pass by a value that hit, but in a
//! service that is excluded.

use std::collections::HashMap;

use tamis_sdk::{
    ConfigError, Edits, Fault, Glob, Interest, Kind, Operation, Place, Plugin, Role, ValueView,
    View,
};

use crate::choice::{Choice, choose};
use crate::need::{Purpose, SERVICE_NAME, subscriptions};
use crate::settings::{Action, Mode, Settings};
use crate::value::Buffers;

/// The configured plugin.
#[derive(Debug)]
pub struct Scrub {
    pub(crate) choice: Choice,
    pub(crate) purposes: Vec<Purpose>,
    /// Values that are no secrets.
    pub(crate) values: Vec<Glob>,
    services: Vec<Glob>,
    buffers: Buffers,
}

impl Plugin for Scrub {
    const NAME: &'static str = "scrub";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        let choice = choose(&settings)?;
        let asked = subscriptions(&choice.detect, &settings.custom, &settings.exclude);
        let (purposes, subscriptions) = asked.into_iter().unzip();
        let globs = |texts: &[String]| texts.iter().map(|text| Glob::new(text)).collect();
        let interest = Interest {
            role: match settings.mode {
                Mode::Scrub => Role::Protect,
                // It protects nothing, so a fault of its must not change anything either.
                Mode::Report => Role::Enrich,
            },
            detectors: choice.kinds.clone(),
            operations: operations(&choice),
            subscriptions,
            ..Interest::default()
        };
        let scrub = Self {
            purposes,
            values: globs(&settings.exclude.values),
            services: globs(&settings.exclude.services),
            buffers: Buffers::default(),
            choice,
        };
        Ok((scrub, interest))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let passed = self.passed_services(view);
        let is_passed = |value: &ValueView<'_>| {
            let resource = resource(view, value);
            resource.is_some_and(|resource| passed.get(&resource).copied().unwrap_or(false))
        };
        let mut buffers = std::mem::take(&mut self.buffers);
        let mut hits = std::mem::take(&mut buffers.hits);
        hits.clear();
        hits.extend(view.hits());
        let mut rest = hits.as_slice();
        let mut done = Ok(());
        for value in view.values() {
            let count = rest.iter().take_while(|hit| hit.value <= value.row).count();
            let (own, others) = rest.split_at(count);
            rest = others;
            if value.hit && (passed.is_empty() || !is_passed(&value)) {
                done = self.scrub(&value, own, &mut buffers, edits);
            }
            if done.is_err() {
                break;
            }
        }
        buffers.hits = hits;
        self.buffers = buffers;
        done
    }
}

fn operations(choice: &Choice) -> Vec<Operation> {
    let mut operations = vec![Operation::Report];
    if [Action::Mask, Action::Hash, Action::Drop]
        .into_iter()
        .any(|action| choice.uses(action))
    {
        operations.extend([Operation::ReplaceRange, Operation::ReplaceValue]);
    }
    if choice.uses(Action::Drop) {
        operations.push(Operation::Remove);
    }
    operations
}

/// Ordinal of the resource that a value belongs to.
fn resource(view: &View<'_>, value: &ValueView<'_>) -> Option<u32> {
    let record = value.record.and_then(|row| view.record(row));
    let container = value.container.and_then(|row| view.container(row));
    record
        .map(|record| record.resource)
        .or(container.and_then(|container| container.resource))
}

impl Scrub {
    /// For each resource that names its service, whether that is excluded. Where a resource names
    /// several, all must be.
    fn passed_services(&self, view: &View<'_>) -> HashMap<u32, bool> {
        let mut passed = HashMap::new();
        if self.services.is_empty() {
            return passed;
        }
        for value in view.values() {
            let names = value.place == Place::ResourceAttribute
                && value.depth == 0
                && value.kind == Kind::String
                && value.key == Some(SERVICE_NAME.as_bytes());
            if let Some(resource) = resource(view, &value).filter(|_| names) {
                let excluded = self.services.iter().any(|glob| glob.matches(value.bytes));
                let all = passed.entry(resource).or_insert(true);
                *all &= excluded;
            }
        }
        passed
    }
}
