//! The plugin `redaction`: the OpenTelemetry Collector's processor of that name, with its settings and
//! its results, in every place of a batch.
//!
//! The Collector looks at attributes and bodies. Here the same rules also hold for names, links,
//! status, exemplars, keys, trace state, nested values, bytes and unknown fields.
//! `docs/plugins/redaction.md` says what each setting means and lists what is different on purpose.
//!
//! Where the settings only block values, the host shows nothing but the values in which a pattern
//! matches; otherwise it shows every attribute and body, and the pass goes through them row by row.
//!
//! Must never: use anything but the public SDK.

mod change;
mod entries;
mod interest;
mod keys;
mod mask;
mod order;
mod pass;
mod path;
mod re2;
mod rewrite;
mod settings;
mod shape;
mod summary;
mod value;

use tamis_sdk::{ConfigError, Edits, Fault, Interest, Plugin, View};

pub use settings::Settings;

/// The plugin.
#[derive(Debug)]
pub struct Redaction {
    rules: settings::Rules,
    verdicts: keys::Verdicts,
}

impl Plugin for Redaction {
    const NAME: &'static str = "redaction";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        let rules = settings::Rules::new(&settings)?;
        let interest = interest::interest(&settings, &rules)?;
        let verdicts = keys::Verdicts::default();
        Ok((Self { rules, verdicts }, interest))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        pass::Pass::new(&self.rules, view, &mut self.verdicts).run(edits)
    }
}

tamis_sdk::export!(Redaction);
