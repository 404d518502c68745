//! How long to wait before the next attempt, as the Collector's `retry_on_failure` has it.
//!
//! Must never: wait for longer than the settings say, or have many batches wait in step.

use std::time::Duration;

use crate::settings::RetrySettings;

/// The longest wait that a backend can ask for.
pub(crate) const ASKED_MAX: Duration = Duration::from_secs(300);

/// The waits of one part of a batch.
pub(crate) struct Backoff<'a> {
    settings: &'a RetrySettings,
    interval: Duration,
}

impl<'a> Backoff<'a> {
    pub(crate) fn new(settings: &'a RetrySettings) -> Self {
        Self {
            settings,
            interval: settings.initial_interval.min(settings.max_interval),
        }
    }

    /// The next wait, or `None` to give up; `elapsed` is the time since the first attempt.
    ///
    /// A wait that would end after `max_elapsed_time` is cut to it, so that the last attempt is
    /// made when that time is over and not long before. What the backend asks for is a minimum.
    pub(crate) fn next(&mut self, asked: Option<Duration>, elapsed: Duration) -> Option<Duration> {
        let RetrySettings {
            enabled,
            randomization_factor,
            multiplier,
            max_interval,
            max_elapsed_time,
            ..
        } = *self.settings;
        if !enabled {
            return None;
        }
        let spread = randomization_factor.clamp(0.0, 1.0) * (2.0 * fastrand::f64() - 1.0);
        let own = scale(self.interval, 1.0 + spread);
        self.interval = scale(self.interval, multiplier.max(1.0)).min(max_interval);
        let asked = asked.unwrap_or_default().min(ASKED_MAX);
        let wait = if asked > own {
            asked + scale(own, fastrand::f64())
        } else {
            own
        };
        if max_elapsed_time.is_zero() {
            return Some(wait);
        }
        let remaining = max_elapsed_time.saturating_sub(elapsed);
        (!remaining.is_zero()).then(|| wait.min(remaining))
    }
}

/// The product, or the longest duration there is.
fn scale(duration: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * by).unwrap_or(Duration::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> RetrySettings {
        RetrySettings {
            randomization_factor: 0.0,
            max_elapsed_time: Duration::ZERO,
            ..RetrySettings::default()
        }
    }

    fn seconds(wait: Option<Duration>) -> f64 {
        wait.map_or(-1.0, |wait| wait.as_secs_f64())
    }

    #[test]
    fn it_grows_to_the_maximum() {
        let settings = settings();
        let mut backoff = Backoff::new(&settings);
        let waits: Vec<_> = (0..7)
            .map(|_| seconds(backoff.next(None, Duration::ZERO)))
            .collect();
        assert_eq!(waits, [5.0, 7.5, 11.25, 16.875, 25.3125, 30.0, 30.0]);
    }

    #[test]
    fn what_is_asked_for_is_a_minimum_up_to_a_cap() {
        let settings = settings();
        let ask = |asked| {
            let asked = Some(Duration::from_secs(asked));
            seconds(Backoff::new(&settings).next(asked, Duration::ZERO))
        };
        assert_eq!(ask(0), 5.0);
        assert_eq!(ask(4), 5.0);
        assert!((60.0..65.0).contains(&ask(60)));
        assert!((300.0..305.0).contains(&ask(u64::MAX)));
    }

    #[test]
    fn waits_do_not_go_in_step() {
        let settings = RetrySettings::default();
        let waits: Vec<_> = (0..100)
            .map(|_| seconds(Backoff::new(&settings).next(None, Duration::ZERO)))
            .collect();
        assert!(waits.iter().all(|wait| (2.5..=7.5).contains(wait)));
        assert!(waits.iter().any(|wait| *wait < 4.0) && waits.iter().any(|wait| *wait > 6.0));
    }

    #[test]
    fn the_last_attempt_is_made_when_the_time_is_over() {
        let settings = RetrySettings::default();
        let next = |elapsed| seconds(Backoff::new(&settings).next(None, elapsed));
        assert_eq!(next(Duration::from_secs(299)), 1.0);
        assert_eq!(next(Duration::from_secs(300)), -1.0);
        let off = RetrySettings {
            enabled: false,
            ..settings.clone()
        };
        assert_eq!(Backoff::new(&off).next(None, Duration::ZERO), None);
    }

    #[test]
    fn odd_settings_do_no_harm() {
        let settings = RetrySettings {
            multiplier: f64::NAN,
            randomization_factor: f64::INFINITY,
            initial_interval: Duration::MAX,
            max_interval: Duration::MAX,
            ..RetrySettings::default()
        };
        let mut backoff = Backoff::new(&settings);
        for _ in 0..5 {
            assert!(backoff.next(Some(Duration::MAX), Duration::ZERO).is_some());
        }
    }
}
