//! Chains that can be built, and those that must not be.

use tamis::{BuildError, ChainError, Plugin, Tamis};

use crate::words;

#[cfg(any(feature = "wasm", feature = "native"))]
#[test]
fn the_default_chain_is_scrub_alone() {
    let plugins = Tamis::new().unwrap().chain().plugins();
    let names: Vec<_> = plugins.iter().map(|plugin| plugin.name.as_str()).collect();
    assert_eq!(names, ["scrub"]);
}

#[test]
fn a_name_that_is_nearly_right_is_explained() {
    let error = Tamis::builder().plugin(Plugin::shipped("scrubb")).build();
    let message = error.unwrap_err().to_string();
    assert_eq!(
        message,
        "no plugin named scrubb ships with tamis: did you mean scrub?"
    );
    let error = Tamis::builder().plugin(Plugin::shipped("kafka")).build();
    let message = error.unwrap_err().to_string();
    assert_eq!(message, "no plugin named kafka ships with tamis");
}

#[test]
fn settings_that_a_plugin_refuses_stop_the_build() {
    let secret = "planted-secret";
    let settings = serde_json::json!({ "then": secret });
    let plugin = Plugin::linked("words", words::native()).settings(settings);
    let error = Tamis::builder().plugin(plugin).build().unwrap_err();
    assert!(matches!(
        error,
        BuildError::Chain(ChainError::Plugin { .. })
    ));
    assert!(!format!("{error:?}").contains(secret));
}

#[test]
fn two_plugins_of_one_name_are_refused() {
    let twice = Tamis::builder()
        .plugin(Plugin::linked("words", words::native()))
        .plugin(Plugin::linked("words", words::native()));
    let error = twice.build().unwrap_err();
    assert!(matches!(error, BuildError::Chain(ChainError::Name { .. })));
}

#[test]
fn a_digest_needs_a_component() {
    let plugin = Plugin::linked("words", words::native()).sha256("00");
    let error = Tamis::builder().plugin(plugin).build().unwrap_err();
    assert!(matches!(error, BuildError::NoComponent { .. }));
}

#[cfg(feature = "wasm")]
mod components {
    use std::fs;

    use tamis::{BuildError, Cache, ComponentError, EngineOptions, Plugin, PluginLimits, Tamis};

    fn refusal(plugin: Plugin) -> ComponentError {
        let builder = Tamis::builder().cache(Cache::none()).plugin(plugin);
        match builder.build() {
            Err(BuildError::Component { source, .. }) => source,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_custom_plugin_is_loaded_from_its_file_and_kept_compiled() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("house.wasm");
        fs::write(&file, tamis_plugins::SCRUB.as_slice()).unwrap();
        for _ in 0..2 {
            let tamis = Tamis::builder()
                .cache(Cache::at(folder.path().join("cache")))
                .engine_options(EngineOptions::modest())
                .plugin(Plugin::file(&file))
                .build()
                .unwrap();
            assert_eq!(tamis.chain().plugins()[0].name, "house");
            assert_eq!(tamis.scrub_text("plain").unwrap(), "plain");
        }
        let kept = fs::read_dir(folder.path().join("cache")).unwrap().count();
        assert_eq!(kept, 1);
    }

    #[test]
    fn what_is_no_component_is_refused() {
        let junk = refusal(Plugin::component("x", &b"not wasm at all"[..]));
        assert!(matches!(junk, ComponentError::Compile(_)), "{junk:?}");
        let module = refusal(Plugin::component("x", &b"\0asm\x01\0\0\0"[..]));
        assert!(matches!(module, ComponentError::Module), "{module:?}");
    }

    #[test]
    fn a_digest_and_a_size_are_held() {
        let pinned = Plugin::shipped("scrub").sha256("0".repeat(64));
        assert!(matches!(refusal(pinned), ComponentError::Digest { .. }));
        let mut limits = PluginLimits::default();
        limits.component_bytes_max = 100;
        let endless = Plugin::file("/dev/zero").limits(limits);
        assert!(matches!(refusal(endless), ComponentError::TooLarge { .. }));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let plugin = Plugin::file("/nowhere/x.wasm");
        let error = Tamis::builder().plugin(plugin).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "plugin x: /nowhere/x.wasm cannot be read"
        );
    }
}
