//! What both doors do with a request, whatever its transport: let in, read, hand on, count.
//!
//! Must never: hand on anything of a request that is then refused as faulty.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use otlp_wire::Signal;
use tokio::time::{Instant, timeout_at};

use crate::admit::{Admitted, Form, NotAdmitted, Reading};
use crate::budget::{Budget, Share};
use crate::coding::Coding;
use crate::consumer::{Batch, Consumer, Verdict};
use crate::guard::{Entry, Guard};
use crate::metrics::DoorMetrics;
use crate::notice::{Mistake, Notices};
use crate::refusal::{Reason, Refusal};
use crate::settings::{DoorLimits, DoorSettings};
use crate::status::Partial;
use crate::tls::Tls;

/// When a sender should try again after its request took too long here.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What a door speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Grpc,
    Http,
}

/// A door and all that its requests need.
pub(crate) struct Door<C> {
    pub(crate) consumer: Arc<C>,
    pub(crate) receiver: Arc<str>,
    pub(crate) transport: Transport,
    pub(crate) settings: DoorSettings,
    pub(crate) budget: Budget,
    pub(crate) guard: Option<Guard>,
    pub(crate) tls: Option<Tls>,
    pub(crate) notices: Notices,
    pub(crate) metrics: DoorMetrics,
    /// How to get at the receiver's other door, for those that knock at the wrong one.
    pub(crate) other: String,
}

/// A request whose body has been read.
pub(crate) struct Call {
    pub(crate) peer: SocketAddr,
    pub(crate) principal: Option<Arc<str>>,
    pub(crate) signal: Signal,
    pub(crate) form: Form,
    pub(crate) coding: Coding,
    /// Until when the sender waits, if it said so.
    pub(crate) deadline: Option<Instant>,
}

/// A request in work. Dropped without an end, it counts as one whose sender went away.
pub(crate) struct Visit<'a> {
    metrics: &'a DoorMetrics,
    ended: bool,
}

impl Visit<'_> {
    pub(crate) fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.metrics.refused_request(Reason::Gone);
        }
    }
}

impl<C: Consumer> Door<C> {
    pub(crate) fn limits(&self) -> &DoorLimits {
        &self.settings.limits
    }

    pub(crate) fn visit(&self) -> Visit<'_> {
        Visit {
            metrics: &self.metrics,
            ended: false,
        }
    }

    /// Lets a request in, or not; as whom.
    pub(crate) async fn enter(&self, headers: &HeaderMap) -> Result<Option<Arc<str>>, Refusal> {
        let Some(guard) = &self.guard else {
            return Ok(None);
        };
        match guard.judge(headers).await {
            Entry::Granted(principal) => Ok(Some(principal)),
            Entry::Denied => Err(Refusal::new(
                Reason::Unauthenticated,
                "valid credentials are needed",
            )),
        }
    }

    /// Whether anything takes this signal.
    pub(crate) fn serves(&self, signal: Signal) -> Result<(), Refusal> {
        if self.consumer.takes(&self.receiver, signal) {
            return Ok(());
        }
        let text = format!(
            "no pipeline takes {signal} from the receiver {}",
            self.receiver
        );
        self.notices.say(Mistake::NoPipeline, &text);
        Err(Refusal::new(Reason::Unknown, text))
    }

    /// Reads the body as a batch and hands it on.
    pub(crate) async fn take(
        &self,
        call: Call,
        body: Bytes,
        share: &mut Share<'_>,
    ) -> Result<Option<Partial>, Refusal> {
        let bytes_max = self.limits().decoded_bytes_max;
        let body = call.coding.decode(body, bytes_max, share).await?;
        if call.form == Form::Json {
            share.grow(body.len() * 2).await?;
        }
        let reading = Reading {
            signal: call.signal,
            form: call.form,
            invalid_utf8: self.settings.invalid_utf8,
            bytes_max,
        };
        let admitted = reading.admit(body).await;
        let admitted = admitted.map_err(|refused| self.not_admitted(call.signal, refused))?;
        let (length, unknown) = (admitted.bytes.len(), admitted.unknown_members);
        self.metrics.read(call.signal, length, unknown);
        if unknown > 0 {
            let text = "a batch of JSON has members that OTLP does not know; they are left out";
            self.notices.say(Mistake::UnknownMembers, text);
        }
        self.hand_on(call, admitted).await
    }

    async fn hand_on(&self, call: Call, admitted: Admitted) -> Result<Option<Partial>, Refusal> {
        let (signal, items) = (call.signal, admitted.items);
        let batch = Batch {
            signal,
            bytes: admitted.bytes,
            items,
            receiver: Arc::clone(&self.receiver),
            peer: call.peer,
            principal: call.principal,
        };
        let ours = Instant::now() + self.limits().request_timeout;
        let theirs = call.deadline.filter(|theirs| *theirs < ours);
        let consumed = timeout_at(theirs.unwrap_or(ours), self.consumer.consume(batch)).await;
        let refusal = match consumed {
            Ok(Verdict::Accepted) => {
                self.metrics.accepted(signal, items);
                return Ok(None);
            }
            Ok(Verdict::Partial { rejected, message }) => {
                let kept = items.saturating_sub(rejected);
                self.metrics.accepted(signal, kept);
                self.metrics
                    .refused_items(signal, "rejected", items.min(rejected));
                return Ok(Some(Partial { rejected, message }));
            }
            Ok(Verdict::Refused { message }) => Refusal::malformed(message),
            Ok(Verdict::TooLarge { message }) => Refusal::new(Reason::TooLarge, message),
            Ok(Verdict::Unavailable {
                message,
                retry_after,
            }) => Refusal::busy(message, retry_after),
            Err(_) if theirs.is_some() => Refusal::new(
                Reason::Deadline,
                "the sender's deadline passed before the batch was handed on",
            ),
            Err(_) => Refusal::busy("the batch was not handed on in time", RETRY_AFTER),
        };
        let reason = refusal.reason.label();
        self.metrics.refused_items(signal, reason, items);
        Err(refusal)
    }

    fn not_admitted(&self, signal: Signal, refused: NotAdmitted) -> Refusal {
        if let Some(seems) = refused.seems {
            let text = format!(
                "a batch of {seems} came to where {signal} belong: the sender's endpoint for \
                 {seems} must be the one for {seems}, over HTTP the path /v1/{seems}"
            );
            self.notices.say(Mistake::OtherSignal, &text);
        }
        refused.refusal
    }

    /// Counts a refusal, and says so where somebody should act.
    pub(crate) fn refused(&self, refusal: &Refusal) {
        self.metrics.refused_request(refusal.reason);
        let mistake = match refusal.reason {
            Reason::Unauthenticated => Mistake::Unauthenticated,
            Reason::Malformed => Mistake::Malformed,
            Reason::TooLarge => Mistake::TooLarge,
            Reason::Busy => Mistake::Overload,
            _ => return,
        };
        let text = format!("a request is refused: {}", refusal.message);
        self.notices.say(mistake, &text);
    }
}
