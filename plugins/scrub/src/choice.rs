//! What the settings come to: which kinds are looked for, and what becomes of each.
//!
//! Every fault of the settings is told at once, with its path. Must never: quote a value.

use tamis_detect::{Context, Detect, DetectorClass, DetectorSet, detector_number, detectors};
use tamis_sdk::ConfigError;

use crate::mask::{KIND, Masks};
use crate::settings::{Action, ClassName, Custom, KindName, Mode, OnOff, Settings};

/// Bytes of a hash key, at the least: shorter ones can be guessed.
const HASH_KEY_BYTES_MIN: usize = 16;

/// Custom kinds, at the most: each is a subscription, and the host takes 256.
const CUSTOMS_MAX: usize = 200;

/// Bytes before `{kind}`, at the least: a mask must be known by them.
const MASK_START_BYTES_MIN: usize = 4;

/// Bytes of the mask text, at the most.
const MASK_BYTES_MAX: usize = 64;

/// Bytes of a kind's name, at the most; the host's limit for a detector.
const NAME_BYTES_MAX: usize = 64;

/// What the settings come to.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The detectors, compiled.
    pub(crate) detect: Detect,
    /// Names of the kinds: the detectors by their number, then the custom ones.
    pub(crate) kinds: Vec<String>,
    /// What becomes of each.
    pub(crate) actions: Vec<Action>,
    /// What stands in their place.
    pub(crate) masks: Masks,
}

impl Choice {
    /// Whether any kind that is looked for has this action.
    pub(crate) fn uses(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
}

/// Reads the settings.
pub(crate) fn choose(settings: &Settings) -> Result<Choice, ConfigError> {
    let mut faults = ConfigError::default();
    let kinds = names(&settings.custom, &mut faults);
    let set = detector_set(settings, &kinds, &mut faults);
    let actions = actions(settings, &kinds, &set, &mut faults);
    mask_text(&settings.mask_text, &mut faults);
    match &settings.hash_key {
        Some(key) if key.bytes().len() < HASH_KEY_BYTES_MIN => {
            faults.add(
                "hash_key",
                format!("must have {HASH_KEY_BYTES_MIN} bytes or more"),
            );
        }
        None if actions.contains(&Action::Hash) => {
            faults.add("hash_key", "is missing: tokens are made under a key");
        }
        _ => {}
    }
    for (name, globs) in [
        ("keys", &settings.exclude.keys),
        ("values", &settings.exclude.values),
        ("services", &settings.exclude.services),
    ] {
        for (number, _) in globs.iter().enumerate().filter(|(_, glob)| glob.is_empty()) {
            faults.add(format!("exclude.{name}[{number}]"), "must not be empty");
        }
    }
    faults.done()?;
    let masks = Masks::new(
        &settings.mask_text,
        settings.hash_key.clone(),
        kinds.clone(),
    );
    let known: [&[u8]; 3] = [b"REDACTED-", b"****", masks.fixed()];
    let detect = Detect::with_masks(&set, &known);
    let is_own = settings.mask_text != Settings::default().mask_text;
    if is_own && looks_like_a_secret(&masks, &set, kinds.len()) {
        return Err(ConfigError::new(
            "mask_text",
            "looks like a secret itself: it would be found again",
        ));
    }
    Ok(Choice {
        detect,
        kinds,
        actions,
        masks,
    })
}

/// Names of all kinds, by number.
fn names(customs: &[Custom], faults: &mut ConfigError) -> Vec<String> {
    let mut names: Vec<String> = detectors().iter().map(|row| row.id.to_owned()).collect();
    if customs.len() > CUSTOMS_MAX {
        faults.add(
            "custom",
            format!("must have {CUSTOMS_MAX} entries or fewer"),
        );
    }
    for (number, custom) in customs.iter().enumerate() {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let name = &custom.name;
        let path = || format!("custom[{number}].name");
        if !(1..=NAME_BYTES_MAX).contains(&name.len()) || !name.bytes().all(plain) {
            faults.add(
                path(),
                format!("must be 1 to {NAME_BYTES_MAX} lower-case letters, digits and dashes"),
            );
        } else if names.contains(name) {
            faults.add(path(), "stands for another kind already");
        }
        if custom.pattern.is_empty() {
            faults.add(format!("custom[{number}].pattern"), "must not be empty");
        }
        names.push(name.clone());
    }
    names
}

/// The detectors that are on: those of the defaults, then whole classes, then single kinds.
fn detector_set(settings: &Settings, kinds: &[String], faults: &mut ConfigError) -> DetectorSet {
    let mut set = DetectorSet::defaults();
    let OnOff { enable, disable } = &settings.classes;
    for (list, names, on) in [("enable", enable, true), ("disable", disable, false)] {
        for (number, ClassName(name)) in names.iter().enumerate() {
            match DetectorClass::from_name(name) {
                Some(class) if on => set.insert_class(class),
                Some(class) => set.remove_class(class),
                None => faults.add(
                    format!("classes.{list}[{number}]"),
                    unknown("class", name, DetectorClass::ALL.map(DetectorClass::name)),
                ),
            }
        }
    }
    let OnOff { enable, disable } = &settings.kinds;
    for (list, names, on) in [("enable", enable, true), ("disable", disable, false)] {
        for (number, KindName(name)) in names.iter().enumerate() {
            let path = format!("kinds.{list}[{number}]");
            match detector_number(name) {
                Some(number) if on => set.insert(number),
                Some(number) => set.remove(number),
                None if kinds.contains(name) => {
                    faults.add(path, "is a custom kind, which is always on");
                }
                None => {
                    let known = detectors().iter().map(|row| row.id);
                    faults.add(path, unknown("kind", name, known));
                }
            }
        }
    }
    let both = |name: &&KindName| settings.kinds.disable.contains(name);
    if enable.iter().any(|name| both(&name)) {
        faults.add("kinds", "a kind stands under both `enable` and `disable`");
    }
    set
}

/// What becomes of each kind; kinds that are off have no action but `report`.
fn actions(
    settings: &Settings,
    kinds: &[String],
    set: &DetectorSet,
    faults: &mut ConfigError,
) -> Vec<Action> {
    let mut actions = vec![settings.action; kinds.len()];
    let first = detectors().len();
    for (number, custom) in settings.custom.iter().enumerate() {
        actions[first + number] = custom.action.unwrap_or(settings.action);
    }
    for (KindName(name), action) in &settings.actions {
        match kinds.iter().position(|kind| kind == name) {
            Some(kind) => actions[kind] = *action,
            None => {
                let known = kinds.iter().map(String::as_str);
                faults.add(format!("actions.{name}"), unknown("kind", name, known));
            }
        }
    }
    for (kind, action) in (0u16..).zip(&mut actions) {
        let off = usize::from(kind) < first && !set.contains(kind);
        if off || settings.mode == Mode::Report {
            *action = Action::Report;
        }
    }
    actions
}

fn mask_text(text: &str, faults: &mut ConfigError) {
    let letters = |part: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        part.bytes().all(legal)
    };
    let before = text.split(KIND).next().unwrap_or_default();
    let legal = text.splitn(2, KIND).all(letters);
    let starts = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    // The messages do not name the marker: it may be all that the setting holds.
    if !legal || !starts {
        faults.add(
            "mask_text",
            "must be letters, digits and `-._~`, begin with a letter or digit, and name the kind at most once",
        );
    } else if before.len() < MASK_START_BYTES_MIN || text.len() > MASK_BYTES_MAX {
        faults.add(
            "mask_text",
            format!(
                "must have {MASK_START_BYTES_MIN} letters before the kind's name, and {MASK_BYTES_MAX} bytes at most"
            ),
        );
    }
}

/// Whether a mask would be found if it were not known for one.
fn looks_like_a_secret(masks: &Masks, set: &DetectorSet, kinds: usize) -> bool {
    let detect = Detect::with_masks(set, &[]);
    let mut findings = Vec::new();
    for kind in 0..kinds {
        let mask = masks.mask(kind as u32);
        detect.find(mask.as_bytes(), &Context::default(), &mut findings);
    }
    !findings.is_empty()
}

fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known = known.into_iter();
    let near = known.map(|known| (strsim::osa_distance(name, known), known));
    match near.min_by_key(|(distance, _)| *distance) {
        Some((distance, known)) if distance <= 1 + known.len() / 4 => {
            format!("unknown {what}; did you mean `{known}`?")
        }
        _ => format!("unknown {what}"),
    }
}
