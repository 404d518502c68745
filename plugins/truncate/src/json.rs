//! Cuts JSON so that it stays JSON.
//!
//! First its long strings give way, each cut as the text that it holds. Where that is not enough, the
//! text ends early: behind the last value that fits, with a word on what went, and every bracket
//! closed.
//!
//! Must never: give back what is no JSON, as long as there is room for two brackets.

mod scan;
mod string;

use std::ops::{ControlFlow, Range};

use crate::measure::Measure;
use crate::share::Parts;
use crate::text::Cutter;

use scan::{Event, scan};

/// The key under which an object says that it ends early.
const MORE: &str = "...";

/// A text that is JSON.
pub(crate) struct Json<'t> {
    text: &'t str,
    /// What its strings hold, but for keys and for what is too short to be cut.
    parts: Parts<'t>,
}

/// Whether a text is JSON with a structure: an object, an array, a string, or a line for each.
pub(crate) fn is_json(text: &str) -> bool {
    may_be_json(text) && scan(text, |_| ControlFlow::Continue(()))
}

fn may_be_json(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['{', '[', '"'])
}

impl<'t> Json<'t> {
    /// Reads a text; none if it is no JSON.
    pub(crate) fn read(text: &'t str, least: usize, measure: Measure) -> Option<Self> {
        let mut strings = Vec::new();
        let read = may_be_json(text)
            && scan(text, |event| {
                if let Event::String(range) = event {
                    strings.push(range);
                }
                ControlFlow::Continue(())
            });
        read.then(|| Self {
            text,
            parts: Parts::new(text, strings, least, measure),
        })
    }

    /// The text, cut so that it fits. `cut` shortens the text of one string to what is left for it,
    /// measured inside of a string.
    pub(crate) fn fit<E>(
        &self,
        max: usize,
        cutter: &Cutter,
        measure: Measure,
        mut cut: impl FnMut(&str, usize) -> Result<String, E>,
    ) -> Result<Option<String>, E> {
        let least = cutter.least(measure);
        let mut cut = |held: &str, room| Ok(string::encode(&cut(&string::decode(held), room)?));
        if let Some(fitting) = self.parts.fit(max, least, measure, &mut cut)? {
            return Ok(Some(fitting));
        }
        if let Some(short) = self.end_early(max, least, cutter, measure, &mut cut)? {
            return Ok(Some(short));
        }
        let empty = match self.text.trim_ascii_start().as_bytes().first() {
            Some(b'{') => "{}",
            Some(b'[') => "[]",
            _ => "\"\"",
        };
        Ok((measure.text(empty) <= max).then(|| empty.to_owned()))
    }

    /// The text up to the last value behind which it can be ended, its strings as short as they get.
    fn end_early<E>(
        &self,
        max: usize,
        least: usize,
        cutter: &Cutter,
        measure: Measure,
        cut: &mut impl FnMut(&str, usize) -> Result<String, E>,
    ) -> Result<Option<String>, E> {
        let closing = measure.text(&format!(",\"{MORE}\":\"\"")) + cutter.marker.room(measure);
        let mut early = Early {
            text: self.text,
            soft: &self.parts.soft,
            measure,
            least,
            max: max.saturating_sub(closing),
            used: 0,
            done: 0,
            depth: 0,
            stop: None,
        };
        scan(self.text, |event| early.take(&event));
        let Some(stop) = early.stop else {
            return Ok(None);
        };
        let mut out = String::new();
        let mut done = 0;
        for range in self.parts.soft.iter().take_while(|range| range.end <= stop) {
            out.push_str(self.text.get(done..range.start).unwrap_or_default());
            out.push_str(&cut(
                self.text.get(range.clone()).unwrap_or_default(),
                least,
            )?);
            done = range.end;
        }
        out.push_str(self.text.get(done..stop).unwrap_or_default());
        let went = self.text.get(stop..).unwrap_or_default();
        close(&mut out, &cutter.marker.text(went));
        Ok(Some(out))
    }
}

/// Looks for the last place at which a text can be ended.
struct Early<'t> {
    text: &'t str,
    soft: &'t [Range<usize>],
    measure: Measure,
    least: usize,
    /// What may be used, without what a word on the end takes.
    max: usize,
    used: usize,
    done: usize,
    depth: usize,
    stop: Option<usize>,
}

impl Early<'_> {
    fn take(&mut self, event: &Event) -> ControlFlow<()> {
        match event {
            Event::Open(_, at) => {
                self.depth += 1;
                self.value_until(at + 1)
            }
            Event::Close(at) => {
                self.depth -= 1;
                self.value_until(at + 1)
            }
            Event::Scalar(range) => self.value_until(range.end),
            Event::String(range) => {
                self.use_until(range.start);
                let size = self
                    .measure
                    .text(self.text.get(range.clone()).unwrap_or_default());
                let is_soft = self
                    .soft
                    .binary_search_by_key(&range.start, |soft| soft.start)
                    .is_ok();
                self.used += if is_soft { size.min(self.least) } else { size };
                self.done = range.end;
                self.value_until(range.end + 1)
            }
            Event::Key(range) => {
                self.use_until(range.end + 1);
                self.go_on()
            }
        }
    }

    fn use_until(&mut self, end: usize) {
        let part = self.text.get(self.done..end).unwrap_or_default();
        self.used += self.measure.text(part);
        self.done = end;
    }

    /// A value ends here, or begins: after either the text may be ended.
    fn value_until(&mut self, end: usize) -> ControlFlow<()> {
        self.use_until(end);
        let flow = self.go_on();
        if flow.is_continue() && self.depth > 0 {
            self.stop = Some(end);
        }
        flow
    }

    /// Each bracket that is open takes another to close it.
    fn go_on(&self) -> ControlFlow<()> {
        match self.used + self.depth <= self.max {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}

/// Ends a text that stops behind a value or an opening bracket.
fn close(out: &mut String, said: &str) {
    let mut open = Vec::new();
    scan(out, |event| {
        match event {
            Event::Open(byte, _) => open.push(byte),
            Event::Close(_) => drop(open.pop()),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    if !said.is_empty() {
        let comma = if out.ends_with(['{', '[']) { "" } else { "," };
        match open.last() {
            Some(b'{') => out.push_str(&format!("{comma}\"{MORE}\":\"{said}\"")),
            _ => out.push_str(&format!("{comma}\"{said}\"")),
        }
    }
    let closing = open.iter().rev().map(|&byte| match byte {
        b'{' => '}',
        _ => ']',
    });
    out.extend(closing);
}
