//! Reading a body: into a sink, within a time, with room taken as the bytes come.
//!
//! The sink says how much is still wanted, from a `Content-Length` or the header of a frame. It
//! must never hold more than the share was grown to and one chunk.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Instant, timeout_at};

use crate::budget::{STEP, Share};
use crate::refusal::{Reason, Refusal};

/// Bytes that room is made for at once when a body says that it is as long.
const AT_ONCE: usize = 1 << 20;

/// What takes the chunks of a body.
pub(crate) trait Sink {
    /// Takes a chunk.
    fn push(&mut self, chunk: Bytes) -> Result<(), Refusal>;

    /// Bytes that are held.
    fn held(&self) -> usize;

    /// Bytes that may still come, as far as the sender said.
    fn wants(&self) -> usize;
}

/// Reads to the end.
pub(crate) async fn read<B>(
    body: &mut B,
    sink: &mut impl Sink,
    share: &mut Share<'_>,
    deadline: Instant,
) -> Result<(), Refusal>
where
    B: Body<Data = Bytes, Error = hyper::Error> + Unpin,
{
    loop {
        let (held, wants) = (sink.held(), sink.wants());
        share.grow(held + wants.min(held.max(STEP))).await?;
        let next = timeout_at(deadline, next(body)).await;
        let Ok(next) = next else {
            return Err(Refusal::new(Reason::Slow, "the body did not come in time"));
        };
        match next {
            None => return Ok(()),
            Some(Ok(frame)) => {
                if let Ok(chunk) = frame.into_data() {
                    sink.push(chunk)?;
                }
            }
            Some(Err(error)) if is_gone(&error) => {
                return Err(Refusal::new(Reason::Gone, "the body ends too early"));
            }
            Some(Err(_)) => return Err(Refusal::malformed("the body is not framed correctly")),
        }
    }
}

fn is_gone(error: &hyper::Error) -> bool {
    error.is_incomplete_message() || error.is_canceled() || error.is_closed()
}

/// Reads and forgets what is left of a body, at most so much and so long: a sender that is cut off
/// while it writes would not see the answer.
pub(crate) async fn discard<B>(body: &mut B, bytes_max: usize, deadline: Instant)
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut left = bytes_max;
    while let Ok(Some(Ok(frame))) = timeout_at(deadline, next(body)).await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

async fn next<B: Body + Unpin>(body: &mut B) -> Option<Result<Frame<B::Data>, B::Error>> {
    poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
}

/// Chunks put together, in memory of their own: a chunk is a piece of a connection's buffer, and
/// would keep all of that for as long as the batch is queued.
pub(crate) struct Gather {
    bytes: Vec<u8>,
    limit: usize,
    declared: Option<usize>,
}

impl Gather {
    /// Of at most `limit` bytes; `declared` is what the sender says will come.
    pub(crate) fn new(limit: usize, declared: Option<usize>) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            declared,
        }
    }

    pub(crate) fn finish(self) -> Bytes {
        self.bytes.into()
    }
}

impl Sink for Gather {
    fn push(&mut self, chunk: Bytes) -> Result<(), Refusal> {
        if chunk.len() > self.limit - self.held() {
            return Err(Refusal::too_large("the body", self.limit));
        }
        if self.bytes.capacity() - self.held() < chunk.len() {
            // Twice what has come or, as memory costs nothing before it is written to, all of a
            // usual body; but not more than will come.
            let least = self.declared.map_or(0, |_| AT_ONCE);
            let more = self.held().max(least).min(self.wants());
            self.bytes.reserve_exact(chunk.len().max(more));
        }
        self.bytes.extend_from_slice(&chunk);
        Ok(())
    }

    fn held(&self) -> usize {
        self.bytes.len()
    }

    fn wants(&self) -> usize {
        self.declared
            .unwrap_or(self.limit)
            .saturating_sub(self.held())
    }
}
