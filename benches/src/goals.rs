//! What was wanted, what was measured, and whether that is enough. The benches of the daemon take it, too.

/// Goals with what was measured for each.
#[derive(Default)]
pub(crate) struct Goals(Vec<Goal>);

struct Goal {
    what: String,
    wanted: String,
    measured: String,
    is_met: bool,
}

impl Goals {
    /// A figure that must not be below the goal.
    pub(crate) fn at_least(&mut self, what: &str, measured: f64, wanted: f64) {
        self.add(what, (">=", measured, wanted), measured >= wanted);
    }

    /// A figure that must not be above the goal.
    pub(crate) fn at_most(&mut self, what: &str, measured: f64, wanted: f64) {
        self.add(what, ("<=", measured, wanted), measured <= wanted);
    }

    fn add(&mut self, what: &str, (sign, measured, wanted): (&str, f64, f64), is_met: bool) {
        self.0.push(Goal {
            what: what.to_owned(),
            wanted: format!("{sign} {wanted}"),
            measured: format!("{measured:.3}"),
            is_met,
        });
    }

    /// The table, without those goals that nothing was measured for, and what is known of the causes.
    pub(crate) fn table(&self, why: &str) -> String {
        let mut text =
            String::from("## Goals\n\n| what | goal | measured | |\n| --- | --- | --- | --- |\n");
        for goal in &self.0 {
            let verdict = if goal.is_met { "met" } else { "**missed**" };
            let Goal {
                what,
                wanted,
                measured,
                ..
            } = goal;
            text.push_str(&format!("| {what} | {wanted} | {measured} | {verdict} |\n"));
        }
        text.push_str(why);
        text
    }
}
