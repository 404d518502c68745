//! The samples: every detector finds what its samples mark and leaves what they list.

use crate::samples::{all, found, only, samples};
use tamis_detect::{Check, Detect, DetectorSet, Validator, detector_number, detectors};

#[test]
fn every_detector_has_samples_of_both_kinds() {
    let samples = samples();
    for detector in detectors() {
        let finds = samples.iter().filter(|sample| sample.id == detector.id);
        let (finds, leaves) = finds.fold((0, 0), |(finds, leaves), sample| {
            (finds + sample.finds.len(), leaves + sample.leaves.len())
        });
        assert!(finds >= 2, "{}: {finds} texts to find in", detector.id);
        assert!(leaves >= 2, "{}: {leaves} texts to leave", detector.id);
    }
    for sample in samples {
        assert!(
            detector_number(&sample.id).is_some(),
            "{} is no detector",
            sample.id
        );
    }
}

#[test]
fn detectors_alone_find_their_samples_exactly() {
    let mut wrong = Vec::new();
    for sample in samples() {
        let detect = only(&sample.id);
        for text in &sample.finds {
            let found = found(&detect, &text.text);
            if found != [text.secret()] {
                wrong.push(format!("{}: {:?} in {:?}", sample.id, found, text.text));
            }
        }
        for text in &sample.leaves {
            let found = found(&detect, text);
            if !found.is_empty() {
                wrong.push(format!("{}: {found:?} in {text:?}", sample.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_detectors_together_cover_every_secret() {
    let detect = Detect::new(&DetectorSet::all());
    for sample in samples() {
        for text in &sample.finds {
            let covered = all(&detect, &text.text)
                .iter()
                .any(|finding| finding.start <= text.start && text.end <= finding.end);
            assert!(covered, "{}: {text:?}", sample.id);
        }
    }
}

#[test]
fn ids_are_kebab_case_and_unique() {
    for (index, detector) in detectors().iter().enumerate() {
        assert_eq!(
            detector_number(detector.id).map(usize::from),
            Some(index),
            "{}",
            detector.id
        );
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(detector.id.bytes().all(plain), "{}", detector.id);
        assert!(!detector.title.is_empty());
    }
}

#[test]
fn a_valid_checksum_needs_no_border_and_an_invalid_one_clears_nothing() {
    let mut valid = 0;
    for sample in samples() {
        let number = detector_number(&sample.id).unwrap();
        let detector = &detectors()[usize::from(number)];
        let structural = [Validator::JwtHeader, Validator::Luhn, Validator::Iban];
        if detector
            .validator
            .is_none_or(|validator| structural.contains(&validator))
        {
            continue;
        }
        let detect = only(&sample.id);
        for text in &sample.finds {
            let finding = all(&detect, &text.text)[0];
            assert_ne!(finding.check, Check::None, "{}", sample.id);
            if finding.check == Check::Valid {
                valid += 1;
                let glued = format!("x{}", text.secret());
                assert_eq!(found(&detect, &glued), [text.secret()], "{}", sample.id);
            }
        }
    }
    assert!(valid >= 8, "only {valid} samples have a valid checksum");
}
