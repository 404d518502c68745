//! Holds the documentation of the plugin against the detectors: its table of kinds is theirs.
//!
//! `BLESS=1 cargo test -p tamis-plugin-scrub` writes the table.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tamis_detect::{DetectorClass, detectors};

const BEGIN: &str = "<!-- kinds: written by the test `docs` -->\n";
const END: &str = "<!-- end of kinds -->\n";

fn table() -> String {
    let mut table = String::from("| kind | finds | checked |\n| --- | --- | --- |\n");
    for class in DetectorClass::ALL {
        let rows = || {
            detectors()
                .iter()
                .filter(|detector| detector.class == class)
        };
        let state = match rows().all(|detector| detector.on_by_default) {
            true => "on",
            false => "off",
        };
        let (name, count) = (class.name(), rows().count());
        writeln!(
            table,
            "| **class `{name}`** | {count} kinds, {state} by default | |"
        )
        .unwrap();
        for detector in rows() {
            let checked = detector.validator.map_or("", |_| "checksum");
            writeln!(
                table,
                "| `{}` | {} | {checked} |",
                detector.id, detector.title
            )
            .unwrap();
        }
    }
    table
}

#[test]
fn the_table_of_kinds_is_that_of_the_detectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugins/scrub.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
    } else {
        assert!(
            written == table(),
            "the table is old: run this test with BLESS=1"
        );
    }
}

#[test]
fn a_class_is_on_or_off_as_a_whole() {
    for class in DetectorClass::ALL {
        let mut rows = detectors()
            .iter()
            .filter(|detector| detector.class == class);
        let first = rows.next().unwrap().on_by_default;
        assert!(
            rows.all(|detector| detector.on_by_default == first),
            "{}",
            class.name()
        );
    }
}
