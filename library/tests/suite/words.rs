//! A plugin for these tests: does one of several things where a word stands.

use tamis_sdk::{
    ConfigError, Edits, Fault, Interest, JsonSchema, Literal, NativePlugin, Operation, Plugin,
    Subscription, View, When,
};

/// A word that stands in no other text of these tests.
pub(crate) const WORD: &str = "zanzibar";

#[derive(serde::Deserialize, JsonSchema)]
#[schemars(crate = "tamis_sdk::schemars")]
pub(crate) struct Settings {
    #[serde(default)]
    then: Then,
}

#[derive(Clone, Copy, Default, serde::Deserialize, JsonSchema)]
#[schemars(crate = "tamis_sdk::schemars")]
#[serde(rename_all = "snake_case")]
enum Then {
    #[default]
    Mask,
    Drop,
    Panic,
}

pub(crate) struct Words(Then);

impl Plugin for Words {
    const NAME: &'static str = "words";
    const VERSION: &'static str = "0.1.0";
    type Settings = Settings;

    fn configure(settings: Settings) -> Result<(Self, Interest), ConfigError> {
        let when = When::Holds {
            literals: vec![Literal::sensitive(WORD)],
            classes: vec![],
            patterns: vec![],
        };
        let interest = Interest {
            operations: vec![Operation::ReplaceRange, Operation::DropRecord],
            subscriptions: vec![Subscription {
                when,
                ..Subscription::default()
            }],
            ..Interest::default()
        };
        Ok((Self(settings.then), interest))
    }

    fn process(&mut self, view: &View<'_>, edits: &mut Edits<'_>) -> Result<(), Fault> {
        for hit in view.hits() {
            match self.0 {
                Then::Mask => edits.replace_range(hit.value, hit.range(), "***")?,
                Then::Drop => edits.drop_record(0)?,
                Then::Panic => std::panic::panic_any("on purpose"),
            }
        }
        Ok(())
    }
}

pub(crate) fn native() -> NativePlugin {
    tamis_sdk::native::<Words>()
}
