//! The cache of compiled code believes nothing: whatever is wrong with a file or a folder, the
//! component is compiled again and the chain works the same.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use prost::Message as _;
use tamis_host::{
    Cache, ChainBuilder, Code, Component, Context, Engine, EngineOptions, Grant, Outcome,
    PluginLimits, PluginSpec, Signal,
};
use tamis_tests::{body, logs, records, script};

fn load(engine: &Engine, cache: &Cache) -> Component {
    let limits = PluginLimits::default();
    Component::load(
        engine,
        cache,
        tamis_tests::SCRIPTED,
        None,
        &[Grant::Clock],
        &limits,
    )
    .unwrap()
}

fn works(component: Component) {
    let spec =
        PluginSpec::new("guest", Code::Wasm(component)).with_settings(script("mask", "needle"));
    let chain = ChainBuilder::new().plugin(spec).build().unwrap();
    let input = Bytes::from(logs(&["a needle"]).encode_to_vec());
    let outcome = chain.process(Signal::Logs, input, &Context::default());
    let Outcome::Edited { bytes, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(body(&records(&bytes)[0]), "a [cut]");
}

fn only_file(folder: &Path) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn engine() -> Engine {
    Engine::new(&EngineOptions::modest()).unwrap()
}

#[test]
fn a_good_file_is_loaded_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, cache) = (engine(), Cache::at(folder.path().join("tamis")));
    works(load(&engine, &cache));
    let file = only_file(&folder.path().join("tamis"));
    let before = fs::metadata(&file).unwrap();
    assert_eq!(before.mode() & 0o077, 0, "nobody else reads it");
    works(load(&engine, &cache));
    assert_eq!(
        fs::metadata(&file).unwrap().ino(),
        before.ino(),
        "not written again"
    );
    assert_eq!(cache.take_warnings(), []);
}

#[test]
fn a_damaged_file_is_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, cache) = (engine(), Cache::at(folder.path().join("tamis")));
    works(load(&engine, &cache));
    let file = only_file(&folder.path().join("tamis"));
    let good = fs::read(&file).unwrap();
    type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);
    let damages: [Damage<'_>; 5] = [
        &|bytes| bytes[40] ^= 1,
        &|bytes| *bytes.last_mut().unwrap() ^= 0x80,
        &|bytes| bytes[3] ^= 1,
        &|bytes| bytes.truncate(bytes.len() / 2),
        &|bytes| bytes.clear(),
    ];
    for damage in damages {
        let mut bytes = good.clone();
        damage(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        works(load(&engine, &cache));
        let mended = fs::read(&file).unwrap();
        assert_ne!(mended, bytes, "the damaged file was replaced");
        assert_eq!(mended.len(), good.len());
    }
    assert_eq!(cache.take_warnings(), []);
}

#[test]
fn code_of_another_engine_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("tamis"));
    works(load(&engine(), &cache));
    let file = only_file(&folder.path().join("tamis"));
    let signals = Engine::new(&EngineOptions::default()).unwrap();
    works(load(&signals, &cache));
    let files: Vec<_> = fs::read_dir(folder.path().join("tamis")).unwrap().collect();
    assert_eq!(files.len(), 2, "another engine has another file");
    // Even under the right name it is refused: wasmtime looks at its own header.
    let other = files
        .into_iter()
        .map(|entry| entry.unwrap().path())
        .find(|path| *path != file)
        .unwrap();
    fs::copy(&file, &other).unwrap();
    works(load(&signals, &cache));
}

#[test]
fn a_link_or_a_file_that_others_may_write_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, cache) = (engine(), Cache::at(folder.path().join("tamis")));
    works(load(&engine, &cache));
    let file = only_file(&folder.path().join("tamis"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    works(load(&engine, &cache));
    assert_eq!(
        fs::metadata(&file).unwrap().mode() & 0o022,
        0,
        "replaced by one of our own"
    );
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    works(load(&engine, &cache));
    assert!(
        !fs::symlink_metadata(&file).unwrap().is_symlink(),
        "the link was replaced"
    );
}

#[test]
fn a_folder_that_cannot_serve_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine();
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    let cache = Cache::at(&open);
    works(load(&engine, &cache));
    assert_eq!(cache.take_warnings().len(), 1);
    assert_eq!(
        fs::read_dir(&open).unwrap().count(),
        0,
        "nothing was put there"
    );
    let file = folder.path().join("file");
    fs::write(&file, b"not a folder").unwrap();
    let cache = Cache::at(&file);
    works(load(&engine, &cache));
    let warnings = cache.take_warnings();
    assert!(
        warnings[0].to_string().contains("cannot be kept in"),
        "{warnings:?}"
    );
}
