//! The plugin: finds the rule that decides about each value, and asks for what is left of it.
//!
//! Must never: cut what no subscription of a rule or of the budget showed, or edit a value twice.

use std::collections::HashSet;

use tamis_sdk::{ConfigError, Edits, Fault, HitView, Interest, Kind, Plugin, ValueView, View};

use crate::budget::share_of;
use crate::choice::{Chosen, choose};
use crate::interest::interest;
use crate::labels::Labels;
use crate::maps::surplus;
use crate::marker::Marker;
use crate::masks::Masks;
use crate::measure::Unit;
use crate::note::sha256;
use crate::said::Said;
use crate::settings::{Attribute, Maps, Settings, Strategy, Structure};
use crate::shorten::{Limit, Short, Shorten, Why};
use crate::text::{Cutter, Room};

/// The configured plugin.
#[derive(Debug)]
pub struct Truncate {
    rules: Vec<Chosen>,
    shorten: Shorten,
    attributes: Vec<Attribute>,
    budget: Option<usize>,
    maps: Vec<Maps>,
}

/// A text that may be cut, and what is left of it so far.
struct Piece<'v> {
    value: ValueView<'v>,
    /// The limit of the rule that means it.
    limit: Option<Limit>,
    short: Option<Short>,
}

impl Piece<'_> {
    fn bytes(&self) -> usize {
        match &self.short {
            Some(short) => short.text.len(),
            None => self.value.bytes.len(),
        }
    }
}

impl Plugin for Truncate {
    const NAME: &'static str = "truncate";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        let rules = choose(&settings)?;
        let interest = interest(&settings);
        let cutter = Cutter {
            marker: Marker::new(&settings.marker),
            masks: Masks::new(&settings.masks),
        };
        let truncate = Self {
            rules,
            shorten: Shorten { cutter, sha256 },
            attributes: settings.attributes,
            budget: settings.record_bytes.map(|bytes| bytes as usize),
            maps: settings.maps,
        };
        Ok((truncate, interest))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let labels = match self.rules.iter().any(Chosen::asks_around) {
            true => Labels::gather(view),
            false => Labels::default(),
        };
        let hits: Vec<HitView> = view.hits().collect();
        let gone = surplus(view, &hits, &self.maps, self.first_of_maps());
        let mut said = Said::new(&self.attributes);
        let mut hits = hits.as_slice();
        let mut record: Vec<Piece<'_>> = Vec::new();
        let mut inside_gone = false;
        for value in view.values() {
            let count = hits.partition_point(|hit| hit.value <= value.row);
            let (own, rest) = hits.split_at(count);
            hits = rest;
            if value.depth == 0 || !value.hit {
                inside_gone = false;
            }
            if gone.contains(&value.row) {
                edits.detected(Why::Map as u32).remove(value.row)?;
                inside_gone = true;
            }
            if inside_gone || !self.may_cut(own) {
                continue;
            }
            if record
                .last()
                .is_some_and(|last| last.value.record != value.record)
            {
                self.settle(&mut record, &mut said, edits)?;
            }
            record.push(self.piece(view, value, own, &labels)?);
        }
        self.settle(&mut record, &mut said, edits)
    }
}

impl Truncate {
    /// The number of the first map's subscription: those of the rules and the budget stand before.
    fn first_of_maps(&self) -> u32 {
        self.rules.len() as u32 + u32::from(self.budget.is_some())
    }

    fn may_cut(&self, hits: &[HitView]) -> bool {
        hits.iter()
            .any(|hit| hit.subscription < self.first_of_maps())
    }

    /// A value as its rule leaves it.
    fn piece<'v>(
        &self,
        view: &View<'_>,
        value: ValueView<'v>,
        hits: &[HitView],
        labels: &Labels<'_>,
    ) -> Result<Piece<'v>, Fault> {
        let found: HashSet<u32> = hits.iter().map(|hit| hit.subscription).collect();
        let mut rules = (0..).zip(&self.rules);
        let means = |&(number, rule): &(u32, &Chosen)| {
            rule.means(view, &value, labels, found.contains(&number))
        };
        let limit = rules.find(means).map(|(_, rule)| rule.limit);
        let short = match &limit {
            Some(limit) => self.shorten.value(value.bytes, limit)?,
            None => None,
        };
        Ok(Piece {
            value,
            limit,
            short,
        })
    }

    /// Asks for what is left of the pieces of one record, and forgets them.
    fn settle(
        &self,
        pieces: &mut Vec<Piece<'_>>,
        said: &mut Said<'_>,
        edits: &mut Edits<'_>,
    ) -> Result<(), Fault> {
        let is_record = pieces
            .first()
            .is_some_and(|piece| piece.value.record.is_some());
        if let Some(budget) = self.budget.filter(|_| is_record) {
            self.keep_budget(pieces, budget)?;
        }
        for piece in pieces.drain(..) {
            if let Some(short) = &piece.short {
                apply(&piece.value, short, edits)?;
                said.of(&piece.value, edits)?;
            }
        }
        Ok(())
    }

    fn keep_budget(&self, pieces: &mut [Piece<'_>], budget: usize) -> Result<(), Fault> {
        let Some(share) = share_of(budget, pieces.iter().map(Piece::bytes)) else {
            return Ok(());
        };
        for piece in pieces.iter_mut().filter(|piece| piece.bytes() > share) {
            let limit = within(piece.limit, share);
            if let Some(short) = self.shorten.value(piece.value.bytes, &limit)? {
                let why = Why::Budget;
                piece.short = Some(Short { why, ..short });
            }
        }
        Ok(())
    }
}

/// A limit that leaves so many bytes at the most.
fn within(limit: Option<Limit>, bytes: usize) -> Limit {
    let limit = limit.unwrap_or(Limit {
        room: Room::of(usize::MAX),
        unit: Unit::Bytes,
        strategy: Strategy::HeadTail,
        structure: Structure::Keep,
    });
    Limit {
        // No text has more characters than bytes.
        unit: Unit::Bytes,
        room: Room {
            size: limit.room.size.min(bytes),
            ..limit.room
        },
        ..limit
    }
}

fn apply(value: &ValueView<'_>, short: &Short, edits: &mut Edits<'_>) -> Result<(), Fault> {
    let mut edits = edits.detected(short.why as u32);
    match value.kind {
        Kind::Bytes => edits.replace_range(value.row, 0..value.bytes.len(), &short.text)?,
        _ => edits.replace_value(value.row, &short.text)?,
    }
    Ok(())
}
