//! Compression of bodies: gzip and zstd, one member each, with a cap on what comes out.
//!
//! Decoders are made anew for each body: keeping them would save a few microseconds and could
//! carry bytes of one sender to another. They work in steps, so that a bomb is stopped at its
//! first step over the limit, and other requests get their turn in between.

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use crate::budget::Share;
use crate::refusal::{Reason, Refusal};

/// The most output of one step.
const STEP_MAX: usize = 256 << 10;

/// The least output of one step.
const STEP_MIN: usize = 4 << 10;

/// The largest window of zstd, 8 MiB, as HTTP has it (RFC 9659).
const WINDOW_LOG_MAX: u32 = 23;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Zstd,
}

impl Coding {
    /// What `Content-Encoding` or `grpc-encoding` calls it.
    pub(crate) fn parse(name: &str) -> Result<Self, Refusal> {
        let known = [
            ("", Self::Identity),
            ("identity", Self::Identity),
            ("gzip", Self::Gzip),
            ("zstd", Self::Zstd),
        ];
        let name = name.trim();
        let mut known = known.into_iter();
        let found = known.find(|(known, _)| name.eq_ignore_ascii_case(known));
        found.map(|(_, coding)| coding).ok_or_else(|| {
            Refusal::new(
                Reason::Encoding,
                "this compression is not supported, use gzip, zstd or none",
            )
        })
    }

    /// Decompresses a whole body.
    pub(crate) async fn decode(
        self,
        body: Bytes,
        limit: usize,
        share: &mut Share<'_>,
    ) -> Result<Bytes, Refusal> {
        let mut inflater = match self {
            Self::Identity if body.len() > limit => {
                return Err(Refusal::too_large("the body", limit));
            }
            Self::Identity => return Ok(body),
            Self::Gzip => Inflater::Gzip(Decompress::new_gzip(15)),
            Self::Zstd => Inflater::zstd()?,
        };
        let mut rest = body.as_ref();
        let mut out = Vec::new();
        loop {
            // One byte more than allowed tells a body at its limit from one over it.
            let step = (body.len() * 4).max(out.len()).clamp(STEP_MIN, STEP_MAX);
            let room = step.min(limit + 1 - out.len());
            share.grow(body.len() + out.len() + room).await?;
            let is_end = inflater.step(&mut rest, room, &mut out)?;
            if out.len() > limit {
                return Err(Refusal::too_large("the decompressed body", limit));
            }
            match (is_end, rest.is_empty()) {
                (true, true) => {
                    out.shrink_to_fit();
                    return Ok(out.into());
                }
                (true, false) => {
                    return Err(Refusal::malformed(
                        "the compressed body goes on after its end",
                    ));
                }
                (false, _) => tokio::task::yield_now().await,
            }
        }
    }
}

enum Inflater {
    Gzip(Decompress),
    Zstd(Decoder<'static>),
}

impl Inflater {
    fn zstd() -> Result<Self, Refusal> {
        let mut decoder = Decoder::new().map_err(|_| wrong())?;
        let window = DParameter::WindowLogMax(WINDOW_LOG_MAX);
        decoder.set_parameter(window).map_err(|_| wrong())?;
        Ok(Self::Zstd(decoder))
    }

    /// Appends at most `room` bytes, and says whether the body is at its end. Makes progress or
    /// fails.
    fn step(&mut self, rest: &mut &[u8], room: usize, out: &mut Vec<u8>) -> Result<bool, Refusal> {
        let before = out.len();
        out.resize(before + room, 0);
        let space = out.get_mut(before..).unwrap_or_default();
        let (read, written, is_end) = match self {
            Self::Gzip(decoder) => {
                let (was_in, was_out) = (decoder.total_in(), decoder.total_out());
                let status = decoder
                    .decompress(rest, space, FlushDecompress::None)
                    .map_err(|_| wrong())?;
                (
                    (decoder.total_in() - was_in) as usize,
                    (decoder.total_out() - was_out) as usize,
                    status == Status::StreamEnd,
                )
            }
            Self::Zstd(decoder) => {
                let mut input = InBuffer::around(rest);
                let mut output = OutBuffer::around(space);
                let hint = decoder.run(&mut input, &mut output).map_err(|_| wrong())?;
                (input.pos(), output.pos(), hint == 0)
            }
        };
        out.truncate(before + written);
        *rest = rest.get(read..).unwrap_or_default();
        if read == 0 && written == 0 && !is_end {
            return Err(Refusal::malformed("the compressed body is truncated"));
        }
        Ok(is_end)
    }
}

fn wrong() -> Refusal {
    Refusal::malformed("the compressed body can't be decompressed")
}
