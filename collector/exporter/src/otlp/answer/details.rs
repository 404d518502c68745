//! What the trailers of gRPC say beyond the code: when to come again, and whether size was it.

use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;

use crate::proto::{Payload, fields, last_bytes, last_number};

const RETRY_INFO: &[u8] = b"/google.rpc.RetryInfo";

/// Words of the common servers for a message over their limit. OTLP wants RESOURCE_EXHAUSTED for
/// it, which is also said of quotas, and some say OUT_OF_RANGE.
const ABOUT_SIZE: [&str; 6] = [
    "larger than",
    "too large",
    "too big",
    "message size",
    "message length",
    "maximum size",
];

/// `RetryInfo.retry_delay` in `grpc-status-details-bin`.
pub(super) fn retry_delay(trailers: &HeaderMap) -> Option<Duration> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let text = trailers.get("grpc-status-details-bin")?.as_bytes();
    let status = GeneralPurpose::new(&STANDARD, config).decode(text).ok()?;
    let details = fields(&status).filter_map(|(number, payload)| match payload {
        Payload::Bytes(any) if number == 3 => Some(any),
        _ => None,
    });
    let mut infos = details.filter(|any| {
        let kind = last_bytes(any, 1).unwrap_or_default();
        kind.ends_with(RETRY_INFO)
    });
    let info = last_bytes(infos.next()?, 2).unwrap_or_default();
    let delay = last_bytes(info, 1).unwrap_or_default();
    let seconds = i64::from_ne_bytes(last_number(delay, 1).to_ne_bytes());
    let nanos = last_number(delay, 2).min(999_999_999) as u32;
    Some(Duration::new(u64::try_from(seconds).unwrap_or(0), nanos))
}

/// Whether the message says that the batch was too large.
pub(super) fn is_about_size(trailers: &HeaderMap) -> bool {
    let Some(message) = trailers.get("grpc-message") else {
        return false;
    };
    let message = String::from_utf8_lossy(message.as_bytes());
    let message = message.replace("%20", " ").to_ascii_lowercase();
    ABOUT_SIZE.iter().any(|words| message.contains(words))
}
