//! Shortens one value to its limit, by what it is made of.
//!
//! JSON first, then binary, patches and blocks, and what is none of these as plain text. The strings in
//! JSON are texts again, so a patch or an image in the arguments of a call is treated as one.
//!
//! Must never: give back more than the limit, or anything for a value that is within it; so what was
//! shortened once is left alone.

use std::borrow::Cow;
use std::convert::Infallible;
use std::ops::Range;

use tamis_sdk::host::HostError;

use crate::block::{blocks, is_binary};
use crate::json::{Json, is_json};
use crate::measure::{Measure, Unit};
use crate::note::{self, is_note, note};
use crate::patch::Patch;
use crate::settings::{Strategy, Structure};
use crate::share::Parts;
use crate::text::{Cutter, Room, lines};

/// JSON in a string of JSON in a string of JSON is read; what is deeper is text.
const LEVELS_MAX: u32 = 3;

/// What a value was shortened as; the number of its detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Why {
    /// As a text.
    Text,
    /// As JSON.
    Json,
    /// As a patch.
    Patch,
    /// As base64 or as something binary.
    Block,
    /// It became a note.
    Digest,
    /// So that its record keeps its budget.
    Budget,
    /// It went so that its map is small enough.
    Map,
}

impl Why {
    /// Names of the detectors, by number.
    pub(crate) const NAMES: [&str; 7] =
        ["text", "json", "patch", "block", "digest", "budget", "map"];
}

/// How long a value may be, and what becomes of a longer one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) room: Room,
    pub(crate) unit: Unit,
    pub(crate) strategy: Strategy,
    pub(crate) structure: Structure,
}

/// A value that was shortened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Short {
    pub(crate) text: String,
    pub(crate) why: Why,
}

/// Shortens values.
#[derive(Debug)]
pub(crate) struct Shorten {
    pub(crate) cutter: Cutter,
    /// Where digests come from: the host.
    pub(crate) sha256: fn(&[u8]) -> Result<String, HostError>,
}

impl Shorten {
    /// The bytes of a string or bytes value, shortened to a limit; none when they are within it.
    pub(crate) fn value(&self, bytes: &[u8], limit: &Limit) -> Result<Option<Short>, HostError> {
        // Most are texts, and to know that is faster than to look for what is none.
        let text = match str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(bytes),
        };
        let measure = Measure::new(limit.unit);
        if is_note(&text) || limit.room.holds(&text, measure) {
            return Ok(None);
        }
        if limit.strategy == Strategy::HashOnly {
            let kind = if is_binary(&text) { "binary" } else { "text" };
            return Ok(Some(self.note(kind, bytes, Why::Digest)?));
        }
        if limit.structure == Structure::Ignore {
            let text = self.cutter.cut(&text, limit.room, limit.strategy, measure);
            return Ok(Some(Short {
                text,
                why: Why::Text,
            }));
        }
        let has_room = Room::of(limit.room.size).holds(&text, measure);
        if has_room && is_json(&text) {
            return Ok(None);
        }
        if !has_room && is_binary(&text) && limit.room.size >= note::BYTES_MAX {
            return Ok(Some(self.note("binary", bytes, Why::Block)?));
        }
        let mut short = match has_room {
            true => Short {
                text: text.into_owned(),
                why: Why::Text,
            },
            false => self.text(&text, limit.room.size, limit.strategy, measure)?,
        };
        if short.why != Why::Json && !limit.room.holds(&short.text, measure) {
            let cut = self
                .cutter
                .cut(&short.text, limit.room, limit.strategy, measure);
            short.text = cut;
        }
        Ok(Some(short))
    }

    /// A text within so much room, of any number of lines.
    fn text(
        &self,
        text: &str,
        max: usize,
        strategy: Strategy,
        measure: Measure,
    ) -> Result<Short, HostError> {
        if measure.fits(text, max) {
            return Ok(Short {
                text: text.to_owned(),
                why: Why::Text,
            });
        }
        if let Some(short) = self.json(text, max, strategy, measure)? {
            return Ok(short);
        }
        if max >= note::BYTES_MAX && is_binary(text) {
            return self.note("binary", text.as_bytes(), Why::Block);
        }
        if let Some(short) = self.patch(text, max, strategy, measure) {
            return Ok(short);
        }
        let found = blocks(text);
        if max >= note::BYTES_MAX && !found.is_empty() {
            return self.with_notes(text, found, max, strategy, measure);
        }
        let text = self.cutter.cut(text, Room::of(max), strategy, measure);
        let why = Why::Text;
        Ok(Short { text, why })
    }

    fn json(
        &self,
        text: &str,
        max: usize,
        strategy: Strategy,
        measure: Measure,
    ) -> Result<Option<Short>, HostError> {
        if measure.level() == LEVELS_MAX {
            return Ok(None);
        }
        let Some(json) = Json::read(text, self.cutter.least(measure), measure) else {
            return Ok(None);
        };
        let inside = measure.inside();
        let cut = |text: &str, room| Ok(self.text(text, room, strategy, inside)?.text);
        let text = json.fit(max, &self.cutter, measure, cut)?;
        Ok(text.map(|text| Short {
            text,
            why: Why::Json,
        }))
    }

    fn patch(&self, text: &str, max: usize, strategy: Strategy, measure: Measure) -> Option<Short> {
        let patch = Patch::read(text)?;
        let fitting = self.around(text, patch.bodies(), max, strategy, measure);
        let text = fitting.unwrap_or_else(|| {
            let skeletons = patch.skeletons();
            let room = max.saturating_sub(self.cutter.marker.room(measure));
            let fits = |skeleton: &&String| measure.text(skeleton) <= room;
            match (skeletons.iter().find(fits), skeletons.last()) {
                (Some(skeleton), _) => {
                    let bytes = text.len() - skeleton.len();
                    let lines = lines(text) - lines(skeleton);
                    format!("{skeleton}{}", self.cutter.marker.says(bytes, lines))
                }
                (None, files) => {
                    let files = files.map_or(text, String::as_str);
                    self.cutter.cut(files, Room::of(max), strategy, measure)
                }
            }
        });
        let why = Why::Patch;
        Some(Short { text, why })
    }

    /// A text of which these parts give way, each to a cut of its own.
    fn around(
        &self,
        text: &str,
        parts: Vec<Range<usize>>,
        max: usize,
        strategy: Strategy,
        measure: Measure,
    ) -> Option<String> {
        let least = self.cutter.least(measure);
        let cut = |part: &str, room: usize| -> Result<String, Infallible> {
            Ok(self.cutter.cut(part, Room::of(room), strategy, measure))
        };
        let parts = Parts::new(text, parts, least, measure);
        parts.fit(max, least, measure, cut).unwrap_or(None)
    }

    /// The text with a note in the place of each block, and what is around them cut if need be.
    fn with_notes(
        &self,
        text: &str,
        blocks: Vec<(Range<usize>, &'static str)>,
        max: usize,
        strategy: Strategy,
        measure: Measure,
    ) -> Result<Short, HostError> {
        let (mut out, mut words) = (String::new(), Vec::new());
        let mut done = 0;
        for (range, kind) in blocks {
            let block = text.get(range.clone()).unwrap_or_default();
            let before = text.get(done..range.start).unwrap_or_default();
            words.push(out.len()..out.len() + before.len());
            out.push_str(before);
            out.push_str(&self.note(kind, block.as_bytes(), Why::Block)?.text);
            done = range.end;
        }
        let rest = text.get(done..).unwrap_or_default();
        words.push(out.len()..out.len() + rest.len());
        out.push_str(rest);
        let fitting = self.around(&out, words, max, strategy, measure);
        let cut = || self.cutter.cut(&out, Room::of(max), strategy, measure);
        Ok(Short {
            text: fitting.unwrap_or_else(cut),
            why: Why::Block,
        })
    }

    fn note(&self, kind: &str, bytes: &[u8], why: Why) -> Result<Short, HostError> {
        let text = note(kind, bytes, &(self.sha256)(bytes)?);
        Ok(Short { text, why })
    }
}

#[cfg(test)]
mod tests;
