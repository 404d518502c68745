//! The order in which the Collector leaves the members of a body's map when some of them go.
//!
//! It removes one after the other, and each time puts the last member into the gap. An edit cannot move
//! a member, so the gap's key and value become those of the member that moves, as they stand after the
//! masks, and the member itself goes. What cannot be carried like that (arrays, maps, members without a
//! value) stays where it is, and so does whatever an entry holds beside one key and one value: it would
//! outlive the one that was removed, or be lost with the one that moves.
//!
//! Must never: put anything in a gap that the rules would not let stand where it came from.

use std::collections::{BTreeSet, HashMap};

use tamis_sdk::{Edits, Fault, Kind, ValueView, View};

use crate::change::{Change, Rename};
use crate::entries::{entries, is_plain};
use crate::interest::NOT_ALLOWED;

/// Members that move in one view. Each costs four edits, and a call may ask for only so many.
const MOVES_MAX: usize = 10_000;

/// The changes of one body, in the order of its rows, until it is known which of its members move.
#[derive(Default)]
pub(crate) struct Order {
    changes: Vec<(u32, Change)>,
    /// Members that moved in this view.
    moved: usize,
}

/// A map that the way through the rows is in.
struct Map<'v> {
    depth: u32,
    list: &'v [u8],
    members: Vec<Member<'v>>,
}

/// A member of a map: its key and value, by their numbers among the changes.
struct Member<'v> {
    entry: u32,
    name: &'v [u8],
    key: Option<usize>,
    value: Option<usize>,
    goes: bool,
}

impl Order {
    /// Keeps what is to become of a key or value of the body.
    pub(crate) fn keep(&mut self, row: u32, change: Change) {
        self.changes.push((row, change));
    }

    /// Asks for all changes that were kept, and forgets them.
    pub(crate) fn write(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        let goes = |(_, change): &(u32, Change)| matches!(change, Change::Remove);
        if self.changes.iter().any(goes) {
            self.arrange(view);
        }
        for (row, change) in self.changes.drain(..) {
            change.apply(row, edits)?;
        }
        Ok(())
    }

    /// Finds the maps and their members, and moves what moves in each.
    fn arrange(&mut self, view: &View<'_>) {
        let mut open: Vec<Map<'_>> = Vec::new();
        for at in 0..self.changes.len() {
            let Some((row, change)) = self.changes.get(at) else {
                return;
            };
            let Some(value) = view.value(*row) else {
                return;
            };
            let (goes, stays) = (
                matches!(change, Change::Remove),
                matches!(change, Change::None),
            );
            while let Some(done) = open.pop_if(|map| map.depth >= value.depth) {
                self.arrange_map(view, &done);
            }
            if let (Some(entry), Some(map)) = (value.entry, open.last_mut()) {
                map.add(entry, at, &value, goes);
            }
            if value.kind == Kind::Kvlist && stays {
                open.push(Map {
                    depth: value.depth,
                    list: value.bytes,
                    members: Vec::new(),
                });
            }
        }
        while let Some(done) = open.pop() {
            self.arrange_map(view, &done);
        }
    }

    fn arrange_map(&mut self, view: &View<'_>, map: &Map<'_>) {
        if !map.members.iter().any(|member| member.goes) {
            return;
        }
        // They are not all there when the map crosses in several views.
        let Some(entries) = entries(map.list).filter(|list| list.len() == map.members.len()) else {
            return;
        };
        let is_plain = |at: usize| entries.get(at).is_some_and(|entry| is_plain(entry));
        let members = map.members.iter();
        let places: Vec<_> = members.map(|member| (member.name, member.goes)).collect();
        for (gap, from) in moves(&places) {
            let pair = map.members.get(gap).zip(map.members.get(from));
            let fits = self.moved < MOVES_MAX && is_plain(gap) && is_plain(from);
            let carried = pair
                .filter(|_| fits)
                .and_then(|(gap, from)| self.carry(view, gap, from));
            self.moved += usize::from(carried.is_some());
        }
    }

    /// Carries a member into a gap, if it can be written there.
    fn carry(&mut self, view: &View<'_>, gap: &Member<'_>, from: &Member<'_>) -> Option<()> {
        let (gap_key, gap_value) = gap.key.zip(gap.value)?;
        let (from_key, from_value) = from.key.zip(from.value)?;
        let left = |at: usize| {
            let (row, change) = self.changes.get(at)?;
            change.outcome(&view.value(*row)?)
        };
        let (name, value) = (left(from_key)?.into_text()?, left(from_value)?);
        let detector = |at: usize| self.changes.get(at)?.1.detector();
        let renamed = Change::Rename(Rename {
            name,
            // A key that is no text has no borders to cut at.
            len: str::from_utf8(gap.name).ok()?.len(),
            detector: detector(gap_key),
        });
        let gone = Change::MoveAway(detector(from_value).or(detector(from_key)));
        for (at, change) in [
            (gap_key, renamed),
            (gap_value, Change::Fill(value, NOT_ALLOWED)),
            (from_key, Change::None),
            (from_value, gone),
        ] {
            self.changes.get_mut(at)?.1 = change;
        }
        Some(())
    }
}

impl<'v> Map<'v> {
    /// Adds a key or value of a member. Of several keys the last is the one it goes by.
    fn add(&mut self, entry: u32, at: usize, value: &ValueView<'v>, goes: bool) {
        if self.members.last().is_none_or(|last| last.entry != entry) {
            self.members.push(Member {
                entry,
                name: b"",
                key: None,
                value: None,
                goes: false,
            });
        }
        if let Some(member) = self.members.last_mut() {
            match value.kind {
                Kind::Key => (member.key, member.name) = (Some(at), value.bytes),
                _ => member.value = Some(at),
            }
            member.goes |= goes;
        }
    }
}

/// Which gap each member fills that does not stay in its place, as numbers of members: `(gap, from)`.
/// The members come as their keys and whether they go; of several under one key the first goes first.
fn moves(members: &[(&[u8], bool)]) -> Vec<(usize, usize)> {
    let going = || members.iter().enumerate().filter(|(_, (_, goes))| *goes);
    // Where the members that go stand at present.
    let mut places: HashMap<&[u8], BTreeSet<usize>> = HashMap::new();
    for (at, (key, _)) in going() {
        places.entry(key).or_default().insert(at);
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    for (_, (key, _)) in going() {
        let gap = places.get_mut(key).and_then(BTreeSet::pop_first);
        let Some((gap, last)) = gap.zip(order.pop()) else {
            continue;
        };
        let Some(place) = order.get_mut(gap) else {
            continue;
        };
        *place = last;
        if let Some((key, true)) = members.get(last) {
            let of_key = places.entry(key).or_default();
            of_key.remove(&order.len());
            of_key.insert(gap);
        }
    }
    let filled = order.into_iter().enumerate();
    filled.filter(|(gap, from)| gap != from).collect()
}

#[cfg(test)]
mod tests;
