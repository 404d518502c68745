//! Every limit of the host, named, with its default, in one place.
//!
//! A limit that is reached ends in an error that names it, or in the plugin's failure policy; never
//! in an unscrubbed batch.

use std::time::Duration;

/// Limits of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a batch.
    pub batch_bytes_max: usize,
    /// Hits of the gate in one batch; beyond it the whole batch is walked instead.
    pub gate_hits_max: usize,
    /// Messages and values that are looked at in one batch for one plugin; a batch with more is
    /// refused, since what was not looked at could not be masked either.
    pub looks_max: usize,
    /// Batches in work at the same time, each with an instance of every plugin.
    pub workers_max: usize,
    /// Bytes by which one plugin's edits may let a batch grow.
    pub growth_bytes_max: usize,
    /// Report lines kept for one batch; more are counted.
    pub report_lines_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_bytes_max: 64 << 20,
            gate_hits_max: 100_000,
            looks_max: 2_000_000,
            workers_max: 16,
            growth_bytes_max: 16 << 20,
            report_lines_max: 10_000,
        }
    }
}

/// Limits of one plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginLimits {
    /// Bytes of the component.
    pub component_bytes_max: usize,
    /// Bytes of an instance's linear memory.
    pub memory_bytes_max: usize,
    /// Bytes that an instance may keep beyond what it had when it started. One that grew further is
    /// replaced after the call, since linear memory never shrinks.
    pub memory_kept_bytes_max: usize,
    /// Elements of an instance's tables.
    pub table_elements_max: usize,
    /// Bytes of the settings as JSON.
    pub settings_bytes_max: usize,
    /// Bytes of the interest as JSON.
    pub interest_bytes_max: usize,
    /// Subscriptions of the interest.
    pub subscriptions_max: usize,
    /// Literals of the interest.
    pub literals_max: usize,
    /// Bytes of one literal.
    pub literal_bytes_max: usize,
    /// Patterns of the interest, those of keys included.
    pub patterns_max: usize,
    /// Bytes of one compiled pattern.
    pub pattern_compiled_bytes_max: usize,
    /// Bytes that a pattern under `unless` may match.
    pub unless_bytes_max: usize,
    /// Detector names of the interest.
    pub detectors_max: usize,
    /// Time for `describe` and `configure`.
    pub configure_timeout: Duration,
    /// Time for one call, apart from the next.
    pub call_timeout: Duration,
    /// Time more for each MiB handed over.
    pub call_timeout_per_mib: Duration,
    /// Bytes of one frame; a larger view goes in several calls, a larger value to the failure policy.
    pub frame_bytes_max: usize,
    /// Values shown in one batch.
    pub values_max: usize,
    /// Hits in one value; a value with more goes to the failure policy.
    pub hits_per_value_max: usize,
    /// Edits of one call.
    pub edits_max: usize,
    /// Values and records that are looked at to do the edits of one call. A record counts with each
    /// edit of it, and with it what is shown of it.
    pub edit_steps_max: usize,
    /// Lines that a call may log; more are counted.
    pub log_lines_max: usize,
    /// Bytes of a log line; the rest is cut.
    pub log_line_bytes_max: usize,
    /// Faults in a row before restarts wait.
    pub faults_before_backoff: u32,
    /// First wait; it doubles with every further fault.
    pub backoff_min: Duration,
    /// Longest wait.
    pub backoff_max: Duration,
}

impl Default for PluginLimits {
    fn default() -> Self {
        Self {
            component_bytes_max: 32 << 20,
            memory_bytes_max: 128 << 20,
            memory_kept_bytes_max: 8 << 20,
            table_elements_max: 20_000,
            settings_bytes_max: 4 << 20,
            interest_bytes_max: 4 << 20,
            subscriptions_max: 256,
            literals_max: 8_192,
            literal_bytes_max: 1_024,
            patterns_max: 1_024,
            pattern_compiled_bytes_max: 4 << 20,
            unless_bytes_max: 1_024,
            detectors_max: 4_096,
            configure_timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(1),
            call_timeout_per_mib: Duration::from_secs(1),
            frame_bytes_max: 16 << 20,
            values_max: 2_000_000,
            hits_per_value_max: 10_000,
            edits_max: 200_000,
            edit_steps_max: 20_000_000,
            log_lines_max: 64,
            log_line_bytes_max: 1_024,
            faults_before_backoff: 3,
            backoff_min: Duration::from_millis(100),
            backoff_max: Duration::from_secs(30),
        }
    }
}

impl PluginLimits {
    /// Time for a call with a frame of so many bytes.
    #[must_use]
    pub fn deadline(&self, frame_bytes: usize) -> Duration {
        let per_byte = self.call_timeout_per_mib.as_nanos() as u64 / (1 << 20);
        self.call_timeout + Duration::from_nanos(per_byte.saturating_mul(frame_bytes as u64))
    }

    /// How long to wait after so many faults in a row.
    #[must_use]
    pub fn backoff(&self, faults: u32) -> Duration {
        let Some(steps) = faults.checked_sub(self.faults_before_backoff) else {
            return Duration::ZERO;
        };
        let factor = 2_u32.saturating_pow(steps.min(31));
        self.backoff_min
            .saturating_mul(factor)
            .min(self.backoff_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_starts_late_doubles_and_ends() {
        let limits = PluginLimits::default();
        assert_eq!(limits.backoff(2), Duration::ZERO);
        assert_eq!(limits.backoff(3), Duration::from_millis(100));
        assert_eq!(limits.backoff(5), Duration::from_millis(400));
        assert_eq!(limits.backoff(u32::MAX), Duration::from_secs(30));
    }

    #[test]
    fn a_deadline_grows_with_the_bytes() {
        let limits = PluginLimits::default();
        assert_eq!(limits.deadline(0), Duration::from_secs(1));
        assert!(limits.deadline(2 << 20) > Duration::from_millis(2_900));
    }
}
