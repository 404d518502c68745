//! `${env:X}`, `${env:X:-default}`, `${X}` and `$$` in values, as the Collector has them.
//!
//! What a variable holds is not expanded again, so no value can name another.

/// What a text with references stands for.
#[derive(PartialEq, Eq)]
pub(super) enum Expanded {
    /// There is none in it.
    Plain,
    /// The text is one reference and nothing else: the value is of whatever kind it reads as.
    Whole(String),
    /// Text with the references filled in.
    Text(String),
    /// It names this variable, which is not set and has no default.
    Unset(String),
    /// It names what is not a variable.
    Wrong(&'static str),
}

/// Fills in the references of a text.
pub(super) fn expand(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Expanded {
    if !text.contains('$') {
        return Expanded::Plain;
    }
    let (mut out, mut rest, mut references) = (String::new(), text, 0);
    while let Some((before, from)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(behind) = from.strip_prefix('$') {
            out.push('$');
            rest = behind;
            continue;
        }
        let Some(inner) = from.strip_prefix('{') else {
            out.push('$');
            rest = from;
            continue;
        };
        let Some((reference, behind)) = inner.split_once('}') else {
            return Expanded::Wrong("`${` has no `}`; write `$${` for the characters themselves");
        };
        match value(reference, env) {
            Ok(value) => out.push_str(&value),
            Err(wrong) => return wrong,
        }
        references += 1;
        rest = behind;
    }
    out.push_str(rest);
    match references {
        1 if text.starts_with("${") && text.find('}') == Some(text.len() - 1) => {
            Expanded::Whole(out)
        }
        _ => Expanded::Text(out),
    }
}

fn value(reference: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<String, Expanded> {
    let (name, default) = match reference
        .strip_prefix("env:")
        .unwrap_or(reference)
        .split_once(":-")
    {
        Some((name, default)) => (name, Some(default)),
        None => (reference.strip_prefix("env:").unwrap_or(reference), None),
    };
    let mut chars = name.chars();
    let starts = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(Expanded::Wrong(
            "only environment variables can be named: `${env:NAME}` or `${env:NAME:-default}`; write `$${` for the characters themselves",
        ));
    }
    env(name)
        .or_else(|| default.map(str::to_owned))
        .ok_or_else(|| Expanded::Unset(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Expanded) {
        let env = |name: &str| (name == "X").then(|| "v$$".to_owned());
        assert!(expand(text, &env) == expected, "{text}");
    }

    #[test]
    fn references_and_what_is_none() {
        check("plain", Expanded::Plain);
        check("${env:X}", Expanded::Whole("v$$".into()));
        check("${X}", Expanded::Whole("v$$".into()));
        check("a${X}b", Expanded::Text("av$$b".into()));
        check("${X}${X}", Expanded::Text("v$$v$$".into()));
        check("${env:Y:-d:-e}", Expanded::Whole("d:-e".into()));
        check("${env:Y:-}", Expanded::Whole(String::new()));
        check("$$", Expanded::Text("$".into()));
        check("$${X}", Expanded::Text("${X}".into()));
        check("^a$", Expanded::Text("^a$".into()));
        check("$X", Expanded::Text("$X".into()));
        check("${env:Y}", Expanded::Unset("Y".into()));
        assert!(matches!(
            expand("${file:/x}", &|_| None),
            Expanded::Wrong(_)
        ));
        assert!(matches!(expand("${X", &|_| None), Expanded::Wrong(_)));
        assert!(matches!(expand("${}", &|_| None), Expanded::Wrong(_)));
    }
}
