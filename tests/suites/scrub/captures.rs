//! Real telemetry of coding agents: every planted secret goes, everything else stays.

use serde_json::{Value as Json, json};
use tamis_host::Chain;
use tamis_tests::captures::{PLANTED, captures, holds};

use crate::compare::compare;
use crate::engine::{chains, native, run};

const MAIL: &str = "ada@example.com";

fn scrub_all(chain: &Chain, secrets: &[&str]) {
    let (mut values, mut others) = (0, Vec::new());
    for capture in captures() {
        let (bytes, report) = run(chain, capture.signal, &capture.batch);
        for secret in secrets {
            assert!(
                !holds(&bytes, secret),
                "{secret} is left in {}",
                capture.name
            );
        }
        assert!(
            report.faults.is_empty(),
            "{}: {:?}",
            capture.name,
            report.faults
        );
        let (again, _) = run(chain, capture.signal, &bytes);
        assert_eq!(again, bytes, "a second run changes {}", capture.name);
        let is_clean = !secrets.iter().any(|secret| holds(&capture.batch, secret));
        assert!(
            !is_clean || bytes == capture.batch,
            "{} was clean",
            capture.name
        );
        let compared = compare(capture.signal, &capture.batch, &bytes);
        values += compared.values;
        others.extend(
            compared
                .changed
                .into_iter()
                .filter(|changed| !secrets.iter().any(|secret| changed.before.contains(secret))),
        );
    }
    for changed in &others {
        println!("also changed: {} to {}", changed.path, changed.after);
    }
    println!("{} of {values} other values changed", others.len());
    assert!(others.len() * 1_000 <= values * 2);
}

#[test]
fn no_planted_secret_leaves() {
    for (engine, chain) in chains(&json!({})) {
        println!("{engine}");
        scrub_all(&chain, &PLANTED);
    }
}

#[test]
fn mail_addresses_go_when_their_class_is_on() {
    let settings = json!({"classes": {"enable": ["personal"]}, "kinds": {"disable": ["private-ip-address", "home-folder-user"]}});
    for (_, chain) in chains(&settings) {
        for capture in captures() {
            let (bytes, _) = run(&chain, capture.signal, &capture.batch);
            assert!(!holds(&bytes, MAIL), "{MAIL} is left in {}", capture.name);
        }
    }
}

#[test]
fn a_report_changes_nothing_and_tells_the_same() {
    let scrub = native(json!({})).unwrap();
    let report = native(json!({"mode": "report"})).unwrap();
    for capture in captures() {
        let (_, edits) = run(&scrub, capture.signal, &capture.batch);
        let (bytes, told) = run(&report, capture.signal, &capture.batch);
        assert_eq!(bytes.as_ptr(), capture.batch.as_ptr(), "{}", capture.name);
        assert_eq!(told.lines.len(), edits.lines.len(), "{}", capture.name);
        for (told, edit) in told.lines.iter().zip(&edits.lines) {
            assert_eq!(
                (&told.detector, told.start, told.end),
                (&edit.detector, edit.start, edit.end)
            );
        }
    }
}

/// Batches that the guest is shown for nothing cost a call each.
#[test]
fn few_batches_are_shown_for_nothing() {
    let (mut batches, mut idle) = (0, 0);
    for capture in captures().iter().filter(|capture| capture.binary) {
        let chain = native(json!({})).unwrap();
        let (_, report) = run(&chain, capture.signal, &capture.batch);
        let counters = &chain.counters()[0];
        batches += 1;
        if counters.calls > 0 && report.lines.is_empty() {
            println!(
                "{}: {} values shown for nothing",
                capture.name, counters.values
            );
            idle += 1;
        }
    }
    println!("{idle} of {batches} batches are shown for nothing");
    assert!(idle * 10 <= batches);
}

#[test]
fn no_subscription_makes_the_host_walk_every_batch() {
    let chain = native(json!({"classes": {"enable": ["personal", "publishable"]}})).unwrap();
    assert_eq!(chain.plugins()[0].walked, Vec::<String>::new());
    let _: Json = serde_json::to_value(chain.plugins()[0].description.schema.clone()).unwrap();
}
