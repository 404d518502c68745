//! The nested cargo: flags, profile, environment, and where the module and its sources lie.
//!
//! Everything that decides the artifact is passed explicitly. cargo gives build scripts an empty
//! `CARGO_ENCODED_RUSTFLAGS`, which overrides every config file, clippy leaks its wrapper, and a
//! target directory shared with the parent deadlocks without a word.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::{env, fs};

use serde_json::Value;

use crate::component::{ComponentError, STACK_BYTES, componentize};

/// What guests are compiled for: no WASI, so nothing that a guest could import but the contract.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Profile of every guest: small, no unwinding, names kept for backtraces.
const PROFILE: [&str; 9] = [
    "profile.plugin.inherits=\"release\"",
    "profile.plugin.opt-level=3",
    "profile.plugin.lto=\"fat\"",
    "profile.plugin.codegen-units=1",
    "profile.plugin.panic=\"abort\"",
    "profile.plugin.debug=false",
    "profile.plugin.strip=\"debuginfo\"",
    "profile.plugin.overflow-checks=false",
    "profile.plugin.debug-assertions=false",
];

/// What the surrounding build may have set and a guest must not see.
const UNWANTED: [&str; 6] = [
    "RUSTFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_INCREMENTAL",
    "CARGO_UNSTABLE_BUILD_STD",
    "CLIPPY_ARGS",
];

/// The same for whole families of variables.
const UNWANTED_PREFIXES: [&str; 4] = [
    "CARGO_TARGET_",
    "CARGO_BUILD_",
    "CARGO_PROFILE_",
    "CARGO_FEATURE_",
];

/// A plugin that was built.
#[derive(Debug)]
pub struct Built {
    /// The component.
    pub component: Vec<u8>,
    /// Every file that went into it, for `rerun-if-changed`.
    pub sources: Vec<PathBuf>,
}

/// Why a plugin was not built. What the compiler said stands on standard error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// cargo or rustc could not be started.
    #[error("cannot run {program}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The wasm target is missing and could not be added.
    #[error("the target {TARGET} is not installed; run: {command}")]
    Target {
        /// The command that installs it.
        command: String,
    },
    /// cargo ended with an error.
    #[error("cargo could not build {} ({status}); its messages stand above", manifest.display())]
    Cargo {
        /// The plugin's manifest.
        manifest: PathBuf,
        /// How cargo ended.
        status: ExitStatus,
    },
    /// cargo succeeded but made no module.
    #[error("{} has no library that could become a plugin", manifest.display())]
    NoModule {
        /// The plugin's manifest.
        manifest: PathBuf,
    },
    /// A file that cargo made cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The module is no plugin.
    #[error("{} is not a plugin", manifest.display())]
    Component {
        /// The plugin's manifest.
        manifest: PathBuf,
        /// Why.
        source: ComponentError,
    },
}

/// Builds the plugin crate in the folder `plugin` into a component.
///
/// `target` is cargo's target directory for guests; it must not be that of a cargo that is running.
/// The compiler's messages go to standard error. The crate needs no `crate-type` of its own.
///
/// # Errors
/// [`BuildError`], with the command to type where one helps.
pub fn build(plugin: &Path, target: &Path) -> Result<Built, BuildError> {
    let manifest = plugin.join("Cargo.toml");
    ensure_target(plugin)?;
    let module_path = compile(plugin, &manifest, target)?;
    let module = read(&module_path)?;
    let component = componentize(&module).map_err(|source| BuildError::Component {
        manifest: manifest.clone(),
        source,
    })?;
    let dep_info = read(&module_path.with_extension("d"))?;
    let mut sources = sources(&String::from_utf8_lossy(&dep_info));
    sources.push(absolute(&manifest)?);
    sources.extend(manifests(&sources));
    Ok(Built { component, sources })
}

/// The manifests above the sources, workspaces and lock files included: they choose dependencies.
fn manifests(sources: &[PathBuf]) -> BTreeSet<PathBuf> {
    let folders: BTreeSet<&Path> = sources
        .iter()
        .flat_map(|source| source.ancestors())
        .collect();
    let files = folders
        .iter()
        .flat_map(|folder| ["Cargo.toml", "Cargo.lock"].map(|file| folder.join(file)));
    files.filter(|file| file.is_file()).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    fs::read(path).map_err(|source| BuildError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Runs cargo and says where the module lies.
fn compile(plugin: &Path, manifest: &Path, target: &Path) -> Result<PathBuf, BuildError> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = clean(&cargo, plugin);
    command
        .args(["rustc", "--lib", "--crate-type", "cdylib", "--quiet"])
        .args(["--message-format", "json-render-diagnostics"])
        .args(["--target", TARGET, "--profile", "plugin"])
        .arg("--manifest-path")
        .arg(absolute(manifest)?)
        .arg("--target-dir")
        .arg(absolute(target)?)
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags());
    for setting in PROFILE {
        command.args(["--config", setting]);
    }
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|source| start(&cargo, source))?;
    if !output.status.success() {
        return Err(BuildError::Cargo {
            manifest: manifest.to_owned(),
            status: output.status,
        });
    }
    module_in(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| BuildError::NoModule {
        manifest: manifest.to_owned(),
    })
}

fn absolute(path: &Path) -> Result<PathBuf, BuildError> {
    std::path::absolute(path).map_err(|source| BuildError::Read {
        path: path.to_owned(),
        source,
    })
}

fn start(program: &OsString, source: io::Error) -> BuildError {
    BuildError::Start {
        program: program.to_string_lossy().into_owned(),
        source,
    }
}

/// The last module among cargo's messages: dependencies come before what depends on them.
fn module_in(messages: &str) -> Option<PathBuf> {
    let files = |line| {
        let message = serde_json::from_str::<Value>(line).ok()?;
        let files = message.get("filenames")?.as_array()?;
        files
            .iter()
            .filter_map(Value::as_str)
            .find(|file| file.ends_with(".wasm"))
            .map(PathBuf::from)
    };
    messages.lines().filter_map(files).next_back()
}

/// Flags of every guest, in cargo's encoding. Paths of this machine are kept out of the artifact.
fn rustflags() -> String {
    let mut flags = vec![
        "-Ctarget-feature=+simd128".to_owned(),
        format!("-Clink-arg=-zstack-size={STACK_BYTES}"),
    ];
    let home = env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"));
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    if let Some(folder) = cargo_home.or_else(|| home.map(|home| Path::new(&home).join(".cargo"))) {
        flags.push(format!("--remap-path-prefix={}=cargo", folder.display()));
    }
    flags.join("\u{1f}")
}

/// A command that starts in `folder` and sees nothing of a surrounding cargo but its caches.
fn clean(program: &OsString, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let family = UNWANTED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix));
        if family || UNWANTED.contains(&name.as_str()) {
            command.env_remove(name);
        }
    }
    command
}

/// Sees to it that the standard library for [`TARGET`] is there.
fn ensure_target(folder: &Path) -> Result<(), BuildError> {
    if has_target(folder)? {
        return Ok(());
    }
    let mut words = vec!["rustup".to_owned(), "target".to_owned(), "add".to_owned()];
    if let Ok(toolchain) = env::var("RUSTUP_TOOLCHAIN") {
        words.extend(["--toolchain".to_owned(), toolchain]);
    }
    words.push(TARGET.to_owned());
    let added = clean(&OsString::from("rustup"), folder)
        .args(&words[1..])
        .status();
    if added.is_ok_and(|status| status.success()) && has_target(folder)? {
        return Ok(());
    }
    Err(BuildError::Target {
        command: words.join(" "),
    })
}

fn has_target(folder: &Path) -> Result<bool, BuildError> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = clean(&rustc, folder)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|source| start(&rustc, source))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let holds_core =
        |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with("libcore");
    Ok(fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(holds_core)))
}

/// The prerequisites that a dep-info file names: `target: one two\ with\ spaces`.
fn sources(dep_info: &str) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    let Some((_, list)) = dep_info
        .lines()
        .next()
        .and_then(|line| line.split_once(": "))
    else {
        return sources;
    };
    let mut path = String::new();
    for word in list.split(' ').filter(|word| !word.is_empty()) {
        match word.strip_suffix('\\') {
            Some(part) => path.extend([part, " "]),
            None => {
                path.push_str(word);
                sources.push(PathBuf::from(std::mem::take(&mut path)));
            }
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_with_their_spaces() {
        let dep_info = "/t/a.wasm: /src/a\\ b.rs /src/c.rs\n\n/other: /x\n";
        assert_eq!(
            sources(dep_info),
            [PathBuf::from("/src/a b.rs"), PathBuf::from("/src/c.rs")]
        );
        assert!(sources("").is_empty());
    }

    #[test]
    fn the_last_module_counts() {
        let messages = concat!(
            "{\"filenames\":[\"/t/dep.rlib\"]}\n",
            "no json\n",
            "{\"filenames\":[\"/t/dep.wasm\"]}\n",
            "{\"filenames\":[\"/t/plugin.d\",\"/t/plugin.wasm\"]}\n",
            "{\"reason\":\"build-finished\"}\n",
        );
        assert_eq!(module_in(messages), Some(PathBuf::from("/t/plugin.wasm")));
    }

    #[test]
    fn a_folder_without_a_plugin_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = build(folder.path(), &folder.path().join("target")).unwrap_err();
        assert!(matches!(error, BuildError::Cargo { .. }), "{error}");
        assert!(error.to_string().contains("Cargo.toml"));
    }
}
