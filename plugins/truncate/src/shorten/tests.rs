//! What holds for every text, whatever it is made of, and what each kind becomes.

use proptest::prelude::{Just, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as _;
use serde_json::{Value as Json, json};

use super::*;
use crate::marker::Marker;
use crate::masks::Masks;

fn shorten() -> Shorten {
    Shorten {
        cutter: Cutter {
            marker: Marker::new("[... {bytes} bytes cut ...]"),
            masks: Masks::new(&["REDACTED".to_owned()]),
        },
        sha256: |_| Ok("0123456789abcdef".repeat(4)),
    }
}

fn limit(bytes: usize, strategy: Strategy) -> Limit {
    Limit {
        room: Room::of(bytes),
        unit: Unit::Bytes,
        strategy,
        structure: Structure::Keep,
    }
}

fn short(text: &str, bytes: usize) -> Short {
    let limit = limit(bytes, Strategy::HeadTail);
    shorten().value(text.as_bytes(), &limit).unwrap().unwrap()
}

fn read(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn long_strings_in_json_give_way_first() {
    let text = json!({"command": ["bash", "-lc", "x ".repeat(5_000)], "cwd": "/home/me", "n": 1});
    let short = short(&text.to_string(), 400);
    assert_eq!(short.why, Why::Json);
    let short = read(&short.text);
    assert_eq!(
        (&short["cwd"], &short["n"]),
        (&json!("/home/me"), &json!(1))
    );
    let command = short["command"][2].as_str().unwrap();
    assert!(command.starts_with("x x x") && command.contains(" bytes cut ...]"));
}

#[test]
fn json_with_too_many_members_ends_early_and_says_so() {
    let many: Vec<_> = (0..500)
        .map(|number| json!({"id": number, "on": true}))
        .collect();
    let array = read(&short(&json!(many).to_string(), 300).text);
    assert_eq!(array[0], json!({"id": 0, "on": true}));
    let last = array.as_array().unwrap().last().unwrap();
    let said = last.as_str().or(last["..."].as_str()).unwrap();
    assert!(said.ends_with(" bytes cut ...]"), "{said}");
    let object: Json = (0..500)
        .map(|number| (format!("k{number:03}"), json!(number)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let object = read(&short(&object.to_string(), 300).text);
    assert!(object["k000"].is_number() && object["..."].is_string());
}

#[test]
fn deep_json_is_closed() {
    let deep = "[".repeat(50_000) + &"]".repeat(50_000);
    let short = short(&deep, 500).text;
    assert!(short.len() <= 500 && is_json(&short));
    let ends = (short.matches('[').count(), short.matches(']').count());
    assert_eq!(ends.0, ends.1);
    assert!(ends.0 > 200);
}

#[test]
fn a_patch_in_the_arguments_of_a_call_keeps_its_files() {
    let body = "+let x = \"y\";\n".repeat(300);
    let patch = format!(
        "*** Begin Patch\n*** Add File: a.rs\n{body}*** Update File: b.rs\n@@ fn main\n{body}*** End Patch\n"
    );
    let call = json!({"input": patch}).to_string();
    let short = short(&call, 600).text;
    let input = read(&short)["input"].as_str().unwrap().to_owned();
    for line in [
        "*** Begin Patch",
        "*** Add File: a.rs",
        "*** Update File: b.rs",
        "@@ fn main",
        "*** End Patch",
    ] {
        assert!(input.lines().any(|own| own == line), "{line} in {input}");
    }
    assert!(short.len() <= 600 && input.matches("bytes cut").count() == 2);
}

#[test]
fn a_patch_of_many_files_keeps_their_names() {
    let files: String = (0..20)
        .map(|number| {
            format!(
                "*** Update File: src/{number}.rs\n@@\n-a\n+{}\n",
                "b".repeat(99)
            )
        })
        .collect();
    let patch = format!("*** Begin Patch\n{files}*** End Patch\n");
    let short = short(&patch, 700);
    assert_eq!(short.why, Why::Patch);
    for number in 0..20 {
        assert!(
            short
                .text
                .contains(&format!("*** Update File: src/{number}.rs\n"))
        );
    }
    assert!(!short.text.contains("bbb") && short.text.ends_with(" bytes cut ...]"));
}

#[test]
fn an_image_becomes_a_note_and_what_is_around_it_stays() {
    let text = format!(
        "see data:image/png;base64,{}, then more",
        "iVBORw0K".repeat(500)
    );
    let short = short(&text, 400);
    assert_eq!(short.why, Why::Block);
    let digest = "0123456789abcdef".repeat(4);
    assert_eq!(
        short.text,
        format!("see data:image/png;base64,[base64: 4000 bytes, sha256:{digest}], then more")
    );
    let call = json!({"type": "image", "data": "iVBORw0K".repeat(500)}).to_string();
    let short = self::short(&call, 400).text;
    assert!(
        read(&short)["data"]
            .as_str()
            .unwrap()
            .starts_with("[base64: 4000 bytes")
    );
}

#[test]
fn what_is_no_text_becomes_a_note() {
    let bytes: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    let head = limit(1_000, Strategy::Head);
    let short = shorten().value(&bytes, &head).unwrap().unwrap();
    assert!(short.text.starts_with("[binary: 5000 bytes, sha256:"));
    let small = shorten()
        .value(&bytes, &limit(40, Strategy::Head))
        .unwrap()
        .unwrap();
    assert!(small.text.len() <= 40);
}

#[test]
fn a_digest_is_not_digested_again() {
    let none = limit(0, Strategy::HashOnly);
    let once = shorten().value(b"some text", &none).unwrap().unwrap();
    assert!(once.text.starts_with("[text: 9 bytes, sha256:"));
    assert_eq!(shorten().value(once.text.as_bytes(), &none), Ok(None));
}

#[test]
fn lines_count_for_texts_and_not_for_json() {
    let limit = Limit {
        room: Room {
            size: usize::MAX,
            lines: 3,
        },
        ..limit(0, Strategy::HeadTail)
    };
    let text = shorten()
        .value(b"1\n2\n3\n4\n5\n", &limit)
        .unwrap()
        .unwrap();
    assert_eq!(text.text, "1\n2[... 4 bytes cut ...]\n5\n");
    assert_eq!(shorten().value(b"[\n1,\n2,\n3\n]", &limit), Ok(None));
}

#[test]
fn characters_are_counted_when_they_are_the_limit() {
    let limit = Limit {
        unit: Unit::Characters,
        ..limit(60, Strategy::Head)
    };
    let text = "\u{e9}".repeat(60);
    assert_eq!(shorten().value(text.as_bytes(), &limit), Ok(None));
    let text = "\u{e9}".repeat(61);
    let short = shorten().value(text.as_bytes(), &limit).unwrap().unwrap();
    assert!(short.text.chars().count() <= 60 && short.text.starts_with(&text[..40]));
}

/// Texts of every make, and of none in particular.
fn texts() -> impl proptest::strategy::Strategy<Value = String> {
    let plain = "([a-z \u{e9}\u{1f600}\"\\\\\n\t]|REDACTED-pin|\\*\\*\\*\\*|[\\[{\\]},:]|@@ x\n|--- a\n|\\+\\+\\+ b\n){0,200}";
    let block = ("[a-z ]{0,30}", 200_usize..900, "[a-z ]{0,30}")
        .prop_map(|(before, count, after)| before + &"Q".repeat(count) + &after);
    let patch = prop::collection::vec(("[a-z]{1,30}", 0_usize..40), 1..12).prop_map(|files| {
        let file = |(name, lines): (String, usize)| {
            format!(
                "*** Update File: {name}\n@@\n{}",
                "+text \"of\" a line\n".repeat(lines)
            )
        };
        let files: String = files.into_iter().map(file).collect();
        format!("*** Begin Patch\n{files}*** End Patch\n")
    });
    let leaf = prop_oneof![
        plain.prop_map(Json::from),
        block.prop_map(Json::from),
        any::<i32>().prop_map(Json::from)
    ];
    let json = leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::from),
            prop::collection::btree_map("[a-z\"]{0,20}", inner.clone(), 0..8)
                .prop_map(|members| Json::from(serde_json::Map::from_iter(members))),
            inner.prop_map(|value| Json::from(value.to_string())),
        ]
    });
    let block =
        ("[a-z ]{0,30}", 200_usize..900).prop_map(|(before, count)| before + &"Q".repeat(count));
    prop_oneof![
        plain,
        block,
        patch,
        json.clone().prop_map(|value| value.to_string()),
        json.prop_map(|value| serde_json::to_string_pretty(&value).unwrap()),
    ]
}

proptest! {
    #[test]
    fn what_is_left_fits_is_what_it_was_and_is_left_alone(
        text in texts(),
        bytes in 2_usize..600,
        lines in prop_oneof![Just(usize::MAX), 1_usize..20],
        strategy in prop_oneof![Just(Strategy::Head), Just(Strategy::Tail), Just(Strategy::HeadTail)],
        unit in prop_oneof![Just(Unit::Bytes), Just(Unit::Characters)],
    ) {
        let room = Room { size: bytes, lines };
        let limit = Limit { room, unit, ..limit(bytes, strategy) };
        let shorten = shorten();
        let Some(short) = shorten.value(text.as_bytes(), &limit).unwrap() else {
            let measure = Measure::new(unit);
            prop_assert!(measure.text(&text) <= bytes, "left alone");
            return Ok(());
        };
        prop_assert!(Measure::new(unit).text(&short.text) <= bytes, "{:?} of {:?}", short, text);
        prop_assert_eq!(is_json(&text), short.why == Why::Json, "{:?} of {:?}", short, text);
        if short.why == Why::Json {
            prop_assert!(is_json(&short.text), "{:?} of {:?}", short.text, text);
        }
        let again = shorten.value(short.text.as_bytes(), &limit).unwrap();
        prop_assert_eq!(again, None, "{:?} of {:?}", short.text, text);
        let halves = short.text.matches("REDACTED").count();
        prop_assert_eq!(halves, short.text.matches("REDACTED-pin").count(), "{:?}", short.text);
    }

    #[test]
    fn any_bytes_are_shortened_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        max in 0_usize..100,
        strategy in prop_oneof![Just(Strategy::Head), Just(Strategy::Tail), Just(Strategy::HeadTail)],
    ) {
        if let Some(short) = shorten().value(&bytes, &limit(max, strategy)).unwrap() {
            prop_assert!(short.text.len() <= max);
        }
    }
}
