//! The body of a request: the batch, perhaps as JSON, compressed, framed for gRPC.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::GzEncoder;
use otlp_json::{Style, to_json};
use otlp_wire::Signal;
use tokio::task::spawn_blocking;

use crate::settings::{Compression, Encoding, OtlpTransport};
use crate::why::Why;

/// Batches of more bytes are encoded beside the runtime's own threads.
const INLINE_BYTES_MAX: usize = 64 << 10;

/// Telemetry repeats itself so much that slower levels win little: gzip at its default of 6 took
/// three times as long to save 7 % on recorded batches.
const GZIP_LEVEL: u32 = 3;
const ZSTD_LEVEL: i32 = 3;

/// The form of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) transport: OtlpTransport,
    pub(super) compression: Compression,
    /// Bytes before compression.
    pub(super) bytes_max: usize,
}

/// Makes a body.
///
/// # Errors
/// [`Why::TooLarge`] for more bytes than allowed; others if the bytes are no batch.
pub(super) async fn encode(signal: Signal, batch: Bytes, form: Form) -> Result<Bytes, Why> {
    if batch.len() <= INLINE_BYTES_MAX {
        return form.encode(signal, batch);
    }
    let task = spawn_blocking(move || form.encode(signal, batch));
    task.await.unwrap_or(Err(Why::Internal))
}

impl Form {
    fn encode(self, signal: Signal, batch: Bytes) -> Result<Bytes, Why> {
        let plain = match self.transport {
            OtlpTransport::Http(Encoding::Json) => {
                let mut json = Vec::new();
                to_json(signal, &batch, Style::Compact, &mut json).map_err(|_| Why::Malformed)?;
                json.into()
            }
            _ => batch,
        };
        if plain.len() > self.bytes_max {
            return Err(Why::TooLarge);
        }
        match (self.transport, self.compression) {
            (OtlpTransport::Http(_), Compression::None) => Ok(plain),
            (OtlpTransport::Http(_), _) => self.compress(&plain, Vec::new()),
            (OtlpTransport::Grpc, _) => self.frame(&plain),
        }
    }

    /// A message of gRPC: whether it is compressed, its length, itself.
    fn frame(self, plain: &[u8]) -> Result<Bytes, Why> {
        let is_compressed = self.compression != Compression::None;
        let framed = self.compress(plain, vec![u8::from(is_compressed), 0, 0, 0, 0])?;
        let mut framed = Vec::from(framed);
        let len = u32::try_from(framed.len() - 5).map_err(|_| Why::TooLarge)?;
        if let Some(place) = framed.get_mut(1..5) {
            place.copy_from_slice(&len.to_be_bytes());
        }
        Ok(framed.into())
    }

    /// Appends to `out`.
    fn compress(self, plain: &[u8], mut out: Vec<u8>) -> Result<Bytes, Why> {
        let done = match self.compression {
            Compression::None => {
                out.extend_from_slice(plain);
                Ok(out)
            }
            Compression::Gzip => gzip(plain, out),
            Compression::Zstd => zstd(plain, out),
        };
        done.map(Into::into).map_err(|_| Why::Internal)
    }
}

fn gzip(plain: &[u8], out: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(out, flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(plain)?;
    encoder.finish()
}

fn zstd(plain: &[u8], out: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::stream::write::Encoder::new(out, ZSTD_LEVEL)?;
    encoder.write_all(plain)?;
    encoder.finish()
}
