//! What stands where something was cut.
//!
//! Its text may hold neither quotes nor backslashes nor control characters, so it stands in JSON at
//! any depth as it is. Must never: say more of what was cut than its counts.

use std::borrow::Cow;

use crate::measure::Measure;

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
pub(crate) struct Marker(String);

impl Marker {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Why the text cannot be a marker.
    pub(crate) fn fault(&self) -> Option<String> {
        let breaks = |char: char| char.is_control() || matches!(char, '"' | '\\');
        if self.0.chars().any(breaks) {
            return Some("must not have quotes, backslashes or control characters".to_owned());
        }
        (self.0.len() > BYTES_MAX).then(|| format!("must have {BYTES_MAX} bytes or fewer"))
    }

    /// What it takes at the most.
    pub(crate) fn room(&self, measure: Measure) -> usize {
        measure.text(&self.0.replace(BYTES, LARGEST).replace(LINES, LARGEST))
    }

    /// The marker for what was cut.
    pub(crate) fn text(&self, cut: &str) -> Cow<'_, str> {
        self.says(cut.len(), cut.lines().count())
    }

    /// The marker for so much.
    pub(crate) fn says(&self, bytes: usize, lines: usize) -> Cow<'_, str> {
        if !self.0.contains('{') {
            return Cow::Borrowed(&self.0);
        }
        let text = self.0.replace(BYTES, &bytes.to_string());
        Cow::Owned(text.replace(LINES, &lines.to_string()))
    }
}
