//! International bank account numbers: the length of the country and the remainder.
//!
//! Must be given a text that starts with the country code.

/// Countries and the lengths of their numbers.
const COUNTRIES: &[(&[u8; 2], u8)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NL", 18),
    (b"NO", 15),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"SA", 24),
    (b"SC", 31),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
];

/// How many bytes of the text, single spaces between them included, are a valid number.
pub(crate) fn iban_length(text: &[u8]) -> Option<usize> {
    let (country, rest) = text.split_first_chunk::<2>()?;
    let (_, wanted) = COUNTRIES.iter().find(|(code, _)| *code == country)?;
    if !rest.iter().take(2).all(u8::is_ascii_digit) {
        return None;
    }
    let mut characters = [0u8; 34];
    let (mut count, mut at) = (0, 0);
    while count < usize::from(*wanted) {
        match text.get(at)? {
            byte if byte.is_ascii_uppercase() || byte.is_ascii_digit() => {
                characters[count] = *byte;
                count += 1;
            }
            b' ' if text.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => {}
            _ => return None,
        }
        at += 1;
    }
    (remainder(&characters[..count]) == 1).then_some(at)
}

/// The number, its first four characters moved to the end and letters as two digits, modulo 97.
fn remainder(characters: &[u8]) -> u32 {
    let (head, tail) = characters.split_at(4);
    tail.iter().chain(head).fold(0, |value, byte| match byte {
        b'0'..=b'9' => (value * 10 + u32::from(byte - b'0')) % 97,
        _ => (value * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_samples_pass() {
        for text in [
            "DE89370400440532013000",
            "GB29 NWBK 6016 1331 9268 19",
            "NL91ABNA0417164300",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "CH93 0076 2011 6238 5295 7",
        ] {
            assert_eq!(iban_length(text.as_bytes()), Some(text.len()), "{text}");
        }
    }

    #[test]
    fn wrong_ones_do_not() {
        for text in [
            "",
            "DE",
            "DE88370400440532013000",
            "DE8937040044053201300",
            "ZZ89370400440532013000",
            "DE89  370400440532013000",
            "DEX9370400440532013000",
        ] {
            assert_eq!(iban_length(text.as_bytes()), None, "{text}");
        }
    }
}
