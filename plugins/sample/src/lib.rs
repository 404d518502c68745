//! The plugin `sample`: the OpenTelemetry Collector's `probabilistic_sampler`, with its settings, its
//! decisions and what it writes, and beyond it sampling by session, rules that always keep, and
//! percentages by environment.
//!
//! Every record that is kept carries its probability, as the Collector's does: a span in its trace
//! state (`ot=th:...`), a log record in the attribute `sampling.threshold`. Nothing is remembered from
//! batch to batch, so all instances of all daemons decide alike. `docs/plugins/sample.md` says what
//! each setting means.
//!
//! The host shows every record of traces and logs with the values that any setting names; metrics pass.
//!
//! Must never: use anything but the public SDK, or keep state between batches.

mod beside;
mod hash;
mod keep;
mod pass;
mod rules;
mod said;
mod sampler;
mod settings;
mod state;
mod threshold;
mod value;

use tamis_sdk::{ConfigError, Edits, Fault, Interest, Plugin, View};

pub use settings::{AttributeSource, Environment, Keep, Mode, Settings, Severity, Status};

/// The plugin.
#[derive(Debug)]
pub struct Sample {
    rules: rules::Rules,
}

impl Plugin for Sample {
    const NAME: &'static str = "sample";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        let (rules, interest) = rules::Rules::new(&settings)?;
        Ok((Self { rules }, interest))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        pass::Pass::new(&self.rules, view).run(edits)?;
        Ok(())
    }
}

tamis_sdk::export!(Sample);
