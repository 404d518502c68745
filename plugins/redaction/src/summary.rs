//! What was done, counted for each attribute map, and written into it at the end.
//!
//! Must never: write a key as it stood before the masks.

use std::collections::{BTreeMap, HashMap};

use tamis_sdk::{Edits, Fault};

use crate::change::Change;
use crate::interest::SUMMARY;
use crate::settings::Summary;

/// What was done to an attribute, or to a part of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Removed, since no key allows it.
    Redacted = 0,
    /// Masked in part or whole.
    Masked = 1,
    /// Left, since its value is allowed.
    Allowed = 2,
    /// Left, since its key is ignored.
    Ignored = 3,
}

const DEEDS: [&str; 4] = ["redacted", "masked", "allowed", "ignored"];

/// The map that a summary stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Map {
    /// Row of the attribute map.
    pub(crate) container: u32,
    /// Whether the body of its log record is meant.
    pub(crate) of_body: bool,
}

#[derive(Debug, Default)]
struct Tally {
    count: i64,
    keys: Vec<String>,
}

/// A value that stood under a key of the summary before.
pub(crate) struct Before {
    /// Its row.
    pub(crate) row: u32,
    /// Its text after the masks, when it is a string that stays.
    pub(crate) text: Option<String>,
    /// Its number, when it is an int that stays.
    pub(crate) number: Option<i64>,
    /// What happens to it when no summary takes its place.
    pub(crate) change: Change,
}

/// The counts of a view.
pub(crate) struct Counts {
    level: Summary,
    maps: BTreeMap<Map, [Tally; 4]>,
    before: HashMap<(u32, String), Vec<Before>>,
}

impl Counts {
    pub(crate) fn new(level: Summary) -> Self {
        Self {
            level,
            maps: BTreeMap::new(),
            before: HashMap::new(),
        }
    }

    /// Whether anything is counted.
    pub(crate) fn counts(&self) -> bool {
        self.level > Summary::Silent
    }

    /// Whether keys are listed.
    pub(crate) fn lists(&self) -> bool {
        self.level == Summary::Debug
    }

    /// Counts a deed.
    pub(crate) fn add(&mut self, map: Map, deed: Deed, key: impl FnOnce() -> String) {
        if !self.counts() {
            return;
        }
        let lists = self.lists() && deed != Deed::Ignored;
        if let Some(tally) = self.maps.entry(map).or_default().get_mut(deed as usize) {
            tally.count += 1;
            if lists {
                tally.keys.push(key());
            }
        }
    }

    /// Whether the summary may write under this key.
    pub(crate) fn writes(&self, key: &[u8]) -> bool {
        let Some(rest) = key.strip_prefix(b"redaction.").filter(|_| self.counts()) else {
            return false;
        };
        let rest = rest.strip_prefix(b"body.").unwrap_or(rest);
        DEEDS.iter().any(|deed| {
            let tail = rest.strip_prefix(deed.as_bytes());
            matches!(tail, Some(b".keys" | b".count"))
        })
    }

    /// Keeps what stands under a key of the summary until it is known whether it stays.
    pub(crate) fn keep(&mut self, container: u32, key: &[u8], before: Before) {
        let key = String::from_utf8_lossy(key).into_owned();
        self.before
            .entry((container, key))
            .or_default()
            .push(before);
    }

    /// Writes everything.
    pub(crate) fn write(mut self, edits: &mut Edits<'_>) -> Result<(), Fault> {
        for (map, tallies) in std::mem::take(&mut self.maps) {
            for (deed, tally) in DEEDS.iter().zip(tallies) {
                if tally.count > 0 {
                    self.write_tally(map, deed, tally, edits)?;
                }
            }
        }
        for before in self.before.into_values().flatten() {
            before.change.apply(before.row, edits)?;
        }
        Ok(())
    }

    fn write_tally(
        &mut self,
        map: Map,
        deed: &str,
        mut tally: Tally,
        edits: &mut Edits<'_>,
    ) -> Result<(), Fault> {
        let body = if map.of_body { "body." } else { "" };
        if self.lists() && deed != "ignored" {
            let name = format!("redaction.{body}{deed}.keys");
            let before = self.take(map, &name).and_then(|before| before.text);
            let earlier = before.filter(|text| !text.is_empty());
            tally.keys.extend(
                earlier
                    .iter()
                    .flat_map(|text| text.split(','))
                    .map(String::from),
            );
            tally.keys.sort_unstable();
            edits
                .detected(SUMMARY)
                .set(map.container, &name, tally.keys.join(",").as_str())?;
        }
        let name = format!("redaction.{body}{deed}.count");
        let before = self.take(map, &name).and_then(|before| before.number);
        let count = tally.count.wrapping_add(before.unwrap_or_default());
        edits.detected(SUMMARY).set(map.container, &name, count)?;
        Ok(())
    }

    /// Takes what stood under a key: of several, the first.
    fn take(&mut self, map: Map, name: &str) -> Option<Before> {
        let before = self.before.remove(&(map.container, name.to_owned()));
        before.and_then(|before| before.into_iter().next())
    }
}
