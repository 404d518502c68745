//! Whether a value that only its name gives away is a secret.
//!
//! Placeholders, references and masks are not; a password is whatever else has four bytes; other
//! names are also given to plain words, so their values must look random. Must never be asked
//! about a token that its own prefix identifies.

use crate::bytes::{ALNUM, ByteClass, UPPER_ALNUM, WORD};

/// How much of a value is looked at.
pub(crate) const JUDGED_MAX: usize = 256;

/// Values that say that there is no value.
const NOTHINGS: &[&str] = &[
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "redacted",
    "[redacted]",
    "masked",
    "hidden",
    "(hidden)",
    "[hidden]",
    "empty",
    "n/a",
    "todo",
    "required",
    "optional",
    "string",
    "str",
    "text",
    "bytes",
    "bool",
    "boolean",
    "number",
    "object",
    "any",
    "char",
    "varchar",
    "unknown",
    "never",
    "self",
    "void",
    "secretstr",
    "[masked]",
    "[filtered]",
    "filtered",
    "default",
    "unset",
    "yes",
    "option",
    "<redacted>",
    "removed",
    "sensitive",
];

/// What a reference to a secret starts with.
const REFERENCES: &[&str] = &[
    "${",
    "$(",
    "$[",
    "{{",
    "{%",
    "<%",
    "%(",
    "%{",
    "#{",
    "os.environ",
    "os.getenv",
    "process.env",
    "import.meta.env",
    "system.getenv",
    "env::var",
    "std::env",
    "env.",
    "env[",
    "secrets.",
    "vars.",
    "var.",
    "local.",
    "data.",
    "vault:",
    "op://",
    "ssm:",
    "arn:",
    "secretkeyref",
    "valuefrom",
    "file://",
    "self.",
    "this.",
    "config.",
    "settings.",
    "args.",
    "opts.",
    "options.",
    "params.",
    "request.",
    "req.",
    "res.",
    "ctx.",
    "cfg.",
    "conf.",
];

/// Whether a value stands for a secret without being one. `quoted` says that it stood in quotes:
/// a bare word may also be code.
pub(crate) fn is_placeholder(value: &[u8], style: Style) -> bool {
    let value = value.trim_ascii();
    let value = &value[..value.len().min(JUDGED_MAX)];
    let is = |word: &&str| value.eq_ignore_ascii_case(word.as_bytes());
    let starts = |start: &&str| {
        let begin = value.get(..start.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
    };
    NOTHINGS.iter().any(is)
        || REFERENCES.iter().any(starts)
        || is_filler(value)
        || is_variable(value)
        || in_brackets(value)
        || is_format(value)
        || style == Style::Bare && is_code(value)
}

/// How a value stood in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    /// In quotes, or as a value of its own.
    Quoted,
    /// Bare.
    Bare,
}

/// `xxxx`, `****`, `...`, `-`, `____`, `XXXX-XXXX`.
fn is_filler(value: &[u8]) -> bool {
    const FILLER: ByteClass = ByteClass::of(&[]).with(b"xX*.-_#?+= \xe2\x80\xa6\xa2");
    value.iter().all(|byte| FILLER.contains(*byte))
}

/// `$NAME`, `$name`, `%NAME%`, `@name@`.
fn is_variable(value: &[u8]) -> bool {
    match value {
        [b'$', name @ ..] => {
            let name = name.strip_prefix(b"env:").unwrap_or(name);
            let upper = UPPER_ALNUM.with(b"_");
            let lower = ByteClass::of(&[(b'a', b'z'), (b'A', b'Z')]).with(b"_");
            !name.is_empty()
                && (name.iter().all(|byte| upper.contains(*byte))
                    || name.iter().all(|byte| lower.contains(*byte)))
        }
        [b'%', name @ .., b'%'] | [b'@', name @ .., b'@'] => {
            !name.is_empty() && name.iter().all(|byte| WORD.contains(*byte))
        }
        _ => false,
    }
}

/// `<your key>`, `[token]`, `{name}`, `(secret)`.
fn in_brackets(value: &[u8]) -> bool {
    match value {
        [b'<', inner @ .., b'>'] => !inner.contains(&b'>'),
        [b'[', inner @ .., b']'] => inner.iter().all(|byte| ALNUM.with(b"_- .").contains(*byte)),
        [b'{', inner @ .., b'}'] => inner
            .iter()
            .all(|byte| ALNUM.with(b"_.[]\"'!:").contains(*byte)),
        [b'<', inner @ ..] => inner.iter().all(|byte| ALNUM.with(b"_- ").contains(*byte)),
        _ => false,
    }
}

/// `%s`, `%v`, `%d`, `{}`, `{0}`, `:name`, `?`.
fn is_format(value: &[u8]) -> bool {
    match value {
        [b'%', letter, rest @ ..] => {
            letter.is_ascii_alphabetic() && rest.first().is_none_or(|byte| !ALNUM.contains(*byte))
        }
        _ => false,
    }
}

/// A call, an index, a member, a type, a path of names: what stands bare in source code.
fn is_code(value: &[u8]) -> bool {
    if is_type(value) || value.starts_with(b"0x") && value.len() <= 10 {
        return true;
    }
    if let [b'*' | b'$', rest @ ..] = value {
        return rest
            .first()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    }
    let name = WORD.run(value, 0, JUDGED_MAX);
    let Some(first) = value.first() else {
        return true;
    };
    if matches!(
        first,
        b'(' | b'[' | b'{' | b'|' | b'!' | b'=' | b'&' | b'<' | b'>' | b','
    ) {
        return true;
    }
    if name == 0 || !(first.is_ascii_alphabetic() || *first == b'_') {
        return false;
    }
    let rest = &value[name..];
    match rest {
        [b'(' | b'[' | b'<' | b'{', ..] => true,
        [b':', b':', ..] | [b'-', b'>', ..] | [b'?', b'.', ..] => true,
        [b'.', next, ..] if next.is_ascii_alphabetic() || *next == b'_' => {
            value
                .iter()
                .all(|byte| WORD.with(b".()[]:<>?&*!").contains(*byte))
                && !value.split(|byte| *byte == b'.').any(looks_random)
        }
        _ => false,
    }
}

/// `u32`, `__u64`, `int8_t`, `f64`: a numeric type.
fn is_type(value: &[u8]) -> bool {
    let start = value.iter().take_while(|byte| **byte == b'_').count();
    let rest = &value[start..];
    let rest = rest.strip_suffix(b"_t").unwrap_or(rest);
    let digits = rest
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    matches!(
        &rest[..rest.len() - digits],
        b"u" | b"i" | b"f" | b"int" | b"uint" | b"float"
    )
}

/// Whether a value is no word, name, path or number: digits between letters, or letters whose
/// case changes as in no name.
pub(crate) fn looks_random(value: &[u8]) -> bool {
    let value = &value[..value.len().min(JUDGED_MAX)];
    if value.len() < 8
        || value
            .iter()
            .any(|byte| byte.is_ascii_whitespace() || *byte < 0x20)
    {
        return false;
    }
    if is_location(value) {
        return false;
    }
    let mut digits_only = true;
    let mut odd_bytes = 0;
    for word in value.split(|byte| !ALNUM.contains(*byte)) {
        digits_only &= word.iter().all(u8::is_ascii_digit);
        if !is_plain(word) {
            odd_bytes += word.len();
        }
    }
    !digits_only && odd_bytes >= 5
}

/// A URL, a path or a domain name.
fn is_location(value: &[u8]) -> bool {
    value.starts_with(b"http")
        || value.starts_with(b"./")
        || value.starts_with(b"../")
        || value.starts_with(b"~/")
        || value.starts_with(b"C:\\")
        || value.starts_with(b"/")
            && value.iter().skip(1).any(|byte| *byte == b'/')
            && value
                .split(|byte| *byte == b'/')
                .all(|part| part.len() < 24)
}

/// A word as names are made of: letters, then at most three digits; or a short number.
fn is_plain(word: &[u8]) -> bool {
    let digits = word
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let letters = &word[..word.len() - digits];
    if letters.is_empty() {
        return digits <= 8;
    }
    let all_letters = letters.iter().all(u8::is_ascii_alphabetic);
    if !all_letters {
        return is_numbered(letters);
    }
    digits <= 4 && case_changes(letters) * 5 <= letters.len().max(10) && letters.len() < 40
}

/// Names with a number inside, such as `sha256sum`, `base64url`, `utf8mb4`, `http2Token`.
fn is_numbered(letters: &[u8]) -> bool {
    let groups = letters.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let (mut words, mut numbers, mut longest) = (0, 0, 0);
    for group in groups {
        if group[0].is_ascii_digit() {
            numbers += 1;
        } else {
            words += 1;
            longest = longest.max(group.len());
        }
    }
    let humps = case_changes(letters) * 5 <= letters.len().max(10);
    words <= 2 && numbers <= 1 && longest >= 3 && letters.len() < 40 && humps
}

/// How often a lower-case letter is followed by an upper-case one or the other way round within a
/// word, where camel case counts once a hump.
fn case_changes(letters: &[u8]) -> usize {
    letters
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
        .count()
}

/// Whether a secret of its kind could be this short or plain: no word alone, no sentence.
pub(crate) fn looks_chosen(value: &[u8]) -> bool {
    let value = &value[..value.len().min(JUDGED_MAX)];
    let symbol = |byte: &u8| !byte.is_ascii_alphabetic() && !b"_-. ".contains(byte);
    value.len() >= 6
        && !value.iter().any(u8::is_ascii_whitespace)
        && !is_location(value)
        && value.iter().any(symbol)
        && value.iter().any(u8::is_ascii_alphanumeric)
        && !(value.len() < 10 && value.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_references_are_no_values() {
        for value in [
            "${X}",
            "$X",
            "$password",
            "{{ .Values.x }}",
            "<your-key>",
            "%s",
            "$(cat f)",
            "NULL",
            "os.environ[\"X\"]",
            "process.env.X",
            "None",
            "true",
            "xxxx",
            "****",
            "...",
            "%TOKEN%",
            "{token}",
            "[REDACTED]",
            "$env:TOKEN",
        ] {
            assert!(is_placeholder(value.as_bytes(), Style::Quoted), "{value}");
        }
        for value in [
            "hunter2",
            "$2b$12$abcdefgh",
            "pa$$w0rd",
            "letmein",
            "changeme",
            "x1x2x3",
        ] {
            assert!(!is_placeholder(value.as_bytes(), Style::Quoted), "{value}");
            assert!(!is_placeholder(value.as_bytes(), Style::Bare), "{value}");
        }
    }

    #[test]
    fn bare_code_is_no_value() {
        for value in [
            "get_secret(x)",
            "String::new()",
            "user.password",
            "Option<String>",
            "&str",
            "pw[0]",
            "a.b.c",
            "(x)",
            "self->pw",
            "opts?.token",
        ] {
            assert!(is_placeholder(value.as_bytes(), Style::Bare), "{value}");
        }
    }

    #[test]
    fn random_is_what_no_name_looks_like() {
        for value in [
            "c2b1a3f4e5d6",
            "wJalrXUtnFEMI/K7MDENG",
            "550e8400-e29b-41d4-a716-446655440000",
            "a1b2c3d4",
            "s3cr3t-v4lue",
            "qwPLzxKJhfAQweRTyuIOpB",
        ] {
            assert!(looks_random(value.as_bytes()), "{value}");
        }
        for value in [
            "refresh_token",
            "Bearer",
            "access-token-2",
            "my_service_v2",
            "sha256sum",
            "1234567890",
            "/usr/local/lib/token",
            "https://example.com/a1b2c3",
            "getAccessTokenSilently",
            "application/json",
            "tokenizer.model",
            "2024-01-02",
            "YOUR_API_KEY",
            "utf8mb4_general",
        ] {
            assert!(!looks_random(value.as_bytes()), "{value}");
        }
    }
}
