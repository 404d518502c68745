//! Masks words of your choice wherever they stand in telemetry: a plugin to start from.
//!
//! `configure` says what to look for; the host searches the raw batch for it and calls `process`
//! only when something was found. `tamis plugin test` builds this and runs the cases in `cases/`.

use schemars::JsonSchema;
use serde::Deserialize;
use tamis_sdk::{ConfigError, Edits, Fault, Interest, Literal, Plugin, Subscription, View, When};

/// What a user writes under the plugin's name in the config.
#[derive(Deserialize, JsonSchema)]
pub struct Settings {
    /// Words to mask, in upper or lower case.
    words: Vec<String>,
    /// What stands in their place.
    #[serde(default = "default_mask")]
    mask: String,
}

fn default_mask() -> String {
    "***".to_owned()
}

/// The configured plugin.
pub struct MyPlugin {
    mask: String,
}

impl Plugin for MyPlugin {
    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        if let Some(number) = settings.words.iter().position(String::is_empty) {
            return Err(ConfigError::new(
                format!("words[{number}]"),
                "must not be empty",
            ));
        }
        // The host looks for the words itself; `role`, `places`, `keys` and so on have defaults.
        let interest = Interest {
            detectors: vec!["word".to_owned()],
            subscriptions: vec![Subscription {
                when: When::Holds {
                    literals: settings
                        .words
                        .into_iter()
                        .map(Literal::insensitive)
                        .collect(),
                    classes: vec![],
                    patterns: vec![],
                },
                ..Subscription::default()
            }],
            ..Interest::default()
        };
        Ok((
            Self {
                mask: settings.mask,
            },
            interest,
        ))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        // Two words may overlap, as in `key` and `keyboard`; two edits may not.
        let mut hits: Vec<_> = view.hits().collect();
        hits.sort_by_key(|hit| (hit.value, hit.start));
        let mut hits = hits.into_iter().peekable();
        while let Some(mut hit) = hits.next() {
            while let Some(next) =
                hits.next_if(|next| next.value == hit.value && next.start < hit.end)
            {
                hit.end = hit.end.max(next.end);
            }
            edits
                .detected(0)
                .replace_range(hit.value, hit.range(), &self.mask)?;
        }
        Ok(())
    }
}

tamis_sdk::export!(MyPlugin);
