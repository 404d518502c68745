//! One view, value by value, in the order of the batch.
//!
//! The rows of a map or array stand behind the row of the value that holds them, one deeper. So one
//! number is enough to pass by what is inside a value that is removed, masked or left as a whole.
//!
//! Must never: change a value inside of one that it also changes.

use tamis_sdk::{Edits, Fault, Kind, Place, ValueView, View};

use crate::change::Change;
use crate::interest::{BLOCKED, BLOCKED_KEY, MAPS, blocked_value};
use crate::keys::{Verdict, Verdicts, judge};
use crate::order::Order;
use crate::path::Trail;
use crate::rewrite::{Rewrite, readable};
use crate::settings::Rules;
use crate::summary::{Before, Counts, Deed, Map};
use crate::value;

/// What the rules say of a text.
enum Judged {
    Allowed,
    Unchanged,
    Changed(Rewrite),
}

/// A pass over one view.
pub(crate) struct Pass<'a, 'v> {
    rules: &'a Rules,
    view: &'a View<'v>,
    verdicts: &'a Verdicts,
    counts: Counts,
    /// Whether some blocked value matches in the row.
    matched: Vec<bool>,
    /// What is deeper than this is passed by.
    passes_below: Option<u32>,
    /// The map and key of the attribute that is passed through, until it is counted.
    attribute: Option<(Map, String)>,
    /// Where in a body the pass is.
    trail: Trail,
    /// The changes of the body that the pass is in, where members may be removed.
    order: Order,
}

impl<'a, 'v> Pass<'a, 'v> {
    pub(crate) fn new(rules: &'a Rules, view: &'a View<'v>, verdicts: &'a mut Verdicts) -> Self {
        let mut matched = vec![false; view.value_count() as usize];
        for hit in view.hits().filter(|hit| hit.subscription == BLOCKED) {
            if let Some(row) = matched.get_mut(hit.value as usize) {
                *row = true;
            }
        }
        verdicts.clear();
        for value in view.values().filter(|value| value.kind == Kind::Key) {
            if let Some(entry) = value.entry {
                verdicts.add(rules, entry, value.bytes);
            }
        }
        Self {
            rules,
            view,
            verdicts,
            counts: Counts::new(rules.summary),
            matched,
            passes_below: None,
            attribute: None,
            trail: Trail::default(),
            order: Order::default(),
        }
    }

    /// Asks for all changes of the view.
    pub(crate) fn run(mut self, edits: &mut Edits<'_>) -> Result<(), Fault> {
        for row in 0..self.view.value_count() {
            let Some(value) = self.view.value(row) else {
                continue;
            };
            if !MAPS.contains(&value.place) {
                self.field(&value, edits)?;
                continue;
            }
            if value.depth == 0 {
                self.order.write(self.view, edits)?;
            }
            if self.passes_below.is_some_and(|depth| value.depth > depth) {
                continue;
            }
            self.passes_below = None;
            match (value.kind, value.place) {
                (Kind::Key, _) => self.key(&value, edits)?,
                (_, Place::Body) => self.body(&value, edits)?,
                _ if value.depth == 0 => self.attribute(&value, edits)?,
                _ => self.nested(&value, edits)?,
            }
        }
        self.order.write(self.view, edits)?;
        self.counts.write(edits)
    }

    /// A name, a URL, a field that nobody knows: nothing but its text counts.
    fn field(&self, value: &ValueView<'v>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let (change, _) = self.leaf(value, false)?;
        change.apply(value.row, edits)
    }

    fn key(&mut self, key: &ValueView<'v>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let change = match self.verdict(key).ignored || self.is_named(key.bytes) {
            true => Change::None,
            // Also where the entry is removed: reports then name it as it would have left.
            false => self.leaf(key, false)?.0,
        };
        self.in_body(key, change, edits)
    }

    /// An attribute.
    fn attribute(&mut self, value: &ValueView<'v>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let verdict = self.verdict(value);
        let key = value.key.unwrap_or_default();
        let map = Map {
            container: value.container.unwrap_or_default(),
            of_body: false,
        };
        self.attribute = None;
        if verdict.ignored || self.removes(value, verdict) {
            self.passes_below = Some(value.depth);
        }
        let (change, deed) = if verdict.ignored {
            (Change::None, Some(Deed::Ignored))
        } else if self.removes(value, verdict) {
            (Change::Remove, Some(Deed::Redacted))
        } else {
            self.judged_attribute(value, verdict)?
        };
        if let Some(deed) = deed {
            let rules = self.rules;
            self.counts.add(map, deed, || shown(rules, key));
        } else if self.counts.counts() {
            self.attribute = Some((map, shown(self.rules, key)));
        }
        match self.counts.writes(key) {
            false => change.apply(value.row, edits),
            true => {
                self.keep(value, change);
                Ok(())
            }
        }
    }

    /// An attribute that stays: the value that is allowed wins over the key that is blocked.
    fn judged_attribute(
        &mut self,
        value: &ValueView<'v>,
        verdict: Verdict,
    ) -> Result<(Change, Option<Deed>), Fault> {
        let is_list = matches!(value.kind, Kind::Array | Kind::Kvlist);
        let as_text = self.rules.all_types || value.kind == Kind::String;
        if as_text && verdict.blocked && self.rules.allows(&value::text(self.view, value)) {
            self.passes_below = Some(value.depth);
            return Ok((Change::None, Some(Deed::Allowed)));
        }
        if verdict.blocked {
            return Ok((self.blocked(value)?, Some(Deed::Masked)));
        }
        let (change, deed) = self.leaf(value, self.rules.all_types)?;
        if is_list && deed.is_some() {
            self.passes_below = Some(value.depth);
        }
        if is_list && deed.is_none() && self.counts.writes(value.key.unwrap_or_default()) {
            // The summary may take its place, so nothing inside may be changed apart.
            return Ok((self.blocked(value)?, Some(Deed::Masked)));
        }
        Ok((change, deed))
    }

    /// A value inside of an attribute: it is masked like one, and never removed.
    fn nested(&mut self, value: &ValueView<'v>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let verdict = self.verdict(value);
        let (change, deed) = if verdict.ignored {
            self.passes_below = Some(value.depth);
            (Change::None, None)
        } else if verdict.blocked {
            (self.blocked(value)?, Some(Deed::Masked))
        } else if matches!(value.kind, Kind::Array | Kind::Kvlist) {
            (Change::None, None)
        } else {
            self.leaf(value, self.rules.all_types)?
        };
        if deed == Some(Deed::Masked)
            && let Some((map, key)) = self.attribute.take()
        {
            self.counts.add(map, Deed::Masked, || key);
        }
        change.apply(value.row, edits)
    }

    /// A body or a part of it: the key that is blocked wins over the value that is allowed.
    fn body(&mut self, value: &ValueView<'v>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let rules = self.rules;
        let lists = self.counts.lists();
        self.trail.step(value, || {
            if lists {
                shown(rules, value.key.unwrap_or_default())
            } else {
                String::new()
            }
        });
        let verdict = self.verdict(value);
        let is_list = matches!(value.kind, Kind::Array | Kind::Kvlist);
        let (change, deed) = if verdict.ignored {
            self.passes_below = Some(value.depth);
            (Change::None, Some(Deed::Ignored))
        } else if self.removes(value, verdict) {
            self.passes_below = Some(value.depth);
            (Change::Remove, Some(Deed::Redacted))
        } else if verdict.blocked {
            (self.blocked(value)?, Some(Deed::Masked))
        } else if is_list {
            (Change::None, None)
        } else {
            self.leaf(value, true)?
        };
        // The Collector does not count a whole body that is allowed.
        let counted = deed.filter(|&deed| value.depth > 0 || deed != Deed::Allowed);
        if let (Some(deed), Some(container)) = (counted, self.trail.container()) {
            let map = Map {
                container,
                of_body: true,
            };
            let trail = &self.trail;
            self.counts.add(map, deed, || trail.path());
        }
        self.in_body(value, change, edits)
    }

    /// Asks for a change, or keeps it until the order of the body's members is known.
    fn in_body(
        &mut self,
        value: &ValueView<'v>,
        change: Change,
        edits: &mut Edits<'_>,
    ) -> Result<(), Fault> {
        if self.rules.allow_all || value.place != Place::Body {
            return change.apply(value.row, edits);
        }
        self.order.keep(value.row, change);
        Ok(())
    }

    /// The mask of a whole value.
    fn blocked(&mut self, value: &ValueView<'v>) -> Result<Change, Fault> {
        self.passes_below = Some(value.depth);
        let text = match value.kind {
            Kind::String => value.bytes.into(),
            _ => value::text(self.view, value).into_bytes(),
        };
        Ok(Change::Whole(self.rules.mask.of(&text)?, BLOCKED_KEY))
    }

    /// What becomes of a value by its text alone. Values that are neither strings nor bytes have a
    /// text only where `as_text` says so.
    fn leaf(&self, value: &ValueView<'v>, as_text: bool) -> Result<(Change, Option<Deed>), Fault> {
        let matched = self.matched.get(value.row as usize).copied();
        let matched = matched.unwrap_or_default();
        let changed = |rewrite| (Change::of(rewrite, value), Some(Deed::Masked));
        let judged = match value.kind {
            Kind::String | Kind::Key => self.judge(value.bytes, matched)?,
            Kind::Bytes if self.rules.all_types && as_text => {
                match self.judge(value::text(self.view, value).as_bytes(), true)? {
                    Judged::Unchanged if matched => self.judge(value.bytes, true)?,
                    Judged::Changed(rewrite) => return Ok(whole(&rewrite)),
                    judged => judged,
                }
            }
            Kind::Bytes if matched => self.judge(value.bytes, true)?,
            _ if as_text && value.kind != Kind::Bytes => {
                match self.judge(value::text(self.view, value).as_bytes(), true)? {
                    Judged::Changed(rewrite) => return Ok(whole(&rewrite)),
                    judged => judged,
                }
            }
            _ => Judged::Unchanged,
        };
        Ok(match judged {
            Judged::Allowed => (Change::None, Some(Deed::Allowed)),
            Judged::Unchanged => (Change::None, None),
            Judged::Changed(rewrite) => changed(rewrite),
        })
    }

    /// Judges a text. Where no pattern matches, only the summary asks whether it is allowed.
    fn judge(&self, bytes: &[u8], matched: bool) -> Result<Judged, Fault> {
        if !matched && !self.counts.counts() {
            return Ok(Judged::Unchanged);
        }
        if self.rules.allows(&readable(bytes)) {
            return Ok(Judged::Allowed);
        }
        if !matched {
            return Ok(Judged::Unchanged);
        }
        let mut rewrite = Rewrite::new(bytes);
        for (number, pattern) in self.rules.blocked_values.iter().enumerate() {
            rewrite.apply(number, pattern, &self.rules.mask)?;
        }
        // Replaced by the same text: as the Collector sees it, nothing was done.
        let same = rewrite.taken().all(|part| {
            rewrite.text().get(part.now.clone()).map(str::as_bytes) == bytes.get(part.was.clone())
        });
        Ok(match same {
            true => Judged::Unchanged,
            false => Judged::Changed(rewrite),
        })
    }

    fn verdict(&self, value: &ValueView<'v>) -> Verdict {
        match value.entry {
            Some(entry) => self.verdicts.of_entry(self.rules, entry),
            None => Verdict {
                ignored: false,
                listed: true,
                blocked: false,
            },
        }
    }

    /// Whether the allow-list removes the entry of a value or key: an attribute, or a member of a map
    /// in a body.
    fn removes(&self, value: &ValueView<'v>, verdict: Verdict) -> bool {
        let reaches = match value.place {
            Place::Body => true,
            Place::MetricMetadata => false,
            _ => value.depth == 0,
        };
        reaches && !self.rules.allow_all && !verdict.listed
    }

    /// Whether the settings name this very key, so that it is no secret.
    fn is_named(&self, key: &[u8]) -> bool {
        let verdict = judge(self.rules, key);
        verdict.ignored || verdict.listed
    }

    /// Keeps a value under a key of the summary until it is known whether the summary takes its place.
    fn keep(&mut self, value: &ValueView<'v>, change: Change) {
        let text = match (&change, value.kind) {
            (Change::None, Kind::String) => Some(readable(value.bytes).into_owned()),
            (Change::Whole(text, _), _) => Some(text.clone()),
            (Change::Parts(rewrite), _) => Some(rewrite.text().to_owned()),
            _ => None,
        };
        let number = match &change {
            Change::None => value.int(),
            _ => None,
        };
        let before = Before {
            row: value.row,
            text,
            number,
            change,
        };
        let key = value.key.unwrap_or_default();
        self.counts
            .keep(value.container.unwrap_or_default(), key, before);
    }
}

fn whole(rewrite: &Rewrite) -> (Change, Option<Deed>) {
    let pattern = rewrite.taken().find_map(|part| part.pattern);
    let detector = blocked_value(pattern.unwrap_or_default());
    (
        Change::Whole(rewrite.text().to_owned(), detector),
        Some(Deed::Masked),
    )
}

/// A key as it stands after the masks, for the summary.
fn shown(rules: &Rules, key: &[u8]) -> String {
    let verdict = judge(rules, key);
    let mut rewrite = Rewrite::new(key);
    if verdict.ignored || verdict.listed || rules.allows(rewrite.text()) {
        return rewrite.text().to_owned();
    }
    for (number, pattern) in rules.blocked_values.iter().enumerate() {
        if rewrite.apply(number, pattern, &rules.mask).is_err() {
            return crate::mask::STARS.to_owned();
        }
    }
    rewrite.text().to_owned()
}
