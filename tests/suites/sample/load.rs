//! What is told when a chain is loaded: settings that cannot work, and an order that would leak.

use serde_json::{Value as Json, json};
use tamis_host::{Chain, ChainBuilder, ChainError, Code, PluginSpec};
use tamis_plugins::Shipped;

use crate::engine::{build, chains, forms};

fn refusal(settings: &Json) -> Vec<String> {
    let mut told = Vec::new();
    for (_, code) in forms() {
        let Err(ChainError::Plugin { source, .. }) = build(code, settings.clone()) else {
            panic!("{settings} was taken")
        };
        told.push(source.to_string());
    }
    told.dedup();
    told
}

#[test]
fn faults_name_the_setting_and_never_its_value() {
    for (settings, expected) in [
        (
            json!({"sampling_percentage": -1}),
            "sampling_percentage: must be a percentage, 0 to 100",
        ),
        (
            json!({"sampling_percentage": 1e99}),
            "sampling_percentage: must be a percentage, 0 to 100",
        ),
        (
            json!({"sampling_percentage": 1e-16}),
            "sampling_percentage: is too small: the least above 0 is 100 / 2^56",
        ),
        (
            json!({"sampling_percentage": "nan"}),
            "sampling_percentage: must be f64, not a string",
        ),
        (
            json!({"sampling_precision": 0}),
            "sampling_precision: must be 1 to 14 digits",
        ),
        (
            json!({"sampling_precision": 15}),
            "sampling_precision: must be 1 to 14 digits",
        ),
        (
            json!({"mode": "random"}),
            "mode: must be one of `hash_seed`, `proportional`, `equalizing`, ``",
        ),
        (
            json!({"attribute_source": "body"}),
            "attribute_source: must be one of `traceID`, `record`, ``",
        ),
        (json!({"hash_seed": -1}), "hash_seed: must be u32"),
        (
            json!({"session": ["a", ""], "mode": "hash_seed"}),
            "mode: must be proportional, equalizing or not said where there are sessions; \
             session[1]: must not be empty",
        ),
        (
            json!({"keep": [{"name": "ok", "status": "error"}, {"name": "Not ok"}]}),
            "keep[1].name: must be 1 to 48 lower-case letters, digits and dashes; \
             keep[1]: names no condition, and would keep everything",
        ),
        (
            json!({"keep": [{"name": "a", "names": ["x"]}, {"name": "a", "attributes": {"k": []}}]}),
            "keep[1].attributes.k: must list what it may be; [\"*\"] is anything; \
             keep[1].name: is the name of an earlier one",
        ),
        (
            json!({"environments": [{"name": "ci", "sampling_percentage": -5}]}),
            "environments[0].resource: must name an attribute; \
             environments[0].sampling_percentage: must be a percentage, 0 to 100",
        ),
        (
            json!({"sampling_percent": 5}),
            "sampling_percent: unknown key; did you mean `sampling_percentage`?",
        ),
    ] {
        assert_eq!(refusal(&settings), [expected]);
    }
}

#[test]
fn every_setting_of_the_collector_is_taken() {
    let settings = json!({
        "sampling_percentage": 15.3, "mode": "", "hash_seed": 4_294_967_295_u32, "fail_closed": null,
        "sampling_precision": 14, "attribute_source": "record", "from_attribute": "", "sampling_priority": "p",
    });
    assert_eq!(chains(&settings).len(), 3);
    assert_eq!(chains(&json!({"sampling_percentage": 1e30})).len(), 3);
    assert_eq!(chains(&Json::Null).len(), 3);
}

/// The chain of the one pipeline of a config.
fn from_yaml(config: &str) -> Result<Chain, ChainError> {
    let config: Json = serde_saphyr::from_str(config).unwrap();
    let names = config["service"]["pipelines"]["traces"]["processors"]
        .as_array()
        .unwrap();
    let specs = names.iter().map(|name| {
        let name = name.as_str().unwrap();
        let native = Shipped::find(name).unwrap().native().unwrap();
        PluginSpec::new(name, Code::Native(native))
            .with_settings(config["processors"][name].clone())
    });
    specs
        .fold(ChainBuilder::new(), ChainBuilder::plugin)
        .build()
}

#[test]
fn a_protector_behind_it_is_refused() {
    let config = "
processors:
  scrub: {}
  probabilistic_sampler: {sampling_percentage: 15, hash_seed: 22}
service:
  pipelines:
    traces: {processors: [scrub, probabilistic_sampler]}
";
    assert!(from_yaml(config).is_ok());
    let wrong = config.replace(
        "[scrub, probabilistic_sampler]",
        "[probabilistic_sampler, scrub]",
    );
    assert_eq!(
        from_yaml(&wrong).unwrap_err().to_string(),
        "plugin scrub protects and must stand before probabilistic_sampler, which reduces: \
         a secret that was cut in half is no longer found"
    );
}
