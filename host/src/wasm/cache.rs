//! Compiled code on disk, so that a second start takes milliseconds.
//!
//! A cached artifact is native code: loading one that was tampered with is running it, and wasmtime
//! does not notice a flipped bit. So a file is only believed when it and its folder belong to the
//! effective user, nobody else may write to them, no link was followed, and the artifact's own
//! digest, kept beside it, holds for the very bytes that are then loaded. Anything else means
//! compiling again, never an error; a folder that cannot be written is a warning.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sha2::{Digest as _, Sha256};

use crate::wasm::engine::Engine;

const DIGEST_BYTES: usize = 32;
const ARTIFACT_BYTES_MAX: u64 = 256 << 20;

/// Where compiled code is kept, if anywhere.
#[derive(Debug, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
    warnings: Mutex<Vec<CacheWarning>>,
}

/// Why compiled code could not be kept. Nothing else is wrong: it is compiled at every start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CacheWarning {
    /// The folder or a file in it cannot be written.
    #[error("compiled plugins cannot be kept in {folder}: {reason}")]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        reason: String,
    },
    /// The folder is not the user's own.
    #[error(
        "compiled plugins are not kept in {folder}: it must belong to the user and be writable by nobody else"
    )]
    NotOwn {
        /// The folder.
        folder: PathBuf,
    },
}

impl Cache {
    /// Keeps nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Keeps compiled code in this folder, which is made when it is not there.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Some(folder.into()),
            warnings: Mutex::default(),
        }
    }

    /// The user's own cache folder: `$XDG_CACHE_HOME/tamis`, or `~/.cache/tamis`; none without both.
    #[must_use]
    pub fn user() -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let base = set("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")));
        base.map_or_else(Self::none, |base| Self::at(base.join("tamis")))
    }

    /// Takes the warnings since the last time.
    pub fn take_warnings(&self) -> Vec<CacheWarning> {
        self.warnings
            .lock()
            .map(|mut warnings| std::mem::take(&mut *warnings))
            .unwrap_or_default()
    }

    /// The component's code: from the cache, or compiled and put there.
    pub(crate) fn load(
        &self,
        engine: &Engine,
        digest: &str,
        wasm: &[u8],
    ) -> wasmtime::Result<wasmtime::component::Component> {
        let Some(folder) = self.folder.as_deref().filter(|folder| self.prepare(folder)) else {
            return wasmtime::component::Component::new(engine.wasmtime(), wasm);
        };
        let path = folder.join(file_name(engine, digest));
        if let Some(component) = read(&path).and_then(|artifact| deserialize(engine, &artifact)) {
            return Ok(component);
        }
        let artifact = engine.wasmtime().precompile_component(wasm)?;
        if let Err(error) = write(folder, &path, &artifact) {
            self.warn(CacheWarning::Unwritable {
                folder: folder.to_owned(),
                reason: error.to_string(),
            });
        }
        match deserialize(engine, &artifact) {
            Some(component) => Ok(component),
            None => wasmtime::component::Component::new(engine.wasmtime(), wasm),
        }
    }

    fn prepare(&self, folder: &Path) -> bool {
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder);
        if let Err(error) = made {
            let reason = error.to_string();
            self.warn(CacheWarning::Unwritable {
                folder: folder.to_owned(),
                reason,
            });
            return false;
        }
        let own = fs::symlink_metadata(folder).is_ok_and(|meta| meta.is_dir() && is_own(&meta));
        if !own {
            self.warn(CacheWarning::NotOwn {
                folder: folder.to_owned(),
            });
        }
        own
    }

    fn warn(&self, warning: CacheWarning) {
        if let Ok(mut warnings) = self.warnings.lock()
            && !warnings.contains(&warning)
        {
            warnings.push(warning);
        }
    }
}

fn file_name(engine: &Engine, digest: &str) -> String {
    let mut hasher =
        std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().build_hasher();
    std::hash::Hash::hash(
        &engine.wasmtime().precompile_compatibility_hash(),
        &mut hasher,
    );
    format!("{digest}-{:016x}.cwasm", hasher.finish())
}

fn is_own(meta: &fs::Metadata) -> bool {
    meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & 0o022 == 0
}

/// The artifact in this file, if everything about the file is as it must be.
fn read(path: &Path) -> Option<Vec<u8>> {
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    let mut file = File::options()
        .read(true)
        .custom_flags(no_follow)
        .open(path)
        .ok()?;
    let meta = file.metadata().ok()?;
    if !meta.is_file() || !is_own(&meta) || meta.len() > ARTIFACT_BYTES_MAX {
        return None;
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize);
    Read::by_ref(&mut file)
        .take(ARTIFACT_BYTES_MAX)
        .read_to_end(&mut bytes)
        .ok()?;
    if bytes.len() < DIGEST_BYTES {
        return None;
    }
    let artifact = bytes.split_off(DIGEST_BYTES);
    (Sha256::digest(&artifact).as_slice() == bytes).then_some(artifact)
}

/// Written aside and renamed, so that a reader sees the whole file or none.
fn write(folder: &Path, path: &Path, artifact: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(folder)?;
    file.write_all(&Sha256::digest(artifact))?;
    file.write_all(artifact)?;
    file.persist(path)?;
    Ok(())
}

#[expect(unsafe_code, reason = "the one way to load compiled code; see SAFETY")]
fn deserialize(engine: &Engine, artifact: &[u8]) -> Option<wasmtime::component::Component> {
    // SAFETY: `artifact` came from this engine's `precompile_component`, either just now or by way of
    // a file of the effective user that nobody else may write, and its digest was checked over these
    // very bytes; the file's name holds the engine's compatibility hash, and wasmtime itself refuses
    // artifacts of other versions and settings.
    unsafe { wasmtime::component::Component::deserialize(engine.wasmtime(), artifact) }.ok()
}
