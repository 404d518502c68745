//! How often bytes occur in what agents send: the ground that costs are estimated on.
//!
//! Half of the tables comes from the sources, manuals and data files of the crates in a cargo
//! registry, half from recorded OTLP bodies of a coding agent, which brings in tags, lengths and
//! ids; `examples/byte_frequencies.rs` prints them. Text repeats itself (`ive_` is far more common
//! than its letters suggest), so pairs of neighbours count too, by kinds of bytes.
//!
//! Must never: decide what is found. A bad table makes a scan slow, not wrong.

use std::sync::LazyLock;

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

/// How much more often `second` follows `first` than chance has it.
fn lift(first: u8, second: u8) -> f64 {
    static POWERS: LazyLock<[f64; 26]> = LazyLock::new(|| {
        std::array::from_fn(|level| ((level as f64 - f64::from(b'm' - b'a')) / 2.0).exp2())
    });
    let level = LIFTS[symbol_of(first)][symbol_of(second)];
    let power = POWERS.get(usize::from(level.wrapping_sub(b'a')));
    power.copied().unwrap_or(1.0)
}

/// How often the bytes are expected to stand at a place, each depending on the one before.
pub(crate) fn stretch_rate(bytes: &[u8], case: Case) -> f64 {
    let alone: f64 = bytes.iter().map(|&byte| folded_rate(byte, case)).product();
    let lifts = bytes.windows(2).map(|pair| lift(pair[0], pair[1]));
    (alone * lifts.product::<f64>()).min(1.0)
}

/// How often the rarest stretch of the literal is expected per byte.
pub(crate) fn literal_rate(literal: &Literal) -> f64 {
    let width = literal.bytes.len().clamp(1, RANKED);
    literal
        .bytes
        .windows(width)
        .map(|stretch| stretch_rate(stretch, literal.case))
        .fold(1.0, f64::min)
}

/// How often the whole literal is expected per byte.
pub(crate) fn whole_rate(literal: &Literal) -> f64 {
    stretch_rate(&literal.bytes, literal.case)
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
    4384, 324, 175, 204, 210, 65, 104, 185, 158, 121, 2159, 101, 60, 39, 150, 200,
    297, 114, 812, 35, 28, 46, 23, 88, 446, 60, 90, 57, 30, 36, 32, 53,
    7390, 114, 314, 202, 69, 32, 116, 84, 408, 407, 126, 43, 497, 327, 968, 611,
    441, 284, 402, 244, 133, 129, 146, 94, 139, 202, 1117, 237, 89, 245, 138, 37,
    390, 287, 88, 198, 156, 294, 146, 76, 57, 238, 579, 43, 160, 112, 180, 188,
    214, 17, 229, 406, 279, 104, 76, 52, 42, 61, 27, 132, 29, 131, 14, 1523,
    115, 1726, 522, 1455, 1425, 3910, 592, 416, 562, 1641, 29, 259, 1292, 891, 1919, 2131,
    886, 59, 2184, 2050, 2574, 1149, 291, 261, 419, 350, 118, 142, 33, 142, 14, 15,
    32, 15, 17, 13, 20, 78, 16, 19, 33, 69, 10, 12, 13, 12, 17, 18,
    19, 12, 117, 12, 24, 14, 12, 14, 15, 13, 16, 16, 13, 19, 17, 17,
    19, 17, 18, 19, 14, 10, 13, 19, 14, 11, 15, 17, 65, 19, 14, 12,
    18, 15, 13, 20, 18, 14, 12, 18, 68, 63, 101, 14, 12, 18, 12, 67,
    24, 15, 11, 17, 13, 11, 9, 14, 64, 14, 17, 11, 66, 17, 12, 13,
    17, 15, 21, 19, 19, 11, 12, 14, 12, 12, 12, 10, 13, 16, 9, 12,
    22, 81, 20, 19, 12, 13, 15, 10, 13, 20, 159, 15, 14, 15, 9, 11,
    25, 17, 15, 12, 15, 13, 12, 11, 17, 13, 19, 12, 18, 15, 12, 16,
];

/// Small letters, then the symbols of [`symbol_of`].
const SYMBOLS: usize = 36;

fn symbol_of(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'A'..=b'Z' => 26,
        b'0'..=b'9' => 27,
        b'_' => 28,
        b'-' => 29,
        b'.' => 30,
        b'/' => 31,
        b' ' => 32,
        b'!'..=b'~' => 33,
        0x80.. => 35,
        _ => 34,
    }
}

/// How much more often the second symbol follows the first (row) than chance has it: `m` is as
/// often, each letter up or down is the square root of two.
#[rustfmt::skip]
const LIFTS: [[u8; SYMBOLS]; SYMBOLS] = [
    *b"bonramqdlklrspaphpoqllnknicjfhgcggce",
    *b"mijdpfeaptcpgandiijftedcrgfkgfklpkci",
    *b"pfjdmoeqjgrlhbumilhnkhfgkbhjomirdjbf",
    *b"llbkrgobmkkpcalhgiidphkhlejkposejlle",
    *b"pknnfmlcghhooobksqoncomtlahgoksnkmic",
    *b"oefjmqqbsdcmmppfgmmincgakdgnkhqalmcg",
    *b"jefdremnpaakjljphkminffaifjkphlllngk",
    *b"pfcfpdfaocdeibndetfkkchfkjigmhmfjkli",
    *b"llnriopafhjqpsqkjjnpgsalatckiegfagae",
    *b"kccaofjaihmaicnhtaofpdccammdhdhneojs",
    *b"kbedrhiataafciegjekfjhjgeiihnjndinbj",
    *b"ngbmqrfbrkgpccpicdnmnljaobhgoilmikei",
    *b"ptmirdfamadimdqrkanjpgieiejiogljgkbg",
    *b"qdnqnlscliojjikkfdrpoqlalflgnjnnkldc",
    *b"gkntcnlainsopsmnarjkpnqleaddjrfdggad",
    *b"rfifpeemlahpdaopiokntiiepghemjnfekdk",
    *b"bgcgebhabaagddcfmggavalbahjjmejchqho",
    *b"ofojqjrcoashmmngekonnpidpdlekimkimid",
    *b"mdkepdhophnijfkoimoqnfhbskkknhmmklkd",
    *b"pbjgoicupaaggaplcnkjoeihrdhhormhmlik",
    *b"ivmgllpalaarrpdnepqpaedjaibpfaaaagag",
    *b"qcfdthheqcfekakeggecaceiegfmmgkddjbj",
    *b"pedglhdrrjfhdmsffqoeaekffiignhibhmbk",
    *b"kfieohakkiacgbbqhdcoeecegjmquophgleh",
    *b"ikfaddfhhahklmjtagqldfjaelkhtloilngi",
    *b"ldecrffcjmibdafheadadgcbloieedccckpl",
    *b"kfegkhckjkkjgjliojfkjhgkmksmpkgkimko",
    *b"ikkjfmfbhlecbaabkaaakdgrelltlrofjolm",
    *b"mpqjlplkooomopkommponoredjpllaaaagae",
    *b"jliiekijhjgjmfekjrohglxhhmhsasaahnij",
    *b"kkmkisnkqmmqrsirhpllkpnbdidndalcgfjg",
    *b"giigifmifjcoobfkgkrmggkcakfhagaxnijh",
    *b"kmnifoiilkhkkhiliikkllofghmlimgnrnea",
    *b"jjmiflhiilillhfjkiljikkjgmlkggkinpnm",
    *b"glnidiifjodchbdmldgleehfdokkafckkkqn",
    *b"ejggchlierkfgeegofddhkkijmokfjhhaont",
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
