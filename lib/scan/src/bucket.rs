//! Buckets of the rare-window filter: a set of bytes for each position, and what that lets through.
//!
//! A bucket is never exact: its sets combine freely, and a filter may see only a part of each byte. How often
//! ordinary text fits is estimated from how often its bytes are in the sets, how often the names that telemetry
//! repeats fit is counted.
//!
//! Must never: leave out a window that was added.

use crate::frequency;
use crate::literal::ByteClass;
use crate::names::{self, Fits};
use crate::window::{GROUP, Group, Precision, Table, WIDTH};

/// What may stand at each position of a window, and how often ordinary text has it.
#[derive(Clone, Copy)]
pub(crate) struct Sets {
    pub(crate) bytes: [ByteClass; WIDTH],
    pub(crate) rates: [f64; WIDTH],
}

/// The windows that share a bit of the tables.
#[derive(Clone, Copy)]
pub(crate) struct Bucket {
    /// As far as the filter can tell.
    sets: [ByteClass; WIDTH],
    /// How often a byte of ordinary text is in each set.
    rates: [f64; WIDTH],
    /// Candidates per byte of ordinary text.
    in_text: f64,
    fits: Fits,
    /// Candidates per byte for the sake of names.
    in_names: f64,
}

impl Bucket {
    /// A bucket without a window.
    pub(crate) fn empty(precision: Precision) -> Bucket {
        Bucket {
            sets: [ByteClass::EMPTY; WIDTH],
            rates: [0.0; WIDTH],
            in_text: 0.0,
            fits: Fits::none(precision),
            in_names: 0.0,
        }
    }

    /// Candidates per byte of telemetry.
    pub(crate) fn rate(&self) -> f64 {
        self.in_text + self.in_names
    }

    /// By how much the candidates per byte would rise with such a window, unless by as much as `most`.
    ///
    /// What is found out fast often settles it.
    pub(crate) fn rise(&self, window: &Sets, precision: Precision, most: f64) -> Option<f64> {
        let pairs = self.rates.iter().zip(window.rates);
        let at_least: f64 = pairs.map(|(mine, theirs)| mine.max(theirs)).product();
        if at_least - self.in_text >= most {
            return None;
        }
        let in_text = self.rates_with(window, precision).iter().product::<f64>() - self.in_text;
        if in_text >= most {
            return None;
        }
        let in_names = names_that_fit(&self.fits.with(&window.bytes, precision)) - self.in_names;
        Some(in_text + in_names).filter(|rise| *rise < most)
    }

    pub(crate) fn add(&mut self, window: &Sets, precision: Precision) {
        self.rates = self.rates_with(window, precision);
        for (mine, theirs) in self.sets.iter_mut().zip(window.bytes) {
            *mine = seen(mine.union(theirs), precision);
        }
        self.in_text = self.rates.iter().product();
        self.fits = self.fits.with(&window.bytes, precision);
        self.in_names = names_that_fit(&self.fits);
    }

    /// How often a byte would be in each set with such a window.
    fn rates_with(&self, window: &Sets, precision: Precision) -> [f64; WIDTH] {
        std::array::from_fn(|at| {
            let (old, new) = (self.sets[at], window.bytes[at]);
            if new.is_subset(&old) {
                return self.rates[at];
            }
            match new == ByteClass::ANY {
                true => 1.0,
                false => self.rates[at] + rate(seen(old.union(new), precision).without(old)),
            }
        })
    }
}

fn names_that_fit(fits: &Fits) -> f64 {
    f64::from(fits.count()) * names::RATE
}

/// The bytes that a filter cannot tell from those of the set.
pub(crate) fn seen(set: ByteClass, precision: Precision) -> ByteClass {
    match precision {
        Precision::SevenBits => set.without_high_bit(),
        Precision::Halves => set.of_halves(),
    }
}

/// How often a byte of ordinary text is in the set, as far as a filter can tell.
pub(crate) fn rate_of(set: ByteClass, precision: Precision) -> f64 {
    match set == ByteClass::ANY {
        true => 1.0,
        false => rate(seen(set, precision)),
    }
}

fn rate(set: ByteClass) -> f64 {
    set.bytes().map(frequency::byte_rate).sum()
}

/// The tables of up to eight buckets.
pub(crate) fn group_of(buckets: &[Bucket]) -> Group {
    let mut tables = [Table::EMPTY; WIDTH];
    for (index, bucket) in buckets.iter().take(GROUP).enumerate() {
        for (table, set) in tables.iter_mut().zip(bucket.sets) {
            for byte in set.bytes() {
                table.seven[usize::from(byte & 0x7f)] |= 1 << index;
                table.low[usize::from(byte & 15)] |= 1 << index;
                table.high[usize::from(byte >> 4)] |= 1 << index;
            }
        }
    }
    tables
}
