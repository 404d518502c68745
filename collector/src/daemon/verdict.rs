//! What a sender hears of a batch that goes nowhere.
//!
//! Whether it should come again is the point: a fault that would come again is said once and counted,
//! since sending it over and over would be a storm.
//!
//! Must never: say anything of what stands in the batch, or what a guest said.

use std::error::Error;
use std::time::Duration;

use tamis::Refusal;
use tamis_exporter::NoRoom;
use tamis_receiver::Verdict;

/// When to come again: a lane is free soon, a backend or a plugin takes longer.
pub(super) const RETRY_SOON: Duration = Duration::from_secs(1);
const RETRY_LATER: Duration = Duration::from_secs(5);

/// A batch that goes nowhere.
pub(super) struct Refused {
    /// Why, for the counter.
    pub(super) reason: &'static str,
    pub(super) verdict: Verdict,
}

/// What a sender hears of a refusal.
pub(super) fn refused(refusal: &Refusal, items: u64) -> Refused {
    let message = words(refusal);
    let (reason, verdict) = match refusal {
        Refusal::Malformed { .. } => ("malformed", Verdict::Refused { message }),
        Refusal::TooLarge { .. } | Refusal::TooMuch { .. } => {
            ("too_large", Verdict::TooLarge { message })
        }
        Refusal::Busy { .. } => return later("busy", message, RETRY_SOON),
        _ if refusal.may_retry() => return later("plugin_failed", message, RETRY_LATER),
        // Sent again it would fail again: said once, and counted.
        _ => {
            let rejected = items;
            ("plugin_failed", Verdict::Partial { rejected, message })
        }
    };
    Refused { reason, verdict }
}

pub(super) fn later(reason: &'static str, message: String, retry_after: Duration) -> Refused {
    Refused {
        reason,
        verdict: Verdict::Unavailable {
            message,
            retry_after,
        },
    }
}

pub(super) fn no_room(none: &NoRoom) -> Refused {
    let message = none.to_string();
    match none {
        NoRoom::TooLarge { .. } => Refused {
            reason: "too_large",
            verdict: Verdict::TooLarge { message },
        },
        NoRoom::Full { .. } | NoRoom::Stopping { .. } => later("queue_full", message, RETRY_LATER),
    }
}

/// A refusal with its causes. None of them holds content.
pub(super) fn words(refusal: &Refusal) -> String {
    let mut words = refusal.to_string();
    let mut source = refusal.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use tamis::Fault;

    #[test]
    fn a_sender_hears_what_it_can_do_and_no_content() {
        let fault = |source| Refusal::Fault {
            plugin: "house-rules".into(),
            source,
        };
        let words = "the guest quotes a secret".to_owned();
        for (refusal, expected) in [
            (Refusal::TooMuch { max: 7 }, "too large"),
            (Refusal::TooLarge { max: 7, actual: 8 }, "too large"),
            (Refusal::Busy { max: 7 }, "later"),
            (fault(Fault::Deadline { limit_ms: 7 }), "later"),
            (fault(Fault::Backoff), "later"),
            (fault(Fault::Said { words }), "partial"),
            (fault(Fault::Memory { limit_bytes: 7 }), "partial"),
        ] {
            let (got, message) = match refused(&refusal, 5).verdict {
                Verdict::Accepted => ("accepted", String::new()),
                Verdict::Partial { rejected, message } => {
                    assert_eq!(rejected, 5);
                    ("partial", message)
                }
                Verdict::Refused { message } => ("refused", message),
                Verdict::TooLarge { message } => ("too large", message),
                Verdict::Unavailable { message, .. } => ("later", message),
            };
            assert_eq!(got, expected, "{message}");
            assert!(!message.contains("secret"), "{message}");
            assert!(
                message.contains('7') || message.contains("house-rules"),
                "{message}"
            );
        }
    }
}
