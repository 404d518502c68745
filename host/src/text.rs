//! Plain text through a chain: one value, as the body of the only log record of a batch.

use bytes::Bytes;
use otlp_wire::{Everything, Kind, Member, Place, Signal, Tree, walk, write_any, write_len_field};

use crate::chain::Chain;
use crate::outcome::{Context, Outcome, Refusal, Report};

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

impl Chain {
    /// Runs the chain over one text, such as a file or a line of a log.
    ///
    /// # Errors
    /// [`Refusal`] when the text may not leave.
    pub fn process_text(&self, text: &str) -> Result<Text, Refusal> {
        let mut bytes = Vec::new();
        write_any(5, Member::String(text), &mut bytes);
        // LogRecord, ScopeLogs, ResourceLogs, the request: 2, 2, 1 from the inside out.
        for field in [2, 2, 1] {
            let inner = std::mem::take(&mut bytes);
            write_len_field(field, &inner, &mut bytes);
        }
        match self.process(Signal::Logs, Bytes::from(bytes), &Context::default()) {
            Outcome::Unchanged { report, .. } => Ok(Text::Unchanged(report)),
            Outcome::Dropped { report } => Ok(Text::Dropped(report)),
            Outcome::Refused(refusal) => Err(refusal),
            Outcome::Edited { bytes, report } => match body(&bytes) {
                Some(text) => Ok(Text::Edited(text, report)),
                None => Ok(Text::Dropped(report)),
            },
        }
    }
}

fn body(bytes: &[u8]) -> Option<String> {
    let mut tree = Tree::default();
    walk(Signal::Logs, bytes, &mut Everything, &mut tree).ok()?;
    let value = tree
        .values
        .iter()
        .find(|value| value.place == Place::Body && value.kind == Kind::String)?;
    let text = bytes.get(value.payload.clone())?;
    Some(String::from_utf8_lossy(text).into_owned())
}
