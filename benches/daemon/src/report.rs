//! The table: medians over the rounds, and ratios to the bare forward of the same run.

use std::fmt::Write as _;
use std::path::Path;

use crate::goals;
use crate::machine;
use crate::subject::Measured;
use crate::work::Work;

/// All that was measured.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    list: Vec<(String, String, Measured)>,
}

impl Figures {
    /// Adds one round of one subject with one work.
    pub(crate) fn add(&mut self, work: &str, subject: &str, measured: Measured) {
        self.list
            .push((work.to_owned(), subject.to_owned(), measured));
    }

    /// Everything as Markdown.
    pub(crate) fn table(&self, works: &[Work], rounds: usize, tamis: &Path) -> String {
        let mut text = format!(
            "# The daemon, measured\n\nWritten by `cargo run --release -p tamis-benches`, or by `tamis-benches-daemon` alone; medians of {rounds} rounds. The subject has\none core, load and sink the other. MB are bytes of bodies as sent. \"x forward\" compares the MB for\na CPU second with those of the bare forward in the same run. Times are of one request at a time.\n\n",
        );
        let profile = tamis.parent().and_then(Path::file_name);
        let profile = profile.map_or("?".into(), |name| name.to_string_lossy());
        let _ = writeln!(
            text,
            "{} Tamis is the binary of `{profile}`.",
            machine::name()
        );
        let _ = write!(text, "\n{}", goals::table(self, works));
        for work in works {
            let _ = write!(
                text,
                "\n## {}\n\n| subject | MB / CPU s | x forward | MB/s | RSS MiB | p50 us | p99 us |\n| --- | --- | --- | --- | --- | --- | --- |\n",
                work.name
            );
            self.rows(&work.name, &mut text);
        }
        text
    }

    fn rows(&self, work: &str, text: &mut String) {
        let mut names: Vec<&str> = Vec::new();
        for (_, subject, _) in self.list.iter().filter(|(name, ..)| name == work) {
            if !names.contains(&subject.as_str()) {
                names.push(subject);
            }
        }
        let bare = self.median(work, "bare forward", |one| 1.0 / one.cpu_s_per_mb);
        for name in names {
            let of = |figure: fn(&Measured) -> f64| self.median(work, name, figure);
            let per_cpu = of(|one| 1.0 / one.cpu_s_per_mb);
            let (per_cpu, ratio) = match per_cpu.is_finite() {
                true => (format!("{per_cpu:.0}"), format!("{:.2}", per_cpu / bare)),
                false => ("-".to_owned(), "-".to_owned()),
            };
            let _ = writeln!(
                text,
                "| {name} | {per_cpu} | {ratio} | {:.0} | {:.0} | {:.0} | {:.0} |",
                of(|one| one.mb_per_s),
                of(|one| one.rss_max_mib),
                of(|one| one.p50_us),
                of(|one| one.p99_us),
            );
        }
    }

    /// The median of a figure over the rounds; no number if there was none.
    pub(crate) fn median(
        &self,
        work: &str,
        subject: &str,
        figure: impl Fn(&Measured) -> f64,
    ) -> f64 {
        let of = |(name, who, one): &(String, String, Measured)| {
            (name == work && who == subject).then(|| figure(one))
        };
        let mut values: Vec<f64> = self.list.iter().filter_map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }
}
