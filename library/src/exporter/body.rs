//! Bodies of requests, decompressed for the chain and compressed again as they were.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::{GzEncoder, MultiGzDecoder};
use http::HeaderValue;

use super::ExportError;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Zstd,
}

impl Coding {
    /// The one that `Content-Encoding` names.
    pub(super) fn parse(encoding: &HeaderValue) -> Option<Self> {
        let name = encoding.to_str().ok()?.trim();
        let codings = [
            ("identity", Self::Plain),
            ("gzip", Self::Gzip),
            ("zstd", Self::Zstd),
        ];
        let named = codings
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, coding)| *coding)
    }

    /// The body as it was before it was compressed, of at most so many bytes.
    pub(super) fn decode(self, body: &Bytes, max: usize) -> Result<Bytes, ExportError> {
        let wrong = ExportError::Compression;
        match self {
            Self::Plain if body.len() > max => Err(ExportError::TooLarge { max }),
            Self::Plain => Ok(body.clone()),
            Self::Gzip => read(MultiGzDecoder::new(body.as_ref()), max),
            Self::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(body.as_ref());
                read(decoder.map_err(wrong)?, max)
            }
        }
    }

    /// The body compressed.
    pub(super) fn encode(self, body: Bytes) -> Result<Bytes, ExportError> {
        let compressed = match self {
            Self::Plain => return Ok(body),
            Self::Gzip => {
                let mut compressed = Vec::new();
                GzEncoder::new(body.as_ref(), Compression::fast())
                    .read_to_end(&mut compressed)
                    .map(|_| compressed)
            }
            Self::Zstd => zstd::bulk::compress(&body, zstd::DEFAULT_COMPRESSION_LEVEL),
        };
        compressed
            .map(Bytes::from)
            .map_err(ExportError::Compression)
    }
}

fn read(decoder: impl Read, max: usize) -> Result<Bytes, ExportError> {
    let mut decoded = Vec::new();
    // One byte more than may be, so that the limit is seen.
    let most = (max as u64).saturating_add(1);
    let read: io::Result<usize> = decoder.take(most).read_to_end(&mut decoded);
    read.map_err(ExportError::Compression)?;
    match decoded.len() > max {
        true => Err(ExportError::TooLarge { max }),
        false => Ok(decoded.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Coding; 3] = [Coding::Plain, Coding::Gzip, Coding::Zstd];

    #[test]
    fn bodies_come_back() {
        let body = Bytes::from("telemetry ".repeat(1_000));
        for coding in ALL {
            let encoded = coding.encode(body.clone()).unwrap();
            assert_eq!(coding.decode(&encoded, body.len()).unwrap(), body);
            let smaller = coding.decode(&encoded, body.len() - 1);
            assert!(matches!(smaller, Err(ExportError::TooLarge { max: 9_999 })));
        }
    }

    #[test]
    fn what_is_cut_or_not_compressed_is_refused() {
        let body = Bytes::from("telemetry ".repeat(1_000));
        for coding in [Coding::Gzip, Coding::Zstd] {
            assert!(coding.decode(&body, usize::MAX).is_err(), "{coding:?}");
            let encoded = coding.encode(body.clone()).unwrap();
            for end in 1..encoded.len() {
                let cut = coding.decode(&encoded.slice(..end), usize::MAX);
                assert!(cut.is_err(), "{coding:?} {end}");
            }
        }
    }

    #[test]
    fn encodings_by_name() {
        let parse = |name: &'static str| Coding::parse(&HeaderValue::from_static(name));
        assert_eq!(parse("GZIP"), Some(Coding::Gzip));
        assert_eq!(parse("zstd"), Some(Coding::Zstd));
        assert_eq!(parse("identity"), Some(Coding::Plain));
        assert_eq!(parse("gzip, gzip"), None);
        assert_eq!(parse("br"), None);
    }
}
