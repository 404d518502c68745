//! The tokens of the notation. Must never: read past the text.

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A bare word: a name, a key, a number.
    Word(String),
    /// A quoted text.
    Text(String),
    /// `x"00ff"`
    Bytes(Vec<u8>),
    /// One of `= , { } [ ]`
    Sign(char),
}

/// Tokens with the line that each stands in, from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, (usize, &'static str)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (token, len) = match first {
            '\n' => {
                line += 1;
                (None, 1)
            }
            _ if first.is_whitespace() => (None, first.len_utf8()),
            '#' => (None, rest.find('\n').unwrap_or(rest.len())),
            '=' | ',' | '{' | '}' | '[' | ']' => (Some(Token::Sign(first)), 1),
            '"' => {
                let len = quoted(rest).ok_or((line, "a text does not end"))?;
                let text = serde_json::from_str(&rest[..len]);
                (
                    Some(Token::Text(
                        text.map_err(|_| (line, "a text is no JSON string"))?,
                    )),
                    len,
                )
            }
            'x' if rest[1..].starts_with('"') => {
                let len = quoted(&rest[1..]).ok_or((line, "bytes do not end"))?;
                let bytes = super::from_hex(&rest[2..len]);
                (
                    Some(Token::Bytes(
                        bytes.ok_or((line, "bytes are not hexadecimal"))?,
                    )),
                    len + 1,
                )
            }
            _ if is_word(first) => {
                let len = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
                (Some(Token::Word(rest[..len].to_owned())), len)
            }
            _ => return Err((line, "a character has no meaning here")),
        };
        tokens.extend(token.map(|token| (line, token)));
        rest = &rest[len..];
    }
    Ok(tokens)
}

/// What a word may be made of: enough for most keys and every number.
pub(super) fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || "_.-+:/".contains(char)
}

/// Bytes of the quoted text that begins here, quotes included.
fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            b'\n' => return None,
            _ => {}
        }
    }
    None
}
