//! Cuts patches so that one still sees which files they touch, and where.
//!
//! Two forms: that of coding agents (`*** Begin Patch`, `*** Update File: NAME`) and unified diffs.
//! Lines that name files and places stay; what stands between them gives way.
//!
//! Must never: need the patch to be well formed; a text may stand around it.

use std::ops::Range;

use memchr::memmem;

/// What a line of a patch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    /// What was changed.
    Body,
    /// Where in a file.
    Place,
    /// Which file.
    File,
}

/// Begins of lines that name a file.
const FILES: [&str; 12] = [
    "*** Begin Patch",
    "*** Add File: ",
    "*** Update File: ",
    "*** Delete File: ",
    "*** Move to: ",
    "*** End Patch",
    "diff --git ",
    "new file mode ",
    "deleted file mode ",
    "rename from ",
    "rename to ",
    "Binary files ",
];

/// The lines of a patch that stay, and those that may go.
#[derive(Debug)]
pub(crate) struct Patch<'t> {
    text: &'t str,
    lines: Vec<(Range<usize>, Line)>,
}

impl<'t> Patch<'t> {
    /// Reads a text; none if it is no patch.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        // A quick look first: most texts are none.
        let holds = |what: &str| memmem::find(text.as_bytes(), what.as_bytes()).is_some();
        if !holds("*** Begin Patch\n") && !holds("\n+++ ") {
            return None;
        }
        let mut lines = Vec::new();
        let mut end = 0;
        let mut all = text.split_inclusive('\n').peekable();
        let mut after_old_name = false;
        while let Some(line) = all.next() {
            let start = end;
            end += line.len();
            let is_old_name =
                line.starts_with("--- ") && all.peek().is_some_and(|next| next.starts_with("+++ "));
            let is_file =
                is_old_name || after_old_name || FILES.iter().any(|begin| line.starts_with(begin));
            after_old_name = is_old_name;
            let kind = match is_file {
                true => Line::File,
                false if line.starts_with("@@") => Line::Place,
                false => Line::Body,
            };
            lines.push((start..end, kind));
        }
        let patch = Self { text, lines };
        patch.names_files().then_some(patch)
    }

    fn names_files(&self) -> bool {
        let begins = |begin: &str| {
            self.lines.iter().any(|(range, kind)| {
                let line = self.text.get(range.clone()).unwrap_or_default();
                *kind >= Line::Place && line.starts_with(begin)
            })
        };
        let is_agents = begins("*** Begin Patch")
            && ["*** Add File: ", "*** Update File: ", "*** Delete File: "]
                .into_iter()
                .any(begins);
        is_agents || begins("+++ ") && begins("@@")
    }

    /// What stands between the lines that name something, without the break that ends it.
    pub(crate) fn bodies(&self) -> Vec<Range<usize>> {
        let mut bodies: Vec<Range<usize>> = Vec::new();
        for (range, kind) in &self.lines {
            match bodies.last_mut() {
                _ if *kind != Line::Body => {}
                Some(last) if last.end == range.start => last.end = range.end,
                _ => bodies.push(range.clone()),
            }
        }
        for body in &mut bodies {
            let text = self.text.get(body.clone()).unwrap_or_default();
            body.end -= usize::from(text.ends_with('\n'));
        }
        bodies
    }

    /// The lines that name files and places, then those that name files: each shorter than the last.
    pub(crate) fn skeletons(&self) -> [String; 2] {
        [Line::Place, Line::File].map(|least| {
            let lines = self.lines.iter().filter(|(_, kind)| *kind >= least);
            lines
                .filter_map(|(range, _)| self.text.get(range.clone()))
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Option<Vec<&str>> {
        let patch = Patch::read(text)?;
        Some(patch.bodies().into_iter().map(|body| &text[body]).collect())
    }

    #[test]
    fn an_agents_patch_keeps_its_files_and_places() {
        let text = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: a.rs\n+one\n+two\n*** Update File: b.rs\n*** Move to: c.rs\n@@ fn main\n-x\n*** End Patch\nEOF\n";
        assert_eq!(
            bodies(text).unwrap(),
            ["apply_patch <<'EOF'", "+one\n+two", "-x", "EOF"]
        );
        let [places, files] = Patch::read(text).unwrap().skeletons();
        assert_eq!(
            places,
            "*** Begin Patch\n*** Add File: a.rs\n*** Update File: b.rs\n*** Move to: c.rs\n@@ fn main\n*** End Patch\n"
        );
        assert!(!files.contains("@@") && files.contains("b.rs"));
    }

    #[test]
    fn a_unified_diff_keeps_its_files_and_places() {
        let text = "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ fn\n-a\n+b\n c";
        assert_eq!(bodies(text).unwrap(), ["index 1..2 100644", "-a\n+b\n c"]);
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "@@ here",
            "--- a\n+++ b\n",
            "*** Begin Patch\n",
            "a list\n+++ b\n- c\n",
        ] {
            assert!(Patch::read(text).is_none(), "{text}");
        }
    }
}
