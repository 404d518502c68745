//! `exporters`: which kind each one is, what they share, and those that only write.

use std::path::Path;

use tamis_exporter::{
    DebugSettings, ExporterKind, ExporterSettings, FileSettings, OtlpTransport, Verbosity,
};

use super::super::fields::Foreign;
use super::super::finding::Finding;
use super::super::node::Member;
use super::super::section::Section;
use super::extensions::Extensions;
use super::named::{self, Named};
use super::{elsewhere, otlp, queue};

/// Keys of every exporter.
pub(crate) const SHARED_KEYS: &[&str] = &[
    "sending_queue",
    "retry_on_failure",
    "on_full",
    "on_full_wait",
];

pub(crate) const FILE_KEYS: &[&str] = &["path", "append", "rotation", "format"];
pub(crate) const ROTATION_KEYS: &[&str] = &["max_megabytes", "max_backups"];
pub(crate) const DEBUG_KEYS: &[&str] = &["verbosity"];

const FILE_FOREIGN: &[Foreign] = &[
    Foreign::refused(
        "compression",
        "take it out: a file holds lines of JSON as they are",
    ),
    Foreign::refused("encoding", "take it out: a file holds lines of JSON"),
    Foreign::refused(
        "group_by",
        "take it out: there is one file for one exporter",
    ),
    Foreign::refused("create_directory", "make the folder, and take it out"),
    Foreign::idle("directory_permissions", "folders are not made"),
    Foreign::idle("flush_interval", "every batch is written at once"),
];

const ROTATION_FOREIGN: &[Foreign] = &[
    Foreign::refused("max_days", "bound the files by `max_backups`"),
    Foreign::idle("localtime", "files are numbered by UTC"),
];

const DEBUG_FOREIGN: &[Foreign] = &[
    Foreign::idle("sampling_initial", "every batch is shown"),
    Foreign::idle("sampling_thereafter", "every batch is shown"),
    Foreign::idle("use_internal_logger", "batches are shown on standard error"),
    Foreign::idle("output_paths", "batches are shown on standard error"),
];

pub(super) fn read(
    root: &Section<'_>,
    folder: &Path,
    extensions: &Extensions,
    findings: &mut Vec<Finding>,
) -> Vec<Named<ExporterSettings>> {
    named::each(root, "exporters", findings, |member, path, findings| {
        one(member, path, folder, extensions, findings)
    })
}

fn one(
    member: &Member,
    path: String,
    folder: &Path,
    extensions: &Extensions,
    findings: &mut Vec<Finding>,
) -> Option<ExporterSettings> {
    let kind = elsewhere::kind(member, &path, findings)?;
    if ![
        "otlp",
        "otlp_grpc",
        "otlp_http",
        "otlphttp",
        "file",
        "debug",
    ]
    .contains(&kind)
    {
        findings.push(elsewhere::exporter(kind, member.at, &path));
        return None;
    }
    let section = Section::of(member, path, findings)?;
    let kind = match kind {
        "file" => ExporterKind::File(file(&section, folder, findings)?),
        "debug" => ExporterKind::Debug(debug(&section, findings)),
        "otlp" | "otlp_grpc" => {
            otlp::read(&section, OtlpTransport::Grpc, folder, extensions, findings)?
        }
        _ => {
            let transport = OtlpTransport::Http(otlp::encoding(&section, findings));
            otlp::read(&section, transport, folder, extensions, findings)?
        }
    };
    let mut settings = ExporterSettings::new(member.key.as_str(), kind);
    settings.queue = queue::queue(&section, findings);
    settings.retry = queue::retry(&section, findings);
    settings.on_full = queue::on_full(&section, findings);
    Some(settings)
}

fn file(section: &Section<'_>, folder: &Path, findings: &mut Vec<Finding>) -> Option<FileSettings> {
    section.keys(&[FILE_KEYS, SHARED_KEYS].concat(), FILE_FOREIGN, findings);
    if section
        .string("format", findings)
        .is_some_and(|format| format != "json")
    {
        findings.push(section.error("format", "only json is written"));
    }
    let (mut rotate_bytes, mut backups_max) = (None, 0);
    if section.get("rotation").is_some() {
        // The Collector's defaults, once there is rotation at all.
        (rotate_bytes, backups_max) = (Some(100 << 20), 100);
    }
    if let Some(rotation) = section.section("rotation", findings) {
        rotation.keys(ROTATION_KEYS, ROTATION_FOREIGN, findings);
        if let Some(megabytes) = rotation.count::<u32>("max_megabytes", findings) {
            rotate_bytes = Some(u64::from(megabytes) << 20);
        }
        if let Some(backups) = rotation.whole("max_backups", findings) {
            backups_max = backups;
        }
    }
    let append = section.flag("append", findings).unwrap_or_default();
    if !section.has("path") {
        findings.push(section.error("path", "is missing: it names the file"));
    }
    Some(FileSettings {
        path: section.file("path", folder, findings)?,
        append,
        rotate_bytes,
        backups_max,
    })
}

fn debug(section: &Section<'_>, findings: &mut Vec<Finding>) -> DebugSettings {
    section.keys(&[DEBUG_KEYS, SHARED_KEYS].concat(), DEBUG_FOREIGN, findings);
    let choices = [
        ("basic", Verbosity::Basic),
        ("normal", Verbosity::Normal),
        ("detailed", Verbosity::Detailed),
    ];
    DebugSettings {
        verbosity: section
            .choice("verbosity", &choices, findings)
            .unwrap_or_default(),
    }
}
