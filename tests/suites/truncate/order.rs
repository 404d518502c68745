//! Where the plugin may stand: never before one that protects.

use serde_json::json;
use tamis_host::{ChainBuilder, Code, PluginSpec};
use tamis_plugins::Shipped;

use crate::engine::alone;

fn spec(name: &str) -> PluginSpec {
    let native = Shipped::find(name).and_then(Shipped::native).unwrap();
    PluginSpec::new(name, Code::Native(native))
}

#[test]
fn a_chain_in_which_it_stands_before_a_scrubber_does_not_load() {
    for protector in ["scrub", "redaction"] {
        let chain = ChainBuilder::new()
            .plugin(spec("truncate"))
            .plugin(spec(protector));
        let told = chain.build().unwrap_err().to_string();
        assert_eq!(
            told,
            format!(
                "plugin {protector} protects and must stand before truncate, which reduces: a secret that was cut in half is no longer found"
            )
        );
        let chain = ChainBuilder::new()
            .plugin(spec(protector))
            .plugin(spec("truncate"));
        assert!(chain.build().is_ok());
    }
}

#[test]
fn what_it_says_of_itself_is_there_in_every_form() {
    for (form, chain) in alone(&json!({})) {
        let plugin = &chain.plugins()[0];
        let schema = plugin.description.schema.as_ref().unwrap();
        for key in [
            "rules",
            "except",
            "marker",
            "masks",
            "attributes",
            "record_bytes",
            "maps",
        ] {
            assert!(
                schema["properties"][key]["description"].is_string(),
                "{form}: {key}"
            );
        }
        assert_eq!(plugin.description.name, "truncate");
    }
}
