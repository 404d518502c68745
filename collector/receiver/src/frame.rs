//! The one message of a unary gRPC call: a flag, four bytes of length, and the message.
//!
//! Read by us so that the claimed length is judged before anything is reserved for it. Whatever
//! comes, in whatever chunks, it must end in a message or in a refusal.

use bytes::{Buf, Bytes};

use crate::body::{Gather, Sink};
use crate::refusal::Refusal;

const HEADER: usize = 5;

/// A message as it stood in its frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Whether the flag says that it is compressed.
    pub(crate) compressed: bool,
    pub(crate) bytes: Bytes,
}

/// Reads the frame of one message.
pub(crate) struct FrameReader {
    header: [u8; HEADER],
    have: usize,
    limit: usize,
    length: usize,
    message: Gather,
}

impl FrameReader {
    /// For a message of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            header: [0; HEADER],
            have: 0,
            limit,
            length: 0,
            message: Gather::new(0, Some(0)),
        }
    }

    /// The message, once the stream has ended.
    pub(crate) fn finish(self) -> Result<Message, Refusal> {
        if self.have == 0 {
            return Err(Refusal::malformed("the call has no message"));
        }
        if self.have < HEADER || self.message.held() < self.length {
            return Err(Refusal::malformed("the frame of the message is truncated"));
        }
        Ok(Message {
            compressed: self.header[0] == 1,
            bytes: self.message.finish(),
        })
    }

    /// Takes what it can of the header; when it is whole, judges it.
    fn header(&mut self, chunk: &mut Bytes) -> Result<(), Refusal> {
        while self.have < HEADER && chunk.has_remaining() {
            self.header[self.have] = chunk.get_u8();
            self.have += 1;
            if self.have == 1 && self.header[0] > 1 {
                return Err(Refusal::malformed(
                    "the frame of the message has an unknown flag",
                ));
            }
            if self.have == HEADER {
                let [_, length @ ..] = self.header;
                self.length = u32::from_be_bytes(length) as usize;
                if self.length > self.limit {
                    return Err(Refusal::too_large("the message", self.limit));
                }
                self.message = Gather::new(self.length, Some(self.length));
            }
        }
        Ok(())
    }
}

impl Sink for FrameReader {
    fn push(&mut self, mut chunk: Bytes) -> Result<(), Refusal> {
        self.header(&mut chunk)?;
        let wanted = self.length - self.message.held();
        let message = chunk.split_to(wanted.min(chunk.len()));
        if !message.is_empty() {
            self.message.push(message)?;
        }
        if self.have == HEADER && !chunk.is_empty() {
            return Err(Refusal::malformed("the call has more than one message"));
        }
        Ok(())
    }

    fn held(&self) -> usize {
        self.message.held()
    }

    fn wants(&self) -> usize {
        self.message.wants()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Reason;
    use proptest::prelude::*;

    fn read(bytes: &[u8], cuts: &[usize], limit: usize) -> Result<Message, Refusal> {
        let mut reader = FrameReader::new(limit);
        let mut rest = Bytes::copy_from_slice(bytes);
        for cut in cuts {
            reader.push(rest.split_to((*cut).min(rest.len())))?;
            assert!(reader.held() <= limit && reader.held() + reader.wants() <= limit);
        }
        reader.push(rest)?;
        reader.finish()
    }

    fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[flag], &length[..], message].concat()
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(
            flag in 0_u8..2,
            message in prop::collection::vec(any::<u8>(), 0..200),
            cuts in prop::collection::vec(0_usize..40, 0..20),
        ) {
            let read = read(&framed(flag, &message), &cuts, 200).unwrap();
            prop_assert_eq!(read, Message { compressed: flag == 1, bytes: message.into() });
        }

        #[test]
        fn anything_else_is_refused(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            cuts in prop::collection::vec(0_usize..10, 0..10),
        ) {
            let well = bytes.first().is_some_and(|flag| *flag < 2)
                && bytes.get(1..5).is_some_and(|length| {
                    length == u32::try_from(bytes.len() - 5).unwrap().to_be_bytes()
                });
            prop_assert_eq!(read(&bytes, &cuts, 64).is_ok(), well);
        }
    }

    #[test]
    fn a_claim_over_the_limit_is_too_large_before_any_of_it_came() {
        let mut reader = FrameReader::new(10);
        let refusal = reader.push(Bytes::from_static(&[0, 0xff, 0xff, 0xff, 0xff]));
        assert_eq!(refusal.unwrap_err().reason, Reason::TooLarge);
    }
}
