//! A new plugin: the starter under `sdk/template`, with its name filled in.
//!
//! The files are embedded, so that a binary alone can make one. Must never: overwrite a file.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{fs, path};

/// Name of the starter where its own stands.
const NAME: &str = "my-plugin";
const TYPE: &str = "MyPlugin";
/// How the starter depends on the SDK where it stands.
const SDK: &str = "{ path = \"..\" }";

const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../../template/Cargo.toml")),
    ("README.md", include_str!("../../template/README.md")),
    (".gitignore", include_str!("../../template/.gitignore")),
    ("src/lib.rs", include_str!("../../template/src/lib.rs")),
    (
        "cases/words.toml",
        include_str!("../../template/cases/words.toml"),
    ),
];

/// Where a new plugin takes the SDK from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sdk {
    /// A folder.
    Path(PathBuf),
    /// A version on crates.io.
    Version(String),
}

/// Why no new plugin was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScaffoldError {
    /// The name is no crate's name.
    #[error(
        "{name:?} cannot be a plugin's name: lower-case letters, digits and dashes, a letter first"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// A file cannot be made, for instance because it is there.
    #[error("cannot make {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes a new plugin called `name` into `folder`, which is made when it is not there.
///
/// # Errors
/// [`ScaffoldError`]; a file that is there stays as it is.
pub fn scaffold(name: &str, folder: &Path, sdk: &Sdk) -> Result<(), ScaffoldError> {
    let fits = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    let first = name
        .chars()
        .next()
        .is_some_and(|char| char.is_ascii_lowercase());
    if !first || !name.chars().all(fits) || name.ends_with('-') || name.contains("--") {
        return Err(ScaffoldError::Name {
            name: name.to_owned(),
        });
    }
    let failed = |path: &Path, source| ScaffoldError::Write {
        path: path.to_owned(),
        source,
    };
    let sdk = match sdk {
        Sdk::Version(version) => format!("{version:?}"),
        Sdk::Path(folder) => {
            let folder = path::absolute(folder).map_err(|source| failed(folder, source))?;
            format!("{{ path = {:?} }}", folder.to_string_lossy())
        }
    };
    for (file, text) in FILES {
        let path = folder.join(file);
        let text = text
            .replace(SDK, &sdk)
            .replace(NAME, name)
            .replace(TYPE, &type_name(name));
        create(&path, &text).map_err(|source| failed(&path, source))?;
    }
    Ok(())
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::File::create_new(path)?.write_all(text.as_bytes())
}

/// `my-plugin` as `MyPlugin`.
fn type_name(name: &str) -> String {
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    name.split('-').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_plugin_bears_its_own_name() {
        let folder = tempfile::tempdir().unwrap();
        scaffold("no-odd-words2", folder.path(), &Sdk::Version("0.1".into())).unwrap();
        for (file, _) in FILES {
            let text = fs::read_to_string(folder.path().join(file)).unwrap();
            assert!(
                !text.contains(NAME) && !text.contains(TYPE) && !text.contains(SDK),
                "{file}"
            );
        }
        let manifest = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("name = \"no-odd-words2\"")
                && manifest.contains("tamis-sdk = \"0.1\"")
        );
        let source = fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
        assert!(source.contains("export!(NoOddWords2)"));
        let again = scaffold("other", folder.path(), &Sdk::Version("0.1".into())).unwrap_err();
        assert!(matches!(again, ScaffoldError::Write { .. }));
    }

    #[test]
    fn names_that_no_crate_can_have_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "", "A", "1a", "-a", "a-", "a--b", "a_b", "a/b", "..", "a\nb", "\u{e4}",
        ] {
            let error = scaffold(name, &folder.path().join("x"), &Sdk::Version("0".into()));
            assert!(matches!(error, Err(ScaffoldError::Name { .. })), "{name}");
        }
        assert!(!folder.path().join("x").exists());
    }
}
