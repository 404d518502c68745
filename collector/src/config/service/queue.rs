//! What every exporter has beside its own: `sending_queue`, `retry_on_failure`, `on_full`.

use std::time::Duration;

use tamis_exporter::{OnFull, QueueSettings, RetrySettings};

use super::super::fields::Foreign;
use super::super::finding::Finding;
use super::super::section::Section;

pub(crate) const QUEUE_KEYS: &[&str] = &[
    "enabled",
    "num_consumers",
    "queue_size",
    "sizer",
    "block_on_overflow",
];

pub(crate) const RETRY_KEYS: &[&str] = &[
    "enabled",
    "initial_interval",
    "randomization_factor",
    "multiplier",
    "max_interval",
    "max_elapsed_time",
];

const QUEUE_FOREIGN: &[Foreign] = &[
    Foreign::refused(
        "storage",
        "take it out: the queue is in memory for now, so what it holds is lost when the machine stops; or send through a Collector that stores",
    ),
    Foreign::refused(
        "wait_for_result",
        "take it out: an answer of 200 means that the batch is in the queue",
    ),
    Foreign::idle(
        "batch",
        "batches stay as they come; those too large for the backend are split",
    ),
];

#[derive(Debug, Clone, Copy)]
enum Sizer {
    Requests,
    Items,
    Bytes,
}

/// Reads `sending_queue`.
pub(super) fn queue(exporter: &Section<'_>, findings: &mut Vec<Finding>) -> QueueSettings {
    let mut settings = QueueSettings::default();
    let Some(queue) = exporter.section("sending_queue", findings) else {
        return settings;
    };
    queue.keys(QUEUE_KEYS, QUEUE_FOREIGN, findings);
    if queue.flag("enabled", findings) == Some(false) {
        let message =
            "there is always a queue, in memory; an answer of 200 means that the batch is in it";
        findings.push(queue.note("enabled", message));
    }
    if queue.flag("block_on_overflow", findings) == Some(true) {
        let message = "a full queue has its sender wait as `on_full` and `on_full_wait` say";
        findings.push(queue.note("block_on_overflow", message));
    }
    if let Some(consumers) = queue.count("num_consumers", findings) {
        settings.consumers = consumers;
    }
    let sizers = [
        ("requests", Sizer::Requests),
        ("items", Sizer::Items),
        ("bytes", Sizer::Bytes),
    ];
    let sizer = queue.choice("sizer", &sizers, findings);
    let Some(size) = queue.count("queue_size", findings) else {
        return settings;
    };
    match sizer {
        Some(Sizer::Items) => settings.items_max = size,
        Some(Sizer::Bytes) => settings.bytes_max = size,
        None | Some(Sizer::Requests) => {
            let QueueSettings {
                items_max,
                bytes_max,
                ..
            } = settings;
            let message = format!(
                "without effect: requests are not counted; the queue holds up to {items_max} items and {} MiB",
                bytes_max >> 20
            );
            findings.push(
                queue
                    .note("queue_size", message)
                    .with_fix("for another bound write `sizer: bytes` or `sizer: items` beside it"),
            );
        }
    }
    settings
}

/// Reads `retry_on_failure`.
pub(super) fn retry(exporter: &Section<'_>, findings: &mut Vec<Finding>) -> RetrySettings {
    let mut settings = RetrySettings::default();
    let Some(retry) = exporter.section("retry_on_failure", findings) else {
        return settings;
    };
    retry.keys(RETRY_KEYS, &[], findings);
    let set = |slot: &mut Duration, time: Option<Duration>| *slot = time.unwrap_or(*slot);
    settings.enabled = retry.flag("enabled", findings).unwrap_or(settings.enabled);
    set(
        &mut settings.initial_interval,
        retry.span("initial_interval", findings),
    );
    set(
        &mut settings.max_interval,
        retry.span("max_interval", findings),
    );
    set(
        &mut settings.max_elapsed_time,
        retry.duration("max_elapsed_time", findings),
    );
    match retry.number("randomization_factor", findings) {
        Some(factor) if (0.0..=1.0).contains(&factor) => settings.randomization_factor = factor,
        Some(_) => findings.push(retry.error("randomization_factor", "must be from 0 to 1")),
        None => {}
    }
    match retry.number("multiplier", findings) {
        Some(factor) if factor >= 1.0 => settings.multiplier = factor,
        Some(_) => findings.push(retry.error("multiplier", "must be at least 1")),
        None => {}
    }
    if settings.max_interval < settings.initial_interval {
        let message = "`max_interval` is less than `initial_interval`";
        findings.push(retry.error("max_interval", message));
    }
    let elapsed = settings.max_elapsed_time;
    if !elapsed.is_zero() && elapsed < settings.initial_interval {
        let message = "is over before `initial_interval` is: nothing would be tried again";
        findings.push(retry.error("max_elapsed_time", message));
    }
    settings
}

/// Reads `on_full` and `on_full_wait`.
pub(super) fn on_full(exporter: &Section<'_>, findings: &mut Vec<Finding>) -> OnFull {
    let choices = [("refuse", OnFull::default()), ("drop", OnFull::Drop)];
    let chosen = exporter.choice("on_full", &choices, findings);
    match (
        chosen.unwrap_or_default(),
        exporter.duration("on_full_wait", findings),
    ) {
        (OnFull::Refuse { .. }, Some(wait)) => OnFull::Refuse { wait },
        (OnFull::Drop, Some(_)) => {
            let message = "nobody waits where `on_full` is drop";
            findings.push(exporter.error("on_full_wait", message));
            OnFull::Drop
        }
        (on_full, None) => on_full,
    }
}
