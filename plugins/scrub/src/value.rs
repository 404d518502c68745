//! What becomes of one value: its secrets are found, and edits are asked for.
//!
//! The detectors' findings and the host's matches of custom patterns become spans, spans that touch
//! are joined, and each is masked, hashed, dropped or reported. In a guest an allocation costs as much
//! as a look at an anchor, so what a value needs stands in buffers that serve the next one. Must never:
//! let a finding go unmasked because another one overlaps it.

use std::ops::Range;

use serde::de::IgnoredAny;
use tamis_detect::{Boundaries, Context, Finding, GateKey, Quote, Scratch};
use tamis_sdk::{Edits, Fault, HitView, Kind, Place, ValueView};

use crate::borders;
use crate::rewrite::Rewritten;
use crate::scan::Scan;
use crate::scrub::Scrub;
use crate::settings::Action;
use crate::span::{Span, join};

/// A text whose masks make secrets of their neighbours so many times over is masked as a whole.
const ROUNDS_MAX: usize = 6;

/// Stands for the key of a value that is a secret by another of its keys than the one that is shown.
const ANY_SECRET_KEY: &[u8] = b"password";

/// What serves one value after the other.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// All hits of a view.
    pub(crate) hits: Vec<HitView>,
    scan: Scan,
    spans: Vec<Span>,
    search: Search,
    /// The text after its spans were replaced, what stands in it, and what was found in it.
    after: (Rewritten, Scan, Vec<Span>),
}

/// What serves one search after the other.
#[derive(Debug, Default)]
struct Search {
    scratch: Scratch,
    findings: Vec<Finding>,
}

/// What is to become of a value.
#[derive(Debug)]
enum Change {
    None,
    /// It goes, for a finding of this kind.
    Drop(u32),
    /// All of it is replaced, for a finding of this kind.
    Whole(u32, String),
    /// Each span is replaced as it was in the rewritten text.
    Ranges,
}

impl Scrub {
    /// Finds the secrets of a value and asks for the edits.
    pub(crate) fn scrub(
        &self,
        value: &ValueView<'_>,
        hits: &[HitView],
        buffers: &mut Buffers,
        edits: &mut Edits<'_>,
    ) -> Result<(), Fault> {
        let number = number_text(value);
        let text = number.as_deref().map_or(value.bytes, str::as_bytes);
        let Buffers {
            scan,
            spans,
            search,
            ..
        } = buffers;
        scan.of(hits, &self.purposes);
        let context = Context {
            key: self.key(value, scan),
            boundaries: match value.place {
                Place::Unknown => Boundaries::Loose,
                _ => Boundaries::Strict,
            },
            numeric: number.is_some(),
        };
        self.find(text, &context, scan, search, spans);
        self.find_custom(text, scan, spans);
        for span in spans.extract_if(.., |span| self.action(span.kind) == Action::Report) {
            // The range of a number is that of its eight bytes.
            let whole = 0..value.bytes.len();
            let range = if number.is_some() { whole } else { span.range };
            edits.detected(span.kind).report(value.row, range)?;
        }
        join(spans);
        let change = match number {
            Some(_) => self.whole(text, spans, Quote::None)?,
            None => self.settle(text, &context, buffers)?,
        };
        self.apply(value, change, buffers, edits)
    }

    /// Fills `spans` with the findings of the detectors, on borders, rising.
    fn find(
        &self,
        text: &[u8],
        context: &Context<'_>,
        scan: &Scan,
        search: &mut Search,
        spans: &mut Vec<Span>,
    ) {
        let Search { scratch, findings } = search;
        let detect = &self.choice.detect;
        findings.clear();
        if context.numeric {
            // What stands in the batch are not its digits.
            detect.find(text, context, findings);
        } else {
            detect.find_scanned(text, context, &scan.scanned(), scratch, findings);
        }
        let ranges = findings.iter().map(|found| (found, found.start..found.end));
        let wanted = ranges.filter(|(_, range)| {
            !self.choice.masks.has_token(text, range) && !self.may_pass(text, range)
        });
        spans.clear();
        spans.extend(wanted.map(|(found, range)| Span {
            range: borders::fit(text, &range),
            kind: found.detector.into(),
            quote: found.quote,
        }));
    }

    /// What is to be replaced so that a second search finds nothing more: what a mask makes a secret
    /// of joins it.
    fn settle(
        &self,
        text: &[u8],
        context: &Context<'_>,
        buffers: &mut Buffers,
    ) -> Result<Change, Fault> {
        let Buffers {
            scan,
            spans,
            search,
            after: (after, after_scan, more),
            ..
        } = buffers;
        let mut rounds = 0;
        while !spans.is_empty() && !self.has_drop(spans) {
            after.write(text, spans, |span, out| self.substitute(span, text, out))?;
            after_scan.after(scan, after, &self.choice.detect);
            self.find(&after.text, context, after_scan, search, more);
            more.retain(|span| self.action(span.kind) != Action::Report);
            if more.is_empty() && !breaks_json(text, &after.text) {
                return Ok(Change::Ranges);
            }
            rounds += 1;
            if more.is_empty() || rounds == ROUNDS_MAX {
                let quote = if is_json(text) {
                    Quote::JsonString { backslashes: 0 }
                } else {
                    Quote::None
                };
                return self.whole(text, spans, quote);
            }
            spans.extend(more.drain(..).map(|span| Span {
                range: after.old(&span.range),
                ..span
            }));
            join(spans);
        }
        self.whole(text, spans, Quote::None)
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
        let mut new = String::new();
        self.substitute(&Span { range, kind, quote }, text, &mut new)?;
        Ok(Change::Whole(kind, new))
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
        buffers: &Buffers,
        edits: &mut Edits<'_>,
    ) -> Result<(), Fault> {
        match change {
            Change::None => {}
            Change::Drop(kind) if value.kind == Kind::Key => {
                // A key cannot go without its value, which is no secret.
                let mask = self.choice.masks.mask(kind);
                edits.detected(kind).replace_value(value.row, mask)?;
            }
            Change::Drop(kind) => edits.detected(kind).remove(value.row)?,
            Change::Whole(kind, text) if value.kind == Kind::Bytes => {
                let range = 0..value.bytes.len();
                edits
                    .detected(kind)
                    .replace_range(value.row, range, &text)?;
            }
            Change::Whole(kind, text) => edits.detected(kind).replace_value(value.row, &text)?,
            Change::Ranges => {
                let (after, ..) = &buffers.after;
                for (span, text) in buffers.spans.iter().zip(after.new_texts()) {
                    let mut edits = edits.detected(span.kind);
                    edits.replace_range(value.row, span.range.clone(), text)?;
                }
            }
        }
        Ok(())
    }

    /// Appends the matches of custom patterns to `spans`.
    fn find_custom(&self, text: &[u8], scan: &Scan, spans: &mut Vec<Span>) {
        let first = tamis_detect::detectors().len();
        for (number, range) in &scan.customs {
            let kind = (first + number) as u32;
            if range.is_empty() || range.end > text.len() || self.may_pass(text, range) {
                continue;
            }
            spans.extend(self.custom_span(text, range.clone(), kind));
        }
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
    fn key<'v>(&self, value: &ValueView<'v>, scan: &Scan) -> Option<&'v [u8]> {
        if value.kind == Kind::Key {
            return None;
        }
        let shown = value.key.unwrap_or_default();
        let fits = |key: &GateKey| key.matches(shown);
        let is_hidden = scan.is_keyed && !self.choice.detect.gate().keys.iter().any(fits);
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

    /// Appends what stands in the place of a span.
    fn substitute(&self, span: &Span, text: &[u8], out: &mut String) -> Result<(), Fault> {
        let secret = text.get(span.range.clone()).unwrap_or_default();
        let masks = &self.choice.masks;
        let quote = |out: &mut String| {
            if let Quote::JsonString { backslashes } = span.quote {
                out.extend(std::iter::repeat_n('\\', backslashes.into()));
                out.push('"');
            }
        };
        quote(out);
        match self.action(span.kind) {
            Action::Hash => masks.token(span.kind, secret, out)?,
            _ => out.push_str(masks.mask(span.kind)),
        }
        quote(out);
        Ok(())
    }
}

/// Whether a text that is JSON is none afterwards. The detectors choose ranges that keep it so; a
/// custom pattern such as `key.*` does not.
fn breaks_json(text: &[u8], after: &[u8]) -> bool {
    starts_json(text) && !is_json(after) && is_json(text)
}

/// Whether a text is JSON with a structure.
fn is_json(text: &[u8]) -> bool {
    starts_json(text) && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

fn starts_json(text: &[u8]) -> bool {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'[' | b'"'))
}

/// A number as the text that it is judged as.
fn number_text(value: &ValueView<'_>) -> Option<String> {
    let int = value.int().map(|int| int.to_string());
    int.or_else(|| value.double().map(|double| double.to_string()))
}
