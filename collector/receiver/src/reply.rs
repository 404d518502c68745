//! The body of a reply: at most one piece of data, and trailers for gRPC.
//!
//! It holds on to the sign that its request is in work, so that a connection counts as idle only
//! when its replies have left.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};

use crate::pulse::Beat;

/// A reply on its way out.
pub(crate) struct Reply {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
    _beat: Beat,
}

impl Reply {
    pub(crate) fn new(data: Vec<u8>, trailers: Option<HeaderMap>, beat: Beat) -> Self {
        let data = Some(data).filter(|data| !data.is_empty()).map(Bytes::from);
        Self {
            data,
            trailers,
            _beat: beat,
        }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.data.take().map(Frame::data);
        let frame = data.or_else(|| self.trailers.take().map(Frame::trailers));
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}
