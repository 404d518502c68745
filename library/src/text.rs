//! Plain text through a chain.

use std::borrow::Cow;

use tamis_host::{Refusal, Text};

use crate::tamis::Tamis;

impl Tamis {
    /// Runs the chain over one text, such as a file or a line of a log. A text that plugins drop
    /// comes back empty.
    ///
    /// # Errors
    /// [`Refusal`] when the text may not leave.
    pub fn scrub_text<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, Refusal> {
        Ok(match self.process_text(text)? {
            Text::Unchanged(_) => Cow::Borrowed(text),
            Text::Edited(text, _) => Cow::Owned(text),
            Text::Dropped(_) => Cow::Borrowed(""),
        })
    }

    /// The same with the report of what was done.
    ///
    /// # Errors
    /// [`Refusal`] when the text may not leave.
    pub fn process_text(&self, text: &str) -> Result<Text, Refusal> {
        self.chain.process_text(text)
    }
}
