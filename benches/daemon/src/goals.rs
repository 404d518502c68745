//! The daemon's goals beside what was measured, and why some are missed.
//!
//! Must never: call a goal met whose subject was not there.

use std::fmt::Write as _;

use crate::report::Figures;
use crate::work::{Transport, Work};

const DEFAULT_CHAIN: &str = "tamis, default chain";

/// Where the time goes, as a profile of the daemon has it.
const WHY: &str = "
Why some are missed: of a clean body of 197 KB the bare forward takes some 55 us, nine tenths of them in
the kernel. 0.7 leaves 24 more. The check of structure and text takes 10, the scan 11, the walk to what looks like a
key and its judgement 6, the copy out of the connection's buffer 2, tasks and times 5; to keep the buffer
instead of copying saves one of these and moves the wait for memory into the check. A body of 17 KB takes 19
us bare, which leaves eight: the kernel takes 2 more beside so many tasks, the check 1.5, the scan 2.5,
walk and judgement 3.4, for these logs are full of masks and names of keys.
";

/// The goals as Markdown.
pub(crate) fn table(figures: &Figures, works: &[Work]) -> String {
    let mut text = String::from(
        "\n## Goals of the default chain\n\n| what | goal | measured | |\n| --- | --- | --- | --- |\n",
    );
    let plain = |work: &&Work| work.transport == Transport::Http && !work.gzip;
    for work in works.iter().filter(plain) {
        let (beside, goal) = match (work.is_clean, work.signal) {
            (true, _) => ("bare forward", 0.7),
            (false, "traces") => ("Collector, 10 patterns", 15.0),
            (false, _) => ("Collector, 10 patterns", 8.0),
        };
        let speed = |subject| figures.median(&work.name, subject, |one| 1.0 / one.cpu_s_per_mb);
        let ratio = speed(DEFAULT_CHAIN) / speed(beside);
        let verdict = match ratio {
            ratio if ratio >= goal => "met",
            ratio if ratio < goal => "**missed**",
            _ => "not measured",
        };
        let what = format!("{}, x {beside}", work.name);
        let _ = writeln!(text, "| {what} | >= {goal} | {ratio:.2} | {verdict} |");
    }
    let resident = |work: &Work| figures.median(&work.name, DEFAULT_CHAIN, |one| one.rss_max_mib);
    let most = works.iter().map(resident).fold(0.0, f64::max);
    let verdict = if most <= 64.0 { "met" } else { "**missed**" };
    let _ = writeln!(
        text,
        "| most memory under any load, MiB | <= 64 | {most:.0} | {verdict} |"
    );
    text.push_str(WHY);
    text
}
