//! Numbers as they are written, exact to the last of 64 bits.
//!
//! Integers never go through a double: `9007199254740993` and `1e3` and `5.0` are what they say,
//! and what is not integral is no integer.

use crate::text::Text;

/// The number that a string holds, if it holds one and nothing else.
pub(super) fn written(text: &str) -> Option<&str> {
    let number = Text::new(text.as_bytes()).number().ok()?;
    (number.len() == text.len()).then_some(number)
}

/// The integer that this number is. The text must be a number of JSON.
pub(super) fn integer(text: &str) -> Option<i128> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()),
        None => (text, Some(0)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (value, zeros) = significant(whole.bytes().chain(fraction.bytes()))?;
    if value == 0 {
        return Some(0);
    }
    let scale = i64::try_from(zeros).ok()? - i64::try_from(fraction.len()).ok()?;
    let value = times_power_of_ten(value, scale.checked_add(exponent?)?)?;
    Some(if negative { -value } else { value })
}

/// The number that these digits make without the zeros at their end, and how many those are.
fn significant(digits: impl Iterator<Item = u8>) -> Option<(i128, usize)> {
    let (mut value, mut zeros) = (0_i128, 0);
    for digit in digits {
        match digit {
            b'0' => zeros += 1,
            b'1'..=b'9' => {
                value = times_power_of_ten(value, i64::try_from(zeros).ok()? + 1)?;
                value = value.checked_add(i128::from(digit - b'0'))?;
                zeros = 0;
            }
            _ => return None,
        }
    }
    Some((value, zeros))
}

fn times_power_of_ten(value: i128, exponent: i64) -> Option<i128> {
    if value == 0 {
        return Some(0);
    }
    let power = 10_i128.checked_pow(u32::try_from(exponent).ok()?)?;
    value.checked_mul(power)
}

/// The double that this number is nearest to; none if it is greater than all of them. The text
/// must be a number of JSON, `NaN`, `Infinity` or `-Infinity`.
pub(super) fn double(text: &str) -> Option<f64> {
    let value = text.parse::<f64>().ok()?;
    let is_named = text.ends_with(['N', 'y']);
    (is_named || value.is_finite()).then_some(value)
}
