//! The bytes of a connection: what was looked at first, then the rest, with a time to write.
//!
//! A peer that does not take in its reply is cut off here, since nothing above can see it. The
//! first bytes tell HTTP/1 from HTTP/2 and are given back before anything reads on.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::pulse::Pulse;

const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

/// Reads until it is clear what the peer speaks: that, and what was read.
pub(crate) async fn sniff(io: &mut (impl AsyncRead + Unpin)) -> io::Result<(Version, Bytes)> {
    let mut first = [0; PREFACE.len()];
    let mut have = 0;
    while let Some(space) = first.get_mut(have..).filter(|space| !space.is_empty()) {
        let read = io.read(space).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        have += read;
        let seen = first.get(..have).unwrap_or_default();
        if !PREFACE.starts_with(seen) {
            return Ok((Version::Http1, Bytes::copy_from_slice(seen)));
        }
    }
    Ok((Version::Http2, Bytes::copy_from_slice(&first)))
}

/// A connection that is watched.
pub(crate) struct Stream<S> {
    io: S,
    first: Bytes,
    pulse: Arc<Pulse>,
    reply_timeout: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<S> Stream<S> {
    pub(crate) fn new(io: S, first: Bytes, pulse: Arc<Pulse>, reply_timeout: Duration) -> Self {
        Self {
            io,
            first,
            pulse,
            reply_timeout,
            stuck: None,
        }
    }

    /// Passes a result of writing on, unless writing has been stuck for too long.
    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stuck = None;
            return written;
        }
        let timeout = self.reply_timeout;
        let stuck = self
            .stuck
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        match stuck.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if self.first.is_empty() {
            let polled = Pin::new(&mut self.io).poll_read(context, buffer);
            if !matches!(polled, Poll::Ready(Ok(()))) {
                return polled;
            }
        } else {
            let length = self.first.len().min(buffer.remaining());
            buffer.put_slice(self.first.get(..length).unwrap_or_default());
            self.first.advance(length);
        }
        Poll::Ready(
            match self.pulse.is_bearable(buffer.filled().len() - before) {
                true => Ok(()),
                false => Err(io::ErrorKind::InvalidData.into()),
            },
        )
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        self.written(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(context);
        self.written(context, shut)
    }
}
