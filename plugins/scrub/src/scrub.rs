//! The plugin: finds the secrets in what it is shown and asks for the edits.
//!
//! One value at a time: the detectors' findings and the host's matches of custom patterns become
//! spans, spans that touch are joined, and each is masked, hashed, dropped or reported. Must never:
//! let a finding go unmasked because another one overlaps it.

use std::collections::HashMap;
use std::ops::Range;

use tamis_detect::{Boundaries, Context, Finding, GateKey, Quote};
use tamis_sdk::{
    ConfigError, Edits, Fault, HitView, Interest, Kind, Operation, Place, Plugin, Role, ValueView,
    View,
};

use crate::borders;
use crate::choice::{Choice, choose};
use crate::glob::Glob;
use crate::need::{Purpose, SERVICE_NAME, subscriptions};
use crate::settings::{Action, Mode, Settings};
use crate::span::{Span, join};

/// The host shows so many hits in a value; of one with more, nobody knows where the others are.
const HITS_MAX: usize = 10_000;

/// Stands for the key of a value that is a secret by another of its keys than the one that is shown.
const ANY_SECRET_KEY: &[u8] = b"password";

/// The configured plugin.
#[derive(Debug)]
pub struct Scrub {
    choice: Choice,
    purposes: Vec<Purpose>,
    values: Vec<Glob>,
    services: Vec<Glob>,
    findings: Vec<Finding>,
}

impl Plugin for Scrub {
    const NAME: &'static str = "scrub";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        let choice = choose(&settings)?;
        let asked = subscriptions(choice.detect.gate(), &settings.custom, &settings.exclude);
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
        };
        let scrub = Self {
            purposes,
            values: globs(&settings.exclude.values),
            services: globs(&settings.exclude.services),
            findings: Vec::new(),
            choice,
        };
        Ok((scrub, interest))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let passed = self.passed_services(view);
        let hits: Vec<HitView> = view.hits().collect();
        let mut hits = hits.as_slice();
        for value in view.values() {
            let count = hits.partition_point(|hit| hit.value <= value.row);
            let (own, rest) = hits.split_at(count);
            hits = rest;
            let is_passed = resource(view, &value)
                .is_some_and(|resource| passed.get(&resource).copied().unwrap_or(false));
            if value.hit && !is_passed {
                self.scrub(&value, own, edits)?;
            }
        }
        Ok(())
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

    fn scrub(
        &mut self,
        value: &ValueView<'_>,
        hits: &[HitView],
        edits: &mut Edits<'_>,
    ) -> Result<(), Fault> {
        let number = number_text(value);
        let text = number.as_deref().map_or(value.bytes, str::as_bytes);
        let mut spans = self.spans(value, text, number.is_some(), hits);
        if number.is_some() {
            // A number is one thing: what is found in it is all of it.
            let whole = 0..value.bytes.len();
            for span in &mut spans {
                span.range = whole.clone();
            }
        }
        let action = |span: &Span| self.action(span.kind);
        let reported = spans.extract_if(.., |span| action(span) == Action::Report);
        for span in reported {
            edits.detected(span.kind).report(value.row, span.range)?;
        }
        join(&mut spans);
        let dropped = spans.iter().find(|span| action(span) == Action::Drop);
        match dropped {
            Some(span) if value.kind != Kind::Key => {
                Ok(edits.detected(span.kind).remove(value.row)?)
            }
            _ if number.is_some() => match spans.first() {
                Some(span) => {
                    let secret = self.substitute(span, text)?;
                    Ok(edits
                        .detected(span.kind)
                        .replace_value(value.row, &secret)?)
                }
                None => Ok(()),
            },
            _ => self.replace(value, &spans, edits),
        }
    }

    /// What was found in a value, on borders, in no order.
    fn spans(
        &mut self,
        value: &ValueView<'_>,
        text: &[u8],
        numeric: bool,
        hits: &[HitView],
    ) -> Vec<Span> {
        let context = Context {
            key: self.key(value, hits),
            boundaries: match value.place {
                Place::Unknown => Boundaries::Loose,
                _ => Boundaries::Strict,
            },
            numeric,
        };
        self.findings.clear();
        self.choice.detect.find(text, &context, &mut self.findings);
        let mut spans: Vec<Span> = Vec::new();
        for finding in &self.findings {
            let range = finding.start..finding.end;
            if !self.choice.masks.has_token(text, &range) && !self.may_pass(text, &range) {
                spans.push(Span {
                    range: borders::fit(text, &range),
                    kind: finding.detector.into(),
                    quote: finding.quote,
                });
            }
        }
        spans.extend(self.custom_spans(text, hits));
        spans
    }

    fn custom_spans(&self, text: &[u8], hits: &[HitView]) -> Vec<Span> {
        let first = tamis_detect::detectors().len();
        let mut counts: HashMap<usize, usize> = HashMap::new();
        let mut spans = Vec::new();
        for hit in hits {
            let Some(&Purpose::Custom(number)) = self.purposes.get(hit.subscription as usize)
            else {
                continue;
            };
            let kind = (first + number) as u32;
            let count = counts.entry(number).or_default();
            *count += 1;
            if *count >= HITS_MAX {
                let range = 0..text.len();
                let quote = Quote::None;
                spans.push(Span { range, kind, quote });
                continue;
            }
            let range = hit.secret_range();
            if range.is_empty() || range.end > text.len() || self.may_pass(text, &range) {
                continue;
            }
            spans.extend(self.custom_span(text, range, kind));
        }
        spans
    }

    /// A match of a custom pattern: none where it lies in a mask, and all of a mask that it cuts.
    fn custom_span(&self, text: &[u8], range: Range<usize>, kind: u32) -> Option<Span> {
        let mut whole = borders::fit(text, &range);
        for mask in self.choice.masks.around(text, &range) {
            if mask.start <= range.start && range.end <= mask.end {
                return None;
            }
            if mask.start < range.end && range.start < mask.end {
                whole = whole.start.min(mask.start)..whole.end.max(mask.end);
            }
        }
        let (range, quote) = borders::quote(text, &whole);
        Some(Span { range, kind, quote })
    }

    /// The key to judge a value by. An entry may have several, of which the view shows one.
    fn key<'v>(&self, value: &ValueView<'v>, hits: &[HitView]) -> Option<&'v [u8]> {
        if value.kind == Kind::Key {
            return None;
        }
        let by_key =
            |hit: &HitView| self.purposes.get(hit.subscription as usize) == Some(&Purpose::Key);
        let shown = value.key.unwrap_or_default();
        let fits = |key: &GateKey| key.matches(shown);
        let is_hidden = hits.iter().any(by_key) && !self.choice.detect.gate().keys.iter().any(fits);
        if is_hidden {
            Some(ANY_SECRET_KEY)
        } else {
            value.key
        }
    }

    fn may_pass(&self, text: &[u8], range: &Range<usize>) -> bool {
        let secret = text.get(range.clone()).unwrap_or_default();
        self.values.iter().any(|glob| glob.matches(secret))
    }

    fn action(&self, kind: u32) -> Action {
        let action = self.choice.actions.get(kind as usize);
        action.copied().unwrap_or_default()
    }

    /// What stands in the place of a span.
    fn substitute(&self, span: &Span, text: &[u8]) -> Result<String, Fault> {
        let secret = text.get(span.range.clone()).unwrap_or_default();
        let plain = match self.action(span.kind) {
            Action::Hash => self.choice.masks.token(span.kind, secret)?,
            _ => self.choice.masks.mask(span.kind),
        };
        Ok(match span.quote {
            Quote::None => plain,
            Quote::JsonString { backslashes } => {
                let quote = "\\".repeat(backslashes.into()) + "\"";
                format!("{quote}{plain}{quote}")
            }
        })
    }

    fn replace(
        &self,
        value: &ValueView<'_>,
        spans: &[Span],
        edits: &mut Edits<'_>,
    ) -> Result<(), Fault> {
        let texts: Vec<String> = spans
            .iter()
            .map(|span| self.substitute(span, value.bytes))
            .collect::<Result<_, _>>()?;
        if let Some(longest) = spans.iter().max_by_key(|span| span.range.len())
            && breaks_json(value.bytes, spans, &texts)
        {
            let whole = Span {
                range: 0..value.bytes.len(),
                kind: longest.kind,
                quote: Quote::JsonString { backslashes: 0 },
            };
            let text = self.substitute(&whole, value.bytes)?;
            return Ok(edits
                .detected(whole.kind)
                .replace_range(value.row, whole.range, &text)?);
        }
        for (span, text) in spans.iter().zip(&texts) {
            let range = span.range.clone();
            edits
                .detected(span.kind)
                .replace_range(value.row, range, text)?;
        }
        Ok(())
    }
}

/// Whether a text that is JSON would be none afterwards. The detectors choose ranges that keep it
/// so; a custom pattern such as `key.*` does not.
fn breaks_json(text: &[u8], spans: &[Span], texts: &[String]) -> bool {
    let first = text.trim_ascii_start().first();
    if spans.is_empty() || !matches!(first, Some(b'{' | b'[' | b'"')) || !is_json(text) {
        return false;
    }
    let mut after = Vec::with_capacity(text.len());
    let mut end = 0;
    for (span, new) in spans.iter().zip(texts) {
        after.extend_from_slice(text.get(end..span.range.start).unwrap_or_default());
        after.extend_from_slice(new.as_bytes());
        end = span.range.end;
    }
    after.extend_from_slice(text.get(end..).unwrap_or_default());
    !is_json(&after)
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// A number as the text that it is judged as.
fn number_text(value: &ValueView<'_>) -> Option<String> {
    let int = value.int().map(|int| int.to_string());
    int.or_else(|| value.double().map(|double| double.to_string()))
}
