//! Plain text through a chain: one value, as the body of the only log record of a batch.

use std::borrow::Cow;

use bytes::Bytes;
use otlp_wire::{Everything, Kind, Member, Place, Tree, walk, write_any, write_len_field};
use tamis_host::{Outcome, Refusal, Report, Signal};

use crate::tamis::Tamis;

/// What a chain made of a text.
#[derive(Debug)]
#[must_use = "what leaves is in here"]
pub enum Text {
    /// Nothing was changed.
    Unchanged(Report),
    /// The text as it may leave.
    Edited(String, Report),
    /// Nothing of it may leave.
    Dropped(Report),
}

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
        Ok(match self.process(Signal::Logs, batch(text)) {
            Outcome::Unchanged { report, .. } => Text::Unchanged(report),
            Outcome::Dropped { report } => Text::Dropped(report),
            Outcome::Refused(refusal) => return Err(refusal),
            Outcome::Edited { bytes, report } => match body(&bytes) {
                Some(text) => Text::Edited(text, report),
                None => Text::Dropped(report),
            },
        })
    }
}

fn batch(text: &str) -> Bytes {
    let mut bytes = Vec::new();
    write_any(5, Member::String(text), &mut bytes);
    // LogRecord, ScopeLogs, ResourceLogs, the request: from the inside out.
    for field in [2, 2, 1] {
        let inner = std::mem::take(&mut bytes);
        write_len_field(field, &inner, &mut bytes);
    }
    bytes.into()
}

fn body(bytes: &[u8]) -> Option<String> {
    let mut tree = Tree::default();
    walk(Signal::Logs, bytes, &mut Everything, &mut tree).ok()?;
    let body = tree
        .values
        .iter()
        .find(|value| value.place == Place::Body && value.kind == Kind::String)?;
    let text = bytes.get(body.payload.clone())?;
    Some(String::from_utf8_lossy(text).into_owned())
}
