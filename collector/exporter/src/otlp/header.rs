//! The headers of a request: those of OTLP, and those that the settings add.
//!
//! Must never: show the value of a header in an error or in `Debug`.

use std::sync::Arc;

use http::header::{
    CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, TE, USER_AGENT,
};

use crate::error::StartError;
use crate::settings::{Compression, Encoding, Header, OtlpSettings, OtlpTransport};

/// What belongs to the transport, and not to the settings.
const OURS: [&str; 10] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "grpc-encoding",
    "grpc-timeout",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// All headers of every request.
pub(super) fn headers(name: &Arc<str>, settings: &OtlpSettings) -> Result<HeaderMap, StartError> {
    let mut headers = HeaderMap::new();
    let agent = HeaderValue::from_static(concat!("tamis/", env!("CARGO_PKG_VERSION")));
    headers.insert(USER_AGENT, agent);
    for Header { name: key, value } in &settings.headers {
        let wrong = |problem: &str| StartError::Setting {
            setting: format!("exporters.{name}.headers"),
            problem: format!("{}: {problem}", key.escape_debug()),
        };
        let key = HeaderName::from_bytes(key.as_bytes())
            .map_err(|_| wrong("expected the name of a header: letters, digits, '-' and '_'"))?;
        if OURS.contains(&key.as_str()) {
            return Err(wrong("this header is set by the exporter itself"));
        }
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            wrong("the value has a line break or another character no header may have")
        })?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    let content = match settings.transport {
        OtlpTransport::Grpc => "application/grpc",
        OtlpTransport::Http(Encoding::Protobuf) => "application/x-protobuf",
        OtlpTransport::Http(Encoding::Json) => "application/json",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content));
    let grpc = settings.transport == OtlpTransport::Grpc;
    if grpc {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    let encoding = match settings.compression {
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
        Compression::None => return Ok(headers),
    };
    let key = if grpc {
        HeaderName::from_static("grpc-encoding")
    } else {
        CONTENT_ENCODING
    };
    headers.insert(key, HeaderValue::from_static(encoding));
    Ok(headers)
}
