//! From a body to a batch: checked to the leaves, as protobuf, with its records counted.
//!
//! What is refused is explained by its place in the schema and, where another signal fits it, by
//! that. A batch that passes was either left as it came or was JSON.

use bytes::Bytes;
use otlp_wire::{Signal, check, check_text, count};

use crate::refusal::{Reason, Refusal};
use crate::settings::InvalidUtf8;

/// Bodies up to this size are checked where they are read, larger ones on a thread of their own.
const INLINE_MAX: usize = 256 << 10;

/// Bodies up to this size are read as other signals too when they are refused.
const GUESS_MAX: usize = 4 << 20;

/// What a body is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Protobuf,
    Json,
}

/// A body that may be handed on.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) bytes: Bytes,
    pub(crate) items: u64,
    /// Members of JSON that the schema does not know.
    pub(crate) unknown_members: usize,
}

/// Why a body may not.
#[derive(Debug)]
pub(crate) struct NotAdmitted {
    pub(crate) refusal: Refusal,
    /// The signal that it seems to be.
    pub(crate) seems: Option<Signal>,
}

/// How a body is to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) signal: Signal,
    pub(crate) form: Form,
    pub(crate) invalid_utf8: InvalidUtf8,
    pub(crate) bytes_max: usize,
}

impl Reading {
    /// Reads a body without holding up the other requests.
    pub(crate) async fn admit(self, body: Bytes) -> Result<Admitted, NotAdmitted> {
        if body.len() <= INLINE_MAX {
            return self.read(body);
        }
        let read = tokio::task::spawn_blocking(move || self.read(body)).await;
        read.unwrap_or_else(|_| Err(self.refused("the batch can't be read".to_owned(), None)))
    }

    fn read(self, body: Bytes) -> Result<Admitted, NotAdmitted> {
        let empty = body.is_empty();
        match self.form {
            Form::Json if !empty => self.json(&body),
            _ => self.protobuf(body),
        }
    }

    fn protobuf(self, bytes: Bytes) -> Result<Admitted, NotAdmitted> {
        let checked = match self.invalid_utf8 {
            InvalidUtf8::Refuse => check_text(self.signal, &bytes),
            InvalidUtf8::Pass => check(self.signal, &bytes),
        };
        let items = checked.map_err(|error| {
            let seems = (bytes.len() <= GUESS_MAX).then(|| otlp_json::guess(&bytes));
            self.refused(error.to_string(), seems.flatten())
        })?;
        Ok(Admitted {
            items,
            bytes,
            unknown_members: 0,
        })
    }

    fn json(self, text: &[u8]) -> Result<Admitted, NotAdmitted> {
        let mut bytes = Vec::with_capacity(text.len() / 2);
        let transcoded = otlp_json::to_protobuf(self.signal, text, &mut bytes)
            .map_err(|error| self.refused(error.to_string(), otlp_json::signal_of(text)))?;
        let unknown_members = transcoded.unknown_members;
        if unknown_members > 0
            && let Some(seems) = otlp_json::signal_of(text)
            && seems != self.signal
        {
            return Err(self.refused(format!("this is no batch of {}", self.signal), Some(seems)));
        }
        if bytes.len() > self.bytes_max {
            let refusal = Refusal::too_large("the batch as protobuf", self.bytes_max);
            let seems = None;
            return Err(NotAdmitted { refusal, seems });
        }
        bytes.shrink_to_fit();
        Ok(Admitted {
            items: count(self.signal, &bytes),
            bytes: bytes.into(),
            unknown_members,
        })
    }

    fn refused(self, fault: String, seems: Option<Signal>) -> NotAdmitted {
        let seems = seems.filter(|seems| *seems != self.signal);
        let message = match seems {
            None => fault,
            Some(seems) => format!(
                "{fault}; it seems to be a batch of {seems}, sent to where {} belong",
                self.signal
            ),
        };
        NotAdmitted {
            refusal: Refusal::new(Reason::Malformed, message),
            seems,
        }
    }
}
