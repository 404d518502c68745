//! The plugin `redaction`: not written yet, asks for nothing. This stands here so that the build of the
//! shipped plugins is complete.

use tamis_sdk::{ConfigError, Edits, Fault, Interest, JsonSchema, Plugin, View};

/// No settings yet.
#[derive(serde::Deserialize, JsonSchema)]
pub struct Settings {}

/// The plugin.
pub struct Empty;

impl Plugin for Empty {
    const NAME: &'static str = "redaction";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn configure(_settings: Settings) -> Result<(Self, Interest), ConfigError> {
        Ok((Self, Interest::default()))
    }

    fn process(&mut self, _view: &View<'_>, _edits: &mut Edits<'_>) -> Result<(), Fault> {
        Ok(())
    }
}

tamis_sdk::export!(Empty);
