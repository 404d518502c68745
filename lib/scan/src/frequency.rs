//! How often bytes occur in what agents send: the ground that costs are estimated on.
//!
//! Half of the table comes from the sources, manuals and data files of the crates in a cargo
//! registry, half from recorded OTLP bodies of a coding agent, which brings in tags, lengths and
//! ids; `examples/byte_frequencies.rs` prints it. Bytes are taken as independent, which real text
//! is not: that is good enough to rank literals, and nothing more is done with it.
//!
//! Must never: decide what is found. A bad table makes a scan slow, not wrong.

use crate::{Case, Class, Literal};

/// Bytes of a literal that its rate is judged by: those of its rarest stretch of this length.
const RANKED: usize = 4;

/// How often `byte` occurs, between 0 and 1.
pub(crate) fn byte_rate(byte: u8) -> f64 {
    f64::from(PER_65536[usize::from(byte)]) / 65536.0
}

/// How often a byte occurs that compares equal to `byte`.
pub(crate) fn folded_rate(byte: u8, case: Case) -> f64 {
    match case {
        Case::AsciiInsensitive if byte.is_ascii_alphabetic() => {
            byte_rate(byte.to_ascii_lowercase()) + byte_rate(byte.to_ascii_uppercase())
        }
        _ => byte_rate(byte),
    }
}

/// How often the rarest stretch of the literal is expected per byte.
pub(crate) fn literal_rate(literal: &Literal) -> f64 {
    let width = literal.bytes.len().clamp(1, RANKED);
    literal
        .bytes
        .windows(width)
        .map(|stretch| {
            stretch
                .iter()
                .map(|&byte| folded_rate(byte, literal.case))
                .product()
        })
        .fold(1.0, f64::min)
}

/// How often the whole literal is expected per byte.
pub(crate) fn whole_rate(literal: &Literal) -> f64 {
    let rates = literal
        .bytes
        .iter()
        .map(|&byte| folded_rate(byte, literal.case));
    rates.product()
}

/// How often the class is expected per byte: counted in 1.2 MB of agent telemetry.
pub(crate) fn class_rate(class: Class) -> f64 {
    match class {
        Class::Digits13 => 1e-4,
        Class::AtSign => 2e-5,
        Class::Token32 => 3e-3,
        Class::BigInt => 1e-4,
    }
}

/// Occurrences per 65,536 bytes, at least one.
#[rustfmt::skip]
const PER_65536: [u16; 256] = [
    4384, 324, 175, 204, 210, 65, 104, 185, 158, 121, 2141, 101, 60, 40, 150, 200,
    297, 114, 812, 35, 28, 46, 23, 88, 446, 60, 90, 57, 30, 36, 32, 53,
    7129, 109, 318, 212, 67, 32, 111, 89, 390, 388, 126, 42, 519, 324, 950, 569,
    465, 302, 438, 276, 142, 136, 156, 100, 150, 207, 1139, 240, 87, 253, 133, 37,
    390, 321, 98, 226, 178, 334, 162, 85, 65, 269, 580, 45, 182, 126, 206, 211,
    233, 19, 261, 424, 315, 119, 81, 59, 46, 64, 28, 136, 29, 135, 14, 1578,
    103, 1680, 538, 1439, 1414, 3844, 574, 404, 551, 1613, 29, 254, 1264, 874, 1903, 2117,
    890, 57, 2143, 2031, 2525, 1172, 285, 264, 429, 356, 116, 137, 31, 138, 13, 15,
    33, 16, 17, 13, 22, 80, 18, 19, 33, 69, 10, 12, 13, 13, 17, 18,
    20, 13, 117, 13, 25, 15, 13, 15, 16, 14, 16, 16, 13, 19, 17, 17,
    19, 17, 18, 19, 14, 11, 13, 19, 14, 12, 16, 17, 66, 19, 14, 13,
    18, 15, 13, 20, 18, 14, 12, 19, 69, 63, 102, 14, 12, 18, 12, 68,
    24, 15, 11, 17, 13, 11, 9, 14, 64, 14, 17, 11, 68, 17, 12, 13,
    17, 15, 21, 19, 19, 11, 12, 14, 13, 12, 12, 10, 13, 16, 9, 12,
    23, 86, 21, 20, 12, 13, 15, 10, 13, 20, 159, 16, 14, 15, 9, 11,
    26, 17, 15, 12, 15, 13, 12, 11, 17, 13, 19, 12, 18, 15, 12, 16,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_stretch_counts() {
        let rare = literal_rate(&Literal::new("eeeeQXZJ"));
        assert!(rare <= literal_rate(&Literal::new("eeee")));
        assert!(rare > 0.0);
        assert!(literal_rate(&Literal::new("e")) > literal_rate(&Literal::new("ee")));
        assert!(
            literal_rate(&Literal::ascii_insensitive("token"))
                > literal_rate(&Literal::new("token"))
        );
    }
}
