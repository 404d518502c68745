//! The body of a request: the batch, perhaps as JSON, compressed, framed for gRPC.
//!
//! The frame of gRPC is five bytes that stand before a message and are sent together with it: a
//! batch that is not compressed goes out as the very bytes that came in.

use std::io::{self, Write};

use bytes::{Buf, Bytes, buf::Chain};
use http_body_util::Full;
use libdeflater::{CompressionLvl, Compressor};
use otlp_json::{Style, to_json};
use otlp_wire::Signal;
use tokio::task::spawn_blocking;

use crate::settings::{Compression, Encoding, OtlpTransport};
use crate::why::Why;

/// A body as it is sent: what stands before the message, and the message.
pub(super) type Body = Full<Chain<Bytes, Bytes>>;

/// Batches of more bytes are compressed or written as JSON beside the runtime's own threads.
const INLINE_BYTES_MAX: usize = 64 << 10;

/// Telemetry repeats itself so much that slower levels win little: on recorded batches libdeflate's
/// first level takes half the time of the third of zlib for the same size, and its sixth more than
/// twice its own to save 6 %.
const GZIP_LEVEL: i32 = 1;
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
    if batch.len() <= INLINE_BYTES_MAX || form.leaves_as_it_is() {
        return form.encode(signal, batch);
    }
    let task = spawn_blocking(move || form.encode(signal, batch));
    task.await.unwrap_or(Err(Why::Internal))
}

/// Puts the frame of its transport around a message.
pub(super) fn framed(message: Bytes, transport: OtlpTransport, compression: Compression) -> Body {
    let head = match transport {
        OtlpTransport::Http(_) => Bytes::new(),
        OtlpTransport::Grpc => {
            let is_compressed = u8::from(compression != Compression::None);
            // A message is no longer than 4 GiB: no batch in the queue is.
            let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
            let [a, b, c, d] = length.to_be_bytes();
            Bytes::copy_from_slice(&[is_compressed, a, b, c, d])
        }
    };
    Full::new(head.chain(message))
}

impl Form {
    fn leaves_as_it_is(self) -> bool {
        self.compression == Compression::None
            && self.transport != OtlpTransport::Http(Encoding::Json)
    }

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
        let compressed = match self.compression {
            Compression::None => return Ok(plain),
            Compression::Gzip => gzip(&plain),
            Compression::Zstd => zstd(&plain).ok(),
        };
        compressed.map(Bytes::from).ok_or(Why::Internal)
    }
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut compressor = Compressor::new(CompressionLvl::new(GZIP_LEVEL).ok()?);
    let mut out = vec![0; compressor.gzip_compress_bound(plain.len())];
    let written = compressor.gzip_compress(plain, &mut out).ok()?;
    out.truncate(written);
    out.shrink_to_fit();
    Some(out)
}

fn zstd(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
    encoder.write_all(plain)?;
    encoder.finish()
}
