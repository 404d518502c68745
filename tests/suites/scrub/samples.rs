//! Every sample of every detector, in the shapes in which telemetry carries text.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tamis_host::{Chain, Signal};

use crate::batch::{any, as_text, batch, bodies, bytes, list, map, text};
use crate::engine::{chains, native, run};

#[derive(Deserialize)]
struct File {
    detector: Vec<Detector>,
}

#[derive(Deserialize)]
struct Detector {
    id: String,
    finds: Vec<Vec<String>>,
}

/// A text, and the secret in it.
#[derive(Debug, Clone)]
struct Sample {
    id: String,
    text: String,
    secret: String,
}

fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lib/detect/samples");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    let files =
        files.map(|path| toml::from_str::<File>(&fs::read_to_string(path).unwrap()).unwrap());
    let samples = files.flat_map(|file| file.detector).flat_map(|detector| {
        let id = detector.id;
        detector
            .finds
            .into_iter()
            .map(move |parts| sample(&id, &parts.concat()))
    });
    samples.collect()
}

fn sample(id: &str, marked: &str) -> Sample {
    let text = marked.replacen("<<", "", 1).replacen(">>", "", 1);
    let secret = match marked.split_once("<<") {
        Some((_, rest)) => rest.split_once(">>").unwrap().0,
        None => marked,
    };
    Sample {
        id: id.to_owned(),
        text,
        secret: secret.to_owned(),
    }
}

/// Every detector on.
fn everything() -> Json {
    json!({"classes": {"enable": ["personal", "publishable"]}})
}

/// A way to carry a text, and to read it back.
struct Carrier {
    name: &'static str,
    wrap: fn(&str) -> AnyValue,
    read: fn(Value) -> String,
}

const CARRIERS: [Carrier; 8] = [
    Carrier {
        name: "text",
        wrap: |inner| text(inner),
        read: string,
    },
    Carrier {
        name: "bytes",
        wrap: |inner| bytes(inner),
        read: |value| match value {
            Value::BytesValue(bytes) => String::from_utf8(bytes).unwrap(),
            other => panic!("{other:?}"),
        },
    },
    Carrier {
        name: "list in a map",
        wrap: |inner| map([("list", list(text(inner)))]),
        read: |value| match value {
            Value::KvlistValue(mut map) => match map.values.remove(0).value.unwrap().value.unwrap()
            {
                Value::ArrayValue(mut list) => string(list.values.remove(0).value.unwrap()),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        },
    },
    Carrier {
        name: "key",
        wrap: |inner| map([(inner, text("x"))]),
        read: |value| match value {
            Value::KvlistValue(mut map) => map.values.remove(0).key,
            other => panic!("{other:?}"),
        },
    },
    Carrier {
        name: "JSON",
        wrap: |inner| text(json!({"n": 1, "output": inner, "ok": true}).to_string()),
        read: |value| member(&string(value)),
    },
    Carrier {
        name: "JSON in JSON",
        wrap: |inner| text(json!({"output": json!({"output": inner}).to_string()}).to_string()),
        read: |value| member(&member(&string(value))),
    },
    Carrier {
        name: "output of a command",
        wrap: |inner| {
            text(format!(
                "$ cat notes\r\n\u{1b}[0m{inner}\u{1b}[0m\nexit code 0\n"
            ))
        },
        read: string,
    },
    Carrier {
        name: "after text that is not ASCII",
        wrap: |inner| text(format!("\u{e9}\u{1f511} {inner} \u{e9}")),
        read: string,
    },
];

fn string(value: Value) -> String {
    as_text(&Some(value))
}

fn member(json: &str) -> String {
    let json: Json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
    let output = json["output"].as_str();
    output
        .unwrap_or_else(|| panic!("no output in {json}"))
        .to_owned()
}

fn carry(chain: &Chain) -> Vec<String> {
    let samples = samples();
    let mut wrong = Vec::new();
    for carrier in &CARRIERS {
        let input = batch(
            "test",
            samples.iter().map(|sample| (carrier.wrap)(&sample.text)),
        );
        let (output, report) = run(chain, Signal::Logs, &input);
        assert!(
            report.faults.is_empty(),
            "{}: {:?}",
            carrier.name,
            report.faults
        );
        for (sample, body) in samples.iter().zip(bodies(&output)) {
            let after = (carrier.read)(body.unwrap());
            if after.contains(&sample.secret) {
                wrong.push(format!("{} as {}: {after:?}", sample.id, carrier.name));
            }
        }
        let (again, _) = run(chain, Signal::Logs, &output);
        for ((sample, once), twice) in samples.iter().zip(bodies(&output)).zip(bodies(&again)) {
            if once != twice {
                wrong.push(format!(
                    "{} as {} twice: {once:?} {twice:?}",
                    sample.id, carrier.name
                ));
            }
        }
    }
    wrong
}

#[test]
fn every_sample_goes_in_every_carrier_and_a_second_run_changes_nothing() {
    for (engine, chain) in chains(&everything()) {
        let wrong = carry(&chain);
        assert!(
            wrong.is_empty(),
            "{engine}: {}\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

#[test]
fn numbers_that_are_cards_become_masks() {
    let chain = native(json!({})).unwrap();
    let int = |number| map([("n", any(Value::IntValue(number)))]);
    let (card, other) = (int(4_111_111_111_111_111), int(1_732_000_000_000_000_000));
    let input = batch("test", [card, list(int(4_111_111_111_111_111)), other]);
    let (output, _) = run(&chain, Signal::Logs, &input);
    let masked = map([("n", text("REDACTED-card-number"))]);
    let wanted = [masked.clone(), list(masked), int(1_732_000_000_000_000_000)];
    let wanted = wanted.map(|value| value.value);
    assert_eq!(bodies(&output), wanted);
}

#[test]
fn text_that_is_not_utf8_is_scrubbed_as_bytes() {
    let chain = native(json!({})).unwrap();
    let secret = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
    let text = format!("ab {secret} c");
    let mut input = batch("test", [crate::batch::text(text)]).to_vec();
    let at = input.windows(2).position(|pair| pair == b"ab").unwrap();
    input[at] = 0xff;
    let (output, _) = run(&chain, Signal::Logs, &input.into());
    assert!(
        !output
            .windows(secret.len())
            .any(|window| window == secret.as_bytes())
    );
    assert!(output.windows(3).any(|window| window == b"\xffb "));
}

fn chain_with(action: &str) -> Chain {
    let settings = json!({
        "action": action,
        "hash_key": "0123456789abcdef",
        "classes": {"enable": ["personal", "publishable"]},
    });
    native(settings).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Secrets side by side with whatever between them: a second run changes nothing, what parsed
    /// parses, whatever becomes of a secret.
    #[test]
    fn twice_is_once(
        bodies in prop::collection::vec(
            prop::collection::vec((select(samples()), select(GLUE.to_vec())), 1..4), 4,
        ),
        action in select(vec!["mask", "hash"]),
    ) {
        static CHAINS: LazyLock<[Chain; 2]> = LazyLock::new(|| ["mask", "hash"].map(chain_with));
        let chain = &CHAINS[usize::from(action == "hash")];
        let texts = bodies.iter().map(|parts| {
            let parts = parts.iter().map(|(sample, glue)| format!("{}{glue}", sample.text));
            parts.collect::<String>()
        });
        let texts: Vec<String> = texts.collect();
        let json = |inner: &String| text(json!({"output": inner}).to_string());
        let values = texts.iter().map(|inner| text(inner.as_str())).chain(texts.iter().map(json));
        let input = batch("test", values);
        let (once, report) = run(chain, Signal::Logs, &input);
        prop_assert!(report.faults.is_empty(), "{:?}", report.faults);
        let (twice, _) = run(chain, Signal::Logs, &once);
        let (once, twice) = (crate::batch::bodies(&once), crate::batch::bodies(&twice));
        for (number, (once, twice)) in once.iter().zip(&twice).enumerate() {
            prop_assert_eq!(once, twice, "DIFF from {}", &texts[number % texts.len()]);
        }
        for (text, body) in texts.iter().zip(&once[texts.len()..]) {
            let after: Json = serde_json::from_str(&as_text(body)).unwrap();
            prop_assert!(after["output"].is_string(), "{after} from {text}");
        }
    }
}

const GLUE: [&str; 12] = [
    "", " ", "\n", "=", ":", ": ", "\"", "&", "@", "/", ",", "\\n",
];
