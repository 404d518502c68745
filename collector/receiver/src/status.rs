//! The few messages that answers are made of, written by hand.
//!
//! `Export...ServiceResponse` with its partial success, and `google.rpc.Status` with `RetryInfo`,
//! in protobuf and JSON. Nobody here reads them, so nothing must be added that nobody sends.

use std::time::Duration;

use otlp_wire::schema::Wire;
use otlp_wire::{Signal, varint, write_len_field, write_tag};

const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// Records that were refused for good, and why.
pub(crate) struct Partial {
    pub(crate) rejected: u64,
    pub(crate) message: String,
}

/// The answer to an export as protobuf; empty if nothing was refused.
pub(crate) fn export_protobuf(partial: Option<&Partial>) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(partial) = partial {
        let mut inner = Vec::new();
        write_number(1, partial.rejected, &mut inner);
        write_text(2, &partial.message, &mut inner);
        write_len_field(1, &inner, &mut out);
    }
    out
}

/// The answer to an export as JSON.
pub(crate) fn export_json(signal: Signal, partial: Option<&Partial>) -> Vec<u8> {
    let Some(Partial { rejected, message }) = partial else {
        return b"{}".to_vec();
    };
    let rejected_name = match signal {
        Signal::Traces => "rejectedSpans",
        Signal::Logs => "rejectedLogRecords",
        Signal::Metrics => "rejectedDataPoints",
    };
    let message = quoted(message);
    format!(r#"{{"partialSuccess":{{"{rejected_name}":"{rejected}","errorMessage":{message}}}}}"#)
        .into_bytes()
}

/// A `google.rpc.Status` as protobuf.
pub(crate) fn status_protobuf(code: u8, message: &str, retry_after: Option<Duration>) -> Vec<u8> {
    let mut out = Vec::new();
    write_number(1, u64::from(code), &mut out);
    write_text(2, message, &mut out);
    if let Some(delay) = retry_after {
        let mut duration = Vec::new();
        write_number(1, delay.as_secs(), &mut duration);
        write_number(2, u64::from(delay.subsec_nanos()), &mut duration);
        let (mut retry, mut detail) = (Vec::new(), Vec::new());
        write_len_field(1, &duration, &mut retry);
        write_text(1, RETRY_INFO, &mut detail);
        write_len_field(2, &retry, &mut detail);
        write_len_field(3, &detail, &mut out);
    }
    out
}

/// A `google.rpc.Status` as JSON.
pub(crate) fn status_json(code: u8, message: &str, retry_after: Option<Duration>) -> Vec<u8> {
    let message = quoted(message);
    let details = retry_after.map_or(String::new(), |delay| {
        let seconds = delay.as_secs_f64();
        format!(r#","details":[{{"@type":"{RETRY_INFO}","retryDelay":"{seconds}s"}}]"#)
    });
    format!(r#"{{"code":{code},"message":{message}{details}}}"#).into_bytes()
}

fn write_number(number: u32, value: u64, out: &mut Vec<u8>) {
    if value != 0 {
        write_tag(number, Wire::Varint, out);
        varint::write(value, out);
    }
}

fn write_text(number: u32, text: &str, out: &mut Vec<u8>) {
    if !text.is_empty() {
        write_len_field(number, text.as_bytes(), out);
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if u32::from(control) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_strings_are_escaped() {
        assert_eq!(quoted("a\"b\\c\n\u{e9}"), "\"a\\\"b\\\\c\\u000a\u{e9}\"");
    }

    #[test]
    fn full_success_is_empty() {
        assert!(export_protobuf(None).is_empty());
        assert_eq!(export_json(Signal::Logs, None), b"{}");
    }
}
