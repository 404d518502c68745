//! `partial_success` in an answer: how many records were rejected.
//!
//! Must never: fail on nonsense; an answer of success is one, whatever it holds.

use serde_json::Value;

use crate::proto::{last_bytes, last_number};

/// Records rejected; 0 if there is only a message; `None` if nothing is said.
pub(super) fn in_protobuf(body: &[u8]) -> Option<u64> {
    let partial = last_bytes(body, 1)?;
    let rejected = last_number(partial, 1);
    let has_message = last_bytes(partial, 2).is_some_and(|message| !message.is_empty());
    said(i64::from_ne_bytes(rejected.to_ne_bytes()), has_message)
}

/// The same in JSON.
pub(super) fn in_json(body: &[u8]) -> Option<u64> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let partial = answer.get("partialSuccess")?;
    let names = ["rejectedSpans", "rejectedLogRecords", "rejectedDataPoints"];
    let rejected = names.iter().find_map(|name| match partial.get(name)? {
        Value::String(text) => text.parse().ok(),
        number => number.as_i64(),
    });
    let message = partial.get("errorMessage").and_then(Value::as_str);
    let has_message = message.is_some_and(|message| !message.is_empty());
    said(rejected.unwrap_or(0), has_message)
}

fn said(rejected: i64, has_message: bool) -> Option<u64> {
    let rejected = u64::try_from(rejected).unwrap_or(0);
    (rejected > 0 || has_message).then_some(rejected)
}
