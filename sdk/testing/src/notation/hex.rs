//! Bytes as hexadecimal digits. Must never: guess what a digit was meant to be.

/// Reads pairs of hexadecimal digits; white space and `#` comments to the end of a line are skipped.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    let digits: Vec<u8> = lines
        .flat_map(str::chars)
        .filter(|char| !char.is_whitespace())
        .map(|char| char.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// Writes bytes in lines of 32.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| {
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        pairs.join(" ") + "\n"
    };
    bytes.chunks(32).map(line).collect()
}
