//! The typed door: messages that prost generated, of whatever version of the protocol's crate.

use prost::Message;
use tamis_host::{Outcome, Refusal, Signal};

use crate::Tamis;

/// Why a message may not leave.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The chain refused it.
    #[error("the message may not leave")]
    Refused(#[source] Refusal),
    /// What the chain made of it does not decode.
    #[error("the scrubbed message cannot be decoded")]
    Decode(#[source] prost::DecodeError),
}

impl Tamis {
    /// Runs the chain over a message, an `Export...ServiceRequest` of this signal. None means that
    /// plugins dropped all of it. A message that nobody changed is handed back, not decoded again.
    ///
    /// # Errors
    /// [`MessageError`]; the message may then not be sent.
    pub fn process_message<M: Message + Default>(
        &self,
        signal: Signal,
        message: M,
    ) -> Result<Option<M>, MessageError> {
        match self.process(signal, message.encode_to_vec()) {
            Outcome::Unchanged { .. } => Ok(Some(message)),
            Outcome::Edited { bytes, .. } => {
                M::decode(bytes).map(Some).map_err(MessageError::Decode)
            }
            Outcome::Dropped { .. } => Ok(None),
            Outcome::Refused(refusal) => Err(MessageError::Refused(refusal)),
        }
    }
}
