//! The plugin: finds the secrets in what it is shown and asks for the edits.
//!
//! One value at a time: the detectors' findings and the host's matches of custom patterns become
//! spans, spans that touch are joined, and each is masked, hashed, dropped or reported. Must never:
//! let a finding go unmasked because another one overlaps it.

use std::collections::HashMap;
use std::ops::Range;

use serde::de::IgnoredAny;
use tamis_detect::{Boundaries, Context, GateKey, Quote};
use tamis_sdk::{
    ConfigError, Edits, Fault, Glob, HitView, Interest, Kind, Operation, Place, Plugin, Role,
    ValueView, View,
};

use crate::borders;
use crate::choice::{Choice, choose};
use crate::need::{Purpose, SERVICE_NAME, subscriptions};
use crate::rewrite::Rewritten;
use crate::scan::Scan;
use crate::settings::{Action, Mode, Settings};
use crate::span::{Span, join};

/// A text whose masks make secrets of their neighbours so many times over is masked as a whole.
const ROUNDS_MAX: usize = 6;

/// Stands for the key of a value that is a secret by another of its keys than the one that is shown.
const ANY_SECRET_KEY: &[u8] = b"password";

/// The configured plugin.
#[derive(Debug)]
pub struct Scrub {
    choice: Choice,
    purposes: Vec<Purpose>,
    values: Vec<Glob>,
    services: Vec<Glob>,
}

/// What is to become of a value.
#[derive(Debug)]
enum Change {
    None,
    /// It goes, for a finding of this kind.
    Drop(u32),
    /// All of it is replaced, for a finding of this kind.
    Whole(u32, String),
    /// Each span is replaced by the text of the same number.
    Ranges(Vec<Span>, Vec<String>),
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
            ..Interest::default()
        };
        let scrub = Self {
            purposes,
            values: globs(&settings.exclude.values),
            services: globs(&settings.exclude.services),
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
        let context = Context {
            key: self.key(value, hits),
            boundaries: match value.place {
                Place::Unknown => Boundaries::Loose,
                _ => Boundaries::Strict,
            },
            numeric: number.is_some(),
        };
        let scan = Scan::of(hits, &self.purposes);
        let mut spans = self.found(text, &context, &scan);
        spans.extend(self.custom_spans(text, hits));
        for span in spans.extract_if(.., |span| self.action(span.kind) == Action::Report) {
            // The range of a number is that of its eight bytes.
            let whole = 0..value.bytes.len();
            let range = if number.is_some() { whole } else { span.range };
            edits.detected(span.kind).report(value.row, range)?;
        }
        join(&mut spans);
        let change = match number {
            Some(_) => self.whole(text, &spans, Quote::None)?,
            None => self.settle(text, &context, spans, &scan)?,
        };
        self.apply(value, change, edits)
    }

    /// The findings of the detectors, on borders, rising.
    fn found(&self, text: &[u8], context: &Context<'_>, scan: &Scan) -> Vec<Span> {
        let mut findings = Vec::new();
        let detect = &self.choice.detect;
        if context.numeric {
            // What stands in the batch are not its digits.
            detect.find(text, context, &mut findings);
        } else {
            detect.find_scanned(text, context, &scan.scanned(), &mut findings);
        }
        let ranges = findings.iter().map(|found| (found, found.start..found.end));
        let wanted = ranges.filter(|(_, range)| {
            !self.choice.masks.has_token(text, range) && !self.may_pass(text, range)
        });
        let spans = wanted.map(|(found, range)| Span {
            range: borders::fit(text, &range),
            kind: found.detector.into(),
            quote: found.quote,
        });
        spans.collect()
    }

    /// What is to be replaced so that a second search finds nothing more: what a mask makes a secret
    /// of joins it.
    fn settle(
        &self,
        text: &[u8],
        context: &Context<'_>,
        mut spans: Vec<Span>,
        scan: &Scan,
    ) -> Result<Change, Fault> {
        let mut rounds = 0;
        while !spans.is_empty() && !self.has_drop(&spans) {
            let texts = spans.iter().map(|span| self.substitute(span, text));
            let texts: Vec<String> = texts.collect::<Result<_, _>>()?;
            let after = Rewritten::new(text, &spans, &texts);
            let scan = scan.after(&after, &self.choice.detect);
            let mut more = self.found(&after.text, context, &scan);
            more.retain(|span| self.action(span.kind) != Action::Report);
            if more.is_empty() && !breaks_json(text, &after.text) {
                return Ok(Change::Ranges(spans, texts));
            }
            rounds += 1;
            if more.is_empty() || rounds == ROUNDS_MAX {
                let quote = if is_json(text) {
                    Quote::JsonString { backslashes: 0 }
                } else {
                    Quote::None
                };
                return self.whole(text, &spans, quote);
            }
            spans.extend(more.into_iter().map(|span| Span {
                range: after.old(&span.range),
                ..span
            }));
            join(&mut spans);
        }
        self.whole(text, &spans, Quote::None)
    }

    /// The change of a value as a whole: it goes where any kind says so, else the longest names it.
    fn whole(&self, text: &[u8], spans: &[Span], quote: Quote) -> Result<Change, Fault> {
        let Some(longest) = spans.iter().max_by_key(|span| span.range.len()) else {
            return Ok(Change::None);
        };
        if let Some(span) = spans
            .iter()
            .find(|span| self.action(span.kind) == Action::Drop)
        {
            return Ok(Change::Drop(span.kind));
        }
        let range = 0..text.len();
        let kind = longest.kind;
        let span = Span { range, kind, quote };
        Ok(Change::Whole(kind, self.substitute(&span, text)?))
    }

    fn has_drop(&self, spans: &[Span]) -> bool {
        spans
            .iter()
            .any(|span| self.action(span.kind) == Action::Drop)
    }

    fn apply(
        &self,
        value: &ValueView<'_>,
        change: Change,
        edits: &mut Edits<'_>,
    ) -> Result<(), Fault> {
        match change {
            Change::None => {}
            Change::Drop(kind) if value.kind == Kind::Key => {
                // A key cannot go without its value, which is no secret.
                let mask = self.choice.masks.mask(kind);
                edits.detected(kind).replace_value(value.row, &mask)?;
            }
            Change::Drop(kind) => edits.detected(kind).remove(value.row)?,
            Change::Whole(kind, text) if value.kind == Kind::Bytes => {
                let range = 0..value.bytes.len();
                edits
                    .detected(kind)
                    .replace_range(value.row, range, &text)?;
            }
            Change::Whole(kind, text) => edits.detected(kind).replace_value(value.row, &text)?,
            Change::Ranges(spans, texts) => {
                for (span, text) in spans.into_iter().zip(&texts) {
                    let mut edits = edits.detected(span.kind);
                    edits.replace_range(value.row, span.range, text)?;
                }
            }
        }
        Ok(())
    }

    fn custom_spans(&self, text: &[u8], hits: &[HitView]) -> Vec<Span> {
        let first = tamis_detect::detectors().len();
        let mut spans = Vec::new();
        for hit in hits {
            let Some(&Purpose::Custom(number)) = self.purposes.get(hit.subscription as usize)
            else {
                continue;
            };
            let kind = (first + number) as u32;
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
}

/// Whether a text that is JSON is none afterwards. The detectors choose ranges that keep it so; a
/// custom pattern such as `key.*` does not.
fn breaks_json(text: &[u8], after: &[u8]) -> bool {
    !is_json(after) && is_json(text)
}

/// Whether a text is JSON with a structure.
fn is_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
        && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// A number as the text that it is judged as.
fn number_text(value: &ValueView<'_>) -> Option<String> {
    let int = value.int().map(|int| int.to_string());
    int.or_else(|| value.double().map(|double| double.to_string()))
}
