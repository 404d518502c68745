//! Signals, places, kinds and levels by name, for serde: `lib/otlp-wire` has no dependencies.

use otlp_wire::{Kind, Level, Place, Signal};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serializer};

/// What is written by its name.
pub(crate) trait Named: Copy {
    fn name(self) -> &'static str;
    fn named(name: &str) -> Option<Self>;
}

macro_rules! named {
    ($($type:ty),*) => {$(
        impl Named for $type {
            fn name(self) -> &'static str {
                self.as_str()
            }
            fn named(name: &str) -> Option<Self> {
                Self::parse(name)
            }
        }
    )*};
}
named!(Signal, Place, Kind, Level);

pub(crate) fn serialize<T: Named, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(value.name())
}

pub(crate) fn deserialize<'de, T: Named, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    parse(&String::deserialize(from)?)
}

fn parse<T: Named, E: Error>(name: &str) -> Result<T, E> {
    T::named(name).ok_or_else(|| E::custom("unknown name"))
}

/// The same for lists.
pub(crate) mod list {
    use super::{Deserialize, Deserializer, Named, Serializer, parse};

    pub(crate) fn serialize<T: Named, S: Serializer>(
        values: &[T],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(|value| value.name()))
    }

    pub(crate) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<T>, D::Error> {
        Vec::<String>::deserialize(from)?
            .iter()
            .map(|name| parse(name))
            .collect()
    }
}
