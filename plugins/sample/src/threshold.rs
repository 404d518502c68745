//! Thresholds and randomness: the 56-bit numbers of OpenTelemetry's consistent probability sampling.
//!
//! A record with randomness `r` passes a threshold `t` when `t <= r`, so a threshold says how many of
//! 2^56 values are rejected, and a record that passed stands for `2^56 / (2^56 - t)` records. Rounding
//! and number formats are those of the Collector, so that both write the same text.
//!
//! Must never: panic on any text.

/// One more than the greatest randomness.
const ALL: u64 = 1 << 56;
/// Hexadecimal digits of a whole number.
pub(crate) const DIGITS: u32 = 14;
/// The smallest probability above 0.
pub(crate) const MIN_PROBABILITY: f64 = 1.0 / ALL as f64;

/// How many of 2^56 values of randomness are rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Threshold(u64);

/// A number below 2^56 that is the same for everything that belongs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Randomness(u64);

impl Threshold {
    pub(crate) const ALWAYS: Self = Self(0);
    pub(crate) const NEVER: Self = Self(ALL);

    /// The threshold whose leading digits stand in this text: 1 to 14 hexadecimal digits.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let digits = u32::try_from(text.len())
            .ok()
            .filter(|&len| len <= DIGITS)?;
        Some(Self(hexadecimal(text)? << (4 * (DIGITS - digits))))
    }

    /// The threshold that lets 14 bits of randomness below `accepted` of 2^14 pass.
    pub(crate) fn of_buckets(accepted: u32) -> Self {
        Self(u64::from((1_u32 << 14).saturating_sub(accepted)) << 42)
    }

    /// The threshold for a probability, rounded to so many digits and more where it is close to 0 or
    /// 1; none unless the probability lies between 2^-56 and 1.
    pub(crate) fn of(probability: f64, precision: u32) -> Option<Self> {
        if !(MIN_PROBABILITY..=1.0).contains(&probability) {
            return None;
        }
        if probability == 1.0 {
            return Some(Self::ALWAYS);
        }
        // Every leading digit that is 0 or f says next to nothing, and one is added for it.
        let more = leading_digits(probability).max(leading_digits(1.0 - probability));
        let digits = precision.saturating_add(more).min(DIGITS);
        let mut threshold = ALL - (probability * ALL as f64).round() as u64;
        let cut = 4 * (DIGITS - digits);
        if cut > 0 {
            threshold = (threshold + (1 << (cut - 1))) >> cut << cut;
        }
        Some(Self(threshold))
    }

    /// Whether a record with this randomness passes.
    pub(crate) fn passes(self, randomness: Randomness) -> bool {
        self.0 <= randomness.0
    }

    pub(crate) fn probability(self) -> f64 {
        (ALL - self.0.min(ALL)) as f64 / ALL as f64
    }

    /// Appends the threshold without the zeros at its end; nothing for [`Threshold::NEVER`].
    pub(crate) fn write(self, out: &mut String) {
        match self {
            Self::NEVER => {}
            Self::ALWAYS => out.push('0'),
            Self(number) => {
                let zeros = number.trailing_zeros() / 4;
                digits(number >> (4 * zeros), DIGITS.saturating_sub(zeros), out);
            }
        }
    }
}

impl Randomness {
    /// What passes every threshold but never.
    pub(crate) const GREATEST: Self = Self(ALL - 1);

    /// The lowest 56 bits of this number.
    pub(crate) fn new(number: u64) -> Self {
        Self(number % ALL)
    }

    /// Fourteen hexadecimal digits.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let whole = text.len() == DIGITS as usize;
        whole.then(|| hexadecimal(text).map(Self))?
    }

    /// The last seven bytes of a trace id.
    pub(crate) fn of_trace_id(id: [u8; 16]) -> Self {
        Self::new(u128::from_be_bytes(id) as u64)
    }

    /// Of records that passed a threshold before, by another randomness than this one: as much above
    /// that threshold as this one is above 0.
    pub(crate) fn above(self, passed: Threshold) -> Self {
        let left = ALL.saturating_sub(passed.0);
        let part = (u128::from(self.0) * u128::from(left)) >> 56;
        Self::new(passed.0.saturating_add(part as u64).min(ALL - 1))
    }

    /// Appends fourteen digits.
    pub(crate) fn write(self, out: &mut String) {
        digits(self.0, DIGITS, out);
    }
}

/// Digits in front that are 0 in a fraction of 1.
fn leading_digits(fraction: f64) -> u32 {
    let exponent = (fraction.to_bits() >> 52) & 0x7ff;
    // 1022 is the exponent of the fractions from 1/2 on.
    (1022_u64.saturating_sub(exponent) / 4) as u32
}

fn hexadecimal(text: &[u8]) -> Option<u64> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let number = text.iter().try_fold(0, |number, byte| {
        Some(number << 4 | u64::from(digit(byte)?))
    })?;
    (!text.is_empty()).then_some(number)
}

fn digits(number: u64, count: u32, out: &mut String) {
    for place in (0..count).rev() {
        let digit = (number >> (4 * place)) as u32 & 15;
        out.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(threshold: Threshold) -> String {
        let mut out = String::new();
        threshold.write(&mut out);
        out
    }

    #[test]
    fn probabilities_become_the_thresholds_that_the_collector_writes() {
        for (percentage, precision, expected) in [
            (100.0_f32, 4, "0"),
            (50.0, 4, "8"),
            (10.0, 4, "e666"),
            (10.0, 2, "e6"),
            (1.0, 4, "fd70a"),
            (99.0, 4, "028f6"),
        ] {
            let probability = f64::from(percentage) / 100.0;
            let threshold = Threshold::of(probability, precision).unwrap();
            assert_eq!(text(threshold), expected, "{percentage} {precision}");
        }
        assert_eq!(text(Threshold::of(0.999, 5).unwrap()), "0041893");
        assert_eq!(text(Threshold::of_buckets(1638)), "e668");
        assert_eq!(Threshold::of(1e-18, 4), None);
        assert_eq!(Threshold::of(f64::NAN, 4), None);
        assert_eq!(Threshold::of(1.5, 4), None);
    }

    #[test]
    fn texts_that_are_no_numbers_are_refused() {
        for text in [
            "",
            "+1",
            "-1",
            "g",
            "12 3",
            "123456789012345",
            "0x1",
            "\u{e9}",
        ] {
            assert_eq!(Threshold::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Threshold::parse(b"E"), Threshold::parse(b"e0"));
        assert_eq!(Randomness::parse(b"1234567890123"), None);
        assert!(Randomness::parse(b"0123456789abcD").is_some());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number in 0..ALL) {
            let threshold = Threshold(number);
            prop_assert_eq!(Threshold::parse(text(threshold).as_bytes()), Some(threshold));
            let mut out = String::new();
            Randomness(number).write(&mut out);
            prop_assert_eq!(Randomness::parse(out.as_bytes()), Some(Randomness(number)));
        }

        #[test]
        fn a_threshold_is_as_exact_as_its_digits(probability in 1e-9..1.0_f64, precision in 1..15_u32) {
            let threshold = Threshold::of(probability, precision).unwrap();
            let error = (threshold.probability() / probability - 1.0).abs();
            let bound = 16_f64.powi(1 - i32::try_from(precision).unwrap()).max(1e-6);
            prop_assert!(error <= bound, "{} {}", error, bound);
        }

        /// Uniform numbers stay uniform above what rejected some, in their order.
        #[test]
        fn randomness_above_a_threshold_passes_it(number in 0..ALL, passed in 0..ALL) {
            let above = Randomness(number).above(Threshold(passed));
            prop_assert!(Threshold(passed).passes(above));
            prop_assert_eq!(Randomness(number).above(Threshold::ALWAYS), Randomness(number));
        }
    }
}
