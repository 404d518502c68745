//! The daemon's goals beside what was measured, and why some are missed.
//!
//! Must never: call a goal met whose subject was not there.

#[path = "../../src/goals.rs"]
mod shared;

use shared::Goals;

use crate::report::Figures;
use crate::work::{Transport, Work};

const DEFAULT_CHAIN: &str = "tamis, default chain";

/// Where the time goes, as a profile of the daemon has it.
const WHY: &str = "
Why some are missed, or only just met: of a clean body of 197 KB the bare forward takes some 55 us, nine tenths
of them in the kernel. 0.7 leaves 24 more. The check of structure and text takes 10, the scan 11, the walk to
what looks like a key and its judgement 6, the copy out of the connection's buffer 2, tasks and times 5. Read at
once and kept instead of copied, a body takes ten less without a plugin and nothing less with the chain: the
kernel then takes as much more, half of it to wake load and sink, presumably since those go to sleep between
the parts of a body while the chain works. A body of 17 KB takes 19 us bare, which leaves eight: the kernel
takes 3 more, half of it to wake them, the check 1.5, the scan 2.5, walk and judgement 3.4, for these logs are
full of masks and names of keys. To send or to answer a little later, several at once, saved nothing. In four
runs of one day the ratios were 0.64 to 0.80 and 0.56 to 0.63; between rounds the bare forward moved by a fifth,
for traces from 2,690 to 3,370 MB for a CPU second, and the chain as much.
";

/// The goals as Markdown, those alone whose subjects were there.
pub(crate) fn table(figures: &Figures, works: &[Work]) -> String {
    let mut goals = Goals::default();
    let plain = |work: &&Work| work.transport == Transport::Http && !work.gzip;
    for work in works.iter().filter(plain) {
        let (beside, goal) = match (work.is_clean, work.signal) {
            (true, _) => ("bare forward", 0.7),
            (false, "traces") => ("Collector, 10 patterns", 15.0),
            (false, _) => ("Collector, 10 patterns", 8.0),
        };
        let speed = |subject| figures.median(&work.name, subject, |one| 1.0 / one.cpu_s_per_mb);
        let ratio = speed(DEFAULT_CHAIN) / speed(beside);
        if ratio.is_finite() {
            let what = format!("default chain, {}, x {beside}", work.name);
            goals.at_least(&what, ratio, goal);
        }
    }
    let resident = |work: &Work| figures.median(&work.name, DEFAULT_CHAIN, |one| one.rss_max_mib);
    if let Some(most) = works.iter().map(resident).reduce(f64::max) {
        goals.at_most("default chain, most memory under any load, MiB", most, 64.0);
    }
    goals.table(WHY)
}
