//! The Collector's `memory_limiter`, as the limit of what is in work at the doors.
//!
//! The Collector measures its heap and refuses when it is full. Here memory is bounded where it is
//! taken: bodies in work at each door, and each queue. So half of the limit is shared among the
//! doors, and only ever lowers what they have.

use std::sync::Arc;

use tamis_receiver::{DoorSettings, ReceiverSettings};

use super::super::finding::Finding;
use super::super::pipelines::Pipeline;
use super::super::processors::Processor;
use super::super::section::Section;
use super::Route;

/// What it says beside its limit is about when to look at a heap, which nothing here does.
pub(crate) const KEYS: &[&str] = &[
    "limit_mib",
    "limit_percentage",
    "check_interval",
    "spike_limit_mib",
    "spike_limit_percentage",
    "min_gc_interval_when_soft_limited",
    "min_gc_interval_when_hard_limited",
];

/// Lowers the limits of the doors whose batches go through a `memory_limiter`.
pub(super) fn lower(
    processors: &[Processor],
    pipelines: &[Pipeline],
    routes: &[Route],
    receivers: &mut [ReceiverSettings],
    findings: &mut Vec<Finding>,
) {
    for processor in processors {
        let kind = processor.name.split('/').next();
        if kind != Some("memory_limiter") {
            continue;
        }
        let path = format!("processors.{}", processor.name);
        let Some(section) = Section::new(&processor.node, path, findings) else {
            continue;
        };
        let section = Section {
            at: processor.at,
            ..section
        };
        section.known(KEYS, findings);
        if section.has("limit_percentage") && !section.has("limit_mib") {
            let message = "without effect: how much memory there is, is not asked for";
            let fix = "write `limit_mib`, or `limits: {in_flight_bytes_max: ...}` at the receiver";
            findings.push(section.note("limit_percentage", message).with_fix(fix));
        }
        let Some(mib) = section.count::<u32>("limit_mib", findings) else {
            continue;
        };
        let named: Vec<&Arc<str>> = routes
            .iter()
            .zip(pipelines)
            .filter(|(_, pipeline)| pipeline.names.contains(&processor.name))
            .flat_map(|(route, _)| &route.receivers)
            .collect();
        let mut doors: Vec<&mut DoorSettings> = receivers
            .iter_mut()
            .filter(|receiver| named.contains(&&receiver.name))
            .flat_map(|receiver| [&mut receiver.grpc, &mut receiver.http])
            .flatten()
            .collect();
        let all = usize::try_from(u64::from(mib) << 19).unwrap_or(usize::MAX);
        let share = all / doors.len().max(1);
        for door in &mut doors {
            let limits = &mut door.limits;
            limits.in_flight_bytes_max = limits
                .in_flight_bytes_max
                .min(share)
                .max(limits.body_bytes_max);
        }
        if let Some(door) = doors.first() {
            let message = format!(
                "became in_flight_bytes_max of {} MiB at each door of its receivers, which is at most half of the limit shared among them; queues are bounded by `sending_queue`",
                door.limits.in_flight_bytes_max >> 20
            );
            findings.push(section.note("", message));
        }
    }
}
