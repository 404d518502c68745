//! What stands where something was cut.
//!
//! Its text may hold neither quotes nor backslashes nor control characters, so it stands in JSON at
//! any depth as it is. Must never: say more of what was cut than its counts.

use std::borrow::Cow;

use crate::measure::Measure;
use crate::text::lines;

/// Where the number of bytes goes.
const BYTES: &str = "{bytes}";
/// Where the number of lines goes.
const LINES: &str = "{lines}";

/// A number of the most digits that a count can have.
const LARGEST: &str = "4294967295";

/// Bytes of a marker's text, at the most.
pub(crate) const BYTES_MAX: usize = 128;

/// The text of the marker.
#[derive(Debug, Clone)]
pub(crate) struct Marker {
    text: String,
    /// The same with the longest counts.
    longest: String,
}

impl Marker {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            longest: text.replace(BYTES, LARGEST).replace(LINES, LARGEST),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Why the text cannot be a marker.
    pub(crate) fn fault(&self) -> Option<String> {
        let breaks = |char: char| char.is_control() || matches!(char, '"' | '\\');
        if self.text.chars().any(breaks) {
            return Some("must not have quotes, backslashes or control characters".to_owned());
        }
        (self.text.len() > BYTES_MAX).then(|| format!("must have {BYTES_MAX} bytes or fewer"))
    }

    /// What it takes at the most.
    pub(crate) fn room(&self, measure: Measure) -> usize {
        measure.text(&self.longest)
    }

    /// The marker for what was cut.
    pub(crate) fn text(&self, cut: &str) -> Cow<'_, str> {
        self.says(cut.len(), lines(cut))
    }

    /// The marker for so much.
    pub(crate) fn says(&self, bytes: usize, lines: usize) -> Cow<'_, str> {
        if !self.text.contains('{') {
            return Cow::Borrowed(&self.text);
        }
        let text = self.text.replace(BYTES, &bytes.to_string());
        Cow::Owned(text.replace(LINES, &lines.to_string()))
    }
}
