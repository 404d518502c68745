//! Card numbers: the issuers' ranges and the check digit.
//!
//! One in ten numbers passes the check digit, so the range and the length are asked first. Must
//! be given digits with single separators only.

/// Whether the digits of this text, separators left out, are a card number.
pub(crate) fn is_card(text: &[u8]) -> bool {
    let mut digits = [0u8; 19];
    let mut length = 0;
    for byte in text.iter().filter(|byte| byte.is_ascii_digit()) {
        let Some(slot) = digits.get_mut(length) else {
            return false;
        };
        *slot = byte - b'0';
        length += 1;
    }
    let digits = &digits[..length];
    has_issuer(digits, text) && luhn(digits) && digits.iter().any(|digit| *digit != digits[0])
}

/// Whether a number of this length starts as an issuer's numbers do. The longest numbers of the
/// most common issuer look like any large integer, so they must be written in groups.
fn has_issuer(digits: &[u8], text: &[u8]) -> bool {
    let Some(head) = digits.first_chunk::<6>() else {
        return false;
    };
    let six = head
        .iter()
        .fold(0u32, |value, digit| value * 10 + u32::from(*digit));
    let (one, two, three, four) = (six / 100_000, six / 10_000, six / 1000, six / 100);
    match digits.len() {
        13 => one == 4,
        14 => matches!(two, 36 | 38 | 39) || matches!(three, 300..=305 | 309),
        15 => matches!(two, 34 | 37),
        16 => {
            one == 4
                || matches!(two, 51..=55 | 65 | 62 | 81)
                || matches!(three, 644..=649)
                || matches!(four, 2221..=2720 | 6011 | 3528..=3589 | 2200..=2204)
                || is_maestro(four)
                || matches!(two, 36 | 38 | 39)
        }
        17 | 18 => two == 62 || is_maestro(four),
        19 => {
            one == 4 && text.len() > 19
                || two == 62
                || is_maestro(four)
                || matches!(four, 6011 | 3528..=3589)
        }
        _ => false,
    }
}

fn is_maestro(four: u32) -> bool {
    matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let value = u32::from(*digit) << (index % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_cards_pass() {
        for card in [
            "4111 1111 1111 1111",
            "5555-5555-5555-4444",
            "378282246310005",
            "30569309025904",
            "6011111111111117",
            "3530111333300000",
            "6200000000000005",
            "2223003122003222",
            "4222222222222",
            "6759649826438453",
        ] {
            assert!(is_card(card.as_bytes()), "{card}");
        }
    }

    #[test]
    fn others_do_not() {
        for text in [
            "",
            "4111111111111112",
            "1781056000123456789",
            "0000000000000000",
            "9999999999999995",
            "411111111111",
            "41111111111111111111111111",
            "1234567812345670",
        ] {
            assert!(!is_card(text.as_bytes()), "{text}");
        }
    }
}
