//! Globs over whole texts: `*` any run, `?` any one byte, everything else itself.
//!
//! The host judges the globs of subscriptions; this is for what a plugin decides by values that it is
//! shown. Of our own because those may be any bytes, and the kept libraries match `str`.
//!
//! Must never: take more than the product of both lengths.

/// A compiled glob.
#[derive(Debug, Clone)]
pub struct Glob(Vec<u8>);

impl Glob {
    /// Compiles a glob; every text is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    /// Whether it means all of the text; case counts.
    #[must_use]
    pub fn matches(&self, text: &[u8]) -> bool {
        let glob = &self.0;
        let (mut at, mut read) = (0, 0);
        // Where to go on when what follows the last star does not fit.
        let mut retry: Option<(usize, usize)> = None;
        while read < text.len() {
            match glob.get(at) {
                Some(b'*') => {
                    retry = Some((at, read));
                    at += 1;
                }
                Some(&byte) if byte == b'?' || byte == text[read] => {
                    at += 1;
                    read += 1;
                }
                _ => {
                    let Some((star, from)) = retry else {
                        return false;
                    };
                    retry = Some((star, from + 1));
                    (at, read) = (star + 1, from + 1);
                }
            }
        }
        glob.get(at..)
            .unwrap_or_default()
            .iter()
            .all(|&byte| byte == b'*')
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn globs_mean_whole_texts() {
        for (glob, text, wanted) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a*c", "abbc", true),
            ("a*c", "ac", true),
            ("a*c", "acb", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("a?c*", "abcd", true),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "ab", false),
            ("**x", "aax", true),
            ("*b*b*", "abcb", true),
            ("*.turn", "session_task.turn", true),
            ("?b", "ab", true),
            ("?b", "b", false),
            ("codex.*", "codex", false),
        ] {
            assert_eq!(
                Glob::new(glob).matches(text.as_bytes()),
                wanted,
                "{glob} {text}"
            );
        }
    }

    #[test]
    fn a_hostile_text_takes_no_exponential_time() {
        let text = vec![b'a'; 4_000];
        assert!(!Glob::new(&"*a".repeat(40).replace("*a*a", "*a?*")).matches(&[b'b'; 64]));
        assert!(!Glob::new(&format!("{}b", "a*".repeat(40))).matches(&text));
    }
}
